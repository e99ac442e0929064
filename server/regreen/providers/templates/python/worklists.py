"""What is never added or remembered, and limits beyond which something counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, binds, enclosing, function_of, is_asked, is_value, local_names, simple

_TAKING = ("pop", "popleft", "popitem")
_GIVING = ("append", "extend", "add", "update", "appendleft", "push", "put", "insert")
_MOST = 6


def never_grows(site: Site, node: Node) -> Iterator[Fix]:
    """A list of what is still to be done, to which nothing is ever added."""
    body, condition, scope = node.child_by_field_name("body"), node.child_by_field_name("condition"), function_of(node)
    if body is None or condition is None or scope is None:
        return
    for waiting in dict.fromkeys(site.of(item) for item in walk(condition) if item.type == "identifier"):
        taken = _taken(site, body, waiting)
        if not taken or any(_calls(site, body, waiting, _GIVING)):
            continue
        start = _start_of(site, scope, waiting)
        adding = "update" if start.startswith(("set(", "{")) else "extend"
        end = site.parsed.bytes.span(body).end
        indent = site.indent(body.named_children[-1])
        for rank, more in enumerate(_further(site, scope, start, taken)):
            text = f"{waiting}.{adding}({more})"
            fix = TextEdit(end, end, f"{site.newline}{indent}{text}")
            yield Fix((fix,), f"`{text}` is missing: nothing is ever added to `{waiting}`", 0.85**rank)


def not_remembered(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is made because it is not there yet, and is not put there."""
    branch = enclosing(node, "if_statement", "function_definition")
    condition = branch.child_by_field_name("condition") if branch is not None else None
    asked = re.fullmatch(r"(.+?) not in (.+)", site.of(condition))
    value = next(iter(node.named_children), None)
    if asked is None or value is None:
        return
    kept = f"{asked[2]}[{asked[1]}]"
    text = site.of(value)
    yield Fix((site.replace(node, f"{kept} = {text}"),), f"`{text}` is not remembered as `{kept}`")
    both = f"{kept} = {text}{site.newline}{site.indent(node)}return {kept}"
    yield Fix((site.replace(node, both),), f"`{text}` is not remembered as `{kept}`", 0.8)


def beyond(site: Site, node: Node) -> Iterator[Fix]:
    """A value of which only the part beyond a limit counts."""
    parent = node.parent
    if parent is None or parent.type not in ("binary_operator", "argument_list", "assignment", "return_statement"):
        return
    if not is_value(node) or binds(node) or is_asked(node) or function_of(node) is None:
        return
    text, own = simple(site, node), site.of(node).rpartition(".")[2]
    limits = [name for name in (*_attributes(site, node), *local_names(site, node)) if name != site.of(node)]
    limits.sort(key=lambda name: own not in name.rpartition(".")[2] and name.rpartition(".")[2] not in own)
    for rank, limit in enumerate(limits[:_MOST]):
        new = f"max(0, {text} - {limit})"
        yield Fix((site.replace(node, new),), f"`{text}` counts only beyond `{limit}`: `{new}`", 0.85**rank)


def _taken(site: Site, body: Node, waiting: str) -> str:
    """Return the name that a loop gives to what it takes out of a list."""
    for call in _calls(site, body, waiting, _TAKING):
        assignment = enclosing(call, "assignment", "expression_statement")
        left = assignment.child_by_field_name("left") if assignment is not None else None
        if left is not None and left.type == "identifier":
            return site.of(left)
    return ""


def _calls(site: Site, body: Node, name: str, methods: tuple[str, ...]) -> Iterator[Node]:
    for item in walk(body):
        called = item.child_by_field_name("function") if item.type == "call" else None
        if called is not None and called.type == "attribute":
            owner, method = called.child_by_field_name("object"), called.child_by_field_name("attribute")
            if site.of(owner) == name and site.of(method) in methods:
                yield item


def _start_of(site: Site, scope: Node, name: str) -> str:
    for item in walk(scope):
        if item.type == "assignment" and site.of(item.child_by_field_name("left")) == name:
            return site.of(item.child_by_field_name("right"))
    return ""


def _further(site: Site, scope: Node, start: str, taken: str) -> tuple[str, ...]:
    """Return what comes after a taken element: made as the list was at its start, or as the file does elsewhere."""
    inner = re.fullmatch(r"(?:list|set|deque|sorted|collections\.deque)\((.+)\)", start, re.DOTALL)
    found = [_with(inner[1] if inner else start, name, taken) for name in local_names(site, scope.named_children[-1])]
    for item in walk(site.parsed.root):
        key = item.child_by_field_name("subscript") or item.child_by_field_name("arguments")
        if item.type == "call" and key is not None:
            key = key.named_children[0] if len(key.named_children) == 1 else None
        if item.type in ("subscript", "call") and key is not None and key.type == "identifier":
            head = site.parsed.text[site.parsed.bytes.span(item).start : site.parsed.bytes.span(key).start]
            if "(" not in head[:-1]:
                found.append(f"{head}{taken}{'])'[item.type == 'call']}")
    return tuple(dict.fromkeys(text for text in found if text))[:_MOST]


def _with(text: str, name: str, taken: str) -> str:
    """Return an expression that speaks of the taken element in the place of a name; "" if it does not name it."""
    changed = re.sub(rf"(?<![\w.]){re.escape(name)}\b(?!\s*\()", taken, text)
    return changed if changed not in (text, taken, f"[{taken}]") else ""


def _attributes(site: Site, node: Node) -> tuple[str, ...]:
    """Return the attributes of the object whose method a node stands in."""
    owner = enclosing(node, "class_definition")
    if owner is None:
        return ()
    key = ("attributes", owner.id)
    known = site.memo.get(key)
    if not isinstance(known, tuple):
        known = site.memo[key] = tuple(dict.fromkeys(_set_on(site, owner)))
    return known


def _set_on(site: Site, owner: Node) -> Iterator[str]:
    for item in walk(owner):
        left = item.child_by_field_name("left") if item.type == "assignment" else None
        if left is None:
            continue
        if left.type == "identifier" and function_of(item) is None and item.child_by_field_name("type") is not None:
            yield f"self.{site.of(left)}"
        elif left.type == "attribute" and site.of(left).startswith("self."):
            yield site.of(left)


TEMPLATES = (
    Template("never grows", ("while_statement",), 0.5, never_grows),
    Template("not remembered", ("return_statement",), 0.45, not_remembered),
    Template("beyond a limit", ("identifier", "attribute"), 0.15, beyond),
)
