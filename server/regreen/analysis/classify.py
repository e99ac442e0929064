"""Test runs to classified failures."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass, replace
from operator import attrgetter

from regreen.core.failure import Failure, FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import Ended, ExceptionFacts, Frame, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project, WorkspaceModel
from regreen.languages import Case, Explainer, SavedPaths, Verdict, deepest_inside, explainer_for

from .confined import ADVICE, sandbox_cause, sandbox_end

_RAW_TAIL = 4000  # characters of output shown where nothing better is known
_NOTHING = ExceptionFacts("", (), "")


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where a failure happened: what a judgement may look at."""

    run: TestRun
    project: Project
    model: WorkspaceModel
    read: ReadText

    @property
    def language(self) -> Explainer:
        """Return what is known of failures in the project's language."""
        return explainer_for(self.project.language)

    def case(self, result: TestResult) -> Case:
        """Return a failed result as a rule looks at it."""
        return Case(result, result.exception or _NOTHING, self.project, self.model, self.read)


def classify(run: TestRun, project: Project, model: WorkspaceModel, read: ReadText) -> tuple[Failure, ...]:
    """Judge a run: every failure, in the order the run gave them. A run that proves nothing has at least one."""
    scene = _Scene(run, project, model, read)
    failed = run.failed or _before_any_test(scene)
    if failed:
        return _merged(tuple(_failure(scene, result) for result in _with_files(scene, failed)))
    verdict = scene.language.trouble(run)
    if verdict is None:
        return ()
    result = TestResult(TestId(run.project, ""), TestOutcome.ERROR, "", 0, text=run.output[-_RAW_TAIL:])
    return (_build(scene, result, verdict, scene.language.headline(run, verdict), ("", 0)),)


def _with_files(scene: _Scene, results: tuple[TestResult, ...]) -> tuple[TestResult, ...]:
    """Add the file and the line of tests whose runner names neither, from the index."""
    if all(result.path or "::" not in result.id.name for result in results):
        return results
    known = {
        (case.project, case.name): (case.path, case.line)
        for facts in scene.model.files.values()
        for case in facts.tests
    }
    places = [known.get((result.id.project, result.id.definition.name), ("", 0)) for result in results]
    return tuple(
        result if result.path or not path else replace(result, path=path, line=line)
        for result, (path, line) in zip(results, places, strict=True)
    )


def _before_any_test(scene: _Scene) -> tuple[TestResult, ...]:
    if scene.run.results:
        return ()
    paths = SavedPaths((scene.model.root,), frozenset(scene.model.files))
    found = scene.language.before_any_test(scene.run, paths)
    return (found,) if found is not None else ()


def _failure(scene: _Scene, result: TestResult) -> Failure:
    if result.outcome is TestOutcome.UNFINISHED:
        name_of = scene.language.name_of
        # Which of a file's tests it was, its sources may tell.
        return _unfinished(scene, name_of(result, scene.model, scene.read) if result.id.name.endswith("::") else result)
    case, language = scene.case(result), scene.language
    verdict = sandbox_cause(scene.run, result) or language.judge(case)
    return _build(scene, result, verdict, language.message(case), language.locate(case, verdict))


def _unfinished(scene: _Scene, result: TestResult) -> Failure:
    """Judge a test that started and never ended."""
    verdict, message = _why_unfinished(scene, result)
    frame = deepest_inside(result.exception)
    if frame is not None:
        return _build(scene, result, verdict, message, (frame.path, frame.line))
    find = _SOUGHT.get(verdict.kind)
    guess = find(scene.language)(result, scene.model, scene.read) if find else None
    return _build(scene, result, verdict, message, guess or (result.path, _definition_line(scene, result)))


# What to look for in the source of a test that left no stack.
_SOUGHT = {
    FailureKind.TIMEOUT: attrgetter("hangs_at"),
    FailureKind.PROCESS_CRASH: attrgetter("ends_at"),
}


def _why_unfinished(scene: _Scene, result: TestResult) -> tuple[Verdict, str]:
    run, name = scene.run, result.id.name
    reason = result.exception.message if result.exception else ""
    if run.ended is Ended.TIMED_OUT:
        verdict = Verdict(FailureKind.TIMEOUT, {"test": name, "limit": f"{run.seconds:.0f} s"})
        return verdict, f"The test did not end; the run was killed after {run.seconds:.0f} s."
    if excess := sandbox_end(run):
        return Verdict(FailureKind.RESOURCE_EXHAUSTED, {"test": name, "limit": excess}), f"The run was ended: {excess}."
    if reason and "Timeout" not in reason:
        deep = re.search(r"recursion|overflow", reason, re.IGNORECASE)
        kind = FailureKind.RESOURCE_EXHAUSTED if deep else FailureKind.PROCESS_CRASH
        return Verdict(kind, {"test": name, "signal": reason}), f"The test ended the process: {reason}."
    if reason:
        return Verdict(FailureKind.TIMEOUT, {"test": name}), f"The test did not end: {reason}"
    if run.ended is Ended.SIGNALLED:
        number = _signal_name(-run.exit_code)
        slots = {"test": name, "signal": number}
        return Verdict(FailureKind.PROCESS_CRASH, slots), f"The test ended the process: {number}."
    if run.command or scene.language.ends_process(result, scene.model, scene.read):
        slots = {"test": name, "exit_code": str(run.exit_code)} if run.command else {"test": name}
        return Verdict(FailureKind.PROCESS_CRASH, slots), "The process ended in the middle of the test."
    return Verdict(FailureKind.TIMEOUT, {"test": name}), "The output ends in the middle of the test."


def _definition_line(scene: _Scene, result: TestResult) -> int:
    """Return the line that defines a test, from the index, the source, or the run."""
    known = scene.case(result).definition_line
    return known or scene.language.definition_line(result, scene.read) or result.line


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _build(scene: _Scene, result: TestResult, verdict: Verdict, message: str, place: tuple[str, int]) -> Failure:
    path, line = place
    slots = {name: value for name, value in verdict.slots.items() if value}
    if result.subtest:
        slots["subtests"] = _part_name(result.subtest)
    source = (scene.read(path) or "").splitlines() if path else []
    return Failure(
        kind=verdict.kind,
        test=result.id,
        path=path,
        line=line,
        message=message,
        slots=tuple(sorted(slots.items())),
        frames=_frames(result),
        test_path=result.path,
        test_line=_definition_line(scene, result) if result.path else 0,
        code=source[line - 1].strip() if 0 < line <= len(source) else _code_of(result, path, line),
        text=result.text,
        advice=ADVICE if "sandbox" in slots else scene.language.advice(verdict.kind, slots, scene.project),
    )


def _frames(result: TestResult) -> tuple[Frame, ...]:
    facts = result.exception
    while facts is not None and not facts.frames:
        facts = facts.cause
    return facts.frames if facts is not None else ()


def _code_of(result: TestResult, path: str, line: int) -> str:
    """Return the source line as the traceback showed it."""
    return next((frame.code for frame in _frames(result) if (frame.path, frame.line) == (path, line)), "")


def _part_name(subtest: str) -> str:
    """Return `i=1` of `[message] (i=1)`."""
    _, bracket, values = subtest.rpartition("(")
    return values.removesuffix(")") if bracket else subtest


def _merged(failures: tuple[Failure, ...]) -> tuple[Failure, ...]:
    """Make one failure of a test's sub-tests that fail in the same place."""
    found: dict[tuple[object, ...], Failure] = {}
    for n, failure in enumerate(failures):
        part = failure.slot("subtests")
        key = (failure.test, failure.kind, failure.path, failure.line) if part else (n,)
        earlier = found.get(key)
        if earlier is None:
            found[key] = failure
        else:
            slots = dict(earlier.slots) | {"subtests": f"{earlier.slot('subtests')}, {part}"}
            found[key] = replace(earlier, slots=tuple(sorted(slots.items())))
    return tuple(found.values())
