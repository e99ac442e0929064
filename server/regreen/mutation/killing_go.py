"""Tests in Go that would notice a mutant: calls of a function with what it answers today."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.syntax import Node, Parsed, parse, walk

from .killing_go_words import camel, stated, with_import
from .killing_near import Literals, read_quoted, write_quoted
from .killing_pen import Draft, Fact, Pen, Reach, Sheet, Words, fresh

_PACKAGE = re.compile(r"^package\s+(\w+)", re.MULTILINE)
_TEXT = re.compile(r'("(?:\\.|[^"\\])*"|`[^`]*`)')
_OPAQUE = re.compile(r"0xc0|\)\(0x|\bNaN\b|[+-]Inf\b|<nil>\)")
_NUMBER = re.compile(r"(?<![\w.])-?\d[\w.]*")
_QUALIFIED = re.compile(r"\b([A-Za-z_]\w*)\.[A-Za-z_]")
_BOUNDS = (
    (re.compile(r"\b(?:uint8|byte)\b"), 0, 255), (re.compile(r"\buint\d*\b|\buintptr\b"), 0, 2**32 - 1),
    (re.compile(r"\bint8\b"), -128, 127), (re.compile(r"\bint16\b"), -(2**15), 2**15 - 1),
    (re.compile(r"\b(?:int32|rune)\b"), -(2**31), 2**31 - 1),
)  # fmt: skip
_ASKS = "TestRegreenAsks"
_IMPORTS = '; import (regreenFmt "fmt"; regreenJson "encoding/json"; regreenOs "os")'
_TELL = """
func regreenTell(row map[string]interface{{}}) {{
	line, _ := regreenJson.Marshal(row)
	file, err := regreenOs.OpenFile({into}, regreenOs.O_APPEND|regreenOs.O_CREATE|regreenOs.O_WRONLY, 0644)
	if err == nil {{
		_, _ = file.Write(append(line, '\\n'))
		_ = file.Close()
	}}
}}

func regreenShown(value interface{{}}) string {{
	if value == nil {{
		return "nil"
	}}
	return regreenFmt.Sprintf("%#v", value)
}}
"""
_CALLED = """
func regreenCalled(given []interface{}) {
	words := []string{}
	for _, each := range given {
		words = append(words, regreenShown(each))
	}
	regreenTell(map[string]interface{}{"call": words})
}
"""
_ASKED = """
func regreenAsked(number int, call func() []interface{}) {
	answer := func() (words string) {
		defer func() {
			if recover() != nil {
				words = ""
			}
		}()
		for n, each := range call() {
			if 0 < n {
				words += "\\x1f"
			}
			words += regreenShown(each)
		}
		return words
	}
	if first := answer(); first != "" && first == answer() {
		regreenTell(map[string]interface{}{"number": number, "how": "gives", "text": first})
	}
}

func regreenFailed(err error) interface{} {
	if err == nil {
		return nil
	}
	return true
}
"""


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a function takes and gives. Invariant: a name for each type that it takes."""

    body: int  # where its body begins, behind the brace
    names: Words
    types: Words
    is_variadic: bool  # the last one takes any number
    results: Words


def _literals(sheet: Sheet) -> Literals:
    signature = _signature(sheet)
    return Literals(
        repeats=signature is not None and signature.is_variadic,
        grammar="go",
        around=("package p\nvar _ = ", "\n"),
        numbers=frozenset({"int_literal", "float_literal"}),
        texts=frozenset({"interpreted_string_literal"}),
        lists=frozenset({"composite_literal"}),
        pairs=frozenset({"keyed_element"}),
        read=read_quoted,
        write=write_quoted,
    )


def _reach(sheet: Sheet) -> Reach | None:
    home, ours = _package(sheet.text), _package(sheet.source)
    is_beside = posixpath.dirname(sheet.path) == posixpath.dirname(sheet.tested)
    if is_beside and home == ours:
        return Reach(sheet.function)
    if not sheet.function[:1].isupper():
        return None
    folder = posixpath.basename(posixpath.dirname(sheet.tested)) or ours
    for one in sheet.facts.imports:
        if posixpath.basename(one.module) in (folder, ours) or re.search(rf"\b{ours}\.\w", sheet.text):
            prefix = one.alias or ours
            if re.search(rf"\b{re.escape(prefix)}\.", sheet.text):
                return Reach(f"{prefix}.{sheet.function}")
    return None


def _record(sheet: Sheet, into: str) -> str:
    signature = _signature(sheet)
    if signature is None or "_" in signature.names or len(signature.names) != len(signature.types):
        return ""
    plain = signature.names[:-1] if signature.is_variadic else signature.names
    tell = f"{{ regreenGiven := []interface{{}}{{{', '.join(plain)}}}; "
    if signature.is_variadic:
        tell += f"for _, regreenEach := range {signature.names[-1]} "
        tell += "{ regreenGiven = append(regreenGiven, regreenEach) }; "
    text = f"{sheet.source[: signature.body]} {tell}regreenCalled(regreenGiven) }};{sheet.source[signature.body :]}"
    return _with_helpers(text, _CALLED, into)


def _ask(sheet: Sheet, reach: Reach, calls: tuple[Words, ...], into: str) -> Draft:
    signature = _signature(sheet)
    results = () if signature is None else signature.results
    names = [f"r{number}" for number in range(len(results))]
    shown = ", ".join(
        f"regreenFailed({name})" if result == "error" else name for name, result in zip(names, results, strict=True)
    )
    asked = [
        f"\tregreenAsked({number}, func() []interface{{}} {{ {', '.join(names)} := {reach.callee}({', '.join(call)}); "
        f"return []interface{{}}{{{shown}}} }})"
        for number, call in enumerate(_own(sheet, calls))
    ]
    body = "\n".join([f"\nfunc {_ASKS}(_ *{_testing(sheet)}.T) {{", *(asked if names else ()), "}\n"])
    return Draft(_with_helpers(sheet.text + body, _ASKED, into), (_named(sheet, _ASKS),))


def _state(sheet: Sheet, reach: Reach, facts: tuple[Fact, ...]) -> Draft:
    signature = _signature(sheet)
    if signature is None:
        return Draft(sheet.text)
    taken = {name.partition("::")[2] for name in sheet.taken}
    blocks, names, kept, compares = [], [], [], False
    for fact in facts:
        words = _spaced(_own(sheet, (fact.call, tuple(fact.answer.text.split("\x1f")))))
        if any(_strangers(sheet, reach, text) for texts in words for text in texts):
            continue
        lines = stated(reach.callee, words[0], words[1], signature.results)
        if not lines:
            continue
        name = fresh(f"Test{camel(sheet.function)}{camel(fact.about)}", taken)
        body = "\n".join(f"\t{line}" for line in lines)
        blocks.append(f"\nfunc {name}(t *{_testing(sheet)}.T) {{\n{body}\n}}\n")
        names.append(_named(sheet, name))
        kept.append(fact)
        compares = compares or "reflect.DeepEqual" in body
    text = with_import(sheet.text, "reflect") if compares else sheet.text
    return Draft(text.rstrip() + "\n" + "".join(blocks), tuple(names), tuple(kept)) if kept else Draft(sheet.text)


def _fits(sheet: Sheet, call: Words) -> bool:
    """Tell whether numbers are within the bounds of their types, and everything can be written down."""
    signature = _signature(sheet)
    if signature is None:
        return False
    types = signature.types
    for n, text in enumerate(call):
        bare = "".join(_TEXT.split(text)[::2])
        if _OPAQUE.search(bare):
            return False
        kind = types[min(n, len(types) - 1)] if types else ""
        low, high = next(((low, high) for known, low, high in _BOUNDS if known.search(kind)), (-(2**63), 2**63))
        if not all(low <= value <= high for value in _values(bare)):
            return False
        if any(one.isdigit() for one in bare) and "int" in kind and "." in "".join(_NUMBER.findall(bare)):
            return False
    return True


def _values(text: str) -> Iterator[float]:
    for found in _NUMBER.findall(text):
        try:
            yield int(found, 0)
        except ValueError:
            yield 0


def _signature(sheet: Sheet) -> _Signature | None:
    parsed = parse(sheet.source, "go")
    start = parsed.bytes.to_byte(sheet.symbol.name_span.start)
    for node in parsed.root.named_children:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if node.type != "function_declaration" or name is None or name.start_byte != start or body is None:
            continue
        names, types, is_variadic = [], [], False
        parameters = node.child_by_field_name("parameters")
        for each in parameters.named_children if parameters is not None else ():
            if each.type not in ("parameter_declaration", "variadic_parameter_declaration"):
                continue
            own = [parsed.text_of(one) for one in each.children_by_field_name("name")] or ["_"]
            kind = each.child_by_field_name("type")
            names += own
            types += ["" if kind is None else parsed.text_of(kind)] * len(own)
            is_variadic = each.type.startswith("variadic")
        results = tuple(_results(parsed, node))
        return _Signature(parsed.bytes.to_offset(body.start_byte) + 1, tuple(names), tuple(types), is_variadic, results)
    return None


def _results(parsed: Parsed, node: Node) -> Iterator[str]:
    """Yield the type of each result."""
    result = node.child_by_field_name("result")
    if result is None or result.type != "parameter_list":
        yield from () if result is None else (parsed.text_of(result),)
        return
    for each in result.named_children:
        kind = each.child_by_field_name("type")
        if kind is not None:
            yield from [parsed.text_of(kind)] * max(1, len(each.children_by_field_name("name")))


def _own(sheet: Sheet, calls: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return literals without the name of the package where the tests are in it."""
    if _package(sheet.text) != _package(sheet.source):
        return calls
    prefix = re.compile(rf"\b{_package(sheet.source)}\.(?=[A-Za-z_])")

    def bare(text: str) -> str:
        parts = _TEXT.split(text)
        return "".join(part if n % 2 else prefix.sub("", part) for n, part in enumerate(parts))

    return tuple(tuple(bare(text) for text in call) for call in calls)


def _spaced(calls: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return literals as gofmt writes them."""

    def spaced(text: str) -> str:
        parts = _TEXT.split(text)
        return "".join(part if n % 2 else re.sub(r":(?=\S|$)", ": ", part) for n, part in enumerate(parts))

    return tuple(tuple(spaced(text) for text in call) for call in calls)


def _strangers(sheet: Sheet, reach: Reach, text: str) -> bool:
    """Tell whether a literal names a package that the file of tests does not import."""
    bare = "".join(_TEXT.split(text)[::2])
    known = {one.alias or posixpath.basename(one.module) for one in sheet.facts.imports} | {
        reach.callee.partition(".")[0]
    }
    return bool(_OPAQUE.search(bare)) or any(name not in known for name in _QUALIFIED.findall(bare))


def _with_helpers(text: str, helpers: str, into: str) -> str:
    parsed = parse(text, "go")
    at = next((parsed.bytes.span(node).end for node in walk(parsed.root) if node.type == "package_clause"), 0)
    return f"{text[:at]}{_IMPORTS}{text[at:]}\n{_TELL.format(into=json.dumps(into))}{helpers}"


def _package(text: str) -> str:
    found = _PACKAGE.search(text)
    return found[1] if found is not None else ""


def _testing(sheet: Sheet) -> str:
    return next((one.alias for one in sheet.facts.imports if one.module == "testing" and one.alias), "testing")


def _named(sheet: Sheet, name: str) -> str:
    return f"{sheet.test.partition('::')[0]}::{name}"


PEN = Pen(literals=_literals, reach=_reach, record=_record, ask=_ask, state=_state, fits=_fits)
