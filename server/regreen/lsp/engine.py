"""What the editor asks of a session: the one seam of this room, so that its tests can stand on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from regreen.app import Board, Deliver, FixRequest, MutateRequest, Settings, Strengthened, TestRequest
from regreen.core.cancel import Cancellation
from regreen.core.events import Emit
from regreen.core.mutation import Strength
from regreen.core.preparation import Preparation
from regreen.core.repair import RepairReport
from regreen.core.testing import TestRun
from regreen.core.trace import RunId, Trace
from regreen.core.workspace import WorkspaceModel


class Engine(Protocol):
    """One workspace folder. `app.Session` is the real one."""

    board: Board
    settings: Settings

    @property
    def model(self) -> WorkspaceModel:
        """Return the present model."""

    @property
    def generation(self) -> int:
        """Return the present model's generation."""

    def distrust(self) -> None:
        """Execute nothing of this folder from now on."""

    def start(self) -> None:
        """Begin to watch and index."""

    def close(self) -> None:
        """Stop both; may take a moment."""

    def buffer_opened(self, path: str, text: str) -> None:
        """Take an unsaved buffer as the truth for its file."""

    def buffer_changed(self, path: str, text: str) -> None:
        """Take its next text."""

    def buffer_closed(self, path: str) -> None:
        """Go back to the file on disk."""

    def files_changed(self, paths: tuple[str, ...]) -> None:
        """Look at these files again."""

    def file_saved(self, path: str) -> None:
        """Note that the person saved a file."""

    def text(self, path: str) -> str | None:
        """Return a file's text, the buffer's if there is one; may read the disk."""

    def affected_by(self, path: str) -> TestRequest:
        """Return what to run after a file was saved."""

    def run_tests(self, cancel: Cancellation, trace: Trace, request: TestRequest) -> tuple[TestRun, ...]:
        """Run tests; body of a job."""

    def prepare(self, cancel: Cancellation, trace: Trace, key: str) -> tuple[Preparation, ...]:
        """Run the preparation steps of a project, "" for all; body of a job."""

    def fix(self, cancel: Cancellation, trace: Trace, request: FixRequest, deliver: Deliver) -> RepairReport:
        """Repair; body of a job."""

    def mutate(self, cancel: Cancellation, trace: Trace, request: MutateRequest) -> Strength:
        """Tell which mutants of the code the tests notice; body of a job."""

    def strengthen(
        self, cancel: Cancellation, trace: Trace, request: MutateRequest, deliver: Deliver
    ) -> tuple[Strength, Strengthened]:
        """Write tests for mutants that the tests do not notice; body of a job."""

    def apply_kept(self, cancel: Cancellation, trace: Trace, run_id: RunId, deliver: Deliver) -> RepairReport:
        """Deliver a fix that was proved and not applied; body of a job."""

    def undo(self, cancel: Cancellation, trace: Trace, run_id: RunId, deliver: Deliver) -> RepairReport:
        """Take an applied repair back, or an undone one forth; body of a job."""


MakeEngine = Callable[[str, Settings, Emit], Engine]
