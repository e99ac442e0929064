"""Regular expressions: how often, which signs, which words, white space; and values that are handed on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.workspace import SymbolKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, enclosing, function_of

_MOST = 40  # changes of one pattern
_LONGEST = 300
_SPOKEN = 12  # texts of a test
_LONGEST_WORD = 60
_RAW = re.compile(r"(?:[rR][bB]?)?(\"\"\"|'''|\"|')")
_USES = ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:=!]|\(\?P?<[^>]*>|.", re.DOTALL)
_PLAIN = re.compile(r"[\])\w][+*?](?:[\s)]|$|[\"'\])%(])")  # what a text that is no raw one must hold to be a pattern
_REPEATS = {"+": ("*", "+?", "?"), "*": ("+", "*?", "?"), "?": ("*", "")}
_SPACED = frozenset("=:;,<>(){}/|!&")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RANGE = re.compile(r"\w-\w")
_QUOTED = re.compile(r"""(["'])((?:(?!\1)[^\\\n]|\\.)*)\1""")
_FLAGS = ("IGNORECASE", "DOTALL", "MULTILINE")


def pattern(site: Site, node: Node) -> Iterator[Fix]:
    """A regular expression that takes too little or too much: how often, which signs, which words, white space."""
    text = site.of(node)
    start = _RAW.match(text)
    if start is None or _LONGEST < len(text) or not re.search(r"[\\\[(+*?|]", text):
        return
    if text[0] in "'\"" and not ("import re" in site.text and _PLAIN.search(text)):
        return
    quote = start.group(1)
    inner = text[start.end() : -len(quote)]
    seen = {inner}
    for new, factor in _changed(site, inner):
        if new in seen or quote in new or _MOST < len(seen) or not _is_pattern(new):
            continue
        seen.add(new)
        yield Fix(
            (site.replace(node, f"{start.group()}{new}{quote}"),), f"the pattern `{inner}` should be `{new}`", factor
        )


def flag(site: Site, node: Node) -> Iterator[Fix]:
    """A regular expression that should not mind case, or lines."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    name = site.of(called)
    if arguments is None or not name.startswith("re.") or name[3:] not in _USES or "re." in site.of(arguments):
        return
    for rank, one in enumerate(_FLAGS):
        new = f"{site.of(arguments)[:-1]}, flags=re.{one})"
        yield Fix((site.replace(arguments, new),), f"`re.{one}` is missing", 0.8**rank)


def handed_on(site: Site, node: Node) -> Iterator[Fix]:
    """An argument that the function has and does not hand on to one that takes it by the same name."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    scope = function_of(node)
    if called is None or arguments is None or scope is None or arguments.type != "argument_list":
        return
    name = site.of(called).rpartition(".")[2]
    given = {word for child in arguments.named_children for word in _WORD.findall(site.of(child))}
    taken = _parameters(site, name)
    own = [word for word in _own_parameters(site, scope) if word in taken]
    owner = enclosing(scope, "class_definition")
    kept = [word for word in taken if owner is not None and f"self.{word}" in site.of(owner)]
    inner = site.of(arguments)[1:-1].rstrip().rstrip(",")
    for rank, (word, value) in enumerate([*((word, word) for word in own), *((word, f"self.{word}") for word in kept)]):
        if word not in given and word not in ("self", "cls"):
            new = f"({inner}, {word}={value})" if inner else f"({word}={value})"
            yield Fix((site.replace(arguments, new),), f"`{word}` is not handed on to `{name}`", 0.85**rank)


def one_more(site: Site, node: Node) -> Iterator[Fix]:
    """A list of words that lacks one which the failing test speaks of."""
    values = [child for child in node.named_children if child.type != "comment"]
    if len(values) < 2 or any(child.type != "string" for child in values):
        return
    known = {site.of(child)[1:-1] for child in values}
    quote = site.of(values[-1])[-1]
    for rank, word in enumerate([word for word in _spoken(site) if word not in known][:5]):
        new = f", {quote}{word}{quote}"
        yield Fix((site.insert(values[-1], new, after=True),), f"{quote}{word}{quote} is missing", 0.85**rank)


def _changed(site: Site, inner: str) -> Iterator[tuple[str, float]]:
    pieces = _PIECE.findall(inner)
    words = _spoken(site)
    signs = [sign for sign in dict.fromkeys("".join(words)) if not sign.isalnum()]
    for n, piece in enumerate(pieces):
        head, tail = "".join(pieces[:n]), "".join(pieces[n + 1 :])
        for rank, other in enumerate(_REPEATS.get(piece, ()) if n else ()):
            yield head + other + tail, 1.0 * 0.9**rank
        if piece.startswith("[") and piece.endswith("]") and 2 < len(piece):
            for rank, sign in enumerate(signs[:4]):
                if sign not in _RANGE.sub("", piece):
                    yield f"{head}{piece[:-1]}{re.escape(sign)}]{tail}", 0.8 * 0.9**rank
        if piece == "|" or (piece == ")" and "|" in head):
            yield from _one_more_word(head, piece + tail, spoken_words(site))
        if piece in _SPACED:
            for rank, new in enumerate((rf"\s*{piece}", rf"{piece}\s*", rf"\s*{piece}\s*")):
                yield head + new + tail, 0.6 * 0.9**rank
        is_last = n + 1 == len(pieces) or pieces[n + 1] not in ("+", "*", "?", "{")
        if is_last and (piece in (")", r"\d", r"\w", r"\s") or piece.startswith("[")):
            for rank, sign in enumerate("?*+"):
                yield head + piece + sign + tail, 0.5 * 0.9**rank


def _one_more_word(head: str, tail: str, words: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    last = re.search(r"[A-Za-z]+$", head)
    if last is None or not tail.startswith(")"):
        return
    shown = str.upper if last.group().isupper() else str.lower if last.group().islower() else str
    for rank, word in enumerate(dict.fromkeys(shown(word) for word in words)):
        if rank < _SPOKEN and not re.search(rf"\b{word}\b", head + tail):
            yield f"{head}|{word}{tail}", 3.0 * 0.9**rank


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return text.count("%") != 0  # It is filled in later.
    return True


def _spoken(site: Site, longest: int = _LONGEST_WORD) -> list[str]:
    """Return the texts that stand in the failing test, those of the line that fails first."""
    known = site.memo.get(("spoken", longest))
    if not isinstance(known, list):
        failure = site.failure
        cases = [case for case in site.model.tests_in(failure.test_path) if case.name == failure.test.definition.name]
        text = site.sources.get(failure.test_path, "")
        near = [failure.code, *(text[case.span.start : case.span.end] for case in cases[:1])]
        found = [match.group(2) for part in near for match in _QUOTED.finditer(part)]
        known = site.memo["spoken", longest] = list(
            dict.fromkeys(word for word in found if word and len(word) < longest)
        )[:_SPOKEN]
    return known


def spoken_words(site: Site) -> tuple[str, ...]:
    """Return the words in the texts of the failing test and in its own name as a case, in their order."""
    known = site.memo.get("spoken words")
    if not isinstance(known, tuple):
        case = site.failure.test.name.partition("[")[2].removesuffix("]")
        texts = [*_spoken(site, _LONGEST), case]
        found = dict.fromkeys(word for text in texts for word in _WORD.findall(text) if 1 < len(word))
        known = site.memo["spoken words"] = tuple(found)[: 2 * _SPOKEN]
    return known


def _parameters(site: Site, name: str) -> dict[str, None]:
    """Return the parameters of functions and classes of this name, where they are few enough to be the ones meant."""
    found = [
        symbol
        for _, facts in sorted(site.model.files.items())
        for symbol in facts.symbols
        if (symbol.name == name and symbol.kind in (SymbolKind.FUNCTION, SymbolKind.METHOD))
        or symbol.qualname == f"{name}.__init__"
    ]
    return dict.fromkeys(word for symbol in found[:6] for word in symbol.parameters)


def _own_parameters(site: Site, scope: Node) -> list[str]:
    parameters = scope.child_by_field_name("parameters")
    items = parameters.named_children if parameters is not None else []
    names = [next((word for word in walk(item) if word.type == "identifier"), None) for item in items]
    return [site.of(name) for name in names if name is not None]


TEMPLATES = (
    Template("pattern", ("string",), 0.5, pattern, most=3.0),
    Template("flag of a pattern", ("call",), 0.3, flag),
    Template("handed on", ("call",), 0.6, handed_on),
    Template("one more word", ("list", "tuple", "set"), 0.12, one_more),
)
