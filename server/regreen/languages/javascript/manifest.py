"""Manifests of JavaScript and TypeScript: JSON with the comments that tools allow, and the lines of its keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence
from regreen.languages.digest import digest_of
from regreen.languages.folders import join, parent

# A string, or something that JSON does not have: a comment, a comma before a bracket.
_EXTRAS = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*[\]}])', re.DOTALL)
_YAML_KEY = re.compile(r"^(?P<key>[\w-]+):\s*(?P<rest>.*)$")
_YAML_ITEM = re.compile(r"""^\s*-\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^#\s][^#]*?))\s*(?:#.*)?$""")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One parsed file. `table` is empty when it could not be parsed; `problem` says why, in full sentences."""

    path: str
    text: str
    table: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    problem: str = ""

    @property
    def folder(self) -> str:
        """Return the folder that it describes."""
        return parent(self.path)

    def get(self, *keys: str) -> object:
        """Return the value below nested keys, or None."""
        value: object = self.table
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def text_of(self, *keys: str) -> str:
        """Return the string below nested keys, or ""."""
        value = self.get(*keys)
        return value if isinstance(value, str) else ""

    def section(self, *keys: str) -> Mapping[str, object]:
        """Return the table below nested keys; empty when there is none."""
        value = self.get(*keys)
        return value if isinstance(value, Mapping) else {}

    def strings(self, *keys: str) -> tuple[str, ...]:
        """Return the strings of an array, or the one string."""
        value = self.get(*keys)
        if isinstance(value, str):
            return (value,)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def evidence(self, fact: str, *keys: str) -> Evidence:
        """Return the evidence of a fact that is read at these keys."""
        return Evidence(fact, self.path, self.line_of(*keys), digest_of(self.text))

    def line_of(self, *keys: str) -> int:
        """Return the 1-based line of a key, or of the innermost one around it that is there."""
        at = 0
        for key in keys:
            found = re.compile(rf"(?:[\"']{re.escape(key)}[\"']|^{re.escape(key)})\s*:", re.MULTILINE).search(
                self.text, at
            )
            if found is None:
                break
            at = found.start()
        return self.text.count("\n", 0, at) + 1


class Manifests:
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.known = set(tree.files)
        self._read: dict[str, Manifest | None] = {}

    def get(self, folder: str, name: str = "package.json") -> Manifest | None:
        """Return a manifest of a folder, or None when there is none."""
        path = join(folder, name)
        return self.at(path) if path in self.known else None

    def installed(self, folder: str, package: str) -> Manifest | None:
        """Return the manifest of a package in the node_modules of a folder."""
        return self.at(join(folder, f"node_modules/{package}/package.json"))

    def admit(self, path: str) -> bool:
        """Count a manifest that the ignore rules leave out, when it is there: it may be tracked all the same."""
        if self.at(path) is not None:
            self.known.add(path)
        return path in self.known

    def at(self, path: str) -> Manifest | None:
        """Return the manifest at a path, ignored or not."""
        if path not in self._read:
            text = self.tree.read(path)
            self._read[path] = None if text is None else parse_manifest(path, text)
        return self._read[path]

    def has(self, folder: str, name: str) -> bool:
        """Tell whether a folder has such a file."""
        return join(folder, name) in self.known

    def first(self, folder: str, names: tuple[str, ...]) -> str:
        """Return the path of the first of these files that a folder has, or ""."""
        return next((join(folder, name) for name in names if self.has(folder, name)), "")

    def evidence(self, fact: str, path: str, line: int = 1) -> Evidence:
        """Return the evidence of a fact that a file proves."""
        text = self.tree.read(path)
        return Evidence(fact, path, line, "" if text is None else digest_of(text))


def parse_manifest(path: str, text: str) -> Manifest:
    """Parse JSON with comments, and of YAML what workspace files are made of."""
    if path.endswith((".yaml", ".yml")):
        return Manifest(path, text, _yaml_lists(text))
    try:
        table = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return _with_extras(path, text)
    return Manifest(path, text, table if isinstance(table, dict) else {})


def _with_extras(path: str, text: str) -> Manifest:
    try:
        table = json.loads(_EXTRAS.sub(lambda match: match[1] or _blank(match[0]), text.removeprefix("\ufeff")))
    except json.JSONDecodeError as error:
        problem = (
            f"{path}:{error.lineno}: this is not valid JSON ({error.msg}). "
            "Correct the line; until then Regreen goes on without this file."
        )
        return Manifest(path, text, problem=problem)
    except (ValueError, RecursionError):
        return Manifest(path, text, problem=f"{path}: this JSON cannot be read. Simplify it; Regreen goes on without.")
    return Manifest(path, text, table if isinstance(table, dict) else {})


def _blank(text: str) -> str:
    """Return what stands for a comment: as many lines, so that errors keep theirs."""
    return "\n" * text.count("\n") + " "


def _yaml_lists(text: str) -> dict[str, object]:
    """Return the top-level lists and words of a YAML file."""
    table: dict[str, object] = {}
    items: list[object] = []
    for line in text.splitlines():
        if key := _YAML_KEY.match(line):
            rest = key["rest"].partition(" #")[0].strip()
            items = []
            table[key["key"]] = _flow(rest) if rest.startswith("[") else rest.strip("\"'") if rest else items
        elif item := _YAML_ITEM.match(line):
            items.append(item["double"] or item["single"] or item["plain"] or "")
    return table


def _flow(text: str) -> list[object]:
    return [part.strip().strip("\"'") for part in text.strip("[] ").split(",") if part.strip()]
