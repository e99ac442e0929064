"""Imports and names: missing, or misspelt."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.core.workspace import SymbolKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, names_in_scope

_NAMES = frozenset({FailureKind.NAME_UNDEFINED})
_MEMBERS = frozenset({FailureKind.MEMBER_MISSING, FailureKind.NULL_DEREF})
_IMPORTS = frozenset({FailureKind.IMPORT_UNRESOLVED, FailureKind.DEPENDENCY_MISSING})
_ARGUMENTS = frozenset({FailureKind.CALL_ARITY})
_KEYS = frozenset({FailureKind.INDEX_KEY})
_KEY = re.compile(r"\w[\w .:/-]{0,40}")  # a text that may be a key, rather than a pattern or a sentence
_KNOWN = {
    "dataclass": "dataclasses", "field": "dataclasses", "defaultdict": "collections", "Counter": "collections",
    "deque": "collections", "OrderedDict": "collections", "namedtuple": "collections", "Path": "pathlib",
    "datetime": "datetime", "timedelta": "datetime", "date": "datetime", "partial": "functools", "reduce": "functools",
    "wraps": "functools", "lru_cache": "functools", "cache": "functools", "chain": "itertools", "product": "itertools",
    "permutations": "itertools", "combinations": "itertools", "groupby": "itertools", "sqrt": "math", "ceil": "math",
    "floor": "math", "Decimal": "decimal", "Fraction": "fractions", "Enum": "enum", "contextmanager": "contextlib",
    "suppress": "contextlib", "Any": "typing", "Optional": "typing", "Callable": "collections.abc", "uuid4": "uuid",
    "itemgetter": "operator", "attrgetter": "operator", "dedent": "textwrap", "StringIO": "io", "BytesIO": "io",
    "Iterator": "collections.abc", "Iterable": "collections.abc", "ABC": "abc", "abstractmethod": "abc",
}  # fmt: skip


def missing_import(site: Site, root: Node) -> Iterator[Fix]:
    """Import a name that nobody defined."""
    name = site.failure.slot("symbol")
    if not name.isidentifier():
        return
    at = _import_place(site, root)
    statements: list[str] = []
    if name in sys.stdlib_module_names:
        statements.append(f"import {name}")
    if name in _KNOWN:
        statements.append(f"from {_KNOWN[name]} import {name}")
    for facts in site.model.files.values():
        for item in facts.imports:
            if (
                facts.path != site.path
                and (item.alias or item.name or item.module) == name
                and not item.module.startswith(".")
            ):
                alias = f" as {item.alias}" if item.alias else ""
                statements.append(
                    f"from {item.module} import {item.name}{alias}" if item.name else f"import {item.module}{alias}"
                )
    for facts in site.model.files.values():
        if facts.path != site.path and not facts.tests:
            for symbol in facts.symbols:
                if symbol.name == name and symbol.qualname == name and symbol.kind is not SymbolKind.ATTRIBUTE:
                    statements.append(f"from {_module(site, facts.path)} import {name}")
    for rank, statement in enumerate(dict.fromkeys(statements)):
        edit = TextEdit(at, at, statement + site.newline)
        yield Fix((edit,), f"`{statement}` is missing", 0.9**rank)


def misspelt_name(site: Site, root: Node) -> Iterator[Fix]:
    """A name that is nearly one in scope."""
    old = site.failure.slot("symbol")
    for node in walk(root):
        if node.type == "identifier" and site.of(node) == old and node.start_point[0] + 1 in site.lines:
            known = [*names_in_scope(site, node), *dir(builtins)]
            for rank, new in enumerate(_near(old, site.failure.slot("suggest"), known)):
                yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.9**rank)


def misspelt_member(site: Site, root: Node) -> Iterator[Fix]:
    """An attribute or method that is nearly one that is known."""
    old = site.failure.slot("symbol")
    known = [symbol.name for facts in site.model.files.values() for symbol in facts.symbols]
    known += [name for kind in (str, list, dict, set, int, float, tuple, bytes) for name in dir(kind)]
    attributes = (node.child_by_field_name("attribute") for node in walk(root) if node.type == "attribute")
    places = [name for name in attributes if name is not None and site.of(name) == old]
    for rank, new in enumerate(_near(old, site.failure.slot("suggest"), known)):
        why = f"`.{old}` should be `.{new}`"
        for name in places:
            yield Fix((site.replace(name, new),), why, 0.9**rank)
        if 1 < len(places):
            yield Fix(tuple(site.replace(name, new) for name in places), f"{why}, in {len(places)} places", 0.9**rank)


def misspelt_import(site: Site, root: Node) -> Iterator[Fix]:
    """A module or an imported name that is nearly one that exists."""
    missing, suggest = site.failure.slot("missing"), site.failure.slot("suggest")
    modules = {_module(site, path) for path in site.model.files}
    symbols = [symbol.name for facts in site.model.files.values() for symbol in facts.symbols]
    known = [*sorted(modules), *symbols, *sorted(sys.stdlib_module_names)]
    for node in walk(root):
        if node.type in ("import_statement", "import_from_statement"):
            for name in walk(node):
                if name.type not in ("dotted_name", "relative_import"):
                    continue
                old = site.of(name)
                if missing and old not in (missing, missing.rpartition(".")[2]) and not missing.startswith(old):
                    continue
                for rank, new in enumerate(_near(old, suggest, known)):
                    yield Fix((site.replace(name, new),), f"`{old}` should be `{new}`", 0.9**rank)


def misspelt_keyword(site: Site, root: Node) -> Iterator[Fix]:
    """A keyword argument that is nearly a parameter."""
    old = site.failure.slot("keyword")
    known = [name.lstrip("*") for facts in site.model.files.values() for s in facts.symbols for name in s.parameters]
    for node in walk(root):
        if node.type == "keyword_argument":
            name = node.child_by_field_name("name")
            if name is not None and site.of(name) == old:
                for rank, new in enumerate(_near(old, site.failure.slot("suggest"), known)):
                    yield Fix((site.replace(name, new),), f"`{old}=` should be `{new}=`", 0.9**rank)


def misspelt_key(site: Site, node: Node) -> Iterator[Fix]:
    """A key that is nearly another text of the file."""
    old = site.of(node)
    if not _KEY.fullmatch(old):
        return
    known = site.memo.get("keys")
    if not isinstance(known, tuple):
        texts = {site.of(item) for item in walk(site.parsed.root) if item.type == "string_content"}
        known = site.memo["keys"] = tuple(sorted(text for text in texts if _KEY.fullmatch(text)))
    place = 1.0 if _is_key(node) else 0.3
    for rank, new in enumerate(_near(old, "", list(known))):
        told = 1.0 if old in site.failure.message or new in site.failure.message else 0.25
        why = f"the key `{old}` should be `{new}`"
        yield Fix((site.replace(node, new),), why, place * told * 0.9**rank)


def _is_key(content: Node) -> bool:
    """Tell whether a text is asked for: in brackets, before a colon, or as an argument."""
    text = content.parent
    parent = text.parent if text is not None else None
    return parent is not None and parent.type in ("subscript", "pair", "argument_list")


def _near(old: str, suggest: str, known: list[str]) -> list[str]:
    close = difflib.get_close_matches(old, list(dict.fromkeys(known)), n=5, cutoff=0.6)
    begun = [name for name in known if 3 <= len(old) and name.startswith(old[:3]) and not name.startswith("__")]
    return [name for name in dict.fromkeys([suggest, *close, *sorted(set(begun), key=len)[:5]]) if name and name != old]


def _module(site: Site, path: str) -> str:
    project = site.model.project_of(path)
    stem = path.rpartition(".")[0].removesuffix("/__init__")
    for root in project.source_roots if project else ():
        stem = stem.removeprefix(f"{root}/")
    return stem.replace("/", ".")


def _import_place(site: Site, root: Node) -> int:
    """Return where an import goes: before the first import that is not from __future__, else after the docstring."""
    after = 0
    for child in root.named_children:
        if child.type in ("import_statement", "import_from_statement"):
            return site.line_start(child)
        is_text = (
            child.type == "expression_statement"
            and child.named_children[:1]
            and child.named_children[0].type == "string"
        )
        if child.type == "comment" or child.type == "future_import_statement" or is_text:
            after = site.text.find("\n", site.parsed.bytes.span(child).end) + 1 or len(site.text)
            continue
        break
    return after


TEMPLATES = (
    Template("missing import", (), 3.0, missing_import, _NAMES),
    Template("misspelt name", (), 2.8, misspelt_name, _NAMES),
    Template("misspelt member", (), 2.8, misspelt_member, _MEMBERS),
    Template("misspelt import", (), 2.8, misspelt_import, _IMPORTS),
    Template("misspelt keyword", (), 2.8, misspelt_keyword, _ARGUMENTS),
    Template("misspelt key", ("string_content",), 2.5, misspelt_key, _KEYS),
)
