"""Texts and numbers that are nearly right: letters, case, spaces, what tests speak of, the same in several places."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from regreen.syntax import Node, walk

from .site import Fix, Site, Template, function_of

_QUOTED = re.compile(r"""(['"])([^'"\n\\]{0,40})\1""")
_NUMBER = re.compile(r"(?<![\w.])\d{1,5}(?![\w.])")
_MOST = 8
_LONGEST = 40
_NEAR = 0.6


def spelling_of_text(site: Site, node: Node) -> Iterator[Fix]:
    """A text of which a letter, its case or a space is wrong; texts that the tests speak of come first."""
    old = site.of(node)
    inner = _inner(node, old)
    if inner is None:
        return
    quote = old[-1]
    ranked: dict[str, float] = {}
    for rank, new in enumerate(_near(site, inner)):
        ranked.setdefault(new, 1.0 * 0.9**rank)
    for rank, new in enumerate(_cases(inner)):
        ranked.setdefault(new, 0.6 * 0.9**rank)
    if len(inner) <= _LONGEST // 2:
        for index in range(len(inner)):
            ranked.setdefault(inner[:index] + inner[index + 1 :], 0.4 * 0.97**index)
    for new, factor in ranked.items():
        if new != inner and quote not in new:
            start = old[: len(old) - len(inner) - 1]
            yield Fix((site.replace(node, f"{start}{new}{quote}"),), f"{old} should be {quote}{new}{quote}", factor)


def in_all_places(site: Site, node: Node) -> Iterator[Fix]:
    """A text or a number that stands in several places of a function, and is wrong in all of them."""
    groups: dict[str, list[Node]] = {}
    for item in walk(node):
        if item.type in ("string", "integer") and len(site.of(item)) <= _LONGEST and not _is_docstring(item):
            groups.setdefault(site.of(item), []).append(item)
    for old, places in groups.items():
        if not 1 < len(places) < _MOST:
            continue
        if places[0].type == "integer":
            others = [str(int(old) + 1), str(max(0, int(old) - 1))] if old.isdecimal() else []
        else:
            inner = _inner(places[0], old) or ""
            others = [f"{old[-1]}{new}{old[-1]}" for new in [*_near(site, inner)[:3], "", *_cases(inner)[:2]]]
        for rank, new in enumerate(dict.fromkeys(others)):
            if new != old:
                edits = tuple(site.replace(place, new) for place in places)
                yield Fix(edits, f"{old} should be {new} everywhere in this function", 0.8**rank)


def number_at_hand(site: Site, node: Node) -> Iterator[Fix]:
    """A number that should be another one of the file."""
    old = site.of(node)
    if function_of(node) is None and len(old) < 2:
        return
    others = dict.fromkeys(found.group() for found in _NUMBER.finditer(site.text) if found.group() != old)
    near = sorted(others, key=lambda other: (abs(int(other) - int(old)) if old.isdecimal() else 0, other))
    for rank, new in enumerate(near[:_MOST]):
        yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def fraction(site: Site, node: Node) -> Iterator[Fix]:
    """A number with a fraction: another one, its inverse, a part or a multiple of it."""
    old = site.of(node)
    try:
        value = float(old)
    except ValueError:
        return
    others = [value + 1, value - 1, value * 2, value / 2, value * 10, value / 10, 1 / value if value else 1.0, -value,
              0.0, 0.5, 1.0]  # fmt: skip
    for rank, new in enumerate(dict.fromkeys(f"{round(other, 9)!r}" for other in others)):
        if new != old:
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def _inner(node: Node, old: str) -> str | None:
    """Return what stands between the quotes of a short plain text."""
    if old[:1] not in "'\"" or old.startswith(('"""', "'''")) or _LONGEST < len(old) or "\\" in old:
        return None
    return None if _is_docstring(node) else old[1:-1]


def _is_docstring(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "expression_statement"


def _near(site: Site, inner: str) -> list[str]:
    """Return texts of the tests, the failure and the file that resemble one, the most alike first."""
    known = site.memo.get("quoted")
    if not isinstance(known, tuple):
        spoken = (site.failure.text, site.failure.message, site.sources.get(site.failure.test_path, ""), site.text)
        known = tuple(dict.fromkeys(found.group(2) for text in spoken for found in _QUOTED.finditer(text)))
        site.memo["quoted"] = known
    alike = {other: difflib.SequenceMatcher(None, other.lower(), inner.lower()).ratio() for other in known}
    near = [other for other in known if other != inner and (_NEAR < alike[other] or (inner and inner in other))]
    return sorted(near, key=lambda other: (-alike[other], other))[:_MOST]


def _cases(inner: str) -> list[str]:
    variants = (inner.lower(), inner.upper(), inner.capitalize(), inner.swapcase(), inner.strip(), f"{inner} ",
                f" {inner}", inner[::-1], inner + inner.upper())  # fmt: skip
    return [text for text in dict.fromkeys(variants) if text != inner]


TEMPLATES = (
    Template("spelling of a text", ("string",), 0.3, spelling_of_text),
    Template("in all places", ("function_definition",), 0.35, in_all_places),
    Template("number at hand", ("integer",), 0.35, number_at_hand),
    Template("fraction", ("float",), 0.6, fraction),
)
