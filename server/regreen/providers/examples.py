"""What the words of a function say that it answers: the examples of its docstring. Python's only."""

from __future__ import annotations

import ast
import math
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.core.ports import Call
from regreen.core.workspace import Symbol

_MOST = 20
_LONGEST = 400  # characters of a call
_SAYS = re.compile(r"[ \t]*(?:==|=>|->|➞|→|=|#\s*(?:=>|->|returns)?|returns|should return|gives)[ \t]*(?P<answer>\S.*)")
_NEXT_LINE = re.compile(r"[ \t]*\n[ \t]*(?P<answer>[^\s>].*)")
_PROMPT = ">>>"
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Example:
    """A call, and what is said to come of it: a literal."""

    call: Call
    answer: str


def examples_of(path: str, text: str, function: Symbol) -> tuple[Example, ...]:
    """Return what a plain function's docstring says of calls with literals; empty for methods."""
    if "." in function.qualname or not path.endswith(".py"):
        return ()
    words = _docstring(text[function.span.start : function.span.end])
    found: dict[Call, Example] = {}
    for example in _examples(path, function.name, words):
        found.setdefault(example.call, example)
    return tuple(found.values())[:_MOST]


def agrees(answer: str, said: str) -> bool:
    """Tell whether an answer is what was said; fractions may differ by a hair."""
    if answer == said:
        return True
    try:
        one, other = ast.literal_eval(answer), ast.literal_eval(said)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    if float in (type(one), type(other)) and {type(one), type(other)} <= {int, float}:
        return math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return type(one) is type(other) and bool(one == other)


def _docstring(source: str) -> str:
    try:
        body = ast.parse(textwrap.dedent(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    node = body[0] if body else None
    return (ast.get_docstring(node) or "") if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ""


def _examples(path: str, name: str, words: str) -> Iterator[Example]:
    for found in re.finditer(rf"(?<![\w.]){re.escape(name)}\(", words):
        end = _closing(words, found.end())
        arguments = _arguments(words[found.start() : end]) if end else None
        if arguments is None:
            continue
        line = words[words.rfind("\n", 0, found.start()) + 1 : found.start()]
        said = _SAYS.match(words, end) or (_NEXT_LINE.match(words, end) if _PROMPT in line else None)
        answer = _literal(said["answer"]) if said else None
        if answer is not None:
            yield Example(Call(path, name, arguments), answer)


def _closing(words: str, start: int) -> int:
    """Return where a bracket that was opened just before `start` is closed, behind it; 0 when it is not."""
    depth, quote = 1, ""
    for n in range(start, min(len(words), start + _LONGEST)):
        sign = words[n]
        if quote:
            quote = "" if sign == quote and words[n - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in "([{") - (sign in ")]}")
        if not depth:
            return n + 1
    return 0


def _arguments(text: str) -> tuple[tuple[str, str], ...] | None:
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call):
            return None
        plain = [("", repr(ast.literal_eval(argument))) for argument in call.args]
        named = [(keyword.arg or "", repr(ast.literal_eval(keyword.value))) for keyword in call.keywords]
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return (*plain, *named) if all(name for name, _ in named) else None


def _literal(text: str) -> str | None:
    """Return the literal that a text begins with, as it shows itself; what follows may be a remark or the end."""
    for piece in (text.rstrip().rstrip(".,;"), text.partition("#")[0], re.split(r"[.,;]?\s{2,}| \(", text)[0]):
        try:
            return repr(ast.literal_eval(piece.strip()))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None
