"""A whole repair: from a person's request to the delivered edit, or to the report that says why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from regreen.analysis import classify
from regreen.checkpoints import GitHistory
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import NoTests, Refused, RegreenError
from regreen.core.events import AttemptEnded, Emit, Event
from regreen.core.policy import Policy
from regreen.core.ports import Provider, Reviewer
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.core.trace import Trace
from regreen.core.workspace import Project, WorkspaceModel
from regreen.providers import Replay, Tape
from regreen.repair import Ports, Task, repair

from .authority import Ruling
from .board import Board
from .choose import refuse_if_stale, wanted_tests
from .chosen import ChosenProvider, choice_of, question_of
from .files import read_text
from .handover import Handover
from .memory import memory_of
from .parts import Parts
from .recordings import replaying
from .requests import Deliver, FixRequest
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Fixer:
    """Repairs one workspace. What may change under it is asked for each time."""

    root: str
    parts: Parts
    handover: Handover
    emit: Emit
    settings: Callable[[], Settings]
    board: Callable[[], Board]
    touched: Mapping[str, int]  # path -> generation in which it changed last
    rule: Callable[[FixRequest], Ruling]  # finds the envelope of a run

    def fix(self, cancel: Cancellation, trace: Trace, request: FixRequest, deliver: Deliver) -> RepairReport:
        """Repair, prove, deliver; the report goes to the journal and the board, however it ends.

        Raises:
            StaleRequest: the offer was made for a text that has changed.
            CannotRun, Refused: it could not be tried; nothing was changed.
        """
        ruling = self.rule(request)
        policy = ruling.policy
        self._refuse_unconfined(policy)
        tape = self.parts.recordings.begin(trace)
        replay = replaying(request.replay) if request.replay else None
        if replay is not None:
            policy = policy.narrowed(max_attempts=replay.max_attempts)
        ports = self._ports(cancel, trace, tape, replay, ruling)
        if request.choice:
            asked = question_of(self.board(), request.asked)
            request = replace(request, tests=asked.wanted)
            ports = replace(ports, provider=ChosenProvider(choice_of(asked, request.choice)), reviewer=None)
        wanted = wanted_tests(request, self.board(), self.model)
        refuse_if_stale(request, wanted, self.board(), self.touched)
        state = replay.state if replay else self._state(cancel, ruling)
        memory = replay.memory if replay else self._memory(wanted)
        task = Task(trace, wanted, self._project(wanted[0]), self.model, self._unsaved, policy, state, memory)
        tape.begin(policy, task.model, state, memory)
        try:
            report = replace(repair(cancel, ports, task), workbench=str(self.parts.isolation.protection))
            ended = self.handover.hand_over(cancel, report, deliver, dry_run=policy.dry_run)
        except Cancelled:
            self._end(tape, self._unfinished(task, Outcome.CANCELLED, "Cancelled; nothing was changed."))
            raise
        except RegreenError as problem:
            outcome = Outcome.REFUSED if isinstance(problem, Refused) else Outcome.NOT_CODE
            self._end(tape, self._unfinished(task, outcome, str(problem)))
            raise
        tape.end(ended)
        return ended

    @property
    def model(self) -> WorkspaceModel:
        """Return the present model."""
        return self.parts.oracle.model

    def _end(self, tape: Tape, report: RepairReport) -> None:
        self.handover.end(report)
        tape.end(report)

    def _ports(self, cancel: Cancellation, trace: Trace, tape: Tape, replay: Replay | None, ruling: Ruling) -> Ports:
        def emit(event: Event) -> None:
            if isinstance(event, AttemptEnded):
                self.parts.journal.record(trace, event)
            self.emit(event)

        parts = self.parts
        provider, reviewer = self._minds(cancel, tape, replay, ruling)
        return Ports(
            checkpoints=parts.isolation,
            runner=parts.runner,
            provider=provider,
            reviewer=reviewer,
            open_trials=parts.open_trials,
            classify=classify,
            clock=parts.clock,
            emit=emit,
            gates=parts.gates,
            mutation=parts.mutation if self.settings().mutation == "after-fix" and replay is None else None,
            mutation_seconds=self.settings().mutation_seconds,
            before=GitHistory(self.root).before,
        )

    def _minds(
        self, cancel: Cancellation, tape: Tape, replay: Replay | None, ruling: Ruling
    ) -> tuple[Provider, Reviewer | None]:
        """Return who writes, and who reviews."""
        if replay is not None:
            return replay, replay.reviewer
        name = self.settings().provider
        author = tape.around(self.parts.provide(cancel, name, tape, ruling))
        return author, self.parts.review(name, tape, ruling)

    def _memory(self, wanted: tuple[TestId, ...]) -> tuple[str, ...]:
        """Return what earlier repairs of these failures tried without success."""
        board = self.board()
        return memory_of(board.reports, tuple(failure for test in wanted for failure in board.failures_of(test)))

    def _state(self, cancel: Cancellation, ruling: Ruling) -> str:
        """Return what a model is told of the running system; the embedded engine asks nobody."""
        if self.settings().provider == "search":
            return ""
        return self.parts.state.gather(cancel, ruling.configuration.state_injection, ruling.policy)

    def _refuse_unconfined(self, policy: Policy) -> None:
        if self.settings().sandbox == "off" and not policy.unconfined:
            raise Refused(
                "Attempts would run without a sandbox, which is not allowed here.",
                next_step="Leave the sandbox on; regreen config --show tells who forbids it (`unconfined`).",
                rule="unconfined",
            )

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
            path: text for path, text in sorted(self.parts.oracle.buffers.items()) if text != read_text(self.root, path)
        }

    def _unfinished(self, task: Task, outcome: Outcome, reason: str) -> RepairReport:
        trace = task.trace
        attempts = self.board().attempts.get(trace.run_id, ())
        failures = tuple(failure for test in task.wanted for failure in self.board().failures_of(test))
        now = self.parts.clock.now()
        failure = failures[0] if failures else None
        return RepairReport(
            trace.run_id, trace.trace_id, now, 0.0, task.wanted, failure, outcome, reason, attempts, None
        )
