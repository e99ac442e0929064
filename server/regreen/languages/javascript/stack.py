"""Stacks and errors as JavaScript engines and runners print them: V8, JavaScriptCore, Vitest, Ava, Deno."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from regreen.core.testing import ExceptionFacts, Frame

Place = Callable[[str], tuple[str, bool]]  # path as printed -> path, and whether it is the workspace's own

_FRAME = re.compile(
    r"^\s*(?:at|❯|›)\s+(?:async\s+)?"
    r"(?:(?P<function>[^\s(][^(]*?(?:\([^)]*\)[^(]*?)?)\s+\((?P<path>.+?):(?P<line>\d+)(?::\d+)?\)"
    r"|(?:(?P<name>[^\s:]+(?: \[as [^\]]+\])?)\s+)?(?P<bare>(?:file://|[A-Za-z]:[\\/]|node:"
    r"|ext:)?[^\s:()][^:()]*?):(?P<at>\d+)(?::\d+)?)\s*$"
)
_OTHER_FRAME = re.compile(r"^\s*at\s+(?:async\s+)?\S.*(?:\((?:<anonymous>|native|index \d+)\)|<anonymous>)\s*$")
_NATIVE = re.compile(r"^(?:node:|internal/|ext:|bun:|native\b|<|evalmachine|wasm:|data:|https?:|blob:|deno:)")
_HEAD = re.compile(
    r"^(?:Uncaught |\(in promise\) |error: (?=Uncaught|\(in promise\)|[A-Z]\w*(?:Error|Exception)\b))*"
    r"(?P<type>(?:[A-Za-z_$][\w$]*\.)*[A-Z_$][\w$]*?)(?: \[(?P<code>[\w ]+)\])?(?:: ?(?P<message>.*))?$",
    re.DOTALL,
)
# How runners print what was thrown without being an error: Jest, Mocha.
_THROWN = re.compile(
    r"^(?:Error: )?(?:thrown: |Uncaught thrown: )(?P<value>.*)$|^(?:Error: )?the \w+ \"(?P<mocha>.*)\" was thrown,"
    r" throw an Error :\)$",
    re.DOTALL,
)
# Where a text is that cannot be parsed, above the error: the file, its line, and marks below it.
_LOCATED = re.compile(r"^(?P<path>\S[^\n]*?):(?P<line>\d+)\n(?:[^\n]*\n)*?(?=(?:Uncaught )?[A-Z]\w*Error\b)")
# What Jest says before an error that a browser's global is missing.
_PREAMBLE = re.compile(r"^The error below may be caused by using the wrong test environment.*?\n\n", re.DOTALL)
# What the compiler says through a transformer of a runner: its first error stands for the file.
_COMPILED = re.compile(
    r"^(?P<path>[^\s(][^(\n]*?\.[cm]?tsx?)(?::(?P<line>\d+):\d+ -|\((?P<at>\d+),\d+\):) error (?P<code>TS\d+): "
    r"(?P<message>.+(?:\n {2,}(?! *\d+ |~| *~)\S.*)*)",
    re.MULTILINE,
)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_STANDARD = frozenset(
    [
        "AggregateError",
        "AssertionError",
        "DOMException",
        "Error",
        "EvalError",
        "RangeError",
        "ReferenceError",
        "SyntaxError",
        "SystemError",
        "TypeError",
        "URIError",
    ]
)
_MATCHER = re.compile(r"(?:expect|assert(?:\.\w+)?)\(")  # how the text of an assertion begins that Jest formats
_OF_TWO_WORDS = re.compile(r"^(?P<type>[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+): (?P<message>.*)$", re.DOTALL)
_LIKE_AN_ERROR = re.compile(r"(?:Error|Exception|Failure|Fault|Warning|Abort|Rejection)\d*$")


@dataclass(frozen=True, slots=True)
class Thrown:
    """What a text says of something that was thrown."""

    type: str
    message: str
    code: str = ""


def frames_of(text: str, place: Place) -> tuple[Frame, ...]:
    """Return the frames in a text, outermost first."""
    found = []
    for line in text.splitlines():
        match = _FRAME.match(line)
        if match is not None:
            path = match["path"] or match["bare"]
            function = match["function"] or match["name"] or ""
            found.append(frame_of(path, int(match["line"] or match["at"]), function, place))
    return tuple(reversed(found))


def frame_of(path: str, line: int, function: str, place: Place) -> Frame:
    """Return one frame of a path as it was printed."""
    plain = plain_path(path)
    if _NATIVE.match(plain):
        return Frame(plain, line, function, inside=False)
    where, inside = place(plain)
    return Frame(where, line, function, inside=inside)


def plain_path(path: str) -> str:
    """Return a file's path out of the forms in which tools print it: URLs, with a query, with a prefix of their own."""
    path = path.strip()
    if path.startswith("file://"):
        path = unquote(path.removeprefix("file://"))
        path = path[1:] if re.match(r"^/[A-Za-z]:", path) else path
    path = re.sub(r"^(?:webpack(?:-internal)?:/+|/@fs(?=/)|async )", "", path)
    return re.sub(r"\?[\w=.&%-]*$", "", path)


def is_frame(line: str) -> bool:
    """Tell whether a line is one of a stack."""
    return bool(_FRAME.match(line) or _OTHER_FRAME.match(line))


def thrown_of(text: str) -> Thrown:
    """Read what stands before a stack: type, code and message."""
    text = _PREAMBLE.sub("", text.strip())
    if match := _THROWN.match(text):
        return Thrown("", (match["value"] or match["mocha"] or "").strip().strip('"'))
    if _MATCHER.match(text):
        return Thrown("AssertionError", text)
    match = _HEAD.match(text)
    if match is None or not _is_type(match["type"], match["message"]):
        return Thrown("", text)
    message = (match["message"] or "").strip()
    code = match["code"] or ""
    kind = match["type"].rpartition(".")[2]
    if kind in ("Error", "JestAssertionError") and _MATCHER.match(message):
        kind = "AssertionError"
    if kind == "Error" and (inner := thrown_of(message)).type and inner.type != "Error" and " " not in inner.type:
        return (
            inner
            if _LIKE_AN_ERROR.search(inner.type) and message.startswith(inner.type)
            else Thrown(kind, message, code)
        )
    return Thrown(kind, message, code if code not in ("Error", kind) else "")


def _is_type(name: str, message: str | None) -> bool:
    last = name.rpartition(".")[2]
    return last in _STANDARD or bool(_LIKE_AN_ERROR.search(last)) or (message is None and last[:1].isupper() and False)


def lineage_of(kind: str) -> tuple[str, ...]:
    """Return the classes of an error, as far as its name tells."""
    if not kind:
        return ()
    return (kind,) if kind == "Error" else (kind, "Error")


def split_stack(text: str) -> tuple[str, str]:
    """Cut a printed error into what stands before its stack and the stack; a cause behind it is left out."""
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if is_frame(line)), len(lines))
    last = first
    for number in range(first, len(lines)):
        if is_frame(lines[number]):
            last = number + 1
        elif lines[number].strip():
            break  # What stands below is of something else.
    return "\n".join(lines[:first]).strip(), "\n".join(lines[first:last])


def facts_of(text: str, place: Place, attributes: tuple[tuple[str, str], ...] = ()) -> ExceptionFacts:
    """Read a printed error: its head, its stack, and the cause that stands behind it."""
    text = ESCAPES.sub("", text)
    if (compiled := _compiled(text, place)) is not None:
        return compiled
    own, cause = _without_cause(text)
    head, stack = split_stack(own)
    located = _LOCATED.match(head)
    thrown = thrown_of(head[located.end() :] if located is not None else head)
    own_class = _OF_TWO_WORDS.match(thrown.message) if stack and not thrown.type else None
    if own_class is not None:  # A class of the workspace, whose name does not end like one of an error.
        thrown = Thrown(own_class["type"], own_class["message"])
    known = {**dict(attributes), **({"code": thrown.code} if thrown.code else {})}
    if located is not None and thrown.type == "SyntaxError":
        path, inside = place(plain_path(located["path"]))
        known |= {"filename": path, "lineno": located["line"]} if inside else {}
    facts = ExceptionFacts(
        type=thrown.type,
        lineage=lineage_of(thrown.type),
        message=thrown.message,
        attributes=tuple(sorted((name, value) for name, value in known.items() if value)),
        frames=frames_of(stack, place),
    )
    return facts if cause is None else replace(facts, cause=facts_of(cause, place))


def _compiled(text: str, place: Place) -> ExceptionFacts | None:
    match = _COMPILED.search(text[:4000])
    if match is None or 3 < text[: match.start()].count("\n"):
        return None
    path, _ = place(plain_path(match["path"]))
    known = {"code": match["code"], "filename": path, "lineno": match["line"] or match["at"]}
    return ExceptionFacts(match["code"], ("TypeScript",), match["message"], tuple(sorted(known.items())))


_CAUSE = re.compile(r"^\s*(?:\[?[Cc]ause\]?: ?|Caused by: |Serialized Error: )", re.MULTILINE)


def _without_cause(text: str) -> tuple[str, str | None]:
    """Cut a printed error at its cause: "Caused by: …", "[cause]: …", "Cause:"."""
    match = _CAUSE.search(text)
    if match is None or not text[: match.start()].strip() or match[0].lstrip().startswith("Serialized"):
        return text, None
    rest = text[match.end() :].strip("\n")
    return text[: match.start()].rstrip(), rest if rest.strip() else None
