"""How a file of JavaScript tests speaks: who makes its tests, who compares, its quotes and line ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from regreen.core.workspace import FileFacts, Import
from regreen.syntax import parse, walk

from .killing_pen import Fact, How, Sheet

_ASSERTS = frozenset({"assert", "node:assert", "assert/strict", "node:assert/strict"})
_CHAI = re.compile(r"\)(?:\.not)?\.to\.(?:deep|equal|eql|be|have|throw|include|match)\b")
_TEST = re.compile(r"(?:it|test|specify)\b")
_NEEDS = re.compile(r"(?:await )?assert\.")
_SCALAR = re.compile(r"[\[{]|new ")

_EXPECT = {
    "same": "expect({call}).toBe({answer})",
    "equal": "expect({call}).{equals}({answer})",
    "throws": "expect(() => {call}).toThrow({answer})",
    "rejects": "await expect({call}).rejects.toThrow({answer})",
}
_CHAI_EXPECT = {
    "same": "expect({call}).to.equal({answer})",
    "equal": "expect({call}).to.deep.equal({answer})",
    "throws": "expect(() => {call}).to.throw({answer})",
}
_CHAI_ASSERT = {
    "same": "{assert}.strictEqual({call}, {answer})",
    "equal": "{assert}.deepEqual({call}, {answer})",
    "throws": "{assert}.throws(() => {call}{rest})",
}
_ASSERT = {
    "same": "{assert}.strictEqual({call}, {answer})",
    "equal": "{assert}.deepStrictEqual({call}, {answer})",
    "throws": "{assert}.throws(() => {call}{rest})",
    "rejects": "await {assert}.rejects({call}{rest})",
}
# What a file may have imported from Node's assertions by name, the stricter ones first.
_BY_NAME = {
    "same": ("strictEqual", "deepStrictEqual", "equal"),
    "equal": ("deepStrictEqual", "deepEqual"),
    "throws": ("throws",),
    "rejects": ("rejects",),
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file of tests speaks."""

    test: str  # what makes a test
    says: Mapping[str, str]  # for each kind of answer what is asserted
    assert_name: str = ""
    lacks_assert: bool = False  # what has that name must be imported yet
    equals: str = "toEqual"
    quote: str = '"'
    end: str = ";"
    indent: str = "  "
    is_required: bool = False  # modules are loaded by `require`

    def quoted(self, literal: str) -> str:
        """Return a literal with the file's quotes, as far as its texts hold none themselves."""
        if self.quote == '"' or '"' not in literal:
            return literal
        parsed = parse(f"({literal})", "javascript")
        found = [parsed.bytes.span(node) for node in walk(parsed.root) if node.type == "string"]
        text = parsed.text
        for span in reversed(found):
            own = text[span.start : span.end]
            if "'" not in own:
                inner = own[1:-1].replace('\\"', '"')
                text = f"{text[: span.start]}'{inner}'{text[span.end :]}"
        return text[1:-1]


def manner_of(sheet: Sheet) -> Manner:
    """Return how a file of tests speaks, read off what it says already."""
    text, facts = sheet.text, sheet.facts
    says, name, lacks = _speech(text, facts)
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    ended = sum(line.endswith(";") for line in lines)
    bare = sum(line.endswith((")", "'", '"')) for line in lines)
    indents = Counter(found[1] for line in lines if (found := re.match(r"(\t| +)\S", line)))
    shortest = min(indents, key=len, default="  ")
    return Manner(
        test=_maker(text, facts),
        says=says,
        assert_name=name,
        lacks_assert=lacks,
        equals="toStrictEqual" if "toStrictEqual(" in text else "toEqual",
        quote="'" if text.count('"') < text.count("'") else '"',
        end=";" if bare <= ended else "",
        indent=shortest,
        is_required=not re.search(r"^import\b", text, re.MULTILINE) and "require(" in text,
    )


def assertion(manner: Manner, callee: str, fact: Fact) -> str | None:
    """Return the statement that a call answers so; None when the file's library cannot say that."""
    answer = fact.answer
    says = manner.says.get(_kind(fact))
    if says is None or (manner.says is _CHAI_EXPECT and answer.text in ("NaN", "-0")):
        return None
    call = manner.quoted(f"{callee}({', '.join(fact.call)})")
    stated = f"await {call}" if answer.how is How.RESOLVES else call
    if answer.how is How.THROWS and call.endswith("}"):
        stated = f"({call})"
    return says.format(
        call=stated,
        answer=manner.quoted(answer.text),
        rest=f", {answer.text}" if answer.text else "",
        equals=manner.equals,
        **{"assert": manner.assert_name},
    )


def imported_assert(manner: Manner, stated: tuple[str, ...]) -> tuple[str, ...]:
    """Return the import that statements need in a file that has no such assertions yet."""
    if not manner.lacks_assert or not any(_NEEDS.match(line) for line in stated):
        return ()
    where = manner.quoted(json.dumps("node:assert/strict"))
    loads = f"const assert = require({where})" if manner.is_required else f"import assert from {where}"
    return (f"{loads}{manner.end}",)


def _kind(fact: Fact) -> str:
    if fact.answer.is_error:
        return fact.answer.how.value
    return "equal" if _SCALAR.match(fact.answer.text) else "same"


def _speech(text: str, facts: FileFacts) -> tuple[Mapping[str, str], str, bool]:
    """Return what the file asserts with, the name of what it asserts with, and whether that is missing."""
    asserts = [one for one in facts.imports if one.module in _ASSERTS]
    whole = _name(asserts, ("default", "*", "strict"))
    chai = [one for one in facts.imports if one.module == "chai"]
    if whole:
        return _ASSERT, whole, False
    if asserts:
        return {**_ASSERT, **_named_only(asserts)}, "assert", True
    if "expect(" in text:
        return (_CHAI_EXPECT if chai or _CHAI.search(text) else _EXPECT), "", False
    if _name(chai, ("assert",)):
        return _CHAI_ASSERT, _name(chai, ("assert",)), False
    return _ASSERT, "assert", True


def _name(imports: list[Import], names: tuple[str, ...]) -> str:
    return next((one.alias or one.name for name in names for one in imports if one.name == name), "")


def _named_only(asserts: list[Import]) -> Mapping[str, str]:
    known = {one.name: one.alias or one.name for one in asserts}
    found = {}
    for kind, names in _BY_NAME.items():
        name = next((known[each] for each in names if each in known), "")
        if name:
            found[kind] = _ASSERT[kind].replace(f"{{assert}}.{_BY_NAME[kind][0]}", name)
    return found


def _maker(text: str, facts: FileFacts) -> str:
    """Return what makes the tests of the file: what made most of them."""
    made = Counter(found[0] for case in facts.tests if (found := _TEST.match(text[case.span.start : case.span.end])))
    return made.most_common(1)[0][0] if made else "test"
