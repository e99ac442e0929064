"""Statements that are missing: something is not counted, not collected, not remembered, not left in time."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, enclosing, first_statement, function_of, local_names

_COLLECTORS = ("append", "add", "update", "extend", "remove", "discard", "pop", "appendleft")
_BY_START = {"list": "append", "set": "add"}
_MOST = 10
_LEFT = ("None", "0", "1", "[]", '""', "False", "True", "-1")
_RECURSION = frozenset({FailureKind.RESOURCE_EXHAUSTED, FailureKind.INDEX_KEY, FailureKind.INVALID_VALUE,
                        FailureKind.ASSERTION, FailureKind.TYPE_MISMATCH, FailureKind.UNHANDLED_ERROR})  # fmt: skip


def missing_call(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is not collected or remembered, a counter that is not moved on."""
    scope = function_of(node)
    if scope is None or not _is_line(node):
        return
    for turn, (at, indent) in enumerate(_places(site, node)):
        for rank, text in enumerate(_statements(site, scope, node)):
            edit = TextEdit(at, at, f"{indent}{text}{site.newline}")
            yield Fix((edit,), f"`{text}` is missing", 0.93**rank * 0.8**turn)


def base_case(site: Site, node: Node) -> Iterator[Fix]:
    """A case that the function should answer at once: an empty, a zero, a small value."""
    first, parameters = first_statement(node), node.child_by_field_name("parameters")
    if first is None or parameters is None:
        return
    names = list(local_names(site, node.child_by_field_name("body") or node))
    own = {site.of(item) for item in walk(parameters) if item.type == "identifier"}
    names = [name for name in names if name in own][:3]
    at, indent, nl = site.line_start(first), site.indent(first), site.newline
    for rank, name in enumerate(names):
        answers = [*_returned(site, node)[:3], name, f"[{name}]", *_LEFT]
        for turn, asked in enumerate(
            (f"not {name}", f"{name} == 0", f"{name} == 1", f"len({name}) < 2", f"{name} < 0")
        ):
            for order, answer in enumerate(dict.fromkeys(answers)):
                text = f"{indent}if {asked}:{nl}{indent}    return {answer}{nl}"
                why = f"`{asked}` is not answered by `{answer}`"
                yield Fix((TextEdit(at, at, text),), why, 0.85**rank * 0.85**turn * 0.9**order)


def other_branch(site: Site, node: Node) -> Iterator[Fix]:
    """A condition without its other branch."""
    scope = function_of(node)
    if scope is None or node.children_by_field_name("alternative"):
        return
    end = site.parsed.bytes.span(node).end
    indent, nl = site.indent(node), site.newline
    for rank, text in enumerate(_statements(site, scope, node)):
        fix = TextEdit(end, end, f"{nl}{indent}else:{nl}{indent}    {text}")
        yield Fix((fix,), f"nothing is done otherwise: `{text}`", 0.93**rank)


def _places(site: Site, node: Node) -> list[tuple[int, str]]:
    """Return where a line goes after and before a statement."""
    indent, start = site.indent(node), site.line_start(node)
    end = site.text.find("\n", site.parsed.bytes.span(node).end)
    places = [(start, indent)]
    if 0 <= end and node.type not in ("return_statement", "break_statement", "continue_statement"):
        places.insert(0, (end + 1, indent))
    return places


def _is_line(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "block"


def _statements(site: Site, scope: Node, node: Node) -> list[str]:
    """Return statements that may be missing, the likeliest first."""
    key = ("statements", scope.id)
    known = site.memo.get(key)
    if not isinstance(known, tuple):
        known = site.memo[key] = tuple(dict.fromkeys(_made(site, scope)))
    return [text for text in known if text != site.of(node)][: 3 * _MOST]


def _made(site: Site, scope: Node) -> Iterator[str]:
    names = local_names(site, scope.child_by_field_name("body") or scope)
    counters, boxes = _kinds(site, scope)
    for name in counters:
        yield f"{name} += 1"
        yield f"{name} -= 1"
    yield from _moved_on(site, scope)
    for item in walk(scope):
        if item.type == "expression_statement" and "\n" not in site.of(item) and function_of(item) == scope:
            inner = item.named_children[0]
            if inner.type in ("call", "augmented_assignment", "assignment"):
                yield site.of(item)
    for box, method in boxes.items():
        for name in [name for name in names if name != box][:5]:
            yield f"{box}.{method}({name})"
    for one in [name for name in names if name not in boxes][:4]:
        for other in [name for name in names if name not in boxes and name != one][:4]:
            yield f"{one} = {other}"


def _moved_on(site: Site, scope: Node) -> Iterator[str]:
    """Yield how other methods of the same class move an attribute on."""
    around = enclosing(scope, "class_definition")
    for item in walk(around) if around is not None else ():
        changed = site.of(item.child_by_field_name("left")) if item.type == "augmented_assignment" else ""
        if changed.startswith("self.") and function_of(item) != scope:
            yield site.of(item)


def _kinds(site: Site, scope: Node) -> tuple[list[str], dict[str, str]]:
    """Return the names that hold numbers, and those that collect, with the method that they collect by."""
    counters: dict[str, None] = {}
    boxes: dict[str, str] = {}
    for item in walk(scope):
        if item.type == "while_statement" and (condition := item.child_by_field_name("condition")) is not None:
            own = local_names(site, scope.child_by_field_name("body") or scope)
            words = (site.of(word) for word in walk(condition) if word.type == "identifier")
            counters |= dict.fromkeys(word for word in words if word in own)
        left, right = item.child_by_field_name("left"), item.child_by_field_name("right")
        if item.type == "assignment" and left is not None and right is not None and left.type == "identifier":
            text = site.of(right)
            if right.type == "integer":
                counters.setdefault(site.of(left))
            elif right.type == "list" or text.startswith("set("):
                boxes.setdefault(site.of(left), _BY_START["list" if right.type == "list" else "set"])
        elif item.type == "augmented_assignment" and left is not None and left.type == "identifier":
            counters.setdefault(site.of(left))
        elif item.type == "attribute" and site.of(item.child_by_field_name("attribute")) in _COLLECTORS:
            boxes.setdefault(
                site.of(item.child_by_field_name("object")), site.of(item.child_by_field_name("attribute"))
            )
    return list(counters), boxes


def _returned(site: Site, scope: Node) -> list[str]:
    found = [item for item in walk(scope) if item.type == "return_statement" and function_of(item) == scope]
    return list(dict.fromkeys(site.of(item.named_children[0]) for item in found if item.named_children))


TEMPLATES = (
    Template("missing statement",
             ("expression_statement", "if_statement", "for_statement", "while_statement", "return_statement"), 0.3,
             missing_call),
    Template("base case", ("function_definition",), 0.3, base_case, _RECURSION),
    Template("other branch", ("if_statement",), 0.2, other_branch),
)  # fmt: skip
