"""Manifests in TOML and INI, parsed, with the line at which each key stands."""

from __future__ import annotations

import configparser
import re
import tomllib
from dataclasses import dataclass

from regreen.core.ports import Tree

from .keyed import KeyedFile, KeyedFiles

_HEADER = re.compile(r"^\[\[?\s*(?P<name>[^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*[=:]""")
_KEY_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Manifest(KeyedFile):
    """One parsed TOML or INI file."""

    def strings(self, *keys: str) -> tuple[str, ...]:
        """Return the strings of an array, or the words of a string: INI has no arrays."""
        value = self.get(*keys)
        return tuple(value.split()) if isinstance(value, str) else KeyedFile.strings(self, *keys)

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


class Manifests(KeyedFiles[Manifest]):
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree, parse_manifest, join)


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
