"""How candidates are tried many at a time in one build: what a language has to say for it.

The driver is a program of ours that runs inside of the workbench; it reports JSON lines with the run's nonce:
"untouched" (what the tests say to the text as it is), "trial" for each candidate, "broken" for each line that does not
compile, "unbuilt" when nothing was tried for that, "lines" for the lines that a test runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regreen.core.testing import CommandSpec, Place
from regreen.core.text import Span
from regreen.core.workspace import Project
from regreen.syntax import Parsed

from .events import nonce
from .switched import Writing

_DRIVER = Path(__file__).resolve().parents[1] / "injected" / "regreen_batch.py"
_LONGEST = 100_000  # characters of one argument, of which systems refuse more than 128 KiB
Lines = Mapping[str, frozenset[int]]  # path relative to the root -> lines that were run


@dataclass(frozen=True, slots=True)
class Order:
    """What a driver is to do with the candidates of a build. Names are those of tests, without their project."""

    wanted: tuple[str, ...]
    keep: tuple[str, ...]
    picks: tuple[int, ...] = ()
    switched: tuple[str, ...] = ()  # files that hold variants, relative to the root
    wall: float = 20.0  # seconds for one process
    memory: int = 4 << 30
    # Mutants to judge, each with the tests that may notice it: `wanted` pass then, and what makes one fail is noticed.
    mutants: tuple[tuple[int, tuple[str, ...]], ...] = ()
    homes: tuple[tuple[int, str], ...] = ()  # the body that holds each mutant, where the text tells which of them run
    seconds: float = 0.0  # of wall time, after which no further mutant is begun; 0 is as long as it takes


@dataclass(frozen=True, slots=True)
class Batching:
    """How one language tries many candidates in one build."""

    writings: Mapping[str, Writing]  # by grammar
    command: Callable[[Project, Order, Place, float], CommandSpec | None]  # None: not with this project's runner
    # Runs the tests to see which lines each of them runs; None: that is not measured.
    measure: Callable[[Project, Order, Place, float], CommandSpec | None] | None = None
    lines: Callable[[Project, str], Lines] = lambda _project, _profile: {}
    # Has a text tell which of its lines run, for `measure`, given its path and what is to stay as it is.
    mark: Callable[[Parsed, str, tuple[Span, ...]], str] | None = None
    # The statements that a profile of marks tells of, or that have marks in a marked text.
    places: Callable[[str], Mapping[str, frozenset[Span]]] | None = None
    # Whether no build holds this test of the project, given its name, so that it is asked in runs of its own.
    leaves_out: Callable[[str], bool] = lambda _name: False
    is_built: bool = True  # whether there is a build to share; else small batches cost no more than large ones
    # Whether a candidate costs tenths of a second with the runner of these tests.
    is_dear: Callable[[Project, tuple[str, ...]], bool] = lambda _project, _names: False
    # Whether files of tests that each have a process can share one, which costs less and may say less.
    shares_process: Callable[[Project], bool] = lambda _project: False


def driven(spec: CommandSpec, place: Place, order: Mapping[str, Any]) -> CommandSpec:
    """Return the command of our driver, run in the place and the environment of a run of tests."""
    report = str(Path(place.scratch, "batch.jsonl"))
    text = json.dumps({**order, "scratch": place.scratch})
    argv = (sys.executable, "-B", str(_DRIVER), *in_pieces(text))
    env = {**dict(spec.env), "REGREEN_REPORT": report, "REGREEN_NONCE": nonce(place)}
    return replace(spec, argv=argv, env=tuple(sorted(env.items())), report=report, report_is_stdout=False)


def in_pieces(text: str) -> tuple[str, ...]:
    """Return a text in pieces that an argument of a command holds."""
    return tuple(text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST))
