"""One session for each workspace root: owns the oracle and the board, and does the work of every command.

Invariant: methods named like a command are job bodies (sync, on a job thread); all others return at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from regreen.analysis import affected_tests, classify
from regreen.checkpoints import GitHistory, Recovery
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.confine import Protection
from regreen.core.errors import Busy, CannotRun, NoTests, Refused, RegreenError, ToolMissing
from regreen.core.events import (
    AttemptEnded,
    Emit,
    Event,
    ModelChanged,
    Notice,
    Protected,
    RunEnded,
    TestEnded,
    TestsStarted,
)
from regreen.core.policy import Policy
from regreen.core.ports import Gates, Journal, Provider, Runner
from regreen.core.preparation import Preparation
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import GOOD, Ended, Selection, TestId, TestResult, TestRun
from regreen.core.trace import Clock, RunId, Trace
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.oracle import Oracle
from regreen.repair import Ports, Task, repair

from .board import Board, next_board
from .choose import refuse_if_stale, selections, wanted_tests
from .chosen import ChosenProvider, choice_of, question_of
from .custody import Custody, read_only
from .files import read_text
from .handover import Handover
from .isolation import Isolation
from .prepare import Preparer, chosen
from .requests import Deliver, FixRequest, TestRequest
from .settings import Settings
from .shelf import Shown
from .trials import TrialOpener
from .verdict import had_nothing_to_run, not_started

logger = logging.getLogger(__name__)
_SETTLE_SECONDS = 0.1
_SETTLE_TURNS = 600  # a minute; then the model is taken as it is


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is built of; `compose` picks them."""

    oracle: Oracle
    runner: Runner
    isolation: Isolation
    provide: Callable[[Cancellation, str], Provider]  # by the name in the settings
    providers: Callable[[], tuple[Shown, ...]]
    open_trials: TrialOpener
    gates: Gates
    preparer: Preparer
    journal: Journal
    clock: Clock
    custody: Custody


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
        self.board = Board(reports=parts.journal.reports())
        self._handover = Handover(parts.journal, self._emit, lambda: self.board, self.text)

    @property
    def model(self) -> WorkspaceModel:
        """Return the present model."""
        return self._parts.oracle.model

    @property
    def generation(self) -> int:
        """Return the present model's generation."""
        return self.model.generation

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
        self._settle(cancel)
        chosen = selections(request, self.model)
        if len(chosen) == 1:
            return (self._run(cancel, *chosen[0]),)
        return tuple(self._run_one_of(cancel, project, selection) for project, selection in chosen)

    def prepare(self, cancel: Cancellation, trace: Trace, key: str) -> tuple[Preparation, ...]:
        """Run the preparation steps of a project ("": of all) in the person's own tree; the model is fresh afterwards.

        Raises:
            UsageError: no project is called so.
            Busy: another process works on the workspace.
        """
        del trace
        self._settle(cancel)
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
            return self._fix(cancel, trace, request, deliver)

    def _fix(self, cancel: Cancellation, trace: Trace, request: FixRequest, deliver: Deliver) -> RepairReport:
        self._settle(cancel)
        ports = self._ports(cancel, trace)
        if request.choice:
            asked = question_of(self.board, request.asked)
            request = replace(request, tests=asked.wanted)
            ports = replace(ports, provider=ChosenProvider(choice_of(asked, request.choice)))
        wanted = wanted_tests(request, self.board, self.model)
        refuse_if_stale(request, wanted, self.board, self._touched)
        task = Task(trace, wanted, self._project(wanted[0]), self.model, self._unsaved, self._policy(request))
        try:
            report = replace(repair(cancel, ports, task), workbench=str(self.protection))
            return self._handover.hand_over(cancel, report, deliver, dry_run=request.dry_run)
        except Cancelled:
            self._handover.end(self._unfinished(task, Outcome.CANCELLED, "Cancelled; nothing was changed."))
            raise
        except RegreenError as problem:
            outcome = Outcome.REFUSED if isinstance(problem, Refused) else Outcome.NOT_CODE
            self._handover.end(self._unfinished(task, outcome, str(problem)))
            raise

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

    def to_files(self, run_id: RunId) -> Deliver:
        """Return what delivers a run's edits, or takes them back, by writing files."""
        report = self.board.report(run_id)
        applied = report is not None and report.outcome is Outcome.REPAIRED
        return self._parts.custody.to_files(run_id, Outcome.UNDONE if applied else Outcome.REPAIRED)

    def _recovered(self, recovery: Recovery) -> None:
        self._handover.recovered(recovery)
        self.files_changed(recovery.paths)

    def _run_one_of(self, cancel: Cancellation, project: Project, selection: Selection) -> TestRun:
        """Run one project of several: what ails it does not keep the others from running."""
        try:
            return self._run(cancel, project, selection, among_others=True)
        except (ToolMissing, CannotRun) as problem:
            run, failure = not_started(project, problem)
            self._emit(RunEnded(run, (failure,), everything=True))
            return run

    def _run(
        self, cancel: Cancellation, project: Project, selection: Selection, *, among_others: bool = False
    ) -> TestRun:
        self._emit(TestsStarted(project.key))

        def on_result(result: TestResult) -> None:
            failure = None
            if result.outcome not in GOOD:
                alone = TestRun(project.key, (result,), (result.id,), 1, Ended.EXITED, result.seconds, True)
                failure = next(iter(classify(alone, project, self.model, self.text)), None)
            self._emit(TestEnded(result, failure))

        run = self._parts.runner.run(cancel, project, selection, None, on_result)
        failures = classify(run, project, self.model, self.text)
        if among_others and had_nothing_to_run(run, failures, self.model):
            self._emit(Notice("info", f"{project.name} ({project.path}) has no tests."))
            failures = ()
        self._emit(RunEnded(run, failures, everything=not selection.names and not selection.paths))
        return run

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

    def _ports(self, cancel: Cancellation, trace: Trace) -> Ports:
        def emit(event: Event) -> None:
            if isinstance(event, AttemptEnded):
                self._parts.journal.record(trace, event)
            self._emit(event)

        parts = self._parts
        return Ports(
            checkpoints=parts.isolation,
            runner=parts.runner,
            provider=parts.provide(cancel, self.settings.provider),
            open_trials=parts.open_trials,
            classify=classify,
            clock=parts.clock,
            emit=emit,
            gates=parts.gates,
            before=GitHistory(self.root).before,
        )

    def _policy(self, request: FixRequest) -> Policy:
        policy = replace(self.settings.policy(), allow_tests=request.allow_tests, dry_run=request.dry_run)
        return policy if request.max_attempts is None else policy.narrowed(max_attempts=request.max_attempts)

    def _project(self, test: TestId) -> Project:
        project = self.model.project(test.project)
        if project is None:
            raise NoTests(
                f"There is no project at {test.project!r} any more.",
                next_step="Run the tests again; regreen inspect shows which projects there are.",
            )
        return project

    def _unsaved(self) -> Mapping[str, str]:
        """Return the buffers that differ from the disk."""
        return {
            path: text
            for path, text in sorted(self._parts.oracle.buffers.items())
            if text != read_text(self.root, path)
        }

    def _unfinished(self, task: Task, outcome: Outcome, reason: str) -> RepairReport:
        trace = task.trace
        attempts = self.board.attempts.get(trace.run_id, ())
        failures = tuple(failure for test in task.wanted for failure in self.board.failures_of(test))
        now = self._parts.clock.now()
        failure = failures[0] if failures else None
        return RepairReport(
            trace.run_id, trace.trace_id, now, 0.0, task.wanted, failure, outcome, reason, attempts, None
        )

    def _emit(self, event: Event) -> None:
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
