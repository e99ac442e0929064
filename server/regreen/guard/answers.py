"""Finds answers that were taken from the test: `if (a, b) == (1, 2): return 3` where the test asks just that.

In a syntax tree of any of the languages: a condition that compares with values of the test alone, and a result that is
a value of the test. What a table-like function does already it may go on doing, and words that stand for words are a
mapping, not an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from regreen.core.edit import FileEdit
from regreen.core.errors import UnreadableSource
from regreen.syntax import Node, Parsed, grammar_of, parse, walk

from .refusal import Refusal, refuse

_LITERALS = frozenset({
    "integer", "float", "string", "number", "template_string", "int_literal", "float_literal", "rune_literal",
    "interpreted_string_literal", "raw_string_literal", "integer_literal", "string_literal", "char_literal",
})  # fmt: skip
_BRANCHES = {  # node -> (its condition, its result), by field
    "if_statement": ("condition", "consequence"),
    "elif_clause": ("condition", "consequence"),
    "if_expression": ("condition", "consequence"),
    "ternary_expression": ("condition", "consequence"),
    "match_arm": ("pattern", "value"),
    "case_clause": ("", "consequence"),
    "switch_case": ("value", "body"),
    "expression_case": ("value", ""),
}
_FUNCTIONS = frozenset({
    "function_definition", "function_declaration", "method_declaration", "method_definition", "function_item",
    "arrow_function", "function_expression", "func_literal",
})  # fmt: skip
# Names, members, and nothing that compares but equality; a call computes something.
_EQUALITY = re.compile(r"(?:(?!\bor\b|\bnot\b|\bin\b)[\w.\s(),\[\]{}:&]|===?|::)*")
_CALL = re.compile(r"[\w\]]\s*\(")
_RESULT = re.compile(r"(?:return\b)?[\s(),\[\]{};:&]*(?:return\b)?[\s(),\[\]{};:&]*")
_TRIVIAL = frozenset({"0", "1", "-1", "0.0", "1.0", ""})
_WORD = re.compile(r"[\w\- ]*[A-Za-z][\w\- ]*")
_NUMBER = re.compile(r"(?<![\w.])\d[\w.]*")
_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`")

_Arm = tuple[str, str]  # condition and result, as written


def check_answers(file: FileEdit, test: str) -> Refusal | None:
    """Refuse new branches that give the answers of a test, or a function that has become one; `test` is its source."""
    asked = _values(test)
    try:
        before, after = (parse(text, grammar_of(file.path)) for text in (file.base, file.after))
    except (UnreadableSource, KeyError):
        return None
    fresh = Counter(_arms(after, asked)) - Counter(_arms(before, asked))
    if fresh and not _is_table(before, after):
        condition, result = min(fresh)
        said = " ".join(f"{condition} → {result}".split())[:80]
        return refuse("code-answer", f"The patch adds the test's own answer to {file.path}: `{said}`.", file.path)
    constant = sorted(_constants(after, asked) - _constants(before, asked))
    known = {name for name, _ in constant} & _names(before)
    hit = next((value for name, value in constant if name in known), None)
    if hit is None:
        return None
    return refuse("code-answer", f"The patch makes a function of {file.path} answer `{hit[:60]}` to all.", file.path)


def _values(text: str) -> frozenset[str]:
    """Return the values that a text holds, numbers and strings alike, in one form."""
    numbers = (_plain(number) for number in _NUMBER.findall(_STRING.sub(" ", text)))
    return frozenset((*numbers, *(string[1:-1] for string in _STRING.findall(text))))


def _plain(number: str) -> str:
    found = re.fullmatch(r"([\d_]+(?:\.\d*)?)(?:_?[iuf]\d+|_?[iu]size|n)?", number)
    return found[1].replace("_", "") if found else number


def _literals(parsed: Parsed, node: Node) -> list[Node]:
    """Return the outermost literals of a node."""
    if node.type in _LITERALS:
        return [node]
    return [each for child in node.named_children for each in _literals(parsed, child)]


def _value(parsed: Parsed, node: Node) -> str:
    text = parsed.text_of(node)
    return text[1:-1] if text[:1] in "\"'`" else _plain(text)


def _rest(parsed: Parsed, nodes: list[Node], literals: list[Node]) -> str:
    """Return the text of nodes without their literals."""
    text = b""
    for node in nodes:
        at = node.start_byte
        for literal in literals:
            if node.start_byte <= literal.start_byte and literal.end_byte <= node.end_byte:
                text += parsed.source[at : literal.start_byte]
                at = literal.end_byte
        text += parsed.source[at : node.end_byte] + b" "
    return text.decode("utf-8", "replace")


def _arms(parsed: Parsed, asked: frozenset[str]) -> Iterator[_Arm]:
    """Yield the branches whose condition and result are values of the test."""
    for node in walk(parsed.root):
        for condition, result in _parts(node):
            if _pins(parsed, condition, asked) and _answers(parsed, condition, result, asked):
                yield _text(parsed, condition), _text(parsed, result)


def _parts(node: Node) -> Iterator[tuple[list[Node], list[Node]]]:
    if node.type == "conditional_expression" and len(node.named_children) == 3:  # Python: result if condition else …
        yield [node.named_children[1]], [node.named_children[0]]
    elif node.type in _BRANCHES:
        first, second = _BRANCHES[node.type]
        named = node.named_children
        condition = node.children_by_field_name(first) if first else named[:1]
        result = node.children_by_field_name(second) if second else named[1:]
        if condition and result:
            yield condition, result


def _pins(parsed: Parsed, condition: list[Node], asked: frozenset[str]) -> bool:
    literals = [each for node in condition for each in _literals(parsed, node)]
    if not literals or not {_value(parsed, each) for each in literals} <= asked:
        return False
    rest = _rest(parsed, condition, literals)
    return _EQUALITY.fullmatch(rest) is not None and _CALL.search(rest) is None


def _answers(parsed: Parsed, condition: list[Node], result: list[Node], asked: frozenset[str]) -> bool:
    literals = [each for node in result for each in _literals(parsed, node)]
    values = {_value(parsed, each) for each in literals}
    if not values <= asked or values <= _TRIVIAL or _RESULT.fullmatch(_rest(parsed, result, literals)) is None:
        return False
    inputs = {_value(parsed, each) for node in condition for each in _literals(parsed, node)}
    return not all(_WORD.fullmatch(value) for value in inputs)


def _is_table(before: Parsed, after: Parsed) -> bool:
    """Tell whether the functions that have answers were tables of such answers before."""
    tables = {name for name, body in _functions(before) if 2 <= len(_any_arms(before, body))}
    grown = {name for name, body in _functions(after) if _any_arms(after, body)} - {""}
    return bool(grown) and grown <= tables


def _any_arms(parsed: Parsed, body: Node) -> list[Node]:
    found = []
    for node in walk(body):
        for condition, result in _parts(node):
            literals = [each for one in condition for each in _literals(parsed, one)]
            answers = [each for one in result for each in _literals(parsed, one)]
            rest = _rest(parsed, result, answers)
            if literals and answers and _RESULT.fullmatch(rest):
                found.append(node)
    return found


def _functions(parsed: Parsed) -> Iterator[tuple[str, Node]]:
    for node in walk(parsed.root):
        body = node.child_by_field_name("body") if node.type in _FUNCTIONS else None
        if body is not None:
            name = node.child_by_field_name("name")
            yield "" if name is None else parsed.text_of(name), body


def _constants(parsed: Parsed, asked: frozenset[str]) -> set[tuple[str, str]]:
    """Return the functions with parameters that do nothing but return one value of the test."""
    found = set()
    for node in walk(parsed.root):
        body = node.child_by_field_name("body") if node.type in _FUNCTIONS else None
        taken = node.child_by_field_name("parameters") if body is not None else None
        name = node.child_by_field_name("name")
        if body is None or taken is None or name is None or not _takes(parsed, taken):
            continue
        literals = _literals(parsed, body)
        values = {_value(parsed, each) for each in literals}
        if values and values <= asked and not values <= _TRIVIAL and _RESULT.fullmatch(_rest(parsed, [body], literals)):
            found.add((parsed.text_of(name), parsed.text_of(body)))
    return found


def _takes(parsed: Parsed, parameters: Node) -> bool:
    return any(parsed.text_of(each) not in ("self", "&self", "&mut self", "cls") for each in parameters.named_children)


def _names(parsed: Parsed) -> set[str]:
    return {name for name, _ in _functions(parsed)}


def _text(parsed: Parsed, nodes: list[Node]) -> str:
    return " ".join(parsed.text_of(node) for node in nodes)
