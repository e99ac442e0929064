"""Real runs over small workspaces: laid out, run with this interpreter, classified."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from regreen.analysis import classify, classify_saved
from regreen.core.cancel import Cancellation
from regreen.core.failure import Failure
from regreen.core.ports import ReadText
from regreen.core.testing import Place, Selection, TestRun
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.execution import LocalExecutor
from regreen.execution.local import allowed_environment
from regreen.languages.python import outline as python_outline
from regreen.languages.python import run as python_run

_LIMIT = 300.0  # seconds; no run of a test comes near it


class _JumpingClock:
    """The machine's clock, which is past the limit a moment after a certain line: a hang costs no waiting."""

    def __init__(self, hangs: str) -> None:
        self._hangs = hangs
        self._seen: float | None = None

    def see(self, line: str) -> None:
        if self._hangs and self._hangs in line:
            self._seen = time.monotonic()

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        real = time.monotonic()
        return real + 2 * _LIMIT if self._seen is not None and self._seen + 1 < real else real


def project_of(runner: str = "pytest", source_roots: tuple[str, ...] = (".",), interpreter: str = "") -> Project:
    """Return a project at the root, run by this interpreter."""
    return Project(
        ".", "python", "small", "pip", runner, interpreter or sys.executable, (), ".", source_roots=source_roots
    )


def model_of(root: Path, project: Project | None = None) -> WorkspaceModel:
    """Index the Python files of a workspace."""
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    facts = {path: _facts(root, path) for path in paths if ".venv" not in path and "__pycache__" not in path}
    return WorkspaceModel(str(root), 1, (project or project_of(),), MappingProxyType(facts))


def run_tests(
    root: Path,
    *names: str,
    project: Project | None = None,
    original: Path | None = None,
    hangs: str = "",
    stop_at_first: bool = False,
    env: Mapping[str, str] = MappingProxyType({}),
) -> TestRun:
    """Run tests of a workspace through the plugin; `hangs` says what is reported last, just before the run hangs."""
    scratch = root.parent / f"scratch-{root.name}"
    scratch.mkdir(exist_ok=True)
    place = Place(str(root), str(original or root), str(scratch))
    project = project or project_of()
    spec = python_run.command(project, Selection(names, stop_at_first=stop_at_first), place, _LIMIT)
    spec = replace(spec, env=tuple(sorted({**dict(spec.env), **env}.items())))
    reader = python_run.reader(project, place)
    clock = _JumpingClock(hangs)

    def on_line(line: str) -> None:
        clock.see(line)
        reader.feed(line)

    return reader.finish(LocalExecutor(clock).run(Cancellation(), spec, on_line))


def failures_of(root: Path, run: TestRun, project: Project | None = None) -> tuple[Failure, ...]:
    """Classify a run of a workspace."""
    project = project or project_of()
    return classify(run, project, model_of(root, project), reader_of(root))


def saved_failures(root: Path, output: str, runner: str = "pytest") -> tuple[Failure, ...]:
    """Classify what a runner printed about a workspace."""
    return classify_saved(output, runner, str(root), model=model_of(root), read=reader_of(root))


def printed(root: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run `python ARGUMENTS` in a workspace as a person would, and return what it prints."""
    environment = {**allowed_environment(os.environ), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace")


def reader_of(root: Path) -> ReadText:
    """Return a function that reads the files of a workspace."""

    def read(path: str) -> str | None:
        file = root / path
        return file.read_text(encoding="utf-8") if path and file.is_file() else None

    return read


def shown(failure: Failure) -> str:
    """Render what a test wants to see of a failure: code, id, place, slots."""
    slots = " ".join(f"{name}={value!r}" for name, value in failure.slots)
    place = f"{failure.path}:{failure.line}" if failure.path else "-"
    return f"{failure.kind.code} {failure.test.name} {place} {slots}".strip()


def _facts(root: Path, path: str) -> FileFacts:
    if not path.endswith(".py"):
        return FileFacts(path, "", "")
    return python_outline.outline_file(path, SourceText((root / path).read_text(encoding="utf-8")))
