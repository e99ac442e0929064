"""The answer to a question: a patch that a person chose is proved and delivered like any other."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.edit import rebase
from regreen.core.errors import UsageError
from regreen.core.ports import Trials
from regreen.core.repair import Choice, NoIdea, Proposal, RepairReport, RepairRequest
from regreen.core.trace import RunId

from .board import Board
from .secrecy import as_delivered


@dataclass(frozen=True, slots=True)
class ChosenProvider:
    """Proposes the patch that a person chose, moved onto the present text, and nothing else."""

    choice: Choice
    name: str = "choice"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Proposal | NoIdea:
        """Propose it once.

        Raises:
            Conflict: the lines that it edits have changed since the question.
        """
        del trials
        cancel.check()
        if request.attempts:
            return NoIdea(self.name, "What was chosen does not prove to be green.")
        texts = {path: request.sources[path] for path in self.choice.patch.paths if path in request.sources}
        patch = rebase(as_delivered(self.choice.patch, texts), texts)
        return Proposal(self.name, self.choice.hypothesis, patch, evidence=("A person chose it.",))


def question_of(board: Board, run_id: str) -> RepairReport:
    """Return the repair that asked: this one, or the last one that did when no run is named.

    Raises:
        UsageError: there is none.
    """
    if run_id:
        report = board.report(RunId(run_id))
    else:
        report = next((one for one in reversed(board.reports) if one.question is not None), None)
    if report is None or report.question is None:
        what = f"Run {run_id} asked nothing." if run_id else "No repair of this workspace has asked anything."
        raise UsageError(what, next_step="regreen history lists the runs; those that ask are undecided.")
    return report


def choice_of(report: RepairReport, number: int) -> Choice:
    """Return the choice with a number, counted from 1.

    Raises:
        UsageError: there is none with this number.
    """
    choices = report.question.choices if report.question else ()
    if not 1 <= number <= len(choices):
        raise UsageError(
            f"Run {report.run_id} has no choice {number}.",
            next_step=f"Choose a number from 1 to {len(choices)}; regreen show {report.run_id} lists them.",
        )
    return choices[number - 1]
