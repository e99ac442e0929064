"""Everything that is known of failures in JavaScript and TypeScript."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.failure import FailureKind as Kind
from regreen.core.ports import ReadText
from regreen.core.testing import ExceptionFacts, Frame, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import WorkspaceModel
from regreen.languages.explain import Explainer, SavedLog
from regreen.languages.paths import SavedPaths

from .advice import advice
from .console import read_saved as read_log
from .console import surroundings
from .places import definition_line, ends_process, hangs_at, locate, message
from .printed.nodetest import SILENT
from .rules import judge
from .source import code_files, exit_in, hang_in, is_test, outline_of, tests_of
from .trouble import before_any_test, headline, trouble


def read_saved(log: SavedLog, paths: SavedPaths) -> tuple[TestRun, ...]:
    """Read a saved log, run by run; one that stops without a word ended in the middle of a test."""
    return tuple(_cut_off(run, paths) for run in read_log(log, paths))


def _cut_off(run: TestRun, paths: SavedPaths) -> TestRun:
    if run.results or run.complete or before_any_test(run, paths) is not None:
        return run
    verdict = trouble(run)
    if verdict is None or verdict.kind not in (Kind.PROCESS_CRASH, Kind.UNKNOWN) or "signal" in verdict.slots:
        return run
    return replace(run, results=(TestResult(TestId(run.project, ""), TestOutcome.UNFINISHED, "", 0),))


def named(result: TestResult, model: WorkspaceModel, read: ReadText) -> TestResult:
    """Name the test that was running when a process ended: the one on the stack, else the first that can do that."""
    if not result.path and result.phase == "call" and result.id.name:
        return _found(result, model, read)
    is_open = not result.id.name or result.id.name == result.path or result.id.name.endswith("::")
    if result.outcome is not TestOutcome.UNFINISHED or not is_open:
        return result
    on_stack = _on_stack(result, read)
    if on_stack is not None:
        return on_stack
    files = [result.path] if result.path else [path for path in code_files(model) if is_test(path)]
    tests = [(path, titles) for path in files for titles in tests_of(path, read)]
    for path, titles in tests:
        place = exit_in(path, titles, model, read)
        if place is not None:
            stack = ExceptionFacts("", (), "process.exit was called", frames=(Frame(place[0], place[1], ""),))
            known = result.exception if result.exception is not None and result.exception.frames else stack
            return _as(result, path, titles, known)
    if result.text == SILENT:
        return replace(result, outcome=TestOutcome.PASSED)
    if result.exception is not None and tests:
        return _as(result, *tests[0], result.exception)
    for path, titles in tests:
        if hang_in(path, titles, model, read) is not None:
            return _as(result, path, titles, result.exception)
    return _as(result, *tests[0], result.exception) if tests else result


def _found(result: TestResult, model: WorkspaceModel, read: ReadText) -> TestResult:
    """Give a test that was printed without its file the only one that defines it."""
    name = result.id.name
    titles = frozenset({name, name.replace(" › ", " > ")})
    files = [path for path in code_files(model) if any(_is_named(each, titles) for each in tests_of(path, read))]
    return replace(result, path=files[0]) if len(files) == 1 else result


def _is_named(test: str, titles: frozenset[str]) -> bool:
    return test in titles or test.replace(" > ", " ") in titles


def _on_stack(result: TestResult, read: ReadText) -> TestResult | None:
    for frame in result.exception.frames if result.exception is not None else ():
        text = read(frame.path) if frame.inside and is_test(frame.path) else None
        found = outline_of(text, frame.path) if text is not None else None
        blocks = [block for block in found.blocks if block.line <= frame.line] if found is not None else []
        if blocks:
            return _as(result, frame.path, " > ".join(blocks[-1].titles), result.exception)
    return None


def _as(result: TestResult, path: str, titles: str, facts: ExceptionFacts | None) -> TestResult:
    place = result.id.name if result.id.name.endswith("::") else ""
    return replace(result, id=TestId(result.id.project, place + titles), path=path, exception=facts)


JAVASCRIPT = Explainer(
    judge=judge,
    message=message,
    locate=locate,
    definition_line=definition_line,
    hangs_at=hangs_at,
    ends_process=ends_process,
    advice=advice,
    trouble=trouble,
    headline=headline,
    before_any_test=before_any_test,
    read_saved=read_saved,
    surroundings=surroundings,
    name_of=named,
)
