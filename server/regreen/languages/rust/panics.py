"""What a failed Rust test printed: its panics with their stacks, or the error that it returned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from regreen.core.testing import ExceptionFacts, Frame

# (path as printed, whether it stands in a stack) -> path relative to the workspace and True, or the path and False.
Resolve = Callable[[str, bool], tuple[str, bool]]

_PANIC = re.compile(
    r"^(?P<indent>[ \t]*)thread '(?P<thread>.*?)'(?: \(\d+\))? panicked at "
    r"(?:(?P<path>[^'\n]+?):(?P<line>\d+):(?P<column>\d+):[ \t]*$"
    r"|'(?P<old>.*?)', (?P<oldpath>[^\n]+?):(?P<oldline>\d+):(?P<oldcolumn>\d+)$)",
    re.MULTILINE | re.DOTALL,
)
_MESSAGE_ENDS = re.compile(
    r"^\s*(?:stack backtrace:$|note: (?:run with `RUST_BACKTRACE|Some details are omitted|panic did not contain"
    r"|test did not panic|In the closure)|thread '.*' (?:\(\d+\) )?panicked at "
    r"|failures:$|test result: |test \S+ \.\.\. |---- "
    r"|error: test failed|\(test (?:aborted|timed out))",
    re.MULTILINE,
)
_FRAME = re.compile(r"^\s*\d+: +(?:0x[0-9a-f]+ +- +)?(?P<function>\S.*?)$")
_AT = re.compile(r"^\s+at (?P<path>\S.*?):(?P<line>\d+)(?::\d+)?$")
_RETURNED = re.compile(r"^Error: (?P<message>.+?)(?=^\s*$|^test result|^failures:|\Z)", re.MULTILINE | re.DOTALL)
_NOT_PANICKED = re.compile(
    r"^note: test did not panic as expected(?: at (?P<path>[^\n]+?):(?P<line>\d+):\d+)?$", re.MULTILINE
)
_OTHER_PANIC = re.compile(
    r"^note: panic did not contain expected string\s+panic message: (?P<actual>.+?),?"
    r"\s+expected substring: (?P<expected>[^\n]+)$",
    re.MULTILINE | re.DOTALL,
)
_OS_ERROR = re.compile(r"\bOs \{ code: (?P<code>\d+)")
_SOURCE = re.compile(r"^Source: (?P<path>[^\n:]+):(?P<line>\d+)$", re.MULTILINE)  # of insta
_HIDDEN = re.compile(r"^(?:__rustc::|rust_begin_unwind|core::|std::|alloc::|test::|<\w+ as (?:core|std|alloc)::)")
_SECONDARY = re.compile(
    r"\bPoisonError\b|`Err` value: Any \{ \.\. \}|\b(?:Recv|Send)Error\b|a scoped thread panicked|: JoinError"
)


@dataclass(frozen=True, slots=True)
class _Panic:
    thread: str
    facts: ExceptionFacts


def facts_of(text: str, name: str, resolve: Resolve) -> ExceptionFacts | None:
    """Return what a failed test says of its failure; None when it says nothing. `name` is the test's own."""
    panics = tuple(_panics(text, resolve))
    own = [panic for panic in panics if panic.thread in (name, "main", name.rpartition("::")[2])]
    if match := _OTHER_PANIC.search(text):
        expected, actual = match["expected"].strip(), match["actual"].strip()
        attributes = (("actual", actual.strip('"')), ("expected", expected.strip('"')))
        facts = own[-1].facts if own else ExceptionFacts("panic", ("panic",), actual)
        return replace(
            facts,
            type="should_panic",
            lineage=("should_panic",),
            message="panic did not contain expected string",
            attributes=tuple(sorted((*facts.attributes, *attributes))),
        )
    if match := _NOT_PANICKED.search(text):
        return ExceptionFacts(
            "should_panic",
            ("should_panic",),
            "test did not panic as expected",
            _placed(match["path"], match["line"], resolve),
        )
    if not panics:
        return _returned(text)
    chosen = (own or list(panics))[-1]
    others = [panic for panic in panics if panic is not chosen and panic.thread != chosen.thread]
    facts = chosen.facts
    if others and _SECONDARY.search(facts.message):
        facts = replace(facts, cause=others[0].facts)
    if own == []:
        facts = replace(facts, attributes=tuple(sorted((*facts.attributes, ("foreign_thread", chosen.thread)))))
    return _with_source(facts, text, resolve)


def panics_in(text: str, resolve: Resolve) -> tuple[ExceptionFacts, ...]:
    """Return all panics of a text, in its order."""
    return tuple(panic.facts for panic in _panics(text, resolve))


def is_secondary(facts: ExceptionFacts) -> bool:
    """Tell whether a panic only says that another thread panicked before."""
    return _SECONDARY.search(facts.message) is not None


def _panics(text: str, resolve: Resolve) -> Iterator[_Panic]:
    for match in _PANIC.finditer(text):
        old = match["old"] is not None
        start = match.end() + 1
        ends = _MESSAGE_ENDS.search(text, min(start, len(text)))
        stop = ends.start() if ends else len(text)
        message = match["old"] if old else _unindented(text[start:stop], match["indent"])
        path = match["oldpath"] if old else match["path"]
        line = match["oldline"] if old else match["line"]
        frames = tuple(_frames(text[stop if not old else start :], resolve))
        attributes = _placed(path, line, resolve) + _errno(message) + (("thread", match["thread"]),)
        yield _Panic(
            match["thread"],
            ExceptionFacts(
                "panic",
                ("panic",),
                message.strip("\n"),
                tuple(sorted(attributes)),
                _merged(frames, path, line, resolve),
            ),
        )


def _unindented(text: str, indent: str) -> str:
    return "\n".join(line.removeprefix(indent) for line in text.splitlines()) if indent else text


def _frames(text: str, resolve: Resolve) -> Iterator[Frame]:
    """Yield the frames of a stack that begins here, outermost first."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "stack backtrace:":
        return
    found: list[Frame] = []
    function = ""
    for line in lines[1:]:
        if at := _AT.match(line):
            path, inside = resolve(at["path"], True)
            found.append(Frame(path, int(at["line"]), function, inside=inside))
        elif match := _FRAME.match(line):
            function = match["function"]
        else:
            break
    yield from reversed([frame for frame in found if frame.inside or not _HIDDEN.match(frame.function)])


def _merged(frames: tuple[Frame, ...], path: str, line: str, resolve: Resolve) -> tuple[Frame, ...]:
    """Make the panic's own place the deepest frame, when it is in the workspace and the stack does not show it."""
    resolved, inside = resolve(path, False)
    if not inside or any((frame.path, frame.line) == (resolved, int(line)) for frame in frames if frame.inside):
        return frames
    own = [frame for frame in frames if frame.inside]
    if own and own[-1].line == int(line) and resolved.endswith(own[-1].path):
        return tuple(replace(frame, path=resolved) if frame is own[-1] else frame for frame in frames)
    return (*frames, Frame(resolved, int(line), ""))


def _placed(path: str | None, line: str | None, resolve: Resolve) -> tuple[tuple[str, str], ...]:
    resolved, inside = resolve(path or "", False)
    return (("filename", resolved), ("lineno", line or "")) if inside and path else ()


def _errno(message: str) -> tuple[tuple[str, str], ...]:
    match = _OS_ERROR.search(message)
    return (("errno", match["code"]),) if match else ()


def _returned(text: str) -> ExceptionFacts | None:
    match = _RETURNED.search(text)
    if match is None:
        return None
    message = match["message"].strip()
    return ExceptionFacts("Err", ("Err",), message, _errno(message))


def _with_source(facts: ExceptionFacts, text: str, resolve: Resolve) -> ExceptionFacts:
    """Add the place that a snapshot library prints: its panic is in the library itself."""
    match = _SOURCE.search(text)
    if match is None or facts.attribute("filename"):
        return facts
    return replace(
        facts, attributes=tuple(sorted((*facts.attributes, *_placed(match["path"], match["line"], resolve))))
    )
