"""Constants, bounds, indexes, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node, walk

from .grammar import Grammar, function_of, grammar_for, is_value, names_in_scope
from .operators import condition_of

_SMALL = ("0", "1", "2")
_UNITS = (10, 60, 100, 24, 1000)  # what people multiply by
_BOUNDS = frozenset({"index_expression", "slice_expression", "subscript_expression", "range_expression"})
_CLOSER = frozenset({"*", "/", "%", "<<", ">>", "**"})
_STEPS = ("inc_statement", "dec_statement", "update_expression")
_MOST = 8
# Calls that take a position or a count.
_COUNTING = re.compile(
    r"(?:^|[.:])(?:slice|substring|substr|splice|charAt|charCodeAt|codePointAt|at|repeat|Repeat|padStart|padEnd|nth|skip"
    r"|take|split_at|get|remove|insert|truncate|split_off|swap|windows|chunks|step_by|rotate_left|rotate_right)$"
)
_FRACTION = re.compile(r"\d+\.\d+")
_FRACTIONS = ("0.0", "1.0", "0.5", "2.0")


def number(site: Site, node: Node) -> Iterator[Fix]:
    """A number that is off by one, or another small one."""
    old = site.of(node)
    if _FRACTION.fullmatch(old):
        yield from _fractions(site, node, old)
    if not old.isdecimal():
        return
    value = int(old)
    # Small numbers are written more often than large ones: of two neighbours the smaller is the likelier.
    others = [str(value - 1), str(value + 1), *_SMALL] if value else ["1", "-1", *_SMALL]
    if 2 < value:
        others += [str(value * 10), *(str(value // unit) for unit in _UNITS if value % unit == 0)]
        others += [str(value * unit) for unit in _UNITS[1:]]
        others += [str(value - 2), str(value + 2)]
    for rank, new in enumerate(dict.fromkeys(others)):
        if new != old:
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.85**rank)


def off_by_one(site: Site, node: Node) -> Iterator[Fix]:
    """A bound, an index or a value that is off by one."""
    grammar = grammar_for(site)
    parent = node.parent
    if parent is None or not is_value(grammar, node) or _is_no_number(site, node, parent):
        return
    text = site.of(node)
    if node.type == "binary_expression":
        if site.of(node.child_by_field_name("right")) == "1" and site.of(node.child_by_field_name("operator")) in "+-":
            left = site.of(node.child_by_field_name("left"))
            yield Fix((site.replace(node, left),), f"`{text}` should be `{left}`", 1.4)
            return
        if site.of(node.child_by_field_name("operator")) not in "+-*":
            return
    factor = 1.5 if parent.type in _BOUNDS else 1.0
    # What is multiplied or divided is changed before that is done.
    closer = parent.type == "binary_expression" and site.of(parent.child_by_field_name("operator")) in _CLOSER
    for rank, sign in enumerate(("-", "+") if parent.type in _BOUNDS else ("+", "-")):
        new = f"({text} {sign} 1)" if closer else f"{text} {sign} 1"
        yield Fix((site.replace(node, new),), f"`{text}` should be `{text} {sign} 1`", factor * 0.9**rank)


def boolean(site: Site, node: Node) -> Iterator[Fix]:
    """True for false."""
    old = site.of(node)
    new = grammar_for(site).booleans[old]
    yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`")


def string(site: Site, node: Node) -> Iterator[Fix]:
    """A text that should be another one of the same file, or empty."""
    old = site.of(node)
    if node.parent is None or node.parent.type in ("import_spec", "import_statement", "pair", "attribute"):
        return
    quote = old[-1]
    others = dict.fromkeys(
        site.of(child)
        for child in walk(site.parsed.root)
        if child.type == node.type and len(site.of(child)) < 40 and child.parent is not None
        and child.parent.type not in ("import_spec", "import_statement")
    )  # fmt: skip
    for rank, new in enumerate([*list(others)[:_MOST], quote + quote, f"{quote} {quote}"]):
        if new != old:
            yield Fix((site.replace(node, new),), f"{old} should be {new}", 0.93**rank)


def variable(site: Site, node: Node) -> Iterator[Fix]:
    """A variable for another in scope."""
    grammar = grammar_for(site)
    if not is_value(grammar, node):
        return
    old = site.of(node)
    others = [name for name in names_in_scope(site, grammar, node) if name != old]
    for rank, new in enumerate(others[:_MOST]):
        yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.93**rank)


def name_for_number(site: Site, node: Node) -> Iterator[Fix]:
    """A number where a variable is meant."""
    grammar = grammar_for(site)
    parent = node.parent
    if not is_value(grammar, node) or parent is None or parent.type == "expression_statement":
        return
    for rank, name in enumerate(names_in_scope(site, grammar, node)[:_MOST]):
        yield Fix((site.replace(node, name),), f"`{site.of(node)}` should be `{name}`", 0.9**rank)


def number_for_name(site: Site, node: Node) -> Iterator[Fix]:
    """A variable where a plain number is meant."""
    parent = node.parent
    if parent is None or not is_value(grammar_for(site), node) or _is_no_number(site, node, parent):
        return
    for rank, new in enumerate(("0", "1", "-1")):
        yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`", 0.8**rank)


def other_target(site: Site, node: Node) -> Iterator[Fix]:
    """A variable that is changed in the place of another."""
    grammar = grammar_for(site)
    scope, changed = function_of(grammar, node), _target(node)
    if scope is None or changed is None or changed.type != "identifier":
        return
    old = site.of(changed)
    others = [name for name in names_in_scope(site, grammar, node) if name != old and _is_set(name, site.of(scope))]
    grown = _grown(site, node, old)
    for rank, new in enumerate(others[:_MOST]):
        edits = [site.replace(item, new) for item in (changed, grown) if item is not None]
        yield Fix(tuple(edits), f"`{new}` should be changed, and not `{old}`", 0.9**rank)


def member(site: Site, node: Node) -> Iterator[Fix]:
    """A field or method for another one of the same object."""
    owner = node.parent
    if owner is None or not site.of(owner):
        return
    subject = site.of(owner).rpartition(".")[0]
    old = site.of(node)
    others = dict.fromkeys(
        site.of(item)
        for item in walk(site.parsed.root)
        if item.type == node.type and item.parent is not None and item.parent.type == owner.type
        and site.of(item.parent).rpartition(".")[0] == subject
    )  # fmt: skip
    for rank, new in enumerate(name for name in others if name != old):
        if rank < _MOST:
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.93**rank)


def kin(site: Site, node: Node) -> Iterator[Fix]:
    """A function or method for its neighbour: floor for ceil, first for last."""
    old = site.of(node)
    families = [family for family in grammar_for(site).kin if old in family]
    others = dict.fromkeys(name for family in families for name in family if name != old)
    for rank, new in enumerate(others):
        yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def compared(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is set where it is too small or too large: its opposite, or what it is compared with."""
    changed, value = _target(node), node.child_by_field_name("right")
    around = enclosing(node, "if_statement", "if_expression")
    condition = condition_of(around) if around is not None else None
    if changed is None or value is None or condition is None:
        return
    old, name = site.of(value), site.of(changed)
    sides = [site.of(condition.child_by_field_name(field)) for field in ("left", "right")]
    if name in sides and site.of(condition.child_by_field_name("operator")) in ("<", "<=", ">", ">="):
        for new in (f"-{name}", *sides):
            if new not in (old, name):
                yield Fix((site.replace(value, new),), f"`{old}` should be `{new}`")


def inclusive(site: Site, node: Node) -> Iterator[Fix]:
    """A range that should reach its end, or stop before it."""
    for child in node.children:
        if child.type in ("..", "..="):
            new = "..=" if child.type == ".." else ".."
            yield Fix((site.replace(child, new),), f"`{child.type}` should be `{new}`")


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    values = ("identifier", "call_expression", "binary_expression", grammar.member_of)
    ranges = (Template("range", ("range_expression",), 0.9, inclusive),) if grammar.name == "rust" else ()
    return (
        Template("number", (*grammar.integers, "float_literal"), 0.75, number),
        *ranges,
        Template("off by one", (*values, "unary_expression", "type_cast_expression"), 0.4, off_by_one, most=1.5),
        Template("boolean", grammar.boolean_types, 0.7, boolean),
        Template("text", grammar.strings, 0.3, string),
        Template("variable", ("identifier",), 0.4, variable),
        Template("other target", (*grammar.augmented, *grammar.assignments, *_STEPS), 0.4, other_target),
        Template("name for a number", grammar.integers, 0.25, name_for_number),
        Template("number for a name", ("identifier",), 0.2, number_for_name),
        Template("compared with", grammar.assignments, 0.4, compared),
        Template("other member", grammar.members, 0.35, member),
        Template("kin", (*grammar.members, "identifier"), 0.6, kin),
    )


def _target(node: Node) -> Node | None:
    """Return what a statement changes."""
    found = node.child_by_field_name("left")
    if found is None:
        found = next(iter(node.named_children), None)
    while found is not None and found.type == "expression_list" and len(found.named_children) == 1:
        found = found.named_children[0]
    return found


def _grown(site: Site, node: Node, name: str) -> Node | None:
    """Return where a list that grows stands a second time, as in `all = append(all, one)`."""
    call = node.child_by_field_name("right")
    while call is not None and call.type == "expression_list" and len(call.named_children) == 1:
        call = call.named_children[0]
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if call is None or arguments is None or site.of(call.child_by_field_name("function")) != "append":
        return None
    first = next(iter(arguments.named_children), None)
    return first if first is not None and site.of(first) == name else None


def _is_set(name: str, text: str) -> bool:
    plain = re.escape(name)
    return re.search(rf"\b{plain}\s*(?:[-+*/%&|^:]|<<|>>)?=(?!=)|\b{plain}(?:\+\+|--)", text) is not None


def _fractions(site: Site, node: Node, old: str) -> Iterator[Fix]:
    whole, _, rest = old.partition(".")
    near = (f"{int(whole) + step}.{rest}" for step in (-1, 1) if 0 <= int(whole) + step)
    for rank, new in enumerate(dict.fromkeys([*near, *_FRACTIONS])):
        if new != old:
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.85**rank)


def _is_no_number(site: Site, node: Node, parent: Node) -> bool:
    """Tell whether a value is asked for its truth, gone through or otherwise never counted."""
    if parent.type == "parenthesized_expression" and parent.parent is not None:
        return _is_no_number(site, parent, parent.parent)
    if parent.type in ("for_in_statement", "range_clause", "for_expression", "template_substitution", "arguments"):
        called = parent.parent.child_by_field_name("function") if parent.parent is not None else None
        is_counted = parent.type == "arguments" and _COUNTING.search(site.of(called)) is not None
        return parent.type != "arguments" or (node.type == "identifier" and not is_counted)
    if parent.type in ("unary_expression", "reference_expression", "await_expression", "try_expression"):
        return True
    if node.type == "unary_expression" and not site.of(node).startswith("-"):
        return True
    if parent.type == "binary_expression" and site.of(parent.child_by_field_name("operator")) in ("&&", "||", "??"):
        return True
    if parent.type == grammar_for(site).index and node in (parent.child_by_field_name("operand"),
                                                         parent.child_by_field_name("object")):  # fmt: skip
        return True
    if parent.type == "index_expression" and parent.child_by_field_name("operand") is None:
        return next(iter(parent.named_children), None) == node
    return node in (parent.child_by_field_name("condition"), parent.child_by_field_name("object"),
                    parent.child_by_field_name("operand"))  # fmt: skip
