"""Names that are nearly right: variables, functions, fields, texts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from regreen.core.failure import FailureKind
from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .grammar import Grammar, facts_of, grammar_for, names_in_scope

_NAMES = frozenset({FailureKind.NAME_UNDEFINED, FailureKind.IMPORT_UNRESOLVED})
_MEMBERS = frozenset({FailureKind.MEMBER_MISSING, FailureKind.NULL_DEREF, FailureKind.TYPE_MISMATCH})
_KEYS = frozenset({FailureKind.INDEX_KEY, FailureKind.NULL_DEREF, FailureKind.ASSERTION, FailureKind.UNHANDLED_ERROR})
# How compilers and engines name what they do not know, for failures that carry no slot.
_SYMBOL = re.compile(
    r"undefined: (?:\w+\.)?(\w+)|(\w+) is not defined|Cannot find name '(\w+)'|cannot find \w+(?: \w+)? `(\w+)`"
    r"|no (?:method|field|variant)[\w ]* (?:named )?`(\w+)`|(?:\w+\.)?(\w+) is not a function"
    r"|\.(\w+) undefined \(type|Property '(\w+)' does not exist|export named '(\w+)'|no `(\w+)` in"
)
_QUOTED = re.compile(r"""["']([^"'\\\n]{3,40})["']""")  # what the failing test's file writes
_SUGGEST = re.compile(
    r"[Dd]id you mean[^`'\"]*[`'\"](\w+)|similar name[^`]*`(\w+)`|but does have (?:method |field )?(\w+)"
)


def misspelt_name(site: Site, root: Node) -> Iterator[Fix]:
    """A name that is nearly one that is visible."""
    old = symbol_of(site)
    if not old:
        return
    grammar = grammar_for(site)
    symbols = [symbol.name for facts in facts_of(site) for symbol in facts.symbols]
    for node in walk(root):
        if node.type not in ("identifier", "type_identifier") or site.of(node) != old:
            continue
        known = [*names_in_scope(site, grammar, node), *symbols]
        for rank, new in enumerate(near(old, suggestion_of(site), known)):
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def misspelt_member(site: Site, root: Node) -> Iterator[Fix]:
    """A field or method that is nearly one that is known."""
    grammar = grammar_for(site)
    old = symbol_of(site).rpartition(".")[2]
    nodes = [node for node in walk(root) if node.type in (*grammar.members, "type_identifier")]
    known = [symbol.name for facts in facts_of(site) for symbol in facts.symbols]
    known += [site.of(node) for node in nodes]
    known += [name for alike in grammar.kin for name in alike]
    for node in nodes:
        name = site.of(node)
        if name == old or (not old and node.start_point[0] + 1 in site.lines):
            for rank, new in enumerate(near(name, suggestion_of(site), known)):
                yield Fix((site.replace(node, new),), f"`{name}` should be `{new}`", 0.9**rank)


def misread_member(site: Site, node: Node) -> Iterator[Fix]:
    """A field that was never set under this name: nobody complains, it just is not there."""
    old = site.of(node)
    grammar = grammar_for(site)
    named = (*grammar.members, "identifier", "shorthand_property_identifier")
    known = [site.of(item) for item in walk(site.parsed.root) if item.type in named and item != node]
    known += [symbol.name for facts in facts_of(site) for symbol in facts.symbols]
    if old not in known:
        for rank, new in enumerate(near(old, "", known)[:3]):
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def misspelt_text(site: Site, node: Node) -> Iterator[Fix]:
    """A key or value that is nearly another text of the file."""
    old = site.of(node)
    inner = old[1:-1]
    texts = [site.of(item)[1:-1] for item in walk(site.parsed.root) if item.type == node.type]
    texts += _QUOTED.findall(site.sources.get(site.failure.test_path, ""))
    for rank, new in enumerate(near(inner, "", texts)[:3]):
        yield Fix((site.replace(node, old[0] + new + old[-1]),), f"{old} should be {old[0]}{new}{old[-1]}", 0.9**rank)


def symbol_of(site: Site) -> str:
    """Return the name that the failure is about, or ""."""
    slot = site.failure.slot("symbol") or site.failure.slot("missing")
    if slot and re.fullmatch(r"[\w.:$]+", slot):
        return re.split(r"\.|::", slot)[-1]
    found = _SYMBOL.search(f"{site.failure.message}\n{site.failure.text}")
    return next((group for group in found.groups() if group), "") if found else ""


def suggestion_of(site: Site) -> str:
    """Return the name that the compiler or engine proposes, or ""."""
    slot = site.failure.slot("suggest")
    if slot:
        return slot
    found = _SUGGEST.search(f"{site.failure.message}\n{site.failure.text}")
    return next((group for group in found.groups() if group), "") if found else ""


def near(old: str, suggest: str, known: Iterable[str]) -> list[str]:
    """Return the names that may have been meant, likeliest first."""
    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(old, names, n=5, cutoff=0.6)
    begun = sorted({name for name in names if 3 <= len(old) and name.startswith(old[:3])}, key=lambda n: (len(n), n))
    alike = [name for name in names if name.lower().replace("_", "") == old.lower().replace("_", "")]
    return [name for name in dict.fromkeys([suggest, *alike, *close, *begun[:5]]) if name and name != old]


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    return (
        Template("misspelt name", (), 2.8, misspelt_name, _NAMES),
        Template("misspelt member", (), 2.8, misspelt_member, _MEMBERS),
        Template("misread member", grammar.members, 0.75 if grammar.name == "javascript" else 0.2, misread_member),
        Template("misspelt text", grammar.strings, 0.8, misspelt_text, _KEYS),
    )
