"""All mutants of a file, in one walk over its tree."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from regreen.core.edit import TextEdit
from regreen.core.mutation import Mutant
from regreen.core.text import LineIndex
from regreen.syntax import Node, Parsed, grammar_of, outline, parse

from .dialects import DIALECTS
from .noise import asks_the_system, is_generated, is_left_alone, is_quiet, marked_lines
from .operators import OPERATORS, Operator
from .spot import Change, Spot

_CALLS = frozenset({"call", "call_expression", "new_expression"})
_RAISING = frozenset({"raise_statement", "throw_statement"})  # what they say is for people
_OTHERWISE = frozenset({"elif_clause", "else_clause"})
_OUTSIDE = frozenset({"parameters", "type_parameters"})  # run when a function is defined
_DEEPEST = 200  # levels of a tree; nobody reads what is nested deeper
_ID = 12  # hex digits


def mutants_of(
    path: str,
    source: str,
    *,
    lines: frozenset[int] | None = None,
    function: str | None = None,
) -> tuple[Mutant, ...]:
    """Return the mutants of a file, in the order of its text; none for what a program wrote and what has no grammar.

    `lines` (from 1) keeps those that change one of them; `function` those in it, by its qualified name, or in a class.

    Raises:
        UnreadableSource: it could not be parsed in time.
    """
    language = grammar_of(path)
    if language not in DIALECTS or is_generated(source):
        return ()
    parsed = parse(source, language)
    index, marked = LineIndex(source), marked_lines(source)
    made = (_mutant(parsed, path, index, each) for each in _found(Spot(parsed, DIALECTS[language])))
    return tuple(
        mutant
        for mutant in sorted(_distinct(made), key=lambda mutant: mutant.edit)
        if mutant.line - 1 not in marked
        and (lines is None or not lines.isdisjoint(_lines(mutant)))
        and (function is None or mutant.function == function or mutant.function.startswith(f"{function}."))
    )


def identified(mutants: tuple[Mutant, ...]) -> Mapping[str, Mutant]:
    """Return the mutants by an id that stays when lines above them come and go."""
    seen: Counter[tuple[str, ...]] = Counter()
    by_id = {}
    for mutant in mutants:
        key = (mutant.path, mutant.function, mutant.operator, mutant.original, mutant.replacement)
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        by_id[hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID]] = mutant
    return by_id


def _found(spot: Spot) -> Iterator[tuple[Operator, Change, str]]:
    """Yield what the operators make of a tree: the operator, its change, and the function that it is in."""
    table = _table(spot.parsed.language)
    marked = marked_lines(spot.parsed.text)
    names = _names(spot.parsed)
    blocks, functions = frozenset(spot.dialect.blocks), frozenset(spot.dialect.functions)
    waiting: list[tuple[Node, str, int]] = [(spot.parsed.root, "", 0)]
    while waiting:
        node, function, depth = waiting.pop()
        if (marked and node.type in blocks and node.start_point[0] in marked) or is_left_alone(spot, node):
            continue
        inside = (_name_of(node, names) or function) if node.type in functions else function
        for operator in () if asks_the_system(spot, node) else table.get(node.type, ()):
            for change in operator.make(spot, node):
                yield operator, change, inside
        for child in reversed(_worth_a_look(spot, node)) if depth < _DEEPEST else ():
            waiting.append((child, function if child.type in _OUTSIDE else inside, depth + 1))


def _worth_a_look(spot: Spot, node: Node) -> list[Node]:
    """Return the nodes below a node in which something may be changed."""
    skipped = spot.dialect.skipped
    found = [child for child in node.named_children if child.type not in skipped and not child.is_error]
    if asks_the_system(spot, node):  # What holds only there is not run here.
        return [
            child for child in found if child.type in _OTHERWISE or child == node.child_by_field_name("alternative")
        ]
    if node.type in _RAISING or (node.type in _CALLS and is_quiet(spot, node)):
        given = node.child_by_field_name("arguments")
        return [child for child in found if child != given] if node.type in _CALLS else []
    return found


def _mutant(parsed: Parsed, path: str, index: LineIndex, found: tuple[Operator, Change, str]) -> Mutant:
    operator, change, function = found
    start, end = parsed.bytes.to_offset(change.start), parsed.bytes.to_offset(change.end)
    return Mutant(
        path=path,
        operator=operator.name,
        edit=TextEdit(start, end, change.text),
        line=index.position(start).line + 1,
        original=parsed.text[start:end],
        replacement=change.shown,
        function=function,
    )


def _distinct(mutants: Iterator[Mutant]) -> Iterator[Mutant]:
    """Leave out what changes nothing, and what an operator before it in the table makes too."""
    seen = set()
    for mutant in mutants:
        if mutant.edit not in seen and mutant.edit.text != mutant.original:
            seen.add(mutant.edit)
            yield mutant


def _lines(mutant: Mutant) -> range:
    return range(mutant.line, mutant.line + mutant.original.count("\n") + 1)


def _names(parsed: Parsed) -> Mapping[int, str]:
    """Return the qualified names of what is defined, by the byte at which the name stands."""
    return {parsed.bytes.to_byte(symbol.name_span.start): symbol.qualname for symbol in outline(parsed).symbols}


def _name_of(function: Node, names: Mapping[int, str]) -> str:
    """Return a function's qualified name; one without a name of its own may be what something is set to."""
    holder = function.parent
    named = (function.child_by_field_name("name"), *(_fields(holder) if holder is not None else ()))
    return next((names[node.start_byte] for node in named if node is not None and node.start_byte in names), "")


def _fields(holder: Node) -> tuple[Node | None, ...]:
    return tuple(holder.child_by_field_name(field) for field in ("name", "key", "left", "property"))


@cache
def _table(language: str) -> Mapping[str, tuple[Operator, ...]]:
    """Return the operators that are tried at each type of node of a grammar."""
    roles = DIALECTS[language].roles
    table: dict[str, tuple[Operator, ...]] = {}
    for operator in OPERATORS:
        for kind in dict.fromkeys(kind for role in operator.roles for kind in roles.get(role, ())):
            table[kind] = (*table.get(kind, ()), operator)
    return table
