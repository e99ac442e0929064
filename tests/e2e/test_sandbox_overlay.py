"""Confined runs in an overlay: they see the workspace at its own path, and what they do stays in the workbench."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.checkpoints import OverlayCheckpoints, OverlayWorkbench
from regreen.core.cancel import Cancellation
from regreen.core.policy import Policy
from regreen.core.ports import TrialVerdict
from regreen.core.testing import CommandSpec, Ended, RawRun, TestId
from regreen.execution import LocalExecutor, Sandbox, open_trials, without_sandbox
from tests.support.diskbench import swap, tree_hash, worker_spec
from tests.support.sandboxes import KINDS, OF_NAMESPACES, sandbox_of
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
CANCEL = Cancellation()
WORKSPACE = """
-- one.py --
X = 1
-- test_one.py --
import os
import one

def test_x():
    assert one.X == 2
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = lay(tmp_path / "workspace", WORKSPACE)
    (root / ".git" / "hooks").mkdir(parents=True)
    (root / ".git" / "config").write_text("mine")
    return root


@pytest.fixture
def bench(workspace: Path, tmp_path: Path) -> Iterator[OverlayWorkbench]:
    checkpoints = OverlayCheckpoints(workspace, tmp_path / "state", lambda path: False)
    before = tree_hash(workspace)
    with checkpoints.open(CANCEL, {"one.py": "X = 'unsaved'\n"}) as workbench:
        yield workbench
    assert tree_hash(workspace) == before


def run(sandbox: Sandbox, bench: OverlayWorkbench, code: str) -> RawRun:
    where = bench.enclosure
    spec = CommandSpec((sys.executable, "-c", code), where.root, timeout=60, enclosure=where)
    return LocalExecutor(sandbox=sandbox).run(CANCEL, spec)


@pytest.mark.parametrize("sandbox", [*map(sandbox_of, KINDS), without_sandbox()], ids=lambda sandbox: sandbox.name)
def test_a_run_sees_the_workbench_at_the_workspaces_own_path(
    sandbox: Sandbox, bench: OverlayWorkbench, workspace: Path
) -> None:
    code = (
        "import os, one; print(os.getcwd(), one.__file__, one.X, open(one.__file__).read().strip(), flush=True)\n"
        "open('new', 'w').close(); os.remove('test_one.py'); os.kill(os.getpid(), 11)"
    )
    raw = run(sandbox, bench, code)
    assert raw.stdout == f"{workspace} {workspace}/one.py unsaved X = 'unsaved'\n", raw.stderr
    assert (raw.ended, raw.exit_code) == (Ended.SIGNALLED, -11)
    assert sorted(path.name for path in Path(bench.enclosure.tree).iterdir() if path.suffix != ".pyc") == [
        ".git",
        "__pycache__",
        "new",
        "one.py",
    ]
    assert sorted(path.name for path in workspace.iterdir()) == [".git", "one.py", "test_one.py"]


@pytest.mark.parametrize("kind", OF_NAMESPACES)
def test_neither_the_overlay_nor_git_can_be_taken_away(kind: str, bench: OverlayWorkbench) -> None:
    code = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "for path in (os.getcwd(), '.git'):\n    print(libc.umount2(os.fsencode(path), 2), ctypes.get_errno())\n"
        "for attempt in (lambda: open('.git/config', 'a'), lambda: os.rename('.git', 'x'), "
        "lambda: open('.git/hooks/pre-commit', 'w')):\n"
        "    try: print(attempt())\n    except OSError as error: print(error.errno)\n"
        "import one; print(one.X)"
    )
    assert run(sandbox_of(kind), bench, code).stdout.split() == ["-1", "1", "-1", "1", "30", "16", "30", "unsaved"]


@pytest.mark.parametrize("kind", KINDS)
def test_candidates_are_tried_in_the_overlay(kind: str, bench: OverlayWorkbench, workspace: Path) -> None:
    bench.apply(swap(Path(bench.enclosure.tree), "one.py", "'unsaved'", "1"))
    spec = replace(worker_spec(workspace), enclosure=bench.enclosure)
    wanted = (TestId(".", "test_one.py::test_x"),)
    sandbox = sandbox_of(kind)
    with open_trials(CANCEL, spec, bench, wanted, (), Policy(candidate_timeout=5.0), sandbox=sandbox) as trials:
        verdicts = [
            trials.evaluate(CANCEL, swap(Path(bench.enclosure.tree), "one.py", "1", value)).verdict
            for value in ("2", "3", "2")
        ]
    assert verdicts == [TrialVerdict.PASSES, TrialVerdict.FAILS, TrialVerdict.PASSES]
