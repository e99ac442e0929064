"""Composition root: the only place that picks the rooms of floor 4."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from regreen.core.errors import UsageError
from regreen.core.events import Emit, Event, ModelChanged, Notice, Step
from regreen.core.ports import Language, Provider
from regreen.core.trace import SystemClock
from regreen.journal import FileJournal, state_dir_for
from regreen.languages import languages
from regreen.oracle import IgnoreRules, Oracle

from .authority import Authority
from .custody import Custody
from .gates import ToolGates
from .isolation import Isolation
from .mutating import MutationByLanguage, WarmMutation
from .mutating_built import BuiltMutation, built_mutation
from .mutation_memory import MutationMemory
from .parts import Parts
from .prepare import Preparer
from .recordings import Recordings
from .requests import AskSecret
from .runner import ToolRunner
from .secrecy import DiscreetJournal, Secrets
from .session import Session
from .settings import Settings
from .shelf import Shelf
from .state import RunningState
from .trials import TrialOpener


def open_session(
    root: str,
    settings: Settings,
    emit: Emit,
    provider: Provider | None = None,
    *,
    ask_secret: AskSecret | None = None,
    secrets: Secrets | None = None,
) -> Session:
    """Build the session of a workspace; `start` or `refresh` it before use. Without a provider: what the settings name.

    Raises:
        UsageError: the folder is not there.
    """
    if not Path(root).is_dir():
        raise UsageError(f"There is no folder at {root}.", next_step="Open a folder that exists.")
    # Not resolved: editors name files by the path under which the folder was opened.
    real = os.path.abspath(root)  # noqa: PTH100
    holder: list[Session] = []
    known = Secrets(os.environ) if secrets is None else secrets
    tell = known.emitting(emit)

    def from_oracle(event: Event) -> None:
        if isinstance(event, ModelChanged) and holder:
            holder[0].model_changed(event)
        else:
            tell(event)

    state = state_dir_for(real)
    oracle = Oracle(real, languages(), from_oracle, dict(os.environ), store=state)
    isolation = Isolation(
        real, state, ignored_by(oracle, real), lambda: holder[0].settings, tell, lambda: holder[0].trusted
    )
    runner = ToolRunner(
        languages=language_named,
        executor=isolation,
        original=real,
        timeout=lambda: holder[0].test_timeout,
        confines=lambda: 0 < isolation.protection.level,
        state=str(state),
    )
    # What was spent, and who is out, is the person's and not the workspace's.
    shelf = Shelf(state.parent, SystemClock(), lambda message: tell(Step(message)), ask_secret, os.environ, known)
    journal = FileJournal(state)
    parts = Parts(
        oracle=oracle,
        runner=runner,
        isolation=isolation,
        provide=shelf.choose if provider is None else lambda _cancel, _name, tape, _ruling: tape.engine(provider),
        review=shelf.reviewer,
        providers=shelf.shown,
        open_trials=TrialOpener(runner, isolation.open_worker),
        mutation=MutationByLanguage(
            built_mutation(runner), WarmMutation(runner, isolation.judge, BuiltMutation(runner, None))
        ),
        memory=MutationMemory(state / "mutants.json"),
        gates=ToolGates(runner),
        preparer=Preparer(real, isolation, dict(os.environ)),
        journal=DiscreetJournal(journal, known),
        recordings=Recordings(
            state, journal.file, SystemClock(), lambda message: tell(Notice("warning", message)), known.clean
        ),
        clock=SystemClock(),
        custody=Custody(real, state),
        authority=Authority(real, os.environ),
        state=RunningState(real, os.environ, lambda message: tell(Notice("warning", message))),
        secrets=known,
    )
    holder.append(Session(real, settings, emit, parts))
    return holder[0]


def language_named(name: str) -> Language:
    """Return a language of the registry.

    Raises:
        KeyError: a project names a language that nobody registered, which is a bug.
    """
    return {language.name: language for language in languages()}[name]


def ignored_by(oracle: Oracle, root: str) -> Callable[[str], bool]:
    """Return what tells whether a path (relative, POSIX) is ignored; the rules are read anew with each generation."""
    known: dict[int, IgnoreRules] = {}

    def ignored(path: str) -> bool:
        generation = oracle.model.generation
        if generation not in known:
            known.clear()
            known[generation] = IgnoreRules(Path(root))
        return known[generation].ignores(path, is_folder=(Path(root) / path).is_dir())

    return ignored
