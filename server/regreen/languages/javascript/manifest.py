"""Manifests of JavaScript and TypeScript: JSON with the comments that tools allow, and the lines of its keys."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from regreen.core.ports import Tree
from regreen.languages.folders import join, parent
from regreen.languages.keyed import KeyedFile, KeyedFiles

# A string, or something that JSON does not have: a comment, a comma before a bracket.
_EXTRAS = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*[\]}])', re.DOTALL)
_YAML_KEY = re.compile(r"^(?P<key>[\w-]+):\s*(?P<rest>.*)$")
_YAML_ITEM = re.compile(r"""^\s*-\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^#\s][^#]*?))\s*(?:#.*)?$""")


@dataclass(frozen=True, slots=True)
class Manifest(KeyedFile):
    """One parsed JSON or YAML file."""

    @property
    def folder(self) -> str:
        """Return the folder that it describes."""
        return parent(self.path)

    def text_of(self, *keys: str) -> str:
        """Return the string below nested keys, or ""."""
        value = self.get(*keys)
        return value if isinstance(value, str) else ""

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


class Manifests(KeyedFiles[Manifest]):
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree, parse_manifest, join)

    def get(self, folder: str, name: str = "package.json") -> Manifest | None:
        """Return a manifest of a folder, or None when there is none."""
        return super().get(folder, name)

    def installed(self, folder: str, package: str) -> Manifest | None:
        """Return the manifest of a package in the node_modules of a folder."""
        return self.at(join(folder, f"node_modules/{package}/package.json"))

    def admit(self, path: str) -> bool:
        """Count a manifest that the ignore rules leave out, when it is there: it may be tracked all the same."""
        if self.at(path) is not None:
            self.known.add(path)
        return path in self.known

    def first(self, folder: str, names: tuple[str, ...]) -> str:
        """Return the path of the first of these files that a folder has, or ""."""
        return next((join(folder, name) for name in names if self.has(folder, name)), "")


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
