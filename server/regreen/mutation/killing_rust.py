"""Tests in Rust that would notice a mutant: calls of a function with what it answers today."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regreen.syntax import Node, Parsed, parse

from .killing_near import Literals, read_quoted, write_quoted
from .killing_pen import Draft, Fact, Pen, Reach, Sheet, Words, fresh
from .killing_rust_told import ASKED, CALLED, told

_TEXT = re.compile(r'("(?:\\.|[^"\\])*")')
_WORD = re.compile(r"[A-Za-z_]\w*")
_LIFETIME = re.compile(r"'\w+\b,?")
_KNOWN = frozenset({
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize", "String", "Vec", "Option", "Cow",
})  # fmt: skip
_BOUNDS = {"u8": (0, 2**8 - 1), "u16": (0, 2**16 - 1), "i8": (-(2**7), 2**7 - 1), "i16": (-(2**15), 2**15 - 1)}
_UNSIGNED = (0, 2**32 - 1)
_SIGNED = (-(2**31), 2**31 - 1)
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d_.]*")
_ASKS = "regreen_asks"


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a function takes and gives. Invariant: a name for each type that it takes."""

    body: int  # where its body begins, behind the brace
    names: Words
    types: Words
    result: str
    is_result: bool  # it gives a Result, of which `result` is what it holds when all is well

    @property
    def is_plain(self) -> bool:
        """Tell whether all that it takes and gives can be written down."""
        return all(map(_is_known, (*self.types, self.result))) and bool(self.types)


def _literals(_sheet: Sheet) -> Literals:
    return Literals(
        grammar="rust",
        around=("const A: () = ", ";"),
        numbers=frozenset({"integer_literal", "float_literal"}),
        texts=frozenset({"string_literal"}),
        lists=frozenset({"array_expression"}),
        pairs=frozenset(),
        read=read_quoted,
        write=write_quoted,
        wraps=(("", ".to_string()"), ("vec!", ""), ("Some(", ")"), ("&", "")),
    )


def _reach(sheet: Sheet) -> Reach | None:
    name = re.escape(sheet.function)
    named = re.search(rf"\buse\s+[\w:]+::(?:{name}\b|\*|\{{[^}}]*\b{name}\b)", sheet.text)
    signature = _signature(sheet)
    if signature is None or not signature.is_plain:
        return None
    if sheet.path == sheet.tested:
        return Reach(sheet.function if named or _home(sheet)[1] == "source_file" else f"super::{sheet.function}")
    direct = re.search(rf"\b((?:[a-z_]\w*::)+){name}\(", sheet.text)
    if direct is not None:
        return Reach(f"{direct[1]}{sheet.function}")
    return Reach(sheet.function) if named else None


def _record(sheet: Sheet, into: str) -> str:
    signature = _signature(sheet)
    if signature is None or not signature.is_plain or "_" in signature.names:
        return ""
    shown = ", ".join(f"regreen_told::Shown::shown(&{name})" for name in signature.names)
    text = f"{sheet.source[: signature.body]} regreen_told::called(&[{shown}]); {sheet.source[signature.body :]}"
    return f"{text}\n{told(into, CALLED)}"


def _ask(sheet: Sheet, reach: Reach, calls: tuple[Words, ...], into: str) -> Draft:
    signature = _signature(sheet)
    asked = []
    for number, call in enumerate(calls):
        called = f"{reach.callee}({', '.join(call)})"
        answer = f"regreen_told::Shown::shown(&{called})"
        if signature is not None and signature.is_result:
            answer = f'match {called} {{ Ok(given) => regreen_told::ok(&given), Err(_) => Some(String::from("Err")) }}'
        asked.append(f"regreen_told::asked({number}, &|| {answer});")
    lines = "\n".join(asked)
    block = f"\n#[test]\nfn {_ASKS}() {{\n{lines}\n}}\n{told(into, ASKED)}"
    return Draft(_joined(sheet, block), (_named(sheet, _ASKS),))


def _state(sheet: Sheet, reach: Reach, facts: tuple[Fact, ...]) -> Draft:
    signature = _signature(sheet)
    if signature is None:
        return Draft(sheet.text)
    place = sheet.test.rpartition("::")[0]
    taken = {name.rpartition("::")[2] for name in sheet.taken if name.rpartition("::")[0] == place}
    blocks, names, kept = [], [], []
    indent = "" if _home(sheet)[1] == "source_file" else "    "
    for fact in facts:
        line = _stated(f"{reach.callee}({', '.join(fact.call)})", fact.answer.text, signature)
        if not line:
            continue
        name = fresh("_".join(_WORD.findall(f"{sheet.function} {fact.about}")), taken, "_")
        lines = ("", "#[test]", f"fn {name}() {{", f"    {line}", "}")
        blocks.append("".join(f"{indent}{each}\n" if each else "\n" for each in lines))
        names.append(_named(sheet, name))
        kept.append(fact)
    return Draft(_joined(sheet, "".join(blocks)), tuple(names), tuple(kept)) if kept else Draft(sheet.text)


def _stated(call: str, answer: str, signature: _Signature) -> str:
    """Return the statement that a call answers so."""
    if signature.is_result:
        if answer == "Err":
            return f"assert!({call}.is_err());"
        inner = answer.removeprefix("Ok(").removesuffix(")")
        return f"assert!({call}.is_ok());" if inner == "()" else f"assert_eq!({call}.ok(), Some({inner}));"
    if answer in ("true", "false"):
        return f"assert!({'' if answer == 'true' else '!'}{call});"
    if answer in ("vec![]", "&[]", "[]"):
        return f"assert!({call}.is_empty());"
    if signature.result == "String":
        answer = answer.removesuffix(".to_string()")
    return "" if answer == "()" else f"assert_eq!({call}, {answer});"


def _fits(sheet: Sheet, call: Words) -> bool:
    """Tell whether numbers are within the bounds of their types."""
    signature = _signature(sheet)
    if signature is None or len(call) != len(signature.types):
        return False
    for text, kind in zip(call, signature.types, strict=True):
        words = [word for word in _WORD.findall(kind) if word in _KNOWN]
        number = next((word for word in words if word[0] in "ui" and word not in ("str",)), "")
        low, high = _BOUNDS.get(number, _UNSIGNED if number.startswith("u") else _SIGNED)
        found = _NUMBER.findall("".join(_TEXT.split(text)[::2]))
        is_whole = bool(number)
        if is_whole and not all("." not in each and low <= int(each.replace("_", "")) <= high for each in found):
            return False
        if ("f64" in words or "f32" in words) and not all("." in each for each in found):
            return False
    return True


def _signature(sheet: Sheet) -> _Signature | None:
    parsed = parse(sheet.source, "rust")
    start = parsed.bytes.to_byte(sheet.symbol.name_span.start)
    name = parsed.root.descendant_for_byte_range(start, start + 1)
    node = None if name is None else name.parent
    body = None if node is None else node.child_by_field_name("body")
    if node is None or node.type != "function_item" or body is None or _is_async(node):
        return None
    names, types = [], []
    parameters = node.child_by_field_name("parameters")
    for each in parameters.named_children if parameters is not None else ():
        pattern, kind = each.child_by_field_name("pattern"), each.child_by_field_name("type")
        if each.type != "parameter" or pattern is None or kind is None:
            return None
        names.append(parsed.text_of(pattern).removeprefix("mut ") if pattern.type == "identifier" else "_")
        types.append(parsed.text_of(kind))
    result, is_result = _result(parsed, node)
    opening = parsed.bytes.to_offset(body.start_byte) + 1
    return _Signature(opening, tuple(names), tuple(types), result, is_result)


def _is_async(node: Node) -> bool:
    return any(child.type == "function_modifiers" for child in node.children)


def _result(parsed: Parsed, node: Node) -> tuple[str, bool]:
    """Return the type of what a function gives, and whether it is wrapped in a Result."""
    kind = node.child_by_field_name("return_type")
    if kind is None:
        return "()", False
    text = parsed.text_of(kind)
    arguments = kind.child_by_field_name("type_arguments")
    if kind.type == "generic_type" and arguments is not None and re.match(r"(?:\w+::)*Result<", text):
        return parsed.text_of(arguments.named_children[0]), True
    return text, False


def _is_known(kind: str) -> bool:
    bare = _LIFETIME.sub("", kind)
    return "&mut" not in bare and all(word in _KNOWN for word in _WORD.findall(bare))


def _home(sheet: Sheet) -> tuple[int, str]:
    """Return where a further test goes, behind those that are beside the known one, and what holds it there."""
    parsed = parse(sheet.text, "rust")
    case = next((case for case in sheet.facts.tests if case.name == sheet.test), None)
    holder = None
    if case is not None:
        start = parsed.bytes.to_byte(case.name_span.start)
        name = parsed.root.descendant_for_byte_range(start, start + 1)
        holder = None if name is None or name.parent is None else name.parent.parent
    if holder is None or holder.type == "source_file":
        return len(sheet.text.rstrip()) + 1, "source_file"
    return parsed.text.rfind("\n", 0, parsed.bytes.to_offset(holder.end_byte)) + 1, holder.type


def _joined(sheet: Sheet, block: str) -> str:
    at, _ = _home(sheet)
    head = sheet.text[:at] if sheet.text[:at].endswith("\n") else sheet.text[:at] + "\n"
    return f"{head}{block}{sheet.text[at:]}"


def _named(sheet: Sheet, name: str) -> str:
    return f"{sheet.test.rpartition('::')[0]}::{name}"


PEN = Pen(literals=_literals, reach=_reach, record=_record, ask=_ask, state=_state, fits=_fits)
