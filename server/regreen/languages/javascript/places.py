"""Where a failure of JavaScript or TypeScript is shown, and in which words."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind
from regreen.core.ports import ReadText
from regreen.core.testing import TestResult
from regreen.core.workspace import WorkspaceModel
from regreen.languages.case import Case, Verdict, deepest_inside

from .imports import importer_of, line_of_import
from .patterns import MODULES
from .source import assertion_in, code_files, exit_in, first_error_line, hang_in, line_of, line_of_throw
from .source import definition_line as line_in_source
from .stack import plain_path

_AT = re.compile(
    r"(?P<path>(?:file://|[A-Za-z]:[\\/])?[^\s:()\[\]\"'`│╭]+\.[cm]?[jt]sx?):? ?\(?(?P<line>\d+):(?P<column>\d+)\)?"
)
_HEADED = re.compile(r"^\s*(?P<path>\S+\.[cm]?[jt]sx?):(?P<line>\d+)$", re.MULTILINE)
_NAMED = re.compile(r"(?P<path>(?:/|[A-Za-z]:[\\/])?[^\s:()\[\]\"'`]+\.[cm]?[jt]sx?): [^\n]*?\((?P<line>\d+):\d+\)")
_END = re.compile(r"(?i)end of (?:file|input)|\bEOF\b|unterminated|'\}' expected")
_SOURCED = frozenset({Kind.SYNTAX, Kind.UNKNOWN})


def locate(case: Case, verdict: Verdict) -> tuple[str, int]:
    """Return the culprit: what the error names, else the deepest own frame, else what the sources tell, or the test."""
    result = case.result
    if verdict.kind is Kind.SYNTAX and (named := _syntax_place(case)):
        return named
    if case.place is not None:
        return _settled(case, *case.place) if verdict.kind is Kind.RUNNER_CONFIG else case.place
    if verdict.kind is Kind.RUNNER_CONFIG:
        named = _syntax_place(case) if MODULES.search(case.message) else None
        return named or ("", 0)
    if verdict.kind in (Kind.IMPORT_UNRESOLVED, Kind.DEPENDENCY_MISSING) and (found := _import_place(case, verdict)):
        return found
    if (called := _evaluated(case)) is not None:
        return called
    if (asserting := _asserting(case)) is not None:
        return asserting
    frame = deepest_inside(case.facts)
    if frame is not None and not (_is_only_test(case) and case.facts.attribute("thrown")):
        return frame.path, frame.line
    guess = _guess(case, verdict)
    if guess is not None:
        return guess
    if frame is not None:
        return frame.path, frame.line
    if not result.path:
        return "", 0
    if hook := re.search(r"\"(?P<hook>before|after)(?: (?P<each>each|all))?\" hook", result.id.name):
        word = hook["hook"] + ("Each" if hook["each"] == "each" else "(?:All)?")
        if line := line_of(re.compile(rf"\b{word}\("), result.path, case.read):
            return result.path, line
    return result.path, case.definition_line or _definition(result, case.read) or result.line or (
        1 if result.phase == "collect" else 0
    )


def definition_line(result: TestResult, read: ReadText) -> int:
    """Return the line that defines a test that the index does not know; 0 when the source does not tell."""
    return _definition(result, read)


def hangs_at(result: TestResult, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the most likely place of a hang: a loop or a wait in what the test reaches."""
    return hang_in(result.path, _titles(result), model, read)


def ends_process(result: TestResult, model: WorkspaceModel, read: ReadText) -> bool:
    """Tell whether what a test reaches can end the process."""
    return exit_in(result.path, _titles(result), model, read) is not None


def message(case: Case) -> str:
    """Return one line: type and first line of the message; an assertion without its type."""
    facts, result = case.facts, case.result
    first = next((line.strip() for line in facts.message.splitlines() if line.strip()), "")
    if facts.type == "AssertionError" and first:
        return first[:300]
    if facts.type:
        return f"{facts.type}: {first}"[:300] if first else facts.type
    text = next((line.strip() for line in result.text.splitlines() if line.strip()), "")
    return (first or text or result.outcome.value)[:300]


def _definition(result: TestResult, read: ReadText) -> int:
    return line_in_source(_titles(result), result.path, read) if result.path else 0


def _titles(result: TestResult) -> str:
    """Return a test's name without its file."""
    name = result.id.name
    _, colons, rest = name.partition("::")
    return rest if colons else name.removeprefix(f"{result.path} > ")


def _is_only_test(case: Case) -> bool:
    """Tell whether an error's only own frames are of the test's file: who threw a plain value left no stack."""
    return all(frame.path == case.result.path for frame in case.facts.frames if frame.inside)


def _syntax_place(case: Case) -> tuple[str, int] | None:
    """Return where a parser stopped: as it says, else as our own parser sees it."""
    text = f"{case.message}\n{case.result.text}"
    if case.place is not None:
        return case.place[0], _at_end(*case.place, text, case.read)
    for match in (*_NAMED.finditer(text), *_AT.finditer(text), *_HEADED.finditer(text)):
        path = _own(match["path"], case)
        if path:
            return path, _at_end(path, int(match["line"]), text, case.read)
    frame = deepest_inside(case.facts)
    if frame is not None and case.facts.type == "SyntaxError" and first_error_line(frame.path, case.read):
        return frame.path, frame.line
    for path in (case.result.path, *sorted(case.model.files)):
        if path and (line := first_error_line(path, case.read)):
            return path, line
    return None


def _at_end(path: str, line: int, text: str, read: ReadText) -> int:
    """A text that ends too early is wrong at its end, wherever the tool points."""
    source = read(path)
    if source is None or not re.search(r"(?i)unexpected end of (?:file|input)", text):
        return line
    return source.count("\n") + 1


def _own(path: str, case: Case) -> str:
    """Return a printed path as a file of the workspace; "" when it is none."""
    plain = plain_path(path).replace("\\", "/").removeprefix("./")
    relative = plain.removeprefix(case.model.root.rstrip("/") + "/") if case.model.root else plain
    if "node_modules/" in plain:
        return ""
    if relative in case.model.files:
        return relative
    near = [known for known in sorted(case.model.files) if f"/{plain}".endswith(f"/{known}")]
    return near[0] if near else "" if relative.startswith("/") or case.model.files else relative


def _import_place(case: Case, verdict: Verdict) -> tuple[str, int] | None:
    found = line_of_import(case, verdict)
    if found is not None:
        return found
    path = importer_of(case)
    frame = deepest_inside(case.facts)
    if frame is not None and path in ("", frame.path):
        return frame.path, frame.line
    if not path or path not in case.model.files:
        return (frame.path, frame.line) if frame is not None else None
    missing = re.escape(verdict.slots.get("missing", ""))
    return path, line_of(re.compile(rf"[\"'`]{missing}"), path, case.read) or 1


def _guess(case: Case, verdict: Verdict) -> tuple[str, int] | None:
    """Return what the sources tell of an error without a stack of its own."""
    facts = case.facts
    message = facts.message.strip("\"'`")
    if verdict.kind in (Kind.UNHANDLED_ERROR, Kind.CONCURRENCY, Kind.TEST_SETUP) and message:
        return line_of_throw(message, case.model, case.read)
    if verdict.kind is Kind.ASSERTION and case.result.path and _COUNTED.search(message):
        start = case.definition_line or _definition(case.result, case.read)
        lines = enumerate((case.read(case.result.path) or "").splitlines(), 1)
        planned = (number for number, line in lines if start <= number and _PLANS.search(line))
        return next(((case.result.path, number) for number in planned), None)
    if verdict.kind is Kind.ASSERTION and case.result.path:
        line = assertion_in(case.result.path, _titles(case.result), case.read)
        return (case.result.path, line) if line else None
    if verdict.kind is Kind.PROCESS_CRASH:
        return exit_in(case.result.path, _titles(case.result), case.model, case.read)
    if verdict.kind is Kind.RESOURCE_EXHAUSTED:
        return hang_in(case.result.path, _titles(case.result), case.model, case.read)
    if verdict.kind is Kind.ENVIRONMENT:
        return _service_place(case, verdict)
    return None


def _asserting(case: Case) -> tuple[str, int] | None:
    """Return the line of an assertion about what is thrown: Jest shows the stack of what was thrown instead."""
    if not case.message.startswith("expect(") or ".toThrow" not in case.message.partition("\n")[0]:
        return None
    own = (frame for frame in case.facts.frames if frame.inside and frame.path == case.result.path)
    return next(((frame.path, frame.line) for frame in own), None)


_EVALUATED = re.compile(r"\((?:evaluating|In) '(?P<expression>[^'\n]{3,})'")


def _evaluated(case: Case) -> tuple[str, int] | None:
    """Return where an expression stands that JavaScriptCore names: the frame of a tail call is not on its stack."""
    match, frame = _EVALUATED.search(case.message), case.frame
    if match is None or frame is None:
        return None
    pattern = re.compile(re.escape(match["expression"]))
    lines = (case.read(frame.path) or "").splitlines()
    near = "\n".join(lines[frame.line - 1 : frame.line + 3])
    if not near or pattern.search(near):
        return None
    found = [(path, line) for path in code_files(case.model) if (line := line_of(pattern, path, case.read))]
    return found[0] if len(found) == 1 else None


_NAME = re.compile(r"^(?P<name>[\w$]+) is not |reading '(?P<member>[\w$]+)'|'(?P<early>[\w$]+)' before init")


def _settled(case: Case, path: str, line: int) -> tuple[str, int]:
    """Return the line of a setting: that of its compiled copy may be a few off, the name in the message is not."""
    match = _NAME.search(case.message)
    name = next(filter(None, match.groups()), "") if match is not None else ""
    lines = (case.read(path) or "").splitlines()
    used = [number for number, text in enumerate(lines, 1) if name and re.search(rf"\b{re.escape(name)}\b", text)]
    return (path, used[0]) if len(used) == 1 else (path, line)


_COUNTED = re.compile(r"^expected (?:number of assertions|any number of assertion)")
_PLANS = re.compile(r"\bexpect\.(?:assertions|hasAssertions)\(")


def _service_place(case: Case, verdict: Verdict) -> tuple[str, int] | None:
    """Return the line that names the address or program that is not there."""
    words = [
        case.facts.attribute("port"),
        verdict.slots.get("missing", "").rpartition(":")[2],
        verdict.slots.get("missing", ""),
    ]
    for word in filter(None, words):
        pattern = re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w])")
        places = [(path, line) for path in sorted(case.model.files) if (line := line_of(pattern, path, case.read))]
        code = [place for place in places if not place[0].endswith((".json", ".md"))]
        if code:
            return code[0]
    return None
