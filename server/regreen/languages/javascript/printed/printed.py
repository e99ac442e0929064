"""What one run printed, read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regreen.core.testing import ExceptionFacts, TestId, TestOutcome, TestResult

PROJECT = "."  # a log tells nothing of projects

_FILE = re.compile(r"\.[cm]?[jt]sx?$")


@dataclass(frozen=True, slots=True)
class Printed:
    """The failures of a run, and what it says of its end."""

    results: tuple[TestResult, ...] = ()
    complete: bool = False  # it printed its summary
    failed: bool = False  # the summary counts failures
    n_tests: int = 0  # that ran
    retried: tuple[TestResult, ...] = ()  # what failed at first, and passed when it was tried again


def result_of(
    name: str,
    path: str,
    facts: ExceptionFacts | None,
    *,
    text: str = "",
    phase: str = "call",
    outcome: TestOutcome = TestOutcome.FAILED,
    line: int = 0,
) -> TestResult:
    """Return one result of a log."""
    if phase != "call" and outcome is TestOutcome.FAILED:
        outcome = TestOutcome.ERROR
    return TestResult(TestId(PROJECT, name), outcome, path, line, phase, 0.0, facts, text)


def is_file(name: str) -> bool:
    """Tell whether a name is one of a file of code."""
    return bool(_FILE.search(name)) and " > " not in name


def dedented(lines: list[str], width: int) -> list[str]:
    """Return lines without so many of their leading spaces."""
    return [line[width:] if not line[:width].strip() else line.lstrip() for line in lines]


def two_sided(minus: list[str], plus: list[str]) -> tuple[str, str]:
    """Return both sides of a difference, when each of them is one line."""
    if len(minus) == 1 and len(plus) == 1:
        return minus[0].strip(), plus[0].strip()
    return "", ""
