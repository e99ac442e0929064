"""Manifests in TOML and INI, parsed, with the line at which each key stands."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence
from regreen.languages.digest import digest_of

_HEADER = re.compile(r"^\[\[?\s*(?P<name>[^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*[=:]""")
_KEY_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One parsed file. `table` is empty when it could not be parsed; `problem` says why, in full sentences."""

    path: str
    text: str
    table: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    problem: str = ""

    @property
    def digest(self) -> str:
        """Return the hash of its text."""
        return digest_of(self.text)

    def get(self, *keys: str) -> object:
        """Return the value below nested keys, or None."""
        value: object = self.table
        for key in keys:
            if not isinstance(value, Mapping):
                return None
            value = value.get(key)
        return value

    def section(self, *keys: str) -> Mapping[str, object]:
        """Return the table below nested keys; empty when there is none."""
        value = self.get(*keys)
        return value if isinstance(value, Mapping) else {}

    def strings(self, *keys: str) -> tuple[str, ...]:
        """Return the strings of an array, or the words of a string."""
        value = self.get(*keys)
        if isinstance(value, str):
            return tuple(value.split())
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def evidence(self, fact: str, *keys: str) -> Evidence:
        """Return the evidence of a fact that is read at these keys."""
        return Evidence(fact, self.path, self.line_of(*keys), self.digest)

    def line_of(self, *keys: str) -> int:
        """Return the 1-based line of a key; of the nearest table around it when it has no line of its own."""
        dotted = self.path.endswith(".toml")
        here: tuple[str, ...] = ()
        best, best_length = 1, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := _HEADER.match(line):
                here = found = _parts(header["name"]) if dotted else (header["name"],)
            elif key := _KEY.match(line.strip() if dotted else line):
                found = here + (_parts(key["key"]) if dotted else (key["key"],))
            else:
                continue
            if found == keys[: len(found)] and best_length < len(found):
                best, best_length = number, len(found)
            elif found[: len(keys)] == keys and best_length < len(keys):
                best, best_length = number, len(keys)
        return best


class Manifests:
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.known = frozenset(tree.files)
        self._read: dict[str, Manifest | None] = {}

    def get(self, folder: str, name: str) -> Manifest | None:
        """Return a manifest of a folder, or None when there is none."""
        path = join(folder, name)
        if path not in self.known:
            return None
        if path not in self._read:
            text = self.tree.read(path)
            self._read[path] = None if text is None else parse_manifest(path, text)
        return self._read[path]

    def has(self, folder: str, name: str) -> bool:
        """Tell whether a folder has such a file."""
        return join(folder, name) in self.known

    def evidence(self, fact: str, path: str, line: int = 1) -> Evidence:
        """Return the evidence of a fact that a file proves as a whole."""
        text = self.tree.read(path)
        return Evidence(fact, path, line, "" if text is None else digest_of(text))


def parse_manifest(path: str, text: str) -> Manifest:
    """Parse TOML and INI files; other files have no table."""
    if path.endswith((".toml", "Pipfile")):
        return _toml(path, text)
    if path.endswith((".cfg", ".ini")):
        return _ini(path, text)
    return Manifest(path, text)


def join(folder: str, name: str) -> str:
    """Join two relative POSIX paths; "." is the root."""
    return name if folder == "." else folder if name == "." else f"{folder}/{name}"


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(name))


def _toml(path: str, text: str) -> Manifest:
    try:
        return Manifest(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at is not None and at[1] else text.count("\n") + 1
        return Manifest(path, text, problem=_problem(path, line, "TOML", _AT_LINE.sub("", str(error))))


def _ini(path: str, text: str) -> Manifest:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text, path)
    except configparser.MissingSectionHeaderError as error:
        return Manifest(path, text, problem=_problem(path, error.lineno, "INI", "a key stands before any section"))
    except configparser.ParsingError as error:
        line = error.errors[0][0] if error.errors else 1
        return Manifest(path, text, problem=_problem(path, line, "INI", "a line is neither a section nor a key"))
    return Manifest(path, text, {name: dict(parser.items(name)) for name in parser.sections()})


def _problem(path: str, line: int, language: str, why: str) -> str:
    return (
        f"{path}:{line}: this is not valid {language} ({why}). "
        "Correct the line; until then Regreen goes on without this file."
    )
