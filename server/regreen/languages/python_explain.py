"""Everything that is known of failures in Python, behind one value: what `analysis` asks a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regreen.core.failure import FailureKind
from regreen.core.testing import TestResult, TestRun
from regreen.core.workspace import Project

from .python_advice import advice
from .python_case import Case, Verdict
from .python_console import read_pytest, sessions, surroundings
from .python_paths import SavedPaths
from .python_rules import judge
from .python_trouble import conftest_failure, headline, trouble
from .python_unittest import read_unittest

_PYTEST = re.compile(r"test session starts|^(?:FAILED|ERROR) \S+\.py", re.MULTILINE)
_UNITTEST = re.compile(r"^Ran \d+ tests? in |^\w+ \([\w.]+\) \.\.\. ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Explainer:
    """How the failures of one language are explained."""

    judge: Callable[[Case], Verdict]  # one exception of one test
    advice: Callable[[FailureKind, Mapping[str, str], Project], str]
    trouble: Callable[[TestRun], Verdict | None]  # a run without a failed test; None when nothing is wrong
    headline: Callable[[TestRun, Verdict], str]  # the same, in one line
    before_any_test: Callable[[TestRun, SavedPaths], TestResult | None]  # what stopped the run before its first test
    read_saved: Callable[[str, str, SavedPaths], tuple[TestRun, ...]]  # (text, runner, paths): the runs of a log
    surroundings: Callable[[str], str]  # what two outputs have in common when they are of the same tree


def read_saved(text: str, runner: str, paths: SavedPaths) -> tuple[TestRun, ...]:
    """Read a saved log, run by run."""
    return tuple(_read_run(session, runner, paths) for session in sessions(text))


def _read_run(text: str, runner: str, paths: SavedPaths) -> TestRun:
    # A log may hold the other runner's output: what it looks like decides, the name only when it looks like neither.
    is_pytest, is_unittest = bool(_PYTEST.search(text)), bool(_UNITTEST.search(text))
    use_unittest = is_unittest if is_unittest != is_pytest else runner.startswith("unittest")
    return read_unittest(text, paths) if use_unittest else read_pytest(text, paths)


PYTHON = Explainer(judge, advice, trouble, headline, conftest_failure, read_saved, surroundings)
