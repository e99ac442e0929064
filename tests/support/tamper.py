"""Patches that cheat, played through the real loop by a provider that follows a script; layers can be taken away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from regreen.analysis import classify
from regreen.app import Session, Settings, TestRequest, open_session
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.events import Event
from regreen.core.ports import Trials
from regreen.core.repair import Attempt, NoIdea, Outcome, Proposal, RepairRequest, Verdict
from regreen.core.testing import TestId
from regreen.core.trace import SystemClock, new_trace
from regreen.repair import Layer, Ports, Task, repair
from tests.support.workspace import lay, parse_files

PASSING = (Verdict.GREEN, Verdict.REFUSED)  # refused: not by the proof, then, which is what is tried
TRICKS = Path(__file__).parents[1] / "data" / "tricks"


@dataclass(frozen=True)
class Trick:
    """A patch that cheats: new texts of files, and which layers stop it on their own."""

    name: str
    files: Mapping[str, str]
    guardrails: bool = True
    proof: bool = True


@dataclass
class Cheat:
    """A provider that proposes one trick after the other."""

    tricks: list[Trick]
    name: str = "cheat"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Proposal | NoIdea:
        """Propose the next trick, whatever the files look like now."""
        del cancel, trials
        if not self.tricks:
            return NoIdea(self.name, "Nothing left.")
        trick = self.tricks.pop(0)
        before = {path: request.sources[path] for path in trick.files}
        return Proposal(self.name, trick.name, patch_between(before, trick.files))


@dataclass
class Stage:
    """A workspace with a red test, open for as long as tricks are played."""

    root: Path
    session: Session
    cancel: Cancellation = field(default_factory=Cancellation)

    def play(self, tricks: tuple[Trick, ...], red: str, without: frozenset[Layer] = frozenset()) -> dict[str, Attempt]:
        """Play each trick as an attempt; return the attempts by the names of the tricks."""
        played: dict[str, Attempt] = {}
        left = list(tricks)
        while left:
            attempts, outcome = self._play(list(left), red, without)
            made = [attempt for attempt in attempts if attempt.verdict is not Verdict.NO_IDEA]
            assert made, outcome
            played |= {attempt.hypothesis: attempt for attempt in made}
            del left[: len(made)]
        return played

    def _play(self, tricks: list[Trick], red: str, without: frozenset[Layer]) -> tuple[tuple[Attempt, ...], Outcome]:
        trace = new_trace(SystemClock())
        parts = self.session._fixer.parts
        ports = Ports(
            parts.isolation, parts.runner, Cheat(tricks), parts.open_trials, classify, parts.clock, _unheard,
            parts.gates, without=without,
        )  # fmt: skip
        (project,) = self.session.model.projects
        policy = replace(self.session.settings.policy(), max_attempts=100)
        task = Task(trace, (TestId(project.key, red),), project, self.session.model, dict, policy)
        report = repair(self.cancel, ports, task)
        return report.attempts, report.outcome


@contextlib.contextmanager
def stage(root: Path, workspace: str) -> Iterator[Stage]:
    """Lay a workspace and open it."""
    session = open_session(str(lay(root, workspace)), Settings(), lambda _event: None)
    try:
        session.refresh()
        session.run_tests(Cancellation(), new_trace(SystemClock()), TestRequest())
        yield Stage(root, session)
    finally:
        session.close()


def check_no_trick_is_taken_for_green(stage: Stage, tricks: tuple[Trick, ...], red: str) -> None:
    """Play the tricks against each layer that is to stop them on its own, the other one taken away."""
    assert all(trick.guardrails or trick.proof for trick in tricks)
    guarded = stage.play(tuple(trick for trick in tricks if trick.guardrails), red, frozenset({Layer.PROOF}))
    assert {name: each.reason for name, each in guarded.items() if each.verdict is not Verdict.REFUSED} == {}
    proved = stage.play(tuple(trick for trick in tricks if trick.proof), red, frozenset({Layer.GUARDRAILS}))
    passed = {name: f"{each.verdict}: {each.reason}" for name, each in proved.items() if each.verdict in PASSING}
    assert passed == {}


def table_of_tricks() -> str:
    """Return the table of docs/safety.md: which layer stops which trick on its own."""
    rows = ["| language | the patch | guardrails alone | proof alone |", "|---|---|---|---|"]
    for language in ("python", "go", "javascript", "rust"):
        for trick in tricks_of(language, ""):
            stopped = [("–", "stopped")[layer] for layer in (trick.guardrails, trick.proof)]
            rows.append(f"| {language} | {trick.name.replace('-', ' ')} | {' | '.join(stopped)} |")
    return "\n".join(rows) + "\n"


def _unheard(event: Event) -> None:
    del event


def tricks_of(language: str, path: str, head: str = "", tail: str = "") -> tuple[Trick, ...]:
    """Read the tricks of a language: `-- name --`, then a file's new text; "proof:name": only that layer stops it."""
    text = (TRICKS / f"{language}.txt").read_text(encoding="utf-8")
    found = []
    for title, body in parse_files(text).items():
        only, _, name = title.rpartition(":")
        found.append(Trick(name, {path: head + body + tail}, only != "proof", only != "guardrails"))
    return tuple(found)
