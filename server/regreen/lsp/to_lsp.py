"""Values of ours to values of the wire. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types

from regreen.app import Settings, all_green
from regreen.core.edit import FileEdit, Patch, diff
from regreen.core.failure import Failure
from regreen.core.mutation import Fate, Judged
from regreen.core.repair import Attempt, Outcome, Question, RepairReport, Rival
from regreen.core.testing import Frame, TestId, TestOutcome, TestRun
from regreen.core.text import LineIndex, PositionEncoding, Span, len_in
from regreen.pages import one_line, told, visible

from .client import Client
from .documents import Document
from .folders import Folder
from .links import documentation, kind_page
from .protocol import (
    AttemptResult,
    ChoiceResult,
    Counts,
    FixResult,
    QuestionResult,
    RivalResult,
    RunTestsResult,
    TestRef,
)

SOURCE = "regreen"
SURVIVOR = "survivor"  # the code of hints about what no test notices
_HEAD = ("---", "+++")
_MAX_NAMED = 5
_ANNOTATION = "regreen"
# An editor applies what is ticked, and VS Code ticks nothing that needs confirmation.
_TICK = "Tick it, then choose Apply."
_MAX_FRAMES = 10
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def place_of(failure: Failure) -> tuple[str, int]:
    """Return where a failure is shown: path ("" for nowhere) and 1-based line."""
    if failure.path:
        return failure.path, max(1, failure.line)
    return failure.test_path, max(1, failure.test_line)


def diagnostic(
    folder: Folder, failure: Failure, line: int, text: str, settings: Settings, encoding: PositionEncoding
) -> types.Diagnostic:
    """Return a failure as a diagnostic on the code of a 1-based line with this text."""
    message = f"{test_name(failure.test)}: {told(failure.message)}"
    page = kind_page(failure.kind, documentation())
    return types.Diagnostic(
        range=code_range(line, text, encoding),
        message=f"{message}\n{told(failure.advice)}" if failure.advice else message,
        severity=_severity(failure, settings),
        code=failure.kind.code,
        code_description=types.CodeDescription(href=page) if page else None,
        source=SOURCE,
        related_information=_related(folder, failure) or None,
        data={"fingerprint": failure.fingerprint},
    )


def hint(folder: Folder, one: Judged, line: int, text: str, encoding: PositionEncoding) -> types.Diagnostic:
    """Return a survivor as a hint on the code of a 1-based line with this text."""
    what = "No test runs this" if one.fate is Fate.NO_COVERAGE else "The tests would not notice this change"
    changed = [visible(part) for part in one.diff.splitlines() if part.startswith(("-", "+")) and part[:3] not in _HEAD]
    place = types.Location(folder.uri_of(one.mutant.path), code_range(line, text, encoding))
    tests = ", ".join(test_name(test) for test in one.covered_by[:_MAX_NAMED])
    related = [types.DiagnosticRelatedInformation(place, f"run by {tests}")] if tests else None
    return types.Diagnostic(
        range=code_range(line, text, encoding),
        message="\n".join([f"{what} ({one.mutant.operator}):", *changed]),
        severity=types.DiagnosticSeverity.Hint,
        code=SURVIVOR,
        source=SOURCE,
        related_information=related,
    )


def line_of(one: Judged, index: LineIndex) -> int:
    """Return the 1-based line that a survivor is about in the present text, 0 when it is not there any more."""
    was = [part[1:] for part in one.diff.splitlines() if part.startswith("-") and part[:3] not in _HEAD][:1]
    lines = [n for n in range(index.n_lines) if [index.line(n).rstrip("\r\n")] == was]
    return min(lines, key=lambda n: abs(n + 1 - one.mutant.line)) + 1 if lines else 0


def _severity(failure: Failure, settings: Settings) -> types.DiagnosticSeverity:
    """Return how loud a failure is: what keeps tests from being built is likely to be shown by another server, too."""
    chosen = _SEVERITIES[settings.diagnostics_severity]
    is_quiet = failure.of_build and settings.diagnostics_of_build == "auto"
    return max(chosen, types.DiagnosticSeverity.Information) if is_quiet else chosen


def test_name(test: TestId) -> str:
    """Return a test's own name, without its file and classes."""
    head, bracket, parameters = test.name.partition("[")
    return one_line(head.rpartition("::")[2] + bracket + parameters) or test.project


def code_range(line: int, text: str, encoding: PositionEncoding) -> types.Range:
    """Return the range of the code on a 1-based line: without indentation and trailing blanks."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if end <= start:
        start, end = 0, len(text)
    return types.Range(
        start=types.Position(line - 1, len_in(text[:start], encoding)),
        end=types.Position(line - 1, len_in(text[:end], encoding)),
    )


def span_range(index: LineIndex, span: Span, encoding: PositionEncoding) -> types.Range:
    """Return a range of offsets in the client's units."""
    start, end = (types.Position(*index.to_wire(index.position(at), encoding)) for at in (span.start, span.end))
    return types.Range(start=start, end=end)


def workspace_edit(
    folder: Folder,
    patch: Patch,
    documents: Mapping[str, Document],
    label: str,
    client: Client,
    encoding: PositionEncoding,
) -> types.WorkspaceEdit:
    """Return a patch as one edit: versioned and annotated as far as the client understands it.

    An annotation may ask the person to look at it first, as the setting `preview` says.
    """
    if not client.document_changes:
        changes = {
            _uri(folder, file.path, documents): [types.TextEdit(*edit) for edit in _text_edits(file, encoding)]
            for file in patch.files
        }
        return types.WorkspaceEdit(changes=changes)
    annotated = client.change_annotations
    is_asked = is_previewed(folder.session.settings.preview, len(patch.files))
    return types.WorkspaceEdit(
        document_changes=[_document_edit(folder, file, documents, annotated, encoding) for file in patch.files],
        change_annotations={
            _ANNOTATION: types.ChangeAnnotation(
                label=one_line(label),
                needs_confirmation=is_asked,
                description=_TICK if is_asked else None,
            )
        }
        if annotated
        else None,
    )


def is_previewed(preview: str, n_files: int) -> bool:
    """Tell whether an edit of so many files waits for the person's word."""
    return preview == "always" or (preview == "several-files" and 1 < n_files)


def _document_edit(
    folder: Folder, file: FileEdit, documents: Mapping[str, Document], annotated: bool, encoding: PositionEncoding
) -> types.TextDocumentEdit:
    document = documents.get(file.path)
    edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = [
        types.AnnotatedTextEdit(range=where, new_text=text, annotation_id=_ANNOTATION)
        if annotated
        else types.TextEdit(range=where, new_text=text)
        for where, text in _text_edits(file, encoding)
    ]
    return types.TextDocumentEdit(
        text_document=types.OptionalVersionedTextDocumentIdentifier(
            uri=_uri(folder, file.path, documents), version=None if document is None else document.version
        ),
        edits=edits,
    )


def _text_edits(file: FileEdit, encoding: PositionEncoding) -> list[tuple[types.Range, str]]:
    index = LineIndex(file.base)
    return [(span_range(index, Span(edit.start, edit.end), encoding), edit.text) for edit in file.edits]


def _uri(folder: Folder, path: str, documents: Mapping[str, Document]) -> str:
    document = documents.get(path)
    return folder.uri_of(path) if document is None else document.uri


def _related(folder: Folder, failure: Failure) -> list[types.DiagnosticRelatedInformation]:
    frames = [frame for frame in reversed(failure.frames) if frame.inside][:_MAX_FRAMES]
    related = [_information(folder, frame.path, frame.line, _frame_words(frame)) for frame in frames]
    if failure.test_path and failure.test_line:
        words = f"the test: {one_line(failure.test.name)}"
        related.append(_information(folder, failure.test_path, failure.test_line, words))
    return related


def _information(folder: Folder, path: str, line: int, words: str) -> types.DiagnosticRelatedInformation:
    position = types.Position(max(0, line - 1), 0)
    location = types.Location(uri=folder.uri_of(path), range=types.Range(start=position, end=position))
    return types.DiagnosticRelatedInformation(location=location, message=words)


def _frame_words(frame: Frame) -> str:
    return f"in {one_line(frame.function)}: {one_line(frame.code)}" if frame.code else f"in {one_line(frame.function)}"


def test_ref(test: TestId) -> TestRef:
    """Return a test's name on the wire."""
    return TestRef(project=test.project, name=test.name)


def fix_result(report: RepairReport) -> FixResult:
    """Return a repair's story on the wire."""
    return FixResult(
        run_id=report.run_id,
        trace_id=report.trace_id,
        outcome=report.outcome.value,
        message=told(report.reason),
        applied=report.outcome is Outcome.REPAIRED,
        tests=tuple(test_ref(test) for test in report.wanted),
        attempts=tuple(_attempt(attempt) for attempt in report.attempts),
        diff="" if report.patch is None else diff(report.patch),
        seconds=round(report.seconds, 3),
        question=None if report.question is None else _question(report.question),
        mutation="" if report.strength is None else report.strength.in_words("the repaired code"),
    )


def _question(question: Question) -> QuestionResult:
    return QuestionResult(
        text=question.text,
        choices=tuple(
            ChoiceResult(n=n, hypothesis=choice.hypothesis, answer=choice.answer, diff=diff(choice.patch))
            for n, choice in enumerate(question.choices, 1)
        ),
    )


def _rival(rival: Rival) -> RivalResult:
    return RivalResult(
        hypothesis=rival.hypothesis,
        diff=diff(rival.patch),
        differs_on=rival.differs_on,
        answer=rival.answer,
        rival_answer=rival.rival_answer,
    )


def _attempt(attempt: Attempt) -> AttemptResult:
    return AttemptResult(
        n=attempt.n,
        provider=attempt.provider,
        kind="" if attempt.failure is None else attempt.failure.kind.code,
        hypothesis=attempt.hypothesis,
        diff="" if attempt.patch is None else diff(attempt.patch),
        verdict=attempt.verdict.value,
        reason=attempt.reason,
        seconds=round(attempt.seconds, 3),
        confidence=None if attempt.confidence is None else attempt.confidence.value,
        evidence=attempt.evidence,
        others=tuple(_rival(rival) for rival in attempt.others),
    )


def run_result(runs: tuple[TestRun, ...], failures: tuple[Failure, ...]) -> RunTestsResult:
    """Return what some runs came to; `failures` are the ones of the tests that ran."""
    # That a target was built is not a test that passed.
    built = ("build", TestOutcome.PASSED)
    outcomes = [each.outcome for run in runs for each in run.results if (each.phase, each.outcome) != built]
    passed = sum(outcome in (TestOutcome.PASSED, TestOutcome.XPASSED) for outcome in outcomes)
    skipped = sum(outcome in (TestOutcome.SKIPPED, TestOutcome.XFAILED) for outcome in outcomes)
    return RunTestsResult(
        outcome="green" if all_green(runs, failures) else "red",
        counts=Counts(passed=passed, failed=len(outcomes) - passed - skipped, skipped=skipped),
        failures=tuple(failure_on_wire(failure) for failure in failures),
    )


def failure_on_wire(failure: Failure) -> dict[str, object]:
    """Return a failure as the shell's JSON has it, as far as an editor needs it."""
    return {
        "id": failure.test.name,
        "project": failure.test.project,
        "kind": failure.kind.label,
        "code": failure.kind.code,
        "path": failure.path,
        "line": failure.line,
        "message": told(failure.message),
        "slots": {name: told(value) for name, value in failure.slots},
        "advice": told(failure.advice),
    }
