"""Tables of the program that lack what the failing test speaks of, methods that it uses elsewhere, and formats."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from regreen.syntax import Node, walk

from .patterns import spoken_words
from .site import Fix, Site, Template, is_called, is_value

_FEW = 3  # entries from which on it can be told what an entry looks like
_MOST = 6
_LONGEST = 60  # bytes of a call that is taken over
_BLUNDERS = ("not all arguments converted", "not enough arguments for format string")
_OF_TEXTS = ("decode", "encode", "lstrip", "removeprefix", "removesuffix", "replace", "rstrip", "split", "strip")
_NO_METHOD = ("for_statement", "for_in_clause", "binary_operator", "await", "type")


def one_more_entry(site: Site, node: Node) -> Iterator[Fix]:
    """A table that lacks an entry for a word of the failing test."""
    pairs = [child for child in node.named_children if child.type == "pair"]
    keys = [_plain(site, pair.child_by_field_name("key")) for pair in pairs]
    if len(pairs) < _FEW or not all(keys):
        return
    values = Counter(site.of(pair.child_by_field_name("value")) for pair in pairs)
    value, n_alike = values.most_common(1)[0]
    if 2 * n_alike < len(pairs) or "\n" in value:
        return
    shown, quote = _casing(keys), site.of(pairs[0])[0]
    in_order = all(one <= other for one, other in pairwise(keys))
    missing = [word for word in dict.fromkeys(shown(word) for word in spoken_words(site)) if word not in keys]
    for rank, word in enumerate(missing[:_MOST]):
        at = pairs[max(0, bisect(keys, word) - 1) if in_order else -1]
        gap = f",{site.newline}{site.indent(at)}" if node.start_point[0] < node.end_point[0] else ", "
        edit = site.insert(at, f"{gap}{quote}{word}{quote}: {value}", after=True)
        yield Fix((edit,), f"{quote}{word}{quote} is missing in a table of {len(pairs)}", 0.9**rank)


def taken_over(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should first go through a method as the file calls it elsewhere, with the same arguments."""
    if not is_value(node) or is_called(node) or node.parent is None or node.parent.type in _NO_METHOD:
        return
    text = site.of(node)
    for rank, call in enumerate(_method_calls(site)[:_MOST]):
        if not text.endswith(call):
            fix = site.insert(node, call, after=True)
            yield Fix((fix,), f"`{text}` should be `{text}{call}`", 0.9**rank)


def before_a_method(site: Site, node: Node) -> Iterator[Fix]:
    """A value whose method is called too early: another one, as the file calls it elsewhere, comes first."""
    if not is_called(node):
        return
    owner = node.child_by_field_name("object")
    text = site.of(owner)
    for rank, call in enumerate(_method_calls(site)[:_MOST]):
        if owner is not None and not text.endswith(call):
            fix = site.insert(owner, call, after=True)
            yield Fix((fix,), f"`{text}` should be `{text}{call}`", 0.9**rank)


def formatted_as_one(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is put into a text by `%` and comes apart when it is a tuple."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or site.of(node.child_by_field_name("operator")) != "%":
        return
    if left.type in ("string", "concatenated_string", "identifier") and right.type in (
        "identifier",
        "attribute",
        "call",
    ):
        told = any(words in site.failure.message for words in _BLUNDERS)
        new = f"({site.of(right)},)"
        yield Fix((site.replace(right, new),), f"`{site.of(right)}` may be a tuple", 6.0 if told else 1.0)


def _plain(site: Site, key: Node | None) -> str:
    text = site.of(key)
    return text[1:-1] if key is not None and key.type == "string" and text[:1] in "'\"" and "\\" not in text else ""


def _casing(keys: list[str]) -> Callable[[str], str]:
    if all(key.isupper() for key in keys):
        return str.upper
    return str.lower if all(key.islower() for key in keys) else str


def _method_calls(site: Site) -> list[str]:
    """Return the calls of methods of texts with plain values that the file makes, the most frequent first."""
    known = site.memo.get("method calls")
    if not isinstance(known, list):
        found = Counter(_as_method(site, item) for item in walk(site.parsed.root) if item.type == "call")
        del found[""]
        known = site.memo["method calls"] = [
            call for call, _ in sorted(found.items(), key=lambda one: (-one[1], one[0]))
        ]
    return known


def _as_method(site: Site, call: Node) -> str:
    called, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if called is None or arguments is None or called.type != "attribute" or not arguments.named_children:
        return ""
    plain = all(child.type in ("string", "integer", "true", "false", "none") for child in arguments.named_children)
    text = f".{site.of(called.child_by_field_name('attribute'))}{site.of(arguments)}"
    return text if plain and len(text) < _LONGEST and text[1:].partition("(")[0] in _OF_TEXTS else ""


TEMPLATES = (
    Template("one more entry", ("dictionary",), 2.0, one_more_entry),
    Template("taken over", ("identifier", "attribute", "subscript", "call"), 0.2, taken_over),
    Template("before a method", ("attribute",), 0.25, before_a_method),
    Template("formatted as one", ("binary_operator",), 0.15, formatted_as_one, most=6.0),
)
