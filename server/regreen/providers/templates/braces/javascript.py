"""What only JavaScript and TypeScript ask for: await, imports, absent values, loose comparisons."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from regreen.core.failure import FailureKind
from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node, walk

from .grammar import JAVASCRIPT, facts_of, function_of
from .names import near, suggestion_of, symbol_of

_NAMES = frozenset({FailureKind.NAME_UNDEFINED})
_IMPORTS = frozenset({FailureKind.IMPORT_UNRESOLVED, FailureKind.DEPENDENCY_MISSING, FailureKind.SYNTAX})
_ABSENT = frozenset({FailureKind.NULL_DEREF, FailureKind.TYPE_MISMATCH, FailureKind.ASSERTION})
_ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx")
_BUILT_IN = {
    "readFile": "node:fs/promises", "readFileSync": "node:fs", "writeFileSync": "node:fs", "existsSync": "node:fs",
    "join": "node:path", "resolve": "node:path", "basename": "node:path", "dirname": "node:path", "path": "node:path",
    "fs": "node:fs", "os": "node:os", "util": "node:util", "randomUUID": "node:crypto", "createHash": "node:crypto",
    "EventEmitter": "node:events", "inspect": "node:util", "promisify": "node:util", "fileURLToPath": "node:url",
}  # fmt: skip
_DEFAULTS = ('""', "0", "[]", "null", "{}")


def missing_import(site: Site, root: Node) -> Iterator[Fix]:
    """Import a name that another file exports."""
    name = symbol_of(site)
    if not name:
        return
    is_required = re.search(r"\brequire\(", site.text) is not None and "import " not in site.text
    lines = []
    for facts in facts_of(site):
        if facts.path != site.path and any(s.name == name and s.qualname == name for s in facts.symbols):
            lines.append(_statement(name, _specifier(site, facts.path), is_required))
    if name in _BUILT_IN:
        module = _BUILT_IN[name]
        whole = module.rpartition(":")[2] == name
        lines.append(_whole(name, module, is_required) if whole else _statement(name, module, is_required))
    imports = (node for node in root.named_children if node.type == "import_statement")
    # Before a comment too: that one belongs to what follows it.
    others = (node for node in root.named_children if node.type != "hash_bang_line")
    first = next(imports, None) or next(others, root)
    for rank, line in enumerate(dict.fromkeys(lines)):
        yield Fix((site.insert(first, line + site.newline),), f"`{name}` is not imported", 0.9**rank)


def misspelt_import(site: Site, root: Node) -> Iterator[Fix]:
    """A file or a name that is nearly one that exists."""
    files = [_specifier(site, facts.path) for facts in facts_of(site) if facts.path != site.path]
    exported = [symbol.name for facts in facts_of(site) for symbol in facts.symbols if symbol.qualname == symbol.name]
    for node in walk(root):
        if node.type == "string" and _is_source(site, node):
            old = site.of(node)[1:-1]
            if old.startswith(".") and old not in files:
                for rank, new in enumerate(_near_files(old, files)):
                    text = site.of(node)[0] + new + site.of(node)[-1]
                    yield Fix((site.replace(node, text),), f"'{old}' should be '{new}'", 0.9**rank)
        if node.type == "import_specifier":
            name = node.child_by_field_name("name")
            if name is not None and site.of(name) not in exported:
                alias = "" if node.child_by_field_name("alias") is not None else f" as {site.of(name)}"
                for rank, new in enumerate(near(site.of(name), suggestion_of(site), exported)):
                    hypothesis = f"`{site.of(name)}` should be `{new}`"
                    yield Fix((site.replace(name, new + alias),), hypothesis, 0.9**rank)


def missing_export(site: Site, node: Node) -> Iterator[Fix]:
    """A name that another file imports and this one keeps to itself."""
    if node.parent is None or node.parent.type != "program":
        return
    name = site.of(node.child_by_field_name("name"))
    if not name:
        declarator = next((child for child in node.named_children if child.type == "variable_declarator"), None)
        name = site.of(declarator.child_by_field_name("name")) if declarator is not None else ""
    if name and re.search(rf"\b{re.escape(name)}\b", f"{site.failure.message} {dict(site.failure.slots)}"):
        yield Fix((site.insert(node, "export "),), f"`{name}` is not exported")


def missing_await(site: Site, node: Node) -> Iterator[Fix]:
    """A promise that nobody waits for."""
    scope, parent = function_of(JAVASCRIPT, node), node.parent
    if parent is None or parent.type == "await_expression" or scope is None:
        return
    text = f"(await {site.of(node)})" if parent.type == "member_expression" else f"await {site.of(node)}"
    if site.of(scope).startswith("async") or (
        scope.prev_sibling is not None and site.of(scope.prev_sibling) == "async"
    ):
        yield Fix((site.replace(node, text),), f"`await` is missing before `{site.of(node)}`")


def optional(site: Site, node: Node) -> Iterator[Fix]:
    """A value that may be absent: ask before reaching behind it."""
    owner = node.child_by_field_name("object")
    if owner is None or node.child_by_field_name("optional_chain") is not None or owner.type == "this":
        return
    parent = node.parent
    if parent is not None and parent.type.endswith("assignment_expression"):
        return
    behind = site.of(node)[len(site.of(owner)) :]
    asked = site.of(owner) + ("?" if behind.startswith(".") else "?.") + behind
    whole = parent if parent is not None and parent.type == "call_expression" and _calls(parent, node) else node
    tail = site.of(whole)[len(site.of(node)) :]
    yield Fix((site.replace(whole, asked + tail),), f"`{site.of(owner)}` may be absent")
    for rank, default in enumerate(_DEFAULTS):
        new = f"({asked}{tail} ?? {default})"
        yield Fix((site.replace(whole, new),), f"`{site.of(owner)}` may be absent", 0.8 * 0.85**rank)


def fall_back(site: Site, node: Node) -> Iterator[Fix]:
    """An element that may be absent: use an empty one instead."""
    parent = node.parent
    if parent is None or (parent.type.endswith("assignment_expression") and parent.child_by_field_name("left") == node):
        return
    text = site.of(node)
    counts = parent.type in ("binary_expression", "augmented_assignment_expression")
    for rank, default in enumerate(("0", '""', "[]") if counts else ('""', "[]", "0", "null", "{}")):
        yield Fix((site.replace(node, f"({text} ?? {default})"),), f"`{text}` may be absent", 0.85**rank)


def first_time(site: Site, node: Node) -> Iterator[Fix]:
    """An element that is changed before it was ever set."""
    left, operator = node.child_by_field_name("left"), site.of(node.child_by_field_name("operator"))
    right = node.child_by_field_name("right")
    if left is None or right is None or left.type not in ("subscript_expression", "member_expression"):
        return
    empty = "0" if operator in ("+=", "-=") else "1"
    new = f"{site.of(left)} = ({site.of(left)} ?? {empty}) {operator[:-1]} {site.of(right)}"
    yield Fix((site.replace(node, new),), f"`{site.of(left)}` may be absent")


def falsy(site: Site, node: Node) -> Iterator[Fix]:
    """A default that also replaces 0, false and the empty text."""
    operator = node.child_by_field_name("operator")
    if operator is not None and site.of(operator) == "||":
        yield Fix((site.replace(operator, "??"),), "`||` should be `??`: 0 and the empty text are values")


def strict(site: Site, node: Node) -> Iterator[Fix]:
    """A comparison that takes different things for the same."""
    operator = node.child_by_field_name("operator")
    if operator is not None and site.of(operator) in ("==", "!="):
        new = site.of(operator) + "="
        yield Fix((site.replace(operator, new),), f"`{site.of(operator)}` should be `{new}`")


def assigned(site: Site, node: Node) -> Iterator[Fix]:
    """`=` where two things are compared."""
    equals = next((child for child in node.children if child.type == "="), None)
    if equals is not None and node.parent is not None and node.parent.type == "parenthesized_expression":
        yield Fix((site.replace(equals, "==="),), "`=` should be `===`")


def numeric_sort(site: Site, node: Node) -> Iterator[Fix]:
    """Numbers that are sorted as texts."""
    arguments = node.child_by_field_name("arguments")
    if arguments is None or not site.of(node.child_by_field_name("function")).endswith((".sort", ".toSorted")):
        return
    if arguments.named_child_count == 0:
        yield Fix((site.replace(arguments, "((a, b) => a - b)"),), "numbers are sorted as texts")
        yield Fix((site.replace(arguments, "((a, b) => b - a)"),), "numbers are sorted as texts", 0.7)


def own_copy(site: Site, node: Node) -> Iterator[Fix]:
    """A list that is changed although somebody else holds it."""
    function = node.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is None or not re.search(r"\.(?:sort|reverse|splice|push|fill)$", site.of(function)):
        return
    if owner.type in ("identifier", "member_expression"):
        yield Fix((site.replace(owner, f"[...{site.of(owner)}]"),), f"`{site.of(owner)}` is changed for others too")


def converted(site: Site, node: Node) -> Iterator[Fix]:
    """A text that is meant as a number, or the other way round."""
    parent = node.parent
    if parent is None or parent.type not in (
        "binary_expression",
        "return_statement",
        "variable_declarator",
        "arguments",
    ):
        return
    if parent.child_by_field_name("name") == node:
        return
    for rank, name in enumerate(("Number", "String", "Math.floor")):
        text = site.of(node)
        yield Fix((site.replace(node, f"{name}({text})"),), f"`{text}` should be `{name}({text})`", 0.85**rank)


def rebound(site: Site, node: Node) -> Iterator[Fix]:
    """A constant that is given another value."""
    kind = node.child_by_field_name("kind")
    if kind is not None and site.of(kind) == "const" and "constant" in site.failure.message:
        yield Fix((site.replace(kind, "let"),), "`const` should be `let`")


def own_member(site: Site, node: Node) -> Iterator[Fix]:
    """A name that should be a member of `this`."""
    name = site.of(node)
    if name == symbol_of(site) and enclosing(node, "class_body") is not None:
        yield Fix((site.insert(node, "this."),), f"`{name}` should be `this.{name}`")


TEMPLATES = (
    Template("missing import", (), 3.0, missing_import, _NAMES),
    Template("misspelt import", (), 3.0, misspelt_import, _IMPORTS),
    Template("missing export", ("function_declaration", "lexical_declaration", "class_declaration"), 2.9,
             missing_export, _IMPORTS | {FailureKind.TYPE_MISMATCH}),
    Template("member of this", ("identifier",), 2.9, own_member, _NAMES),
    Template("rebound constant", ("lexical_declaration",), 2.8, rebound),
    Template("missing await", ("call_expression",), 0.85, missing_await),
    Template("optional", ("member_expression", "subscript_expression"), 0.7, optional, _ABSENT),
    Template("fall back", ("subscript_expression", "call_expression"), 0.45, fall_back, _ABSENT),
    Template("first time", ("augmented_assignment_expression",), 0.8, first_time),
    Template("falsy default", ("binary_expression",), 0.85, falsy),
    Template("strict comparison", ("binary_expression",), 0.5, strict),
    Template("assigned condition", ("assignment_expression",), 1.2, assigned),
    Template("sorted as texts", ("call_expression",), 0.9, numeric_sort),
    Template("own copy", ("call_expression",), 0.5, own_copy),
    Template("converted", ("identifier", "member_expression", "subscript_expression", "call_expression",
                           "binary_expression"), 0.2, converted),
)  # fmt: skip


def _calls(call: Node, node: Node) -> bool:
    return call.child_by_field_name("function") == node


def _is_source(site: Site, node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.child_by_field_name("source") == node:
        return True
    call = parent.parent if parent.type == "arguments" else None
    return call is not None and site.of(call.child_by_field_name("function")) in ("require", "import")


def _specifier(site: Site, path: str) -> str:
    """Return how this file names another one, with the ending that its other imports use."""
    relative = posixpath.relpath(path, posixpath.dirname(site.path) or ".")
    relative = relative if relative.startswith(".") else f"./{relative}"
    used = re.findall(r"""(?:from|require\()\s*["'](\.[^"']+)["']""", site.text)
    if used and not any(item.endswith(_ENDINGS) for item in used):
        return posixpath.splitext(relative)[0]
    if any(item.endswith(".js") for item in used) and relative.endswith(".ts"):
        return relative[:-3] + ".js"
    return relative


def _near_files(old: str, files: list[str]) -> list[str]:
    stem = posixpath.splitext(posixpath.basename(old))[0]
    same = [name for name in files if posixpath.splitext(posixpath.basename(name))[0] == stem]
    return list(dict.fromkeys([*same, *near(old, "", files)]))


def _statement(name: str, module: str, is_required: bool) -> str:
    return f'const {{ {name} }} = require("{module}");' if is_required else f'import {{ {name} }} from "{module}";'


def _whole(name: str, module: str, is_required: bool) -> str:
    return f'const {name} = require("{module}");' if is_required else f'import {name} from "{module}";'
