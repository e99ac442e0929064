"""Exceptions: the wrong type is caught or raised, or none is raised."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, first_statement

_TYPE = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration|Warning)\b")
_NOT_RAISED = re.compile(r"DID NOT RAISE|not raised")
_OTHERS = ("ValueError", "KeyError", "TypeError", "IndexError", "AttributeError", "LookupError")


def caught(site: Site, node: Node) -> Iterator[Fix]:
    """An `except` that waits for another exception than comes."""
    value = node.child_by_field_name("value")
    if value is None:
        return
    names = [item for item in walk(value) if item.type == "identifier" and _TYPE.fullmatch(site.of(item))]
    for name in names[:3]:
        old = site.of(name)
        for rank, new in enumerate(_likely(site)):
            if new != old:
                yield Fix((site.replace(name, new),), f"`except {old}` should be `except {new}`", 0.9**rank)
                if name.parent is not None and name.parent.type in ("except_clause", "as_pattern"):
                    both = f"({old}, {new})"
                    yield Fix((site.replace(name, both),), f"`{new}` is not caught", 0.6 * 0.9**rank)


def raised(site: Site, node: Node) -> Iterator[Fix]:
    """A `raise` of another exception than is expected."""
    name = next((item for item in walk(node) if item.type == "identifier"), None)
    if name is None or not _TYPE.fullmatch(site.of(name)):
        return
    for rank, new in enumerate(_likely(site)):
        if new != site.of(name):
            yield Fix((site.replace(name, new),), f"`raise {site.of(name)}` should be `raise {new}`", 0.9**rank)


def missing_raise(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should be refused."""
    expected = _TYPE.search(site.failure.message)
    first, parameters = first_statement(node), node.child_by_field_name("parameters")
    if not _NOT_RAISED.search(site.failure.message) or expected is None or first is None or parameters is None:
        return
    if not _is_known(site, expected.group()):
        return
    names = [site.of(item) for item in parameters.named_children if item.type == "identifier"]
    names += [site.of(item.named_children[0]) for item in parameters.named_children if item.type == "typed_parameter"]
    at, indent, nl = site.line_start(first), site.indent(first), site.newline
    for rank, name in enumerate(name for name in names if name not in ("self", "cls")):
        for turn, asked in enumerate((f"{name} < 0", f"{name} <= 0", f"not {name}", f"{name} is None")):
            body = f'{indent}    raise {expected.group()}(f"unusable {name}: {{{name}!r}}"){nl}'
            edit = TextEdit(at, at, f"{indent}if {asked}:{nl}{body}")
            yield Fix((edit,), f"`{asked}` is not refused", 0.9**rank * 0.9**turn)


def _likely(site: Site) -> list[str]:
    """Return the types that the failure speaks of, then the common ones."""
    said = [*_TYPE.findall(site.failure.message), *_TYPE.findall(site.failure.text)]
    found = dict.fromkeys([site.failure.slot("exception"), *said[:6], *_OTHERS])
    return [name for name in found if name and _is_known(site, name)]


def _is_known(site: Site, name: str) -> bool:
    return hasattr(builtins, name) or re.search(rf"\b(class|import)\b.*\b{name}\b", site.text) is not None


TEMPLATES = (
    Template("caught exception", ("except_clause",), 0.9, caught),
    Template("raised exception", ("raise_statement",), 0.8, raised),
    Template("missing raise", ("function_definition",), 0.6, missing_raise),
)
