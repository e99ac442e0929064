"""Batches of candidates, judged for real in a workspace on the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from regreen.app.batch_trials import BatchTrials
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation
from regreen.core.policy import Policy
from regreen.core.ports import TrialVerdict
from regreen.core.testing import TestId
from regreen.execution import LocalExecutor
from regreen.languages import REGISTRY, batching_for
from regreen.oracle.files import FilesTree
from tests.support.diskbench import DiskBench
from tests.support.fakes import replacing
from tests.support.workspace import lay, parse_files

PASSES, BREAKS, FAILS = TrialVerdict.PASSES, TrialVerdict.BREAKS, TrialVerdict.FAILS
HANGS, CRASHES = TrialVerdict.HANGS, TrialVerdict.CRASHES


@dataclass(frozen=True)
class Case:
    """A workspace with a red test and a green one, and candidates with what they deserve."""

    language: str
    text: str
    path: str
    wanted: str
    keep: str
    candidates: tuple[tuple[str, str, TrialVerdict], ...]


def trials_of(case: Case, root: Path, *, keep: bool = True) -> BatchTrials:
    paths = tuple(sorted(parse_files(case.text)))
    project = REGISTRY[case.language].detect(FilesTree(str(root), paths, os.environ, {}))[0]
    batching = batching_for(case.language)
    assert batching is not None
    runner = ToolRunner(lambda name: REGISTRY[name], LocalExecutor(), str(root), lambda: 120.0, lambda: False)
    kept = (TestId(".", case.keep),) if keep else ()
    return BatchTrials(runner, DiskBench(root), project, (TestId(".", case.wanted),), kept, Policy(), batching=batching)


def check_batch(case: Case, tmp_path: Path, packages: Path | None = None) -> BatchTrials:
    """Judge the candidates of a case in one batch; each gets its verdict, and the files stay as they were."""
    root = lay(tmp_path / "ws", case.text)
    if packages is not None:
        (root / "node_modules").symlink_to(packages, target_is_directory=True)
    texts = parse_files(case.text)
    before = (root / case.path).read_bytes()
    patches = tuple(replacing(texts, case.path, old, new) for old, new, _ in case.candidates)
    trials = trials_of(case, root)
    found = trials.evaluate_many(Cancellation(), patches)
    assert [trial.verdict for trial in found] == [verdict for _, _, verdict in case.candidates], found
    assert (root / case.path).read_bytes() == before
    assert not trials.is_slow
    return trials
