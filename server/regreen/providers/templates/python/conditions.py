"""Conditions that ask too little: a conjunct, a lower bound, a sentence of another function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.workspace import SymbolKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, enclosing, function_of, is_called, local_names, names_in_scope

_ASKING = ("comparison_operator", "boolean_operator", "not_operator", "call", "attribute", "identifier")
_BOOLEAN = ("comparison_operator", "not_operator", "true", "false")
_MOST = 6
_BESIDE = 1.8  # what the condition beside it has already
_OWN = re.compile(r"self\.\w+")


def lower_bound(site: Site, node: Node) -> Iterator[Fix]:
    """A comparison with an upper bound only."""
    operators = [child.type for child in node.children if not child.is_named]
    if len(operators) != 1 or operators[0] not in ("<", "<="):
        return
    beside = [site.of(child) for child in node.parent.named_children] if node.parent is not None else []
    for rank, start in enumerate(("0 <= ", "0 < ")):
        text = site.of(node)
        sure = _BESIDE if any(other.startswith(start) for other in beside) else 0.8**rank
        yield Fix((site.insert(node, start),), f"`{text}` should be `{start}{text}`", sure)


def conjunct(site: Site, node: Node) -> Iterator[Fix]:
    """A condition that forgets to ask something."""
    condition = condition_of(node)
    if condition is None or condition.type not in _ASKING:
        return
    text = site.of(condition)
    plain = f"({text})" if condition.type == "boolean_operator" and " or " in text else text
    for rank, asked in enumerate(_questions(site, condition)):
        if asked.removeprefix("not ") not in text:
            new = f"{plain} and {asked}"
            yield Fix((site.replace(condition, new),), f"`{asked}` is not asked", 0.96**rank)
            new = f"{text} or {asked}"
            yield Fix((site.replace(condition, new),), f"`or {asked}` is not asked", 0.5 * 0.96**rank)


def condition_of(node: Node) -> Node | None:
    """Return what an `if`, a `while`, a comprehension or a returned comparison asks."""
    if node.type == "if_clause":
        return node.named_children[0] if node.named_children else None
    if node.type != "return_statement":
        return node.child_by_field_name("condition")
    value = node.named_children[0] if node.named_children else None
    return value if value is not None and value.type in (*_BOOLEAN, "boolean_operator") else None


def _questions(site: Site, node: Node) -> list[str]:
    """Return what may be asked here: predicates whose parameters are names in scope, then plain comparisons."""
    found: dict[str, None] = {}
    for call in _predicates(site, node):
        found.setdefault(f"not {call}")
        found.setdefault(call)
    scope = function_of(node)
    parameters = scope.child_by_field_name("parameters") if scope is not None else None
    names = [site.of(child) for child in walk(parameters) if child.type == "identifier"] if parameters else []
    used = [name for name in names_in_scope(site, node) if name in names and name not in ("self", "cls")]
    for name in used[:3]:
        for asked in (name, f"not {name}", f"{name} is not None"):
            found.setdefault(asked)
    for asked in (*_asked_elsewhere(site, node), *_plain_questions(site, node)):
        found.setdefault(asked)
    own = [text for name in _own_values(site, scope) for text in (f"not {name}", name)]
    return [*dict.fromkeys((*list(found)[: 4 * _MOST], *own[: 2 * _MOST]))]


def _own_values(site: Site, scope: Node | None) -> list[str]:
    """Return the attributes of `self` that a method reads, those that it reads last first."""
    items = [item for item in walk(scope) if item.type == "attribute"] if scope is not None else []
    texts = [site.of(item) for item in items if not is_called(item)]
    return list(dict.fromkeys(text for text in reversed(texts) if _OWN.fullmatch(text)))


def _asked_elsewhere(site: Site, node: Node) -> list[str]:
    """Return what the function asks in other places, and what its own yes-or-no functions say of its values."""
    scope = function_of(node)
    names = local_names(site, node)
    asking = sorted(_asking_functions(site))
    calls = [f"{name}({value})" for name in asking if f"def {name}(" in site.text for value in names[:3]]
    if scope is None:
        return calls
    items = [item for item in walk(scope) if item.type == "comparison_operator" and len(site.of(item)) < 40]
    return [*calls[:_MOST], *[site.of(item) for item in items if item != node and "\n" not in site.of(item)][:_MOST]]


def _plain_questions(site: Site, node: Node) -> list[str]:
    """Return comparisons of the function's values with each other and with small numbers."""
    names = local_names(site, node)[:4]
    with_numbers = [f"{name} {sign}" for name in names for sign in ("!= 0", "> 0", "% 2 == 0", "% 2 != 0", "== 1")]
    pairs = [f"{one} {sign} {other}" for one in names for other in names if one < other for sign in ("==", "!=", "<")]
    return [*with_numbers, *pairs]


def _predicates(site: Site, node: Node) -> list[str]:
    facts, scope = site.model.files.get(site.path), function_of(node)
    if facts is None or scope is None:
        return []
    owner = enclosing(scope, "class_definition")
    start = f"{site.of(owner.child_by_field_name('name'))}." if owner is not None else ""
    known, own = set(names_in_scope(site, node)), site.of(scope.child_by_field_name("name"))
    asking = _asking_functions(site)
    calls = []
    for symbol in facts.symbols:
        if symbol.name == own or symbol.name not in asking:
            continue
        if symbol.kind is SymbolKind.METHOD and start and symbol.qualname == start + symbol.name:
            wanted, prefix = symbol.parameters[1:], "self."
        elif symbol.kind is SymbolKind.FUNCTION and symbol.qualname == symbol.name:
            wanted, prefix = symbol.parameters, ""
        else:
            continue
        if all(name in known for name in wanted):
            calls.append(f"{prefix}{symbol.name}({', '.join(wanted)})")
    return calls


def _asking_functions(site: Site) -> frozenset[str]:
    """Return the functions of the file that say yes or no."""
    known = site.memo.get("asking")
    if not isinstance(known, frozenset):
        known = site.memo["asking"] = frozenset(_asking(site))
    return known


def _asking(site: Site) -> Iterator[str]:
    for node in walk(site.parsed.root):
        if node.type != "function_definition":
            continue
        returned = [item for item in walk(node) if item.type == "return_statement" and item.named_children]
        values = [item.named_children[0].type for item in returned]
        if values and all(value in (*_BOOLEAN, "boolean_operator") for value in values):
            yield site.of(node.child_by_field_name("name"))


TEMPLATES = (
    Template("lower bound", ("comparison_operator",), 0.5, lower_bound, most=_BESIDE),
    Template(
        "conjunct",
        ("if_statement", "elif_clause", "while_statement", "if_clause", "conditional_expression", "return_statement"),
        0.45,
        conjunct,
    ),
)
