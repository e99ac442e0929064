"""Everything that is known of failures in Python."""

from __future__ import annotations

import re

from regreen.core.testing import TestRun
from regreen.languages.case import Case, Verdict
from regreen.languages.explain import Explainer, SavedLog
from regreen.languages.paths import SavedPaths

from .advice import advice
from .case import PythonCase
from .checkers import NAMES, read_checkers
from .console import read_pytest, sessions, surroundings
from .culprit import definition_line, ends_the_process, line_that_ends, line_that_hangs
from .junit import as_printed
from .places import locate, message
from .rules import judge
from .trouble import failure_at_start, headline, trouble
from .unittest import read_unittest

_CASES = ("unittest", "trial", "django", "nose2")
_PYTEST = re.compile(r"test session starts|^(?:FAILED|ERROR) \S+\.py", re.MULTILINE)
_UNITTEST = re.compile(r"^Ran \d+ tests? in |^\w+ \([\w.]+\) \.\.\. ", re.MULTILINE)


def read_saved(log: SavedLog, paths: SavedPaths) -> tuple[TestRun, ...]:
    """Read a saved log, run by run; a report counts when the output is not there or says nothing of tests."""
    says_nothing = not _PYTEST.search(log.text) and not _UNITTEST.search(log.text)
    if says_nothing or log.runner.startswith(NAMES):
        checked = read_checkers(log.text, paths)
        if checked is not None:
            return (checked,)
    text = as_printed(log.reports, paths) if says_nothing else ""
    return tuple(_read_run(session, log.runner, paths) for session in sessions(text or log.text))


def _read_run(text: str, runner: str, paths: SavedPaths) -> TestRun:
    # A log may hold the other runner's output: what it looks like decides, the name only when it looks like neither.
    is_pytest, is_unittest = bool(_PYTEST.search(text)), bool(_UNITTEST.search(text))
    use_unittest = is_unittest if is_unittest != is_pytest else runner.startswith(_CASES)
    return read_unittest(text, paths) if use_unittest else read_pytest(text, paths)


def _judge(case: Case) -> Verdict:
    return judge(PythonCase.of(case))


PYTHON = Explainer(
    judge=_judge,
    message=message,
    locate=locate,
    definition_line=definition_line,
    hangs_at=line_that_hangs,
    ends_process=ends_the_process,
    ends_at=line_that_ends,
    advice=advice,
    trouble=trouble,
    headline=headline,
    before_any_test=failure_at_start,
    read_saved=read_saved,
    surroundings=surroundings,
)
