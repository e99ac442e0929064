"""What is done: statements left out, errors that are not raised or not caught, functions and loops left early."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.syntax import Node, walk

from .equivalent import is_kept
from .noise import is_quiet
from .spot import Change, Spot, enclosing

_CALLS = frozenset({"call", "call_expression", "await", "await_expression"})
_ASSIGNMENTS = frozenset({"assignment", "assignment_expression", "assignment_statement"})
_ALWAYS_DONE = frozenset({"delete_statement", "send_statement", "defer_statement"})
_EXPORTS = re.compile(r"^(?:module\.)?exports\b|\.prototype\b|\.displayName$")
_BASES = re.compile(r"^(?:await\s+)?super\b")
_SWITCHES = ("switch_statement", "expression_switch_statement", "type_switch_statement", "select_statement")
_OTHER_WAY = {"break": "continue", "continue": "break"}
_NESTED = frozenset({
    "function_definition", "lambda", "func_literal", "function_expression", "arrow_function", "closure_expression",
    "class_definition", "function_declaration", "class_declaration", "function_item", "method_definition",
})  # fmt: skip
_MAKERS = frozenset({"__init__", "__new__", "constructor", "__post_init__", "main"})
_HEADS = frozenset({
    "if_statement", "for_clause", "communication_case", "expression_switch_statement", "type_switch_statement",
    "labeled_statement", "for_statement",
})  # fmt: skip
_RAISING = frozenset({"raise_statement", "throw_statement"})
_WRITES = re.compile(r"\bfmt::Result$")  # what a function gives back that writes for people, which never fails


def leave_out(spot: Spot, node: Node) -> Iterator[Change]:
    """Leave a statement out."""
    inner = node if node.type in _ALWAYS_DONE else _done(node)
    if inner is None or (node.parent is not None and node.parent.type in _HEADS) or _forgets_a_name(inner):
        return
    if inner.type in _ASSIGNMENTS and is_kept(spot, inner):
        return
    is_done = inner.type in _ALWAYS_DONE or (inner.type in _CALLS and not _is_needed(spot, inner))
    if is_done or (inner.type in _ASSIGNMENTS and _changes_what_was(spot, node, inner)):
        yield spot.nothing(node)


def _forgets_a_name(node: Node) -> bool:
    """Tell whether names are deleted and nothing else: what tidies up, nobody notices."""
    forgotten = node.named_children[0] if node.type == "delete_statement" and node.named_children else None
    each = (
        () if forgotten is None else (forgotten.named_children if forgotten.type == "expression_list" else (forgotten,))
    )
    return bool(each) and all(one.type == "identifier" for one in each)


def throw(spot: Spot, node: Node) -> Iterator[Change]:
    """Do not raise an error, or do not hand one on."""
    if node.type in _RAISING:
        yield spot.nothing(node)
    elif node.type == "try_expression":
        function = enclosing(node, spot.dialect.functions)
        if function is not None and _WRITES.search(spot.of(function.child_by_field_name("return_type"))):
            return
        token = node.children[-1]
        yield spot.swap(token, ".unwrap()")
    elif _done(node) is not None and spot.of(node).startswith("panic("):
        yield spot.nothing(node)


def catch(spot: Spot, node: Node) -> Iterator[Change]:
    """Do not deal with an error that was caught, or do not catch one of its kinds."""
    body = node.child_by_field_name("body") or next((one for one in node.named_children if one.type == "block"), None)
    if body is None:
        return
    name = node.child_by_field_name("parameter")
    again = "raise" if spot.dialect.name == "python" else f"{{ throw {spot.of(name)}; }}"
    is_known = spot.dialect.name == "python" or (name is not None and name.type == "identifier")
    if is_known and not any(child.type in _RAISING for child in body.named_children):
        yield spot.swap(body, again)
    kinds = next((one for one in walk(node) if one.type == "tuple"), None) if _catches_several(node) else None
    if kinds is None:
        return
    named = [child for child in kinds.named_children if child.type != "comment"]
    for left_out in named if 2 <= len(named) else ():
        others = [spot.of(one) for one in named if one != left_out]
        yield spot.swap(kinds, others[0] if len(others) == 1 else f"({', '.join(others)})")


def leave(spot: Spot, node: Node) -> Iterator[Change]:
    """Leave a function without a value at once, or do not leave it."""
    if node.type in spot.dialect.functions:
        yield from _leave_at_once(spot, node)
    else:
        yield from _go_on(spot, node)


def _leave_at_once(spot: Spot, node: Node) -> Iterator[Change]:
    """Leave a function that gives nothing back at its first statement."""
    body = node.child_by_field_name("body")
    if body is None or spot.of(node.child_by_field_name("name")) in _MAKERS or _gives_something(spot, node, body):
        return
    statements = _statements(body)
    if len(statements) < 2:
        return
    first = statements[0]
    line_start = spot.parsed.source.rfind(b"\n", 0, first.start_byte) + 1
    indent = spot.parsed.source[line_start : first.start_byte].decode("utf-8", "surrogatepass")
    if spot.dialect.name == "python" and indent.strip():
        return
    ways = {"python": f"return\n{indent}", "go": "if true { return }; "}
    yield Change(first.start_byte, first.start_byte, ways.get(spot.dialect.name, "return; "), "return")


def _go_on(spot: Spot, node: Node) -> Iterator[Change]:
    """Go on where a function is left without a value."""
    if node.named_child_count == 0 and node.type in ("return_statement", "return_expression"):
        block = node.parent
        at = block.parent if block is not None and block.type == "expression_statement" else block
        if at is not None and enclosing(at, spot.dialect.functions) is not None:
            yield spot.nothing(node) if spot.dialect.name != "rust" else spot.swap(node, "()", "")


def loop(spot: Spot, node: Node) -> Iterator[Change]:
    """Leave a loop for going on with it, or the other way round."""
    word = spot.of(node).rstrip("; \t\r\n")
    if word not in _OTHER_WAY:
        return  # It names the loop that it means, or gives it a value.
    inner = enclosing(node, spot.dialect.loops + (_SWITCHES if word == "break" else ()), spot.dialect.functions)
    if inner is None or inner.type in _SWITCHES:
        return
    yield Change(node.start_byte, node.start_byte + len(word), _OTHER_WAY[word], _OTHER_WAY[word])


def _done(node: Node) -> Node | None:
    """Return what an expression statement does."""
    if node.type in _ASSIGNMENTS:
        return node
    inner = next((child for child in node.named_children if "comment" not in child.type), None)
    return inner if node.type == "expression_statement" else None


def _is_needed(spot: Spot, call: Node) -> bool:
    """Tell whether leaving a call out is no question: it only tells something, or nothing works without it."""
    inner = call
    while inner.type in ("await", "await_expression") and inner.named_children:
        inner = inner.named_children[0]
    return is_quiet(spot, inner) or (spot.dialect.name == "javascript" and _BASES.match(spot.of(call)) is not None)


def _changes_what_was(spot: Spot, node: Node, assignment: Node) -> bool:
    """Tell whether an assignment gives something another value than the one it had."""
    left = assignment.child_by_field_name("left")
    operator = assignment.child_by_field_name("operator")
    if left is None or assignment.child_by_field_name("right") is None or spot.of(operator) not in ("", "="):
        return False
    if spot.dialect.name != "python":
        return _EXPORTS.search(spot.of(left)) is None and spot.of(left) != "_"
    if left.type in ("attribute", "subscript"):
        return True
    home = enclosing(node, spot.dialect.functions)
    if left.type != "identifier" or home is None:
        return False
    # A name that was there before had a value.
    earlier = spot.parsed.source[home.start_byte : node.start_byte]
    return re.search(rb"\b" + re.escape(spot.of(left).encode("utf-8", "surrogatepass")) + rb"\b", earlier) is not None


def _catches_several(node: Node) -> bool:
    caught = node.child_by_field_name("value")
    return caught is not None and (caught.type == "tuple" or (caught.type == "as_pattern"))


def _gives_something(spot: Spot, function: Node, body: Node) -> bool:
    """Tell whether a function gives something back, or may: what gives a value is asked by other operators."""
    result = function.child_by_field_name("result") or function.child_by_field_name("return_type")
    if spot.dialect.name in ("go", "rust"):
        return result is not None
    if not any(body.type == kind for kind in ("block", "statement_block")):
        return True
    return any(_is_value(inner) for inner in _own(body))


def _own(body: Node) -> Iterator[Node]:
    """Yield what is in a function, without the functions in it."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in node.named_children if child.type not in _NESTED]


def _is_value(node: Node) -> bool:
    if node.type in ("yield", "yield_expression"):
        return True
    return node.type == "return_statement" and node.named_child_count != 0


def _statements(body: Node) -> list[Node]:
    """Return the statements of a function's body, without what it says of itself."""
    inner = next((child for child in body.named_children if child.type == "statement_list"), body)
    found = [child for child in inner.named_children if "comment" not in child.type]
    while found and found[0].type == "expression_statement" and _is_text(found[0]):
        found = found[1:]
    return found


def _is_text(statement: Node) -> bool:
    return [child.type for child in statement.named_children] in (["string"], ["concatenated_string"])
