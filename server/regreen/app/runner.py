"""Runs tests: a Language says how and reads, an Executor runs."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from regreen.analysis import missing_files
from regreen.checkpoints import claim
from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.ports import Executor, Language
from regreen.core.testing import CommandSpec, Place, Selection, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.execution import held_folder

_SCRATCH = "scratch"  # in the state folder
_PATIENCE = "REGREEN_PATIENCE"  # of the environment of a run: processor seconds that one test may take
_ENDED = re.compile(r"Timeout >[\d.]+s of processor time")
_HURRY = 5.0
_REWRITTEN = "The run changed what it had reported already, so nothing of it counts: find what writes into the report."


@dataclass(frozen=True, slots=True)
class ToolRunner:
    """Runs the tests of a project with its own tools.

    `original` is the person's workspace, absolute; `timeout` returns the seconds that a run may take as set now;
    `state` is its state folder, in which runs have their private folders.
    """

    languages: Callable[[str], Language]
    executor: Executor
    original: str
    timeout: Callable[[], float]
    confines: Callable[[], bool]  # whether what runs in a workbench is in a sandbox
    state: str = ""
    hung: set[str] = field(default_factory=set)  # keys of projects of which a test was ended for its time lately

    def run(
        self,
        cancel: Cancellation,
        project: Project,
        selection: Selection,
        where: Enclosure | None,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> TestRun:
        """Run the selected tests in a workbench, or in the person's own tree; `on_result` gets each test as it ends."""
        language = self.languages(project.language)
        with self.place(where) as place:
            spec = confined(language.command(project, selection, place, self.timeout()), where, place)
            spec = _hurried(spec) if project.key in self.hung else spec
            reader = language.reader(project, place)

            def on_line(line: str) -> None:
                for result in reader.feed(line):
                    if on_result is not None:
                        on_result(result)

            raw = self.executor.run(cancel, spec, on_line)
            run = _disbelieved(reader.finish(raw)) if raw.rewritten else reader.finish(raw)
            if any(_was_ended(result) for result in run.failed):
                self.hung.add(project.key)
            if where is None or not self.confines():
                return run
            return replace(run, confined=True, hidden=_hidden(run, where.root))

    @contextlib.contextmanager
    def place(self, where: Enclosure | None) -> Iterator[Place]:
        """Make a private folder for what a run writes beside its tree, and remove it.

        It is never inside of the workspace, over which something else may stand; one whose process was killed goes
        when the next is made.
        """
        root = self.original if where is None else where.root
        with self._claimed(os.path.realpath(self.original)) as scratch:
            yield Place(root=root, original=self.original, scratch=os.path.realpath(scratch))

    def _claimed(self, original: str) -> contextlib.AbstractContextManager[Path]:
        if self.state and not _is_below(self.state, original):
            return claim(Path(self.state) / _SCRATCH)
        open_to_all = (tempfile.gettempdir(), "/var/tmp", "/tmp")
        outside = (folder for folder in open_to_all if Path(folder).is_dir() and not _is_below(folder, original))
        return held_folder("regreen-run-", next(outside, ""))


def _disbelieved(run: TestRun) -> TestRun:
    """Return a run whose report was changed after it was read: it says neither that tests pass nor that they fail."""
    return replace(run, results=(), collected=(), complete=False, output=f"{run.output}\n{_REWRITTEN}\n")


def _was_ended(result: TestResult) -> bool:
    return result.exception is not None and bool(_ENDED.match(result.exception.message))


def _hurried(spec: CommandSpec) -> CommandSpec:
    """Return the command with less patience: an endless loop that was seen once is soon seen again."""
    env = tuple((name, f"{float(value) / _HURRY:g}" if name == _PATIENCE else value) for name, value in spec.env)
    return replace(spec, env=env)


def _hidden(run: TestRun, root: str) -> tuple[str, ...]:
    """Return what tests did not find although it is there, outside of what the sandbox shows."""
    outside = (path for path in missing_files(run) if not path.startswith(root + "/"))
    return tuple(path for path in outside if os.access(path, os.F_OK))


def _is_below(folder: str, root: str) -> bool:
    return Path(os.path.realpath(folder)).is_relative_to(root)


def confined(spec: CommandSpec, where: Enclosure | None, place: Place) -> CommandSpec:
    """Return a command that runs where a workbench says, and may write its reports."""
    return spec if where is None else replace(spec, enclosure=where, writable=(place.scratch,))
