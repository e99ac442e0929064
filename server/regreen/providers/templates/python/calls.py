"""Calls: missing, too many, of a neighbour, without `await` or `self`."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.failure import FailureKind
from regreen.core.workspace import SymbolKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, function_of, is_asked, is_asked_for_none, is_called, is_value, values_in_scope

_NAMES = frozenset({FailureKind.NAME_UNDEFINED})
_WRAPS = (
    "len", "str", "int", "sorted", "list", "abs", "set", "float", "max", "min", "tuple", "round", "sum", "reversed",
    "bool", "any", "all", "ord", "dict", "iter",
)  # fmt: skip
_PAIRED = ("max", "min")  # with a second value
_WRAPPED = (
    "argument_list", "return_statement", "binary_operator", "comparison_operator", "assignment", "for_statement",
    "for_in_clause", "subscript", "augmented_assignment", "list", "tuple", "keyword_argument", "generator_expression",
    "list_comprehension", "pair", "slice",
)  # fmt: skip
_METHODS = ("lower", "strip", "copy", "items", "values", "keys", "upper", "split", "title")
_NO_METHOD = ("for_statement", "for_in_clause", "binary_operator", "await", "type")
_FAMILIES = (
    ("append", "extend"), ("strip", "lstrip", "rstrip"),
    ("lower", "upper", "title", "capitalize", "swapcase", "casefold"),
    ("items", "values", "keys"), ("startswith", "endswith"), ("find", "rfind", "index"), ("min", "max"),
    ("any", "all"), ("floor", "ceil", "round", "trunc"), ("add", "update"), ("add", "discard"),
    ("pop", "popleft"), ("append", "appendleft"), ("union", "intersection", "difference"), ("split", "rsplit"),
    ("partition", "rpartition"), ("sorted", "reversed"), ("remove", "discard"), ("match", "fullmatch", "search"),
    ("ljust", "rjust", "center"), ("isupper", "islower"),
    ("isalpha", "isalnum", "isdigit", "isnumeric", "isdecimal", "isspace"), ("removeprefix", "removesuffix"),
    ("sum", "len"), ("encode", "decode"), ("log", "log2", "log10"), ("isfile", "isdir", "exists"),
)  # fmt: skip
_KIN = {
    name: tuple(other for family in _FAMILIES if name in family for other in family if other != name)
    for name in sorted({name for family in _FAMILIES for name in family})
}


def missing_await(site: Site, node: Node) -> Iterator[Fix]:
    """A coroutine that nobody waits for."""
    scope = function_of(node)
    if (
        scope is None
        or not site.of(scope).startswith("async")
        or (node.parent is not None and node.parent.type == "await")
    ):
        return
    yield Fix((site.insert(node, "await "),), f"`await` is missing before `{site.of(node)}`")


def missing_self(site: Site, node: Node) -> Iterator[Fix]:
    """`self` that is missing as a parameter."""
    parameters = node.child_by_field_name("parameters")
    owner = node.parent.parent if node.parent is not None else None
    if owner is not None and owner.type == "decorated_definition":
        return
    if parameters is None or owner is None or owner.type != "class_definition":
        return
    names = [site.of(child) for child in parameters.named_children]
    if "self" not in names[:1] and "cls" not in names[:1]:
        new = "(" + ", ".join(["self", *names]) + ")"
        yield Fix(
            (site.replace(parameters, new),),
            f"`self` is missing in the parameters of `{site.of(node.child_by_field_name('name'))}`",
        )


def self_attribute(site: Site, node: Node) -> Iterator[Fix]:
    """A name that should be an attribute of `self`."""
    name = site.of(node)
    if name != site.failure.slot("symbol") or node.start_point[0] + 1 not in site.lines:
        return
    scope = function_of(node)
    if scope is not None and "self" in site.of(scope.child_by_field_name("parameters")):
        yield Fix((site.insert(node, "self."),), f"`{name}` should be `self.{name}`")


def wrap(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should go through a call first; functions that the file has come after the common ones."""
    # What comes out of a call like these is never None.
    if not _may_be_wrapped(node) or is_asked_for_none(site, node):
        return
    text = site.of(node)
    for rank, name in enumerate(dict.fromkeys((*_WRAPS[:10], *_own_calls(site), *_WRAPS[10:]))):
        if not text.startswith(f"{name}(") or name not in _WRAPS:
            factor = 1.0 if name not in _WRAPS else 0.93**rank
            yield Fix((site.replace(node, f"{name}({text})"),), f"`{text}` should be `{name}({text})`", factor)


def wrap_both(site: Site, node: Node) -> Iterator[Fix]:
    """Two values that should both go through a call before they are compared."""
    sides = node.named_children
    if len(sides) != 2 or function_of(node) is None:
        return
    for rank, name in enumerate(("set", "sorted", "len", "list", "str", "abs", "int")):
        edits = tuple(site.replace(side, f"{name}({site.of(side)})") for side in sides)
        yield Fix(edits, f"the sides of `{site.of(node)}` should be compared by `{name}`", 0.85**rank)
    for rank, name in enumerate(("lower", "strip")):
        edits = tuple(site.insert(side, f".{name}()", after=True) for side in sides)
        yield Fix(edits, f"the sides of `{site.of(node)}` should be compared by `{name}`", 0.7 * 0.85**rank)


def bounded(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should not be more, or less, than another one."""
    if not _may_be_wrapped(node):
        return
    text = site.of(node)
    # A total that is carried on from round to round has a limit more often than other values.
    assigned = node.parent is not None and node.parent.type == "assignment"
    total = 1.6 if assigned and node.type == "binary_operator" else 1.0
    for rank, other in enumerate(["0", *[name for name in values_in_scope(site, node) if name != text][:8], "1"]):
        for turn, name in enumerate(_PAIRED):
            new = f"{name}({text}, {other})"
            yield Fix((site.replace(node, new),), f"`{text}` should be `{new}`", total * 0.9**rank * 0.95**turn)


def _may_be_wrapped(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type not in _WRAPPED or not is_value(node) or function_of(node) is None:
        return False
    if parent.type in ("assignment", "for_statement", "for_in_clause", "augmented_assignment"):
        return parent.child_by_field_name("right") == node
    return True


def _own_calls(site: Site) -> tuple[str, ...]:
    """Return the functions that the file calls with one argument, and its own with one parameter."""
    known = site.memo.get("calls of one")
    if not isinstance(known, tuple):
        found = (_called_with_one(site, item) for item in walk(site.parsed.root))
        known = site.memo["calls of one"] = tuple(dict.fromkeys(name for name in found if name))[:8]
    return known


def _called_with_one(site: Site, node: Node) -> str:
    if node.type == "function_definition" and node.parent is not None and node.parent.type == "module":
        parameters = node.child_by_field_name("parameters")
        return site.of(node.child_by_field_name("name")) if parameters and len(parameters.named_children) == 1 else ""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call" or called is None or arguments is None or len(arguments.named_children) != 1:
        return ""
    return site.of(called) if called.type == "identifier" else ""


def unwrap(site: Site, node: Node) -> Iterator[Fix]:
    """A call too many around a value."""
    arguments = node.child_by_field_name("arguments")
    if arguments is not None and len(arguments.named_children) == 1 and function_of(node) is not None:
        inner = site.of(arguments.named_children[0])
        yield Fix((site.replace(node, inner),), f"`{site.of(node)}` should be `{inner}`")


def call_it(site: Site, node: Node) -> Iterator[Fix]:
    """A method that is named and not called."""
    if node.parent is not None and node.parent.type not in ("call", "attribute", "decorator"):
        # A method is always true: nobody asks for it without calling it.
        sure = 3.0 if is_asked(node) and _is_method(site, node) else 1.0
        yield Fix((site.insert(node, "()", after=True),), f"`{site.of(node)}` should be called", sure)


def _is_method(site: Site, node: Node) -> bool:
    name = site.of(node.child_by_field_name("attribute"))
    kinds = {symbol.kind for facts in site.model.files.values() for symbol in facts.symbols if symbol.name == name}
    return kinds == {SymbolKind.METHOD}


def method(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should go through a method first; those that the file uses come first."""
    if not is_value(node) or is_called(node) or node.parent is None or node.parent.type in _NO_METHOD:
        return
    text = site.of(node)
    for rank, name in enumerate(sorted(_METHODS, key=lambda name: f".{name}()" not in site.text)):
        used = f".{name}()" in site.text
        if not text.endswith(f".{name}()"):
            fix = site.insert(node, f".{name}()", after=True)
            yield Fix((fix,), f"`{text}` should be `{text}.{name}()`", (1.5 if used else 0.8) * 0.95**rank)


def gone_through(site: Site, node: Node) -> Iterator[Fix]:
    """A mapping whose keys are gone through where its items or values are meant."""
    right, left = node.child_by_field_name("right"), node.child_by_field_name("left")
    if right is None or left is None or right.type not in ("identifier", "attribute"):
        return
    pair = left.type == "pattern_list"
    for rank, name in enumerate(("items", "values") if pair else ("values", "items")):
        fix = site.insert(right, f".{name}()", after=True)
        yield Fix((fix,), f"`{site.of(right)}` should be `{site.of(right)}.{name}()`", 0.8**rank)
    if pair:
        yield Fix((site.replace(right, f"enumerate({site.of(right)})"),), f"`{site.of(right)}` is not counted", 0.7)


def kin(site: Site, node: Node) -> Iterator[Fix]:
    """A function or method for its neighbour: append for extend, min for max."""
    called = node.child_by_field_name("function")
    name = called.child_by_field_name("attribute") if called is not None and called.type == "attribute" else called
    if name is None or name.type != "identifier":
        return
    old = site.of(name)
    for rank, new in enumerate(_KIN.get(old, ())):
        yield Fix((site.replace(name, new),), f"`{old}` should be `{new}`", 0.85**rank)


TEMPLATES = (
    Template("missing await", ("call",), 0.8, missing_await),
    Template("missing self", ("function_definition",), 1.5, missing_self),
    Template("attribute of self", ("identifier",), 2.9, self_attribute, _NAMES),
    Template(
        "wrap",
        ("identifier", "attribute", "subscript", "call", "binary_operator", "list_comprehension", "list"),
        0.3,
        wrap,
    ),
    Template("wrap both", ("comparison_operator",), 0.25, wrap_both),
    Template(
        "bounded",
        ("identifier", "attribute", "subscript", "call", "binary_operator", "integer"),
        0.18,
        bounded,
        most=1.6,
    ),
    Template("kin", ("call",), 0.6, kin),
    Template("method", ("identifier", "attribute", "subscript", "call"), 0.25, method),
    Template("gone through", ("for_statement", "for_in_clause"), 0.4, gone_through),
    Template("unwrap", ("call",), 0.2, unwrap),
    Template("call", ("attribute",), 0.25, call_it),
)
