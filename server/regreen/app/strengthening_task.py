"""What somebody who writes tests is given, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from regreen.core.cancel import Cancellation
from regreen.core.mutation import Judged
from regreen.core.ports import Workbench
from regreen.core.testing import TestId
from regreen.core.workspace import Project, WorkspaceModel


@dataclass(frozen=True, slots=True)
class Task:
    """The survivors of one function, and the tests that run it."""

    model: WorkspaceModel
    project: Project
    path: str
    function: str
    asked: tuple[TestId, ...]
    survivors: tuple[Judged, ...]
    n_lines: int  # that may be written


@dataclass(frozen=True, slots=True)
class Written:
    """Tests that stand in the workbench, and the survivors that they notice."""

    tests: tuple[TestId, ...] = ()
    noticed: tuple[Judged, ...] = ()
    is_crowded: bool = False  # there were more tests than lines that may be written


class Author(Protocol):
    """Writes tests in some languages."""

    def home(self, bench: Workbench, task: Task) -> str:
        """Return the path of the file of tests that the new ones join; "" when there is none."""

    def write(self, cancel: Cancellation, bench: Workbench, task: Task, home: str) -> Written:
        """Write and prove tests in their file; nothing is left there that is not proved.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
        """
