"""What a session is built of; `compose` picks the parts, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.ports import Gates, Journal, Mutation, Provider, Reviewer, Runner
from regreen.core.trace import Clock
from regreen.oracle import Oracle
from regreen.providers import Tape

from .authority import Authority, Ruling
from .custody import Custody
from .isolation import Isolation
from .mutation_memory import MutationMemory
from .prepare import Preparer
from .recordings import Recordings
from .secrecy import Secrets
from .shelf import Shown
from .state import RunningState
from .trials import TrialOpener


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that acts for a session."""

    oracle: Oracle
    runner: Runner
    isolation: Isolation
    provide: Callable[[Cancellation, str, Tape, Ruling], Provider]  # by the name in the settings, recorded
    review: Callable[[str, Tape, Ruling], Reviewer | None]
    providers: Callable[[], tuple[Shown, ...]]
    open_trials: TrialOpener
    mutation: Mutation
    memory: MutationMemory
    gates: Gates
    preparer: Preparer
    journal: Journal
    recordings: Recordings
    clock: Clock
    custody: Custody
    authority: Authority
    state: RunningState
    secrets: Secrets
