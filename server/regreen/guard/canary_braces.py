"""Canaries in Go, JavaScript, TypeScript and Rust: a false assertion that is reached however the test ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from regreen.core.errors import UnreadableSource
from regreen.core.workspace import TestCase
from regreen.syntax import Node, Parsed, grammar_of, parse, walk

_Insertion = tuple[int, bytes]  # where, in bytes, and what
_Words = tuple[str, str]
_GO_CHECK = re.compile(rb"^\(\s*(\w+)\s+\*testing\.[TBF]\s*\)$")
_RUST_CHECK = re.compile(r"\b(assert_eq|assert)!")
_EXPECT_CHAI = re.compile(r"\bexpect\([^;]*\)\s*\.to\.")
_EXPECT = re.compile(r"\bexpect(?:\.soft)?\s*\(")
_EQUAL = re.compile(r"(?<![.\w])(\w+(?:\.\w+)*\.(?:strictEqual|equal|equals|deepEqual|deepStrictEqual|is|same|eq))\(")
_PLAIN = re.compile(r"(?<![.\w])((?:assert|t)(?:\.(?:ok|true|truthy))?)\(")
_EXPECTED_TO_FAIL = re.compile(r"\.(?:fails?|failing|todo|skip)\b")


def in_braces(text: str, case: TestCase, words: _Words) -> str | None:
    """Return a test's file with a false assertion in the test; None where that cannot be written."""
    grammar = grammar_of(case.path)
    writer = _WRITERS.get(grammar)
    if writer is None:
        return None
    try:
        parsed = parse(text, grammar)
    except UnreadableSource:
        return None
    insertions = writer(parsed, case, words)
    return None if insertions is None else _with(parsed, insertions)


def _with(parsed: Parsed, insertions: tuple[_Insertion, ...]) -> str:
    source, at = b"", 0
    for where, what in sorted(insertions):
        source += parsed.source[at:where] + what
        at = where
    return (source + parsed.source[at:]).decode("utf-8", "surrogatepass")


def _go(parsed: Parsed, case: TestCase, words: _Words) -> tuple[_Insertion, ...] | None:
    function = _nearest(parsed, case, ("function_declaration", "method_declaration"), _last(case.name))
    body = None if function is None else function.child_by_field_name("body")
    parameters = None if function is None else function.child_by_field_name("parameters")
    if body is None or parameters is None:
        return None
    named = _GO_CHECK.match(parsed.source[parameters.start_byte : parameters.end_byte])
    said = json.dumps(": ".join(words)).encode()
    if named is None or named[1] == b"_":
        return ((body.start_byte + 1, b" defer func() { panic(" + said + b") }(); "),)
    return ((body.start_byte + 1, b" " + named[1] + b".Cleanup(func() { " + named[1] + b".Error(" + said + b") }); "),)


def _rust(parsed: Parsed, case: TestCase, words: _Words) -> tuple[_Insertion, ...] | None:
    function = _nearest(parsed, case, ("function_item",), _last(case.name))
    body = None if function is None else function.child_by_field_name("body")
    if function is None or body is None or any("should_panic" in text for text in _attributes(parsed, function)):
        return None
    left, right = (json.dumps(word) for word in words)
    check = _RUST_CHECK.search(parsed.text_of(body))
    false = (
        f"assert!({left}.is_empty(), {right});" if check and check[1] == "assert" else f"assert_eq!({left}, {right});"
    )
    # What a value does when it goes out of scope, it does however the function ends.
    canary = (
        " struct RegreenCanary; impl Drop for RegreenCanary { fn drop(&mut self) { if !::std::thread::panicking() { "
        f"{false} }} }} }} let _regreen_canary = RegreenCanary; "
    )
    return ((body.start_byte + 1, canary.encode()),)


def _attributes(parsed: Parsed, function: Node) -> Iterator[str]:
    before = function.prev_named_sibling
    while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
        yield parsed.text_of(before)
        before = before.prev_named_sibling


def _javascript(parsed: Parsed, case: TestCase, words: _Words) -> tuple[_Insertion, ...] | None:
    call = _call(parsed, case)
    arguments = None if call is None else call.child_by_field_name("arguments")
    callee = None if call is None else call.child_by_field_name("function")
    if arguments is None or callee is None or _EXPECTED_TO_FAIL.search(parsed.text_of(callee)):
        return None
    functions = (each for each in arguments.named_children if each.type in ("arrow_function", "function_expression"))
    body = next((each.child_by_field_name("body") for each in functions), None)
    if body is None:
        return None
    head = b" try {" if body.type == "statement_block" else b"{ try { return ("
    tail = f"finally {{ {_false(parsed.text_of(body), words)} }} "
    if body.type == "statement_block":
        return ((body.start_byte + 1, head), (body.end_byte - 1, f"}} {tail}".encode()))
    return ((body.start_byte, head), (body.end_byte, f"); }} {tail}}}".encode()))


def _false(body: str, words: _Words) -> str:
    """Return an assertion of the kind that the test makes, so that a patched one is found out."""
    left, right = (json.dumps(word) for word in words)
    if _EXPECT.search(body):
        return f"expect({left}).{'to.equal' if _EXPECT_CHAI.search(body) else 'toBe'}({right});"
    if equal := _EQUAL.search(body):
        return f"{equal[1]}({left}, {right});"
    if plain := _PLAIN.search(body):
        return f"{plain[1]}(false, {left});"
    return f"throw new Error({left});"


def _call(parsed: Parsed, case: TestCase) -> Node | None:
    """Return the call that defines a test: the one with its title that is nearest to its line."""
    title = case.name.partition("::")[2].rpartition(" > ")[2]
    found = []
    for node in walk(parsed.root):
        arguments = node.child_by_field_name("arguments") if node.type == "call_expression" else None
        first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        if first is not None and first.type in ("string", "template_string"):
            written = parsed.text_of(first)[1:-1]
            if written == title or written.replace("\\", "") == title:
                found.append(node)
    return min(found, key=lambda node: abs(node.start_point[0] + 1 - case.line), default=None)


def _nearest(parsed: Parsed, case: TestCase, kinds: tuple[str, ...], name: str) -> Node | None:
    found = []
    for node in walk(parsed.root):
        named = node.child_by_field_name("name") if node.type in kinds else None
        if named is not None and parsed.text_of(named) == name:
            found.append(named)
    nearest = min(found, key=lambda node: abs(node.start_point[0] + 1 - case.line), default=None)
    return None if nearest is None else nearest.parent


def _last(name: str) -> str:
    return re.split(r"::|/", name)[-1]


_WRITERS: Mapping[str, Callable[[Parsed, TestCase, _Words], tuple[_Insertion, ...] | None]] = {
    "go": _go,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "rust": _rust,
}
