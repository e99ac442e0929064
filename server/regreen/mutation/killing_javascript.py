"""Tests in JavaScript and TypeScript that would notice a mutant, in the words of the file that they join."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from regreen.syntax import Node, Parsed, grammar_of, parse, walk

from .killing_javascript_words import assertion, imported_assert, manner_of
from .killing_near import Literals
from .killing_pen import Draft, Fact, How, Pen, Reach, Sheet, Words, fresh

_TELLER = Path(__file__).resolve().parents[1] / "injected" / "javascript" / "regreen_told.cjs"
_FUNCTIONS = frozenset({
    "function_declaration", "function_expression", "arrow_function", "generator_function_declaration",
    "generator_function",
})  # fmt: skip
_OPTIONAL = ("assignment_pattern", "optional_parameter")
_REST = "rest_pattern"
_UNCHECKED = "// @ts-nocheck\n"  # What is thrown away need not please a compiler.
_EXPORTED = (
    r"^export\s+(?:async\s+)?(?:function\*?|const|let|var)\s+{0}\b", r"^export\s*\{{[^}}]*(?<!as )\b{0}\b(?!\s+as\b)",
    r"\bexports\.{0}\s*=", r"^module\.exports\s*=\s*\{{[^}}]*\b{0}\b",
)  # fmt: skip
_DEFAULT = (
    r"^export\s+default\s+(?:async\s+)?(?:function\*?\s+)?{0}\b", r"^module\.exports\s*=\s*(?:function\s+)?{0}\b",
    r"^export\s*\{{[^}}]*\b{0}\s+as\s+default\b",
)  # fmt: skip
_ASKS = "what regreen asks"


def _literals(sheet: Sheet) -> Literals:
    given = _parameters(sheet)
    return Literals(
        required=next((n for n, node in enumerate(given) if _is_optional(node)), len(given)),
        repeats=bool(given) and _is_rest(given[-1]),
        grammar="javascript",
        around=("(", ")"),
        numbers=frozenset({"number"}),
        texts=frozenset({"string"}),
        lists=frozenset({"array", "object"}),
        pairs=frozenset({"pair"}),
        read=_read,
        write=_write,
    )


def _read(text: str) -> str | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, str) and value.isprintable() else None


def _write(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _reach(sheet: Sheet) -> Reach | None:
    name, imports = sheet.function, [one for one in sheet.facts.imports if not one.module.startswith("node:")]
    direct = next((one.alias or name for one in imports if one.name == name), "")
    if direct:
        return Reach(direct)
    for one in imports:
        is_same = _stem(one.module) == _stem(sheet.tested)
        if one.name in ("default", "*") and is_same and _is(sheet.source, name, _DEFAULT):
            return Reach(one.alias)
        if one.name in ("default", "*") and re.search(rf"\b{re.escape(one.alias)}\.{re.escape(name)}\(", sheet.text):
            return Reach(f"{one.alias}.{name}")
    return _imported(sheet) if _is(sheet.source, name, _EXPORTED) else None


def _imported(sheet: Sheet) -> Reach:
    """Return how the function is reached once the file imports it, in the way in which it imports others."""
    near = [one.module for one in sheet.facts.imports if one.module.startswith(".")]
    endings = {PurePosixPath(module).suffix for module in near} & {".js", ".ts", ".mjs", ".cjs", ".mts", ".jsx", ".tsx"}
    home, target = PurePosixPath(sheet.path).parent, PurePosixPath(sheet.tested)
    place = _relative(home, target)
    bare = not endings and (bool(near) or target.suffix.startswith((".ts", ".tsx")))
    if bare or (endings and target.suffix not in endings):
        place = place.removesuffix(target.suffix) + ("" if bare else sorted(endings)[0])
    manner = manner_of(sheet)
    where = manner.quoted(json.dumps(place))
    loads = f"import {{ {sheet.function} }} from {where}"
    if manner.is_required:
        loads = f"const {{ {sheet.function} }} = require({where})"
    return Reach(sheet.function, (f"{loads}{manner.end}",))


def _relative(home: PurePosixPath, target: PurePosixPath) -> str:
    ours, theirs = [part for part in home.parts if part != "."], list(target.parts)
    while ours and len(theirs) > 1 and ours[0] == theirs[0]:
        ours, theirs = ours[1:], theirs[1:]
    return "/".join([*([".."] * len(ours) or ["."]), *theirs])


def _is(source: str, name: str, patterns: tuple[str, ...]) -> bool:
    return any(re.search(pattern.format(re.escape(name)), source, re.MULTILINE) for pattern in patterns)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _record(sheet: Sheet, into: str) -> str:
    parsed = parse(sheet.source, grammar_of(sheet.tested))
    node = next(iter(_definitions(parsed, sheet)), None)
    body = None if node is None else node.child_by_field_name("body")
    given = None if node is None else _given(parsed, node)
    if body is None or given is None:
        return ""
    span = parsed.bytes.span(body)
    tell = f"__regreenTold({given})"
    text = sheet.source
    if body.type == "statement_block":
        text = f"{text[: span.start + 1]} {tell}; {text[span.start + 1 :]}"
    else:
        text = f"{text[: span.start]}({tell}, {text[span.start : span.end]}){text[span.end :]}"
    own = f"globalThis.__regreenTeller || (globalThis.__regreenTeller = {_teller(into)})"
    return f"{_headed(text)}\nfunction __regreenTold(given) {{ ({own}).called(given); }}\n"


def _definitions(parsed: Parsed, sheet: Sheet) -> Iterator[Node]:
    for node in walk(parsed.root):
        if node.type in _FUNCTIONS and node.parent is not None:
            holder = node.parent
            left = holder.child_by_field_name("left")
            named = [node.child_by_field_name("name"), holder.child_by_field_name("name")]
            named.append(left.child_by_field_name("property") if left is not None else None)
            starts = [parsed.bytes.to_offset(name.start_byte) for name in named if name is not None]
            if sheet.symbol.name_span.start in starts:
                yield node


def _given(parsed: Parsed, node: Node) -> str | None:
    """Return an expression of all that a function is called with; None when its parameters have no names."""
    if node.type != "arrow_function":
        return "arguments"
    single = node.child_by_field_name("parameter")
    if single is not None:
        return f"[{parsed.text_of(single)}]"
    parameters = node.child_by_field_name("parameters")
    names = []
    for child in parameters.named_children if parameters is not None else ():
        inner = child.child_by_field_name("pattern") or child.child_by_field_name("left") or child
        if inner.type not in ("identifier", _REST):
            return None
        names.append(parsed.text_of(inner))
    return f"[{', '.join(names)}]"


def _parameters(sheet: Sheet) -> list[Node]:
    parsed = parse(sheet.source, grammar_of(sheet.tested))
    node = next(iter(_definitions(parsed, sheet)), None)
    parameters = None if node is None else node.child_by_field_name("parameters")
    return [] if parameters is None else [child for child in parameters.named_children if child.type != "comment"]


def _is_optional(node: Node) -> bool:
    return node.type in _OPTIONAL or node.child_by_field_name("value") is not None or _is_rest(node)


def _is_rest(node: Node) -> bool:
    return _REST in (node.type, getattr(node.child_by_field_name("pattern"), "type", ""))


def _headed(text: str) -> str:
    return text if text.startswith("#!") else _UNCHECKED + text


def _teller(into: str) -> str:
    where = json.dumps(str(_TELLER))
    return f'process.getBuiltinModule("module").createRequire({where})({where})(globalThis, {json.dumps(into)})'


def _ask(sheet: Sheet, reach: Reach, calls: tuple[Words, ...], into: str) -> Draft:
    asked = (
        f"  await told.asked({number}, () => {reach.callee}({', '.join(call)}));" for number, call in enumerate(calls)
    )
    manner = manner_of(sheet)
    head = f"{manner.test}({json.dumps(_ASKS)}, async () => {{\n  const told = {_teller(into)};\n"
    text = _with_imports(sheet, reach.imports).rstrip()
    return Draft(_headed("\n".join([f"{text}\n\n{head}", *asked, "});\n"])), (_named(sheet, _ASKS),))


def _state(sheet: Sheet, reach: Reach, facts: tuple[Fact, ...]) -> Draft:
    manner = manner_of(sheet)
    taken = {name.partition("::")[2] for name in sheet.taken}
    blocks, names, kept, said = [], [], [], []
    for fact in facts:
        stated = assertion(manner, reach.callee, fact)
        if stated is None:
            continue
        title = fresh(f"{sheet.function} {fact.about}", taken, " ")
        waits = "async " if fact.answer.how in (How.RESOLVES, How.REJECTS) else ""
        head = f"{manner.test}({manner.quoted(json.dumps(title))}, {waits}() => {{"
        blocks.append(f"\n{head}\n{manner.indent}{stated}{manner.end}\n}}){manner.end}\n")
        names.append(_named(sheet, title))
        kept.append(fact)
        said.append(stated)
    if not kept:
        return Draft(sheet.text)
    needed = (*reach.imports, *imported_assert(manner, tuple(said)))
    text = _with_imports(sheet, needed).rstrip() + "\n" + "".join(blocks)
    newline = "\r\n" if "\r\n" in sheet.text else "\n"
    return Draft(text.replace("\r\n", "\n").replace("\n", newline), tuple(names), tuple(kept))


def _named(sheet: Sheet, title: str) -> str:
    return f"{sheet.test.partition('::')[0]}::{title}"


def _with_imports(sheet: Sheet, lines: Words) -> str:
    """Return the file of tests with further imports below those that it has."""
    if not lines:
        return sheet.text
    parsed = parse(sheet.text, grammar_of(sheet.path))
    at = 0
    for node in parsed.root.named_children:
        text = parsed.text_of(node)
        is_import = node.type == "import_statement" or (
            node.type in ("lexical_declaration", "variable_declaration") and "require(" in text
        )
        if is_import or text.strip(";\"'") == "use strict":
            at = parsed.bytes.span(node).end
    added = "\n".join(lines)
    return f"{sheet.text[:at]}\n{added}{sheet.text[at:]}" if at else f"{added}\n{sheet.text}"


PEN = Pen(literals=_literals, reach=_reach, record=_record, ask=_ask, state=_state)
