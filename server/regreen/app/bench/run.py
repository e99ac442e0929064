"""One repair of one case, in a copy of its own at a path of its own, and what came of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from regreen.app.figures import NOT_BUILT, PROVED, RAN, Sample
from regreen.core.cancel import Cancellation
from regreen.journal import state_dir_for

from .cases import Case
from .process import Measured, measure

_NOT_BUILT = frozenset(kind.label for kind in NOT_BUILT)
_PROVED = frozenset(outcome.value for outcome in PROVED)
_RAN = frozenset(verdict.value for verdict in RAN)
PASSED, FAILED, UNKNOWN = "passed", "failed", ""


@dataclass(frozen=True, slots=True)
class CaseRun:
    """What came of one run. `error` is why there was no verdict, "" when there was one."""

    case: str
    n: int  # 1-based
    outcome: str
    diff: str
    held_out: str  # "passed" or "failed" with the tests that were held out; "" when there are none or nothing to test
    samples: tuple[Sample, ...]
    seconds: float
    cpu_seconds: float
    error: str = ""

    def document(self) -> dict[str, Any]:
        """Return it for a file."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> CaseRun:
        """Return what a file holds.

        Raises:
            KeyError, TypeError: it is none of ours.
        """
        samples = tuple(Sample(**each) for each in document["samples"])
        return cls(**{**document, "samples": samples})


def run_case(
    cancel: Cancellation, case: Case, n: int, place: Path, options: tuple[str, ...], keep_recording: Path | None
) -> CaseRun:
    """Repair a copy of a case in an empty folder; `keep_recording` is where the recording is taken to.

    Each run has another path and another hash seed, so that a patch that depends on either shows.

    Raises:
        Cancelled: the token was set.
    """
    root = place / f"run {n}" / case.name
    case.lay(root)
    environment = {**os.environ, "PYTHONHASHSEED": str(n)}
    which = ("--test", case.tests[0]) if len(case.tests) == 1 else ("--all",)
    try:
        done = measure(cancel, ("fix", str(root), "--json", *which, *options), place, environment)
        repairs = _repairs(done.document)
        diff = "".join(repair["diff"] for repair in repairs)
        held_out = _held_out(cancel, case, root, place) if case.held_out and diff else UNKNOWN
        if keep_recording is not None:
            _keep(state_dir_for(root) / "recordings", keep_recording)
    finally:
        shutil.rmtree(state_dir_for(root), ignore_errors=True)
    return CaseRun(
        case=case.name,
        n=n,
        outcome=str(done.document.get("outcome", "")),
        diff=diff,
        held_out=held_out,
        samples=_samples(repairs, done),
        seconds=done.seconds,
        cpu_seconds=done.cpu_seconds,
        error=_error(done),
    )


def _held_out(cancel: Cancellation, case: Case, root: Path, place: Path) -> str:
    case.lay_held_out(root)
    said = measure(cancel, ("test", str(root), "--json"), place, os.environ)
    return PASSED if said.document.get("outcome") == "green" else FAILED


def _repairs(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "repairs" in document:
        return list(document["repairs"])
    return [document] if "attempts" in document else []


def _error(done: Measured) -> str:
    problem = done.document.get("error")
    if problem:
        return f"{problem['message']} {problem['next_step']}"
    last = next((line.strip() for line in reversed(done.said.splitlines()) if line.strip()), "")
    return "" if "outcome" in done.document else f"It ended with status {done.status}: {last[:300]}"


def _samples(repairs: list[Mapping[str, Any]], done: Measured) -> tuple[Sample, ...]:
    share = round(done.cpu_seconds / len(repairs), 3) if repairs else None
    return tuple(_sample(repair, share) for repair in repairs)


def _sample(repair: Mapping[str, Any], cpu_seconds: float | None) -> Sample:
    usage, attempts, strength = repair["usage"], repair["attempts"], repair["mutation"]
    proved = repair["outcome"] in _PROVED
    ran = [attempt for attempt in attempts if attempt["diff"]]
    first = next((attempt for attempt in ran if attempt["verdict"] in _RAN), None)
    before = repair["failure"]["kind"] if repair["failure"] else ""
    return Sample(
        proved=proved,
        rolled_back=not proved and repair["outcome"] == "exhausted" and bool(ran),
        attempts=len(attempts),
        first_built=None if first is None else first["kind"] not in _NOT_BUILT or before in _NOT_BUILT,
        seconds=repair["usage"]["seconds"],
        cpu_seconds=cpu_seconds,
        calls=usage["calls"],
        tokens=usage["tokens_sent"] + usage["tokens_received"],
        money=usage["money"],
        score=strength.get("score") if strength else None,
    )


def _keep(recordings: Path, to: Path) -> None:
    if recordings.is_dir():
        shutil.copytree(recordings, to, dirs_exist_ok=True)
