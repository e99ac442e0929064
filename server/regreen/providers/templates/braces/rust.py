"""What only Rust asks for: the compiler's own proposals, borrows, and values that may be missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.core.text import split_lines
from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node, walk

from .grammar import RUST, facts_of, function_of
from .guards import empty_values
from .names import near, suggestion_of, symbol_of

_NAMES = frozenset({FailureKind.NAME_UNDEFINED, FailureKind.IMPORT_UNRESOLVED, FailureKind.MEMBER_MISSING})
_IMPORTS = frozenset({FailureKind.IMPORT_UNRESOLVED, FailureKind.DEPENDENCY_MISSING, FailureKind.NAME_UNDEFINED})
_BORROWS = frozenset({FailureKind.BORROW_CHECK})
_TYPES = frozenset({FailureKind.TYPE_MISMATCH, FailureKind.BORROW_CHECK})
_ABSENT = frozenset({FailureKind.NULL_DEREF, FailureKind.INDEX_KEY, FailureKind.UNHANDLED_ERROR,
                     FailureKind.INVALID_VALUE, FailureKind.ASSERTION})  # fmt: skip
_OVERFLOW = frozenset({FailureKind.INVALID_VALUE, FailureKind.UNHANDLED_ERROR, FailureKind.INDEX_KEY})
_STANDARD = {
    "HashMap": "std::collections", "HashSet": "std::collections", "BTreeMap": "std::collections",
    "BTreeSet": "std::collections", "VecDeque": "std::collections", "BinaryHeap": "std::collections",
    "Rc": "std::rc", "Arc": "std::sync", "Mutex": "std::sync", "RwLock": "std::sync", "RefCell": "std::cell",
    "Cell": "std::cell", "Cow": "std::borrow", "Ordering": "std::cmp", "Reverse": "std::cmp", "Display": "std::fmt",
    "Duration": "std::time", "Instant": "std::time", "PathBuf": "std::path", "Path": "std::path", "File": "std::fs",
    "FromStr": "std::str", "Write": "std::fmt", "Read": "std::io", "max": "std::cmp", "min": "std::cmp",
    "swap": "std::mem", "take": "std::mem", "fmt": "std", "mem": "std", "cmp": "std", "fs": "std", "env": "std",
}  # fmt: skip
_HELP = re.compile(r"^\s*(\d+)\s+([|+~-])(?: (.*))?$")
_MARKS = re.compile(r"^\s*\|\s*[+~\-^ ]+$")


def proposed(site: Site, root: Node) -> Iterator[Fix]:
    """What the compiler itself proposes."""
    del root
    if site.failure.path != site.path:
        return
    lines = split_lines(site.text)
    for rank, rows in enumerate(_proposals(site.failure.text)):
        edits = tuple(_edits(lines, rows, site.newline))
        if edits:
            yield Fix(edits, "the compiler proposes it", 0.95**rank)


def missing_use(site: Site, root: Node) -> Iterator[Fix]:
    """Use a name that another module holds."""
    name = symbol_of(site)
    paths = [f"{_STANDARD[name]}::{name}"] if name in _STANDARD else []
    for facts in facts_of(site):
        if facts.path != site.path and any(s.name == name and s.qualname == name for s in facts.symbols):
            paths.append("::".join(["crate", *_module(facts.path), name]))
    for rank, path in enumerate(dict.fromkeys(paths)):
        uses = (node for node in root.named_children if node.type == "use_declaration")
        # Before the comment of the first item, behind those of the file itself.
        items = (node for node in root.named_children if not site.of(node).startswith(("//!", "/*!", "#!")))
        first = next(uses, None) or next(items, root)
        yield Fix((site.insert(first, f"use {path};{site.newline}"),), f"`{name}` is not in use", 0.9**rank)


def misspelt_use(site: Site, root: Node) -> Iterator[Fix]:
    """A path of which one part is nearly right."""
    old = symbol_of(site)
    modules = [part for facts in facts_of(site) for part in _module(facts.path)]
    known = [*modules, *(symbol.name for facts in facts_of(site) for symbol in facts.symbols), *_STANDARD]
    for node in walk(root):
        if node.type in ("identifier", "type_identifier") and site.of(node) == old:
            for rank, new in enumerate(near(old, suggestion_of(site), known)):
                yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def mutable(site: Site, node: Node) -> Iterator[Fix]:
    """A variable that is changed and not declared so."""
    if any(child.type == "mutable_specifier" for child in node.children):
        return
    if node.type == "self_parameter":
        text = site.of(node)
        yield Fix((site.replace(node, text.replace("self", "mut self")),), "`self` is changed")
        return
    pattern = node.child_by_field_name("pattern")
    if pattern is not None and pattern.type == "identifier" and site.of(pattern) in _words(site):
        yield Fix((site.insert(pattern, "mut "),), f"`{site.of(pattern)}` is changed")


def borrowed(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is given away and still needed, or lent where it is wanted whole."""
    text, parent = site.of(node), node.parent
    if parent is None or parent.type in ("scoped_identifier", "macro_invocation", "field_initializer_list"):
        return
    if node.type == "reference_expression":
        yield Fix((site.replace(node, site.of(node.child_by_field_name("value"))),), f"`{text}` is wanted whole", 0.7)
        return
    if parent.child_by_field_name("pattern") == node or parent.child_by_field_name("function") == node:
        return
    yield Fix((site.replace(node, f"&{text}"),), f"`{text}` should be lent", 1.0)
    yield Fix((site.replace(node, f"{text}.clone()"),), f"`{text}` is needed afterwards", 0.95)
    yield Fix((site.replace(node, f"&mut {text}"),), f"`{text}` should be lent", 0.7)
    yield Fix((site.replace(node, f"*{text}"),), f"`{text}` is a reference", 0.6)


def converted(site: Site, node: Node) -> Iterator[Fix]:
    """A value of another type that can be converted."""
    text = site.of(node)
    wanted, found = site.failure.slot("expected"), site.failure.slot("actual")
    ways = [f"{text}.to_string()"] if wanted == "String" or "&str" in found else []
    ways += [f"{text} as {wanted}"] if re.fullmatch(r"[iuf](?:\d+|size)", wanted) else []
    ways += [f"Some({text})", f"Ok({text})"] if wanted.startswith(("Option", "Result")) else []
    ways += [f"{text}.into()", f"{text}.as_str()", f"&{text}", f"*{text}"]
    if node.parent is not None and node.parent.child_by_field_name("function") == node:
        return
    for rank, new in enumerate(ways):
        yield Fix((site.replace(node, new),), f"`{text}` should be `{new}`", 0.9**rank)


def kept_back(site: Site, node: Node) -> Iterator[Fix]:
    """A semicolon that keeps a function's value back."""
    body = node.child_by_field_name("body")
    last = body.named_children[-1] if body is not None and body.named_children else None
    if last is None or node.child_by_field_name("return_type") is None or not site.of(last).endswith(";"):
        return
    at = site.parsed.bytes.span(last).end
    yield Fix((TextEdit(at - 1, at, ""),), f"the semicolon after `{site.of(last)[:-1]}` keeps the value back")


def unwrapped(site: Site, node: Node) -> Iterator[Fix]:
    """A value that may be missing and is taken without asking."""
    function = node.child_by_field_name("function")
    name = function.child_by_field_name("field") if function is not None else None
    owner = function.child_by_field_name("value") if function is not None else None
    if name is None or owner is None or site.of(name) not in ("unwrap", "expect"):
        return
    yield from _let_else(site, node, owner)
    scope = function_of(RUST, node)
    declared = site.of(scope.child_by_field_name("return_type")) if scope is not None else ""
    subject = site.of(owner)
    if declared.startswith(("Option", "Result")):
        yield Fix((site.replace(node, f"{subject}?"),), f"`{subject}` may be missing", 1.1)
    yield Fix((site.replace(node, f"{subject}.unwrap_or_default()"),), f"`{subject}` may be missing")
    for rank, empty in enumerate(dict.fromkeys([*(empty_values(site, scope) if scope else []), "0", '""', "false"])):
        if empty and empty != "Default::default()":
            yield Fix((site.replace(node, f"{subject}.unwrap_or({empty})"),), f"`{subject}` may be missing", 0.8**rank)


def saturated(site: Site, node: Node) -> Iterator[Fix]:
    """A number that falls below what its type holds, or grows beyond it."""
    left, right = site.of(node.child_by_field_name("left")), site.of(node.child_by_field_name("right"))
    method = {"-": "sub", "+": "add", "*": "mul"}.get(site.of(node.child_by_field_name("operator")))
    if method is None:
        return
    plain = left if re.fullmatch(r"[\w.()\[\]]+", left) else f"({left})"
    for rank, way in enumerate(("saturating", "wrapping")):
        new = f"{plain}.{way}_{method}({right})"
        yield Fix((site.replace(node, new),), f"`{site.of(node)}` leaves its type", 0.7**rank)


def looked_up(site: Site, node: Node) -> Iterator[Fix]:
    """An element that may not be there."""
    if node.parent is not None and (node.parent.type in ("reference_expression", "compound_assignment_expr")
                                    or node.parent.child_by_field_name("left") == node):  # fmt: skip
        return
    children = node.named_children
    if len(children) == 2 and children[1].type != "range_expression":
        new = f"{site.of(children[0])}.get({site.of(children[1])}).copied().unwrap_or_default()"
        yield Fix((site.replace(node, new),), f"`{site.of(node)}` may not be there")
        yield Fix((site.replace(node, new.replace("copied", "cloned")),), f"`{site.of(node)}` may not be there", 0.9)


def counted(site: Site, node: Node) -> Iterator[Fix]:
    """How many there are, where their sum is meant."""
    call, kind = node.child_by_field_name("value"), site.of(node.child_by_field_name("type"))
    text = site.of(call)
    if call is not None and text.endswith((".count()", ".len()")) and re.fullmatch(r"[iuf](?:\d+|size)", kind):
        owner, _, name = text.rpartition(".")
        way = owner if name == "count()" else f"{owner}.iter()"
        new = f"{way}.sum::<{kind}>()"
        yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`")


TEMPLATES = (
    Template("compiler's proposal", (), 3.2, proposed),
    Template("missing use", (), 3.0, missing_use, _NAMES),
    Template("misspelt use", (), 2.8, misspelt_use, _IMPORTS),
    Template("mutable", ("let_declaration", "parameter", "self_parameter"), 2.8, mutable, _BORROWS),
    Template("borrowed", ("identifier", "field_expression", "reference_expression"), 1.6, borrowed, _TYPES),
    Template("converted", ("identifier", "string_literal", "call_expression", "field_expression", "integer_literal",
                           "binary_expression"), 1.5, converted, frozenset({FailureKind.TYPE_MISMATCH})),
    Template("kept back", ("function_item",), 2.4, kept_back, frozenset({FailureKind.TYPE_MISMATCH})),
    Template("unwrapped", ("call_expression",), 0.9, unwrapped, _ABSENT, most=1.1),
    Template("looked up", ("index_expression",), 0.8, looked_up, frozenset({FailureKind.INDEX_KEY})),
    Template("counted", ("type_cast_expression",), 0.35, counted),
    Template("saturated", ("binary_expression",), 0.9, saturated, _OVERFLOW),
)  # fmt: skip


def _let_else(site: Site, node: Node, owner: Node) -> Iterator[Fix]:
    """Go on with the next round of a loop when a value is missing."""
    statement = node.parent
    if statement is None or statement.type != "let_declaration" or enclosing(node, *RUST.loops) is None:
        return
    pattern = statement.child_by_field_name("pattern")
    subject = site.of(owner)
    new = f"let Some({site.of(pattern)}) = {subject} else {{ continue }};"
    yield Fix((site.replace(statement, new),), f"`{subject}` may be missing", 0.95)


def _proposals(text: str) -> Iterator[list[tuple[int, str, str]]]:
    """Yield the rows (line, mark, text) of each proposal in what rustc rendered."""
    rows: list[tuple[int, str, str]] = []
    is_help = False
    for line in text.splitlines():
        if re.match(r"\s*(?:=\s*)?(?:help|note|error|warning)\b", line):
            if rows:
                yield rows
            rows, is_help = [], line.lstrip().startswith("help:")
            continue
        found = _HELP.match(line)
        if is_help and found:
            rows.append((int(found[1]), found[2], found[3] or ""))
    if rows:
        yield rows


def _edits(lines: list[str], rows: list[tuple[int, str, str]], newline: str) -> Iterator[TextEdit]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    removed = {number for number, mark, _ in rows if mark == "-"}
    for number, mark, text in rows:
        if not 0 < number <= len(lines):
            return
        start, old = starts[number - 1], lines[number - 1].rstrip("\r\n")
        is_new_text = mark == "~" or (mark == "+" and number in removed) or (mark == "|" and old != text)
        if is_new_text:
            yield TextEdit(start, start + len(old), text)
        elif mark == "+":
            yield TextEdit(start, start, text + newline)
        elif mark == "-" and not any(other == number and sign == "+" for other, sign, _ in rows):
            yield TextEdit(start, starts[number], "")


def _module(path: str) -> list[str]:
    """Return the modules that lead to a file inside of its crate."""
    parts = path.rpartition("src/")[2].removesuffix(".rs").split("/")
    return [part for part in parts if part not in ("lib", "main", "mod", "")]


def _words(site: Site) -> frozenset[str]:
    said = f"{site.failure.slot('symbol')} {site.failure.message} {site.failure.text[:600]}"
    return frozenset(re.findall(r"\w+", said))
