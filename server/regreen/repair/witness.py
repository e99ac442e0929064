"""What must be the same after a run as before it: the tests' own files, and which tests there are."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.edit import Patch
from regreen.core.errors import UnreadableSource
from regreen.core.ports import Workbench
from regreen.core.testing import TestId, TestRun

from .task import Task

_MOST = 400  # files; those that hold wanted tests come first


class Witness:
    """Knows the texts of the tests' files as a patch lays them, and tells which of them a run has rewritten."""

    def __init__(self, task: Task, bench: Workbench, patch: Patch) -> None:
        """Look at the tree after a run, then lay the patch anew to see what it was before."""
        self._bench = bench
        paths = _watched(task)
        after = self._texts(paths)
        bench.reset()
        bench.apply(patch)
        self._laid = self._texts(paths)
        self._first = tuple(path for path in paths if after[path] != self._laid[path])

    def rewritten(self) -> tuple[str, ...]:
        """Return the files that the last run, or the one before the laying, left other than they were laid."""
        now = self._texts(tuple(self._laid))
        return self._first or tuple(path for path in now if now[path] != self._laid[path])

    def _texts(self, paths: tuple[str, ...]) -> Mapping[str, str | None]:
        return {path: self._text(path) for path in paths}

    def _text(self, path: str) -> str | None:
        try:
            return self._bench.read(path).text
        except UnreadableSource:
            return None


def vanished(task: Task, before: TestRun, after: TestRun) -> tuple[TestId, ...]:
    """Return the tests that were collected before and are not any more.

    Only tests that stand in a file by their own name: others come from what the program computes, which a fix changes.
    """
    written = {
        TestId(case.project, case.name) for facts in task.model.files.values() for case in facts.tests if case.project
    }
    there = {test.definition for test in after.collected}
    return tuple(sorted({test.definition for test in before.collected} & written - there))


def _watched(task: Task) -> tuple[str, ...]:
    wanted = {test.name for test in task.wanted}
    files = task.model.files
    tests = sorted(path for path, facts in files.items() if facts.tests)
    own = [path for path in tests if any(case.name in wanted for case in files[path].tests)]
    configured = [path for path in sorted(files) if path.rpartition("/")[2] == "conftest.py"]
    return tuple(dict.fromkeys((*own, *configured, *tests)))[:_MOST]
