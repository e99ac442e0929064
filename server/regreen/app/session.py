"""One session for each workspace root: owns the oracle and the board, and does the work of every command.

Invariant: methods named like a command are job bodies (sync, on a job thread); all others return at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from regreen.analysis import affected_tests
from regreen.checkpoints import GitHistory, Recovery
from regreen.core.cancel import Cancellation
from regreen.core.confine import Protection
from regreen.core.errors import Busy, RegreenError
from regreen.core.events import (
    Emit,
    Event,
    ModelChanged,
    MutationEnded,
    Notice,
    Protected,
)
from regreen.core.mutation import Strength
from regreen.core.preparation import Preparation
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestRun
from regreen.core.trace import RunId, Trace
from regreen.core.workspace import FileFacts, WorkspaceModel

from .authority import Ruling
from .board import Board, next_board
from .choose import selections
from .custody import read_only
from .exporting import interactions_of
from .files import read_text
from .fixing import Fixer
from .handover import Handover
from .mutating import Mutator
from .parts import Parts
from .prepare import chosen, refuse_unlisted
from .replaying import Replayed, Replayer
from .requests import Deliver, FixRequest, MutateRequest, TestRequest, keep_back
from .running import TestRuns
from .settings import Settings
from .shelf import Shown
from .strengthened import Strengthened, delivered
from .strengthening import Strengthener

logger = logging.getLogger(__name__)
T = TypeVar("T")
_SETTLE_SECONDS = 0.1
_SETTLE_TURNS = 600  # a minute; then the model is taken as it is


class Session:
    """The workspace at one root, from opening it to closing it."""

    def __init__(self, root: str, settings: Settings, emit: Emit, parts: Parts) -> None:
        self.root = root
        self.settings = settings
        self._forward = emit
        self._parts = parts
        self._lock = threading.Lock()
        self._files: Mapping[str, FileFacts] = MappingProxyType({})
        self._touched: dict[str, int] = {}
        self.board = Board(reports=parts.secrets.cleaned(parts.journal.reports()))
        self._handover = Handover(parts.journal, self._emit, lambda: self.board, self.text)
        self._runs = TestRuns(parts, self._emit, self.text, lambda: self.model)
        self._fixer = Fixer(
            root,
            parts,
            self._handover,
            self._emit,
            lambda: self.settings,
            lambda: self.board,
            self._touched,
            self._rule,
        )
        self._trusted = True
        self._most_seconds = settings.test_timeout

    @property
    def model(self) -> WorkspaceModel:
        """Return the present model."""
        return self._parts.oracle.model

    @property
    def generation(self) -> int:
        """Return the present model's generation."""
        return self.model.generation

    def distrust(self) -> None:
        """Execute nothing of this workspace from now on."""
        self._trusted = False

    @property
    def trusted(self) -> bool:
        """Tell whether something of this workspace may be executed.

        Raises:
            UsageError: the person's own file is wrong.
        """
        return self._trusted and self._parts.authority.trusts()

    @property
    def test_timeout(self) -> float:
        """Return the seconds that one run of tests may take in the present job."""
        return min(self.settings.test_timeout, self._most_seconds)

    def ruling(self, said_by: str) -> Ruling:
        """Return what may be done here, and who says so; `said_by` is where the settings come from.

        Raises:
            UsageError: a file is wrong.
        """
        return self._parts.authority.ruling(self.settings, trusted=self.trusted, said_by=said_by)

    def start(self) -> None:
        """Become the workspace's server: bring what was interrupted to an end, begin to watch and index."""
        try:
            holder = self._parts.custody.serve()
            if holder is None:
                self.recover()
            else:
                self._emit(Notice("warning", read_only(holder)))
        except Busy:
            # Whoever is at work there has recovered first; and every job here does so again.
            logger.info("Another process works in %s", self.root)
        except RegreenError as problem:
            self._emit(Notice("error", str(problem)))
        self._parts.oracle.start()
        threading.Thread(target=self._protect, name="regreen-probe", daemon=True).start()

    def close(self) -> None:
        """Stop watching; nothing of this session runs afterwards."""
        self._parts.oracle.close()
        self._parts.custody.close()

    @property
    def protection(self) -> Protection:
        """Return how attempts are kept apart from the person's files; tries it when nobody has yet."""
        return self._parts.isolation.protection

    def cleaned(self, value: T) -> T:
        """Return a value without secrets, but for the patches in it, which stay exact."""
        return self._parts.secrets.cleaned(value)

    def shown(self, value: T) -> T:
        """Return a value of this session as it may be shown: its patches without secrets fit no file any more."""
        return self._parts.secrets.shown(value)

    def providers(self) -> tuple[Shown, ...]:
        """Return how the configured providers stand; nothing is sent."""
        return self._parts.providers()

    def recover(self) -> tuple[Recovery, ...]:
        """Bring what was interrupted to an end, and tell of it.

        Raises:
            Busy: another process works on the workspace.
            CannotRun: a disk is full or fails.
        """
        with self._parts.custody.working("Recover", self._recovered) as recoveries:
            return recoveries

    def refresh(self) -> None:
        """Bring the model up to date now, and wait for it."""
        self._parts.oracle.refresh()

    def buffer_opened(self, path: str, text: str) -> None:
        """Take an editor's buffer for the truth."""
        self._parts.oracle.open_buffer(path, text)

    def buffer_changed(self, path: str, text: str) -> None:
        """Take a buffer's new text."""
        self._parts.oracle.change_buffer(path, text)

    def buffer_closed(self, path: str) -> None:
        """Go back to the file on disk."""
        self._parts.oracle.close_buffer(path)

    def files_changed(self, paths: tuple[str, ...]) -> None:
        """Take an editor's word that files changed on disk."""
        self._parts.oracle.files_changed(paths)

    def file_saved(self, path: str) -> None:
        """Take an editor's word that the person saved a file."""
        self._parts.isolation.saved(path)

    def text(self, path: str) -> str | None:
        """Return a file's text: the buffer's, else the disk's; None when it is not there or not text."""
        buffer = self._parts.oracle.buffers.get(path)
        return buffer if buffer is not None else read_text(self.root, path)

    def affected_by(self, path: str) -> TestRequest:
        """Return what to run after a file was saved."""
        project = self.model.project_of(path)
        files = affected_tests(self.model, path)
        return TestRequest(paths=files or ((project.path,) if project else ()))

    def run_tests(self, cancel: Cancellation, trace: Trace, request: TestRequest) -> tuple[TestRun, ...]:
        """Run tests in the person's own tree, as any runner would; results stream as events.

        Raises:
            NoTests: nothing fits the request.
            ToolMissing: the only project has no interpreter or runner; of several, the others run.
        """
        del trace
        self._rule()
        self._settle(cancel)
        return self._parts.secrets.cleaned(self._runs.run_all(cancel, selections(request, self.model)))

    def prepare(self, cancel: Cancellation, trace: Trace, key: str) -> tuple[Preparation, ...]:
        """Run the preparation steps of a project ("": of all) in the person's own tree; the model is fresh afterwards.

        Raises:
            UsageError: no project is called so.
            Refused: a step is not among the commands that may be run.
            Busy: another process works on the workspace.
        """
        del trace
        policy = self._rule().policy
        self._settle(cancel)
        refuse_unlisted(policy, chosen(self.model, key))
        with self._parts.custody.working("Prepare", self._recovered):
            try:
                return tuple(
                    self._parts.preparer.run(cancel, project, self._emit) for project in chosen(self.model, key)
                )
            finally:
                self.refresh()

    def fix(self, cancel: Cancellation, trace: Trace, request: FixRequest, deliver: Deliver) -> RepairReport:
        """Repair, prove, deliver. The report goes to the journal and the board, however it ends.

        Raises:
            StaleRequest: the offer was made for a text that has changed.
            CannotRun, Refused: it could not be tried; nothing was changed.
        """
        with self._parts.custody.working("Fix with agent", self._recovered):
            self._settle(cancel)
            return self._parts.secrets.cleaned(
                self._fixer.fix(cancel, trace, request, self._parts.secrets.delivering(deliver))
            )

    def apply_kept(self, cancel: Cancellation, trace: Trace, run_id: RunId, deliver: Deliver) -> RepairReport:
        """Deliver a fix that was proved and not applied, moved onto the present text.

        Raises:
            UsageError: there is no such fix to apply.
            Conflict: the lines that it edits have changed.
        """
        del trace
        with self._parts.custody.working("Apply the kept fix", self._recovered):
            return self._handover.apply_again(cancel, run_id, deliver, Outcome.REPAIRED_NOT_APPLIED)

    def undo(self, cancel: Cancellation, trace: Trace, run_id: RunId, deliver: Deliver) -> RepairReport:
        """Take back only the repair's own edits; on an undone repair, apply them again.

        Raises:
            UsageError: there is no such repair, or it changed nothing.
            Conflict: the lines that it edited have changed since.
        """
        del trace
        with self._parts.custody.working("Undo", self._recovered):
            return self._handover.undo(cancel, run_id, deliver)

    def replay(self, cancel: Cancellation, trace: Trace, run_id: RunId) -> Replayed:
        """Make a past repair once more with its recorded answers, and compare; nothing is delivered or written down.

        Raises:
            UsageError: there is no such run, or it has no recording.
            Conflict: its fix is in the files and cannot be taken back.
        """
        with self._parts.custody.working("Replay", self._recovered):
            return Replayer(self._fixer, self._settle).replay(cancel, trace, run_id)

    def recording(self, run_id: RunId) -> str | None:
        """Return the folder in which a run is recorded, None when it is not."""
        folder = self._parts.recordings.folder(run_id)
        return None if folder is None else str(folder)

    def interactions(self, run_id: RunId) -> tuple[dict[str, Any], ...]:
        """Return what was asked and answered in a run, in order; nothing when it is not recorded.

        Raises:
            CannotRun: its recording is damaged.
        """
        recordings = self._parts.recordings
        return () if recordings.folder(run_id) is None else interactions_of(recordings.cassette(run_id))

    def mutate(self, cancel: Cancellation, trace: Trace, request: MutateRequest) -> Strength:
        """Tell which mutants of the code the tests notice, in a workbench; nothing is changed.

        Raises:
            UsageError: the request names what is not there.
            Busy: another process works on the workspace.
        """
        del trace
        self._rule()
        parts = self._parts
        with parts.custody.working("Mutate", self._recovered):
            self._settle(cancel)
            with parts.isolation.open(cancel, dict(parts.oracle.buffers)) as bench:
                strength = self._mutator().mutate(cancel, bench, request)
            self._emit(MutationEnded(strength))
            return parts.secrets.cleaned(strength)

    def strengthen(
        self, cancel: Cancellation, trace: Trace, request: MutateRequest, deliver: Deliver
    ) -> tuple[Strength, Strengthened]:
        """Mutate, then write a test for each survivor that some input tells apart, prove it, and deliver them all.

        Raises:
            UsageError: the request names what is not there.
            Busy: another process works on the workspace.
            Refused: nobody allows edits of these tests.
        """
        policy = self._rule().policy
        parts = self._parts
        with parts.custody.working("Strengthen", self._recovered):
            self._settle(cancel)
            writer = Strengthener(
                parts.runner, parts.open_trials, parts.mutation, lambda: self.model, self._emit, policy
            )
            with parts.isolation.open(cancel, dict(parts.oracle.buffers)) as bench:
                strength = self._mutator().mutate(cancel, bench, request)
                found = writer.strengthen(cancel, bench, strength)
            del trace
            found = delivered(cancel, found, keep_back if policy.dry_run else parts.secrets.delivering(deliver))
            self._emit(MutationEnded(found.improved(strength)))
            return parts.secrets.cleaned(strength), parts.secrets.cleaned(found)

    def _mutator(self) -> Mutator:
        parts = self._parts
        return Mutator(
            parts.mutation, parts.memory, parts.clock, self._emit, lambda: self.model, GitHistory(self.root).at
        )

    def to_files(self, run_id: RunId) -> Deliver:
        """Return what delivers a run's edits, or takes them back, by writing files."""
        report = self.board.report(run_id)
        applied = report is not None and report.outcome is Outcome.REPAIRED
        return self._parts.custody.to_files(run_id, Outcome.UNDONE if applied else Outcome.REPAIRED)

    def _rule(self, request: FixRequest | None = None) -> Ruling:
        """Find what may be done in a job; frozen for all of it."""
        ruling = self._parts.authority.ruling(self.settings, request, trusted=self.trusted)
        self._most_seconds = ruling.policy.test_timeout
        return ruling

    def _recovered(self, recovery: Recovery) -> None:
        self._handover.recovered(recovery)
        self.files_changed(recovery.paths)

    def _protect(self) -> None:
        """Try the walls before they are needed, and tell what they are."""
        try:
            self._emit(Protected(self.protection))
        except RegreenError as problem:
            self._emit(Notice("error", str(problem)))

    def _settle(self, cancel: Cancellation) -> None:
        """Wait until the oracle has seen what changed: right after opening, there is no model to work with yet."""
        for _ in range(_SETTLE_TURNS):
            cancel.check()
            if self._parts.oracle.wait_until_idle(_SETTLE_SECONDS):
                return

    def _emit(self, event: Event) -> None:
        event = self._parts.secrets.cleaned(event)
        with self._lock:
            self.board = next_board(self.board, event)
        self._forward(event)

    def model_changed(self, event: ModelChanged) -> None:
        """Note which files changed with a new generation; called by the oracle's thread."""
        files = self.model.files
        changed = [path for path, facts in files.items() if self._files.get(path) is not facts]
        gone = [path for path in self._files if path not in files]
        self._touched.update(dict.fromkeys([*changed, *gone], event.generation))
        self._files = files
        self._forward(event)
