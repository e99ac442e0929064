"""Everything that is known of failures in Rust."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.ports import ReadText
from regreen.core.testing import TestId, TestResult
from regreen.core.workspace import WorkspaceModel
from regreen.languages.explain import Explainer

from .advice import advice
from .places import definition_line, ends_process, hangs_at, locate, message
from .rules import judge
from .saved import read_saved, surroundings
from .sources import line_that_ends, line_that_recurs, tests_of
from .trouble import build_script_failure, headline, trouble


def name_of(result: TestResult, model: WorkspaceModel, read: ReadText) -> TestResult:
    """Name the test whose process died before its name was printed: one that had not ended, and can do that."""
    facts = result.exception
    if result.id.name or facts is None or facts.type != "died":
        return result
    ended = frozenset(dict(result.sections).get("ended", "").splitlines())
    waiting = [test for test in tests_of(model, read) if test.qualname not in ended]
    find = line_that_recurs if facts.attribute("kind") == "stack" else line_that_ends
    able = [test for test in waiting if find(test, model, read) is not None]
    chosen = able[:1] or waiting[:1] * (len(waiting) == 1)
    if not chosen:
        return result
    return replace(result, id=TestId(result.id.project, chosen[0].qualname), path=chosen[0].path, line=chosen[0].line)


RUST = Explainer(
    judge=judge,
    message=message,
    locate=locate,
    definition_line=definition_line,
    hangs_at=hangs_at,
    ends_process=ends_process,
    advice=advice,
    trouble=trouble,
    headline=headline,
    before_any_test=build_script_failure,
    read_saved=read_saved,
    surroundings=surroundings,
    name_of=name_of,
)
