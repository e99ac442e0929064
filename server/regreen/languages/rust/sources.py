"""What the sources say where an output says nothing: where a test is, what it reaches, where that ends or hangs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.core.errors import UnreadableSource
from regreen.core.ports import ReadText
from regreen.core.testing import TestResult
from regreen.core.workspace import FileFacts, Symbol, WorkspaceModel
from regreen.syntax import parse

from .outline import outline_parsed

_ENDS = re.compile(
    r"\b(?:process\s*::\s*(?:abort|exit)|(?<![\w.])(?:abort|exit)|libc\s*::\s*(?:abort|_?exit|raise|kill)|intrinsics::abort"
    r"|abort_internal|ptr::(?:null|null_mut|read|write)\b[^;]*|unreachable_unchecked|from_raw|transmute)\s*(?:::<[^>]*>)?\("
)
_UNSAFE = re.compile(r"\bunsafe\s*\{")
_HANGS = re.compile(
    r"^\s*(?:'\w+:\s*)?(?:loop|while)\b|\.(?:lock|join|recv|wait|acquire|accept|read_line|park)\(\s*\w*\s*\)|thread::sleep\("
    r"|\bpark\(\)|\.block_on\("
)
_CALL = re.compile(r"\b(?P<name>[A-Za-z_]\w*)\s*(?:::<[^>()]*>)?\(")
_DEEP = 4  # calls followed from a test
_MANY = 300  # functions looked at


@dataclass(frozen=True, slots=True)
class Function:
    """A function in its file."""

    path: str
    line: int  # of its name
    name: str
    qualname: str  # with "::"
    first: int  # line at which `text` begins
    text: str

    @property
    def body(self) -> Iterator[tuple[int, str]]:
        """Yield its lines behind the head, comments left out, with their numbers."""
        for number, line in enumerate(self.text.split("\n"), self.first):
            code = line.partition("//")[0]
            if number == self.line:
                code = code.partition("{")[2]
            if self.line <= number and code.strip():
                yield number, code


def tests_of(model: WorkspaceModel, read: ReadText) -> tuple[Function, ...]:
    """Return the tests of all files, in the order of files and lines; `qualname` is as the runner names them."""
    found = []
    for path in _files(model):
        text = read(path) or ""
        if "test" not in text:
            continue
        facts = _facts(path, text, model)
        by_name = {symbol.name_span: symbol for symbol in facts.symbols}
        modules = _modules_of(path)
        for test in facts.tests:
            if (symbol := by_name.get(test.name_span)) is not None:
                name = "::".join((*modules, symbol.qualname.replace(".", "::")))
                found.append(_function(path, symbol, text, name))
    return tuple(found)


def find_test(name: str, path: str, model: WorkspaceModel, read: ReadText) -> Function | None:
    """Return the definition of a test by the name that its runner prints."""
    wanted = name.rpartition("::")[2]
    if not re.fullmatch(r"\w+", wanted):
        return None
    near = [each for each in _functions(wanted, model, read) if path in ("", each.path)]
    exact = [each for each in near if name == each.qualname or name.endswith("::" + each.qualname)]
    return next(iter(exact or near), None)


def line_that_ends(test: Function, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the line, in what a test reaches, that ends a process at once."""
    reached = tuple(_reached(test, model, read))
    for pattern in (_ENDS, _UNSAFE):
        for function in (*reached, test):
            for number, code in function.body:
                if pattern.search(code):
                    return function.path, number
    return None


def line_that_recurs(test: Function, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the line, in what a test reaches, where a function calls itself, or one that calls it back."""
    reached = tuple(_reached(test, model, read))
    for function in reached:
        for number, code in function.body:
            if re.search(rf"\b{function.name}\s*(?:::<[^>()]*>)?\(", code):
                return function.path, number
    calls = {function.name: _called(function) for function in reached}
    for function in reached:
        for number, code in function.body:
            back = [match["name"] for match in _CALL.finditer(code)]
            if any(function.name in calls.get(name, ()) for name in back):
                return function.path, number
    return None


def line_that_hangs(test: Function, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the most likely place of a hang: a loop or a wait in what the test reaches."""
    for function in (*_reached(test, model, read), test):
        for number, code in function.body:
            if _HANGS.search(code):
                return function.path, number
    return None


def function_around(path: str, line: int, model: WorkspaceModel, read: ReadText) -> Function | None:
    """Return the innermost function at a line."""
    text = read(path) or ""
    facts = _facts(path, text, model) if path.endswith(".rs") else FileFacts(path, "rust", "")
    around = [each for each in facts.symbols if each.kind.value in ("function", "method")]
    around = [each for each in around if _first_line(each, text) <= line <= each.end_line]
    if not around:
        return None
    innermost = max(around, key=lambda each: each.line)
    return _function(path, innermost, text, innermost.qualname.replace(".", "::"))


def is_in_tests(path: str, line: int, read: ReadText) -> bool:
    """Tell whether a line belongs to code that is there for tests only."""
    if path.startswith("tests/") or "/tests/" in path:
        return True
    before = "\n".join((read(path) or "").split("\n")[:line])
    return re.search(r"#\[cfg\((?:all\()?\s*test\b", before) is not None


def result_function(result: TestResult, model: WorkspaceModel, read: ReadText) -> Function | None:
    """Return the definition of a result's test."""
    place, separator, rest = result.id.name.partition("::")
    name = rest if separator and place.endswith(".rs") else result.id.name
    return find_test(name, result.path, model, read) or find_test(name, "", model, read)


def _reached(test: Function, model: WorkspaceModel, read: ReadText) -> Iterator[Function]:
    """Yield the functions of the workspace that a test calls by name, nearest first."""
    seen = {test.name}
    wanted = _called(test)
    n_found = 0
    for _ in range(_DEEP):
        found: list[Function] = []
        for name in [name for name in wanted if name not in seen]:
            seen.add(name)
            found += _functions(name, model, read)
        n_found += len(found)
        yield from found
        if _MANY < n_found:
            return
        wanted = tuple(dict.fromkeys(name for function in found for name in _called(function)))


def _called(function: Function) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match["name"] for _, code in function.body for match in _CALL.finditer(code)))


def _functions(name: str, model: WorkspaceModel, read: ReadText) -> list[Function]:
    found = []
    pattern = re.compile(rf"\bfn\s+(?:r#)?{name}\b")
    for path in _files(model):
        facts = model.files[path]
        if facts.symbols and not any(symbol.name == name for symbol in facts.symbols):
            continue
        text = read(path) or ""
        if not pattern.search(text):
            continue
        for symbol in _facts(path, text, model).symbols:
            if symbol.name == name and symbol.kind.value in ("function", "method"):
                found.append(_function(path, symbol, text, symbol.qualname.replace(".", "::")))
    return found


def _files(model: WorkspaceModel) -> tuple[str, ...]:
    return tuple(path for path in sorted(model.files) if path.endswith(".rs"))


def _facts(path: str, text: str, model: WorkspaceModel) -> FileFacts:
    """Return what is known of a file; a file that the index has not read is read here."""
    known = model.files.get(path)
    if known is not None and known.symbols and known.symbols[-1].span.end <= len(text):
        return known
    try:
        return outline_parsed(path, parse(text, "rust"))
    except UnreadableSource:
        return FileFacts(path, "rust", "")


def _function(path: str, symbol: Symbol, text: str, qualname: str) -> Function:
    span = text[symbol.span.start : symbol.span.end]
    return Function(path, symbol.line, symbol.name, qualname, _first_line(symbol, text), span)


def _first_line(symbol: Symbol, text: str) -> int:
    return text.count("\n", 0, symbol.span.start) + 1


def _modules_of(path: str) -> tuple[str, ...]:
    """Return the modules that a file stands for, by the usual places."""
    parts = path.removesuffix(".rs").split("/")
    at = next((n for n in range(len(parts) - 1, -1, -1) if parts[n] in ("src", "tests", "benches", "examples")), None)
    if at is None or parts[at] != "src":
        return ()
    inner = parts[at + 1 :]
    if inner[:1] == ["bin"] or inner in (["lib"], ["main"]):
        return ()
    return tuple(inner[:-1] if inner[-1] == "mod" else inner)
