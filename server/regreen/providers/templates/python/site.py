"""What is true of Python's syntax, for the templates."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template, drop_argument, enclosing, swapped_neighbours
from regreen.syntax import Node, walk

__all__ = [
    "Fix", "Site", "Template", "binds", "drop_argument", "enclosing", "first_statement", "function_of", "is_asked",
    "is_called", "is_value", "local_names", "names_in_scope", "simple", "statement_of", "swapped_neighbours",
    "values_in_scope",
]  # fmt: skip


def function_of(node: Node) -> Node | None:
    """Return the function that a node stands in."""
    return enclosing(node, "function_definition")


def statement_of(node: Node) -> Node:
    """Return the statement that a node belongs to."""
    at = node
    while at.parent is not None and at.parent.type not in ("block", "module"):
        at = at.parent
    return at


def names_in_scope(site: Site, node: Node) -> tuple[str, ...]:
    """Return the names bound in the function and the module around a node, in the order of the text."""
    scope = function_of(node)
    key = ("names", scope.id if scope is not None else 0)
    known = site.memo.get(key)
    if not isinstance(known, tuple):
        known = site.memo[key] = _names_in(site, scope)
    return known


def local_names(site: Site, node: Node) -> tuple[str, ...]:
    """Return the names of the function's own values, those that it never reads first, without `self`."""
    scope = function_of(node)
    if scope is None:
        return ()
    key = ("local", scope.id)
    known = site.memo.get(key)
    if not isinstance(known, tuple):
        known = site.memo[key] = _local_names(site, scope)
    return known


def values_in_scope(site: Site, node: Node) -> tuple[str, ...]:
    """Return the names whose values may stand here: the function's own first, then the module's, no imports."""
    own = local_names(site, node)
    key = "module values"
    known = site.memo.get(key)
    if not isinstance(known, tuple):
        known = site.memo[key] = tuple(dict.fromkeys(_module_values(site)))
    return (*own, *(name for name in known if name not in own))


def _module_values(site: Site) -> Iterator[str]:
    for statement in site.parsed.root.named_children:
        value = statement.named_children[0] if statement.type == "expression_statement" else statement
        left = value.child_by_field_name("left") if value.type == "assignment" else None
        if left is not None and left.type == "identifier":
            yield site.of(left)


def _local_names(site: Site, scope: Node) -> tuple[str, ...]:
    bound: dict[str, bool] = {}
    for item in walk(scope):
        if item.type != "identifier" or item.parent is None:
            continue
        name = site.of(item)
        if binds(item) and item.parent.type not in ("dotted_name", "aliased_import", "function_definition"):
            bound.setdefault(name, False)
        elif name in bound and (item.parent.type != "keyword_argument" or item.parent.named_children[0] != item):
            bound[name] = True
    names = [name for name in bound if name not in ("self", "cls", "_")]
    return tuple(sorted(names, key=lambda name: bound[name]))


def _names_in(site: Site, scope: Node | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for root in (scope, site.parsed.root):
        if root is None:
            continue
        for item in walk(root):
            if item.type != "identifier" or item.parent is None:
                continue
            if root is site.parsed.root and function_of(item) is not None and item.parent.type != "function_definition":
                continue
            if binds(item):
                found.setdefault(site.of(item))
    return tuple(found)


def binds(name: Node) -> bool:
    """Tell whether an identifier is bound where it stands."""
    parent = name.parent
    if parent is None:
        return False
    match parent.type:
        case "parameters" | "lambda_parameters" | "typed_parameter" | "dotted_name" | "aliased_import":
            return True
        case "default_parameter" | "typed_default_parameter" | "function_definition" | "class_definition":
            return parent.child_by_field_name("name") == name
        case "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause" | "named_expression":
            return parent.child_by_field_name("left") == name or parent.child_by_field_name("name") == name
        case "pattern_list" | "tuple_pattern" | "as_pattern_target" | "list_splat_pattern" | "dictionary_splat_pattern":
            return True
        case _:
            return False


def is_value(node: Node) -> bool:
    """Tell whether an expression is read for its value: not called, not bound, not a statement of its own."""
    parent = node.parent
    if parent is None:
        return False
    match parent.type:
        case "attribute":
            return parent.child_by_field_name("object") == node and node.type == "identifier"
        case "call":
            return parent.child_by_field_name("function") != node
        case "keyword_argument":
            return parent.child_by_field_name("name") != node
        case "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause":
            return parent.child_by_field_name("left") != node and parent.child_by_field_name("type") != node
        case "import_statement" | "import_from_statement" | "dotted_name" | "aliased_import" | "decorator" | "type":
            return False
        case "expression_statement" | "except_clause" | "class_definition" | "function_definition":
            return False
        case _:
            return True


def is_called(node: Node) -> bool:
    """Tell whether a call is made of this expression."""
    parent = node.parent
    return parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node


def is_asked(node: Node) -> bool:
    """Tell whether only the truth of this expression matters."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "parenthesized_expression":
        return is_asked(parent)
    conditional = parent.type == "conditional_expression" and parent.named_children[1:2] == [node]
    return (
        conditional
        or parent.type in ("boolean_operator", "not_operator", "if_clause")
        or parent.child_by_field_name("condition") == node
    )


def is_asked_for_none(site: Site, node: Node) -> bool:
    """Tell whether an expression is asked whether it is None."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "comparison_operator"
        and site.of(parent).endswith((" is None", " is not None"))
    )


def first_statement(scope: Node) -> Node | None:
    """Return the first statement of a function or class after its docstring, else its last one."""
    body = scope.child_by_field_name("body")
    found = [child for child in body.named_children if child.type != "comment"] if body is not None else []
    after = [child for child in found if not _is_text(child)]
    return next(iter(after or found), None)


def _is_text(node: Node) -> bool:
    return node.type == "expression_statement" and [child.type for child in node.named_children] == ["string"]


def simple(site: Site, node: Node) -> str:
    """Return an expression's text as an operand: in parentheses where operators in it would come apart."""
    text = site.of(node)
    loose = ("binary_operator", "comparison_operator", "boolean_operator", "not_operator", "conditional_expression",
             "lambda", "unary_operator", "await")  # fmt: skip
    return f"({text})" if node.type in loose else text
