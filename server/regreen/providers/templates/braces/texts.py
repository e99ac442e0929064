"""Texts and characters: a part too many or too few, the other case, a separator that was left out, a name in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .grammar import Grammar, function_of, grammar_for, names_in_scope
from .operators import condition_of

_SEPARATORS = (" ", ".", ",", "-", "_", "/", ":", ", ")
_BRACKETS = ("([{<", ")]}>")
_MOST = 6
_LONGEST = 40
_NUMBERS = frozenset({"int_literal", "float_literal", "number", "integer_literal"})
_CHARACTERS = ("rune_literal", "char_literal", "string")
_ONE = re.compile(r"""(['"])[A-Za-z]\1""")
_SIGNS = re.compile(r"""[^\w\s"'`\\{}%]+""")
_QUOTED = re.compile(r"""\"([^\"\n]*)\"|'([^'\n]*)'""")
_GAP = re.compile(r"(?<=\}|[sdvq])(?=\{|%[sdvq])")  # between two places of a pattern


def text_parts(site: Site, node: Node) -> Iterator[Fix]:
    """A text with a character too many at an end, without the other case, or without what stands between its parts."""
    old = site.of(node)
    inner, quote = old[1:-1], old[:1]
    if _LONGEST < len(inner) or not inner or quote not in "\"'" or _is_source(node):
        return
    ways = [f"{inner}{inner.swapcase()}"] if re.fullmatch(r"[a-z]{3,}|[A-Z]{3,}", inner) else []
    ways += [mark for side in _BRACKETS if inner in side for mark in side]
    ways += [inner[:-1], inner[1:]] if "\\" not in inner else []
    ways += (
        [inner.capitalize(), inner.swapcase(), f"{inner} ", f" {inner}"]
        if "{" not in inner and "%" not in inner
        else []
    )
    gap = _GAP.search(inner)
    ways += [inner[: gap.start()] + sep + inner[gap.start() :] for sep in _separators(site)] if gap else []
    for rank, new in enumerate(way for way in dict.fromkeys(ways) if way != inner):
        yield Fix((site.replace(node, quote + new + old[-1]),), f"{old} should be {quote}{new}{old[-1]}", 0.9**rank)


def sign_missing(site: Site, node: Node) -> Iterator[Fix]:
    """One of some signs that was forgotten: those that the texts of the failing test's file hold."""
    old = site.of(node)
    inner = old[1:-1]
    if len(inner) == 1 or not _SIGNS.fullmatch(inner) or _is_source(node):
        return
    said = "".join(text for pair in _QUOTED.findall(site.sources.get(site.failure.test_path, "")) for text in pair)
    others = dict.fromkeys(sign for sign in said if _SIGNS.fullmatch(sign) and sign not in inner)
    for rank, sign in enumerate(list(others)[:_MOST]):
        fix = site.replace(node, f"{old[0]}{sign}{old[1:]}")
        yield Fix((fix,), f"`{sign}` is missing in {old}", 0.9**rank)


def separator(site: Site, node: Node) -> Iterator[Fix]:
    """Two texts that are joined without what should stand between them."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if site.of(node.child_by_field_name("operator")) != "+" or left is None or right is None:
        return
    if left.type in _NUMBERS or right.type in _NUMBERS or site.parsed.language == "rust":
        return
    scope = function_of(grammar_for(site), node)
    if scope is None:
        return
    sure = 1.0 if _makes_texts(site, scope) else 0.4
    for rank, mark in enumerate(_separators(site)):
        fix = site.insert(right, f'"{mark}" + ')
        yield Fix((fix,), f'"{mark}" is missing before `{site.of(right)}`', sure * 0.9**rank)


def other_case(site: Site, node: Node) -> Iterator[Fix]:
    """Characters of a condition that should all be of the other case."""
    condition = condition_of(node)
    asked = [item for item in walk(condition) if item.type in _CHARACTERS] if condition is not None else []
    letters = [item for item in asked if _ONE.fullmatch(site.of(item))]
    if 1 < len(letters):
        edits = tuple(site.replace(item, site.of(item).swapcase()) for item in letters)
        yield Fix(edits, f"`{site.of(condition)}` should ask for the other case")


def quoted_name(site: Site, node: Node) -> Iterator[Fix]:
    """A name in quotes that should be the variable itself."""
    name = site.of(node)[1:-1]
    if name in names_in_scope(site, grammar_for(site), node) and not _is_source(node):
        yield Fix((site.replace(node, name),), f"{site.of(node)} should be the variable `{name}`")


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    return (
        Template("text parts", grammar.strings, 0.3, text_parts),
        Template("sign missing", grammar.strings, 0.35, sign_missing),
        Template("separator", ("binary_expression",), 0.25, separator),
        Template("other case", grammar.conditionals, 0.3, other_case),
        Template("quoted name", grammar.strings, 0.9, quoted_name),
    )


def _separators(site: Site) -> list[str]:
    """Return what may stand between two texts: those that the file itself writes first."""
    marks = sorted(_SEPARATORS, key=lambda mark: f'"{mark}"' not in site.text and f"'{mark}'" not in site.text)
    return marks[:_MOST]


def _makes_texts(site: Site, scope: Node) -> bool:
    """Tell whether a function gives a text back, or works with some."""
    declared = scope.child_by_field_name("result") or scope.child_by_field_name("return_type")
    texts = (*grammar_for(site).strings, "template_string")
    return "string" in site.of(declared) or any(item.type in texts for item in walk(scope))


def _is_source(node: Node) -> bool:
    parent = node.parent
    return parent is None or parent.type in ("import_spec", "import_statement", "attribute", "pair_pattern")
