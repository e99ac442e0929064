"""What manifests of every format have in common: a table of keys, and evidence of what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence
from regreen.languages.digest import digest_of


@dataclass(frozen=True, slots=True)
class KeyedFile:
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
        """Return the strings of an array, or the one string."""
        value = self.get(*keys)
        if isinstance(value, str):
            return (value,)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def evidence(self, fact: str, *keys: str) -> Evidence:
        """Return the evidence of a fact that is read at these keys."""
        return Evidence(fact, self.path, self.line_of(*keys), self.digest)

    def line_of(self, *keys: str) -> int:
        """Return the 1-based line of a key, or of the nearest one around it; formats know how keys are written."""
        raise NotImplementedError


FileT = TypeVar("FileT", bound=KeyedFile)


class KeyedFiles(Generic[FileT]):
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree, parse: Callable[[str, str], FileT], join: Callable[[str, str], str]) -> None:
        self.tree = tree
        self.known = set(tree.files)
        self._parse = parse
        self._join = join
        self._read: dict[str, FileT | None] = {}

    def get(self, folder: str, name: str) -> FileT | None:
        """Return a manifest of a folder, or None when there is none."""
        path = self._join(folder, name)
        return self.at(path) if path in self.known else None

    def at(self, path: str) -> FileT | None:
        """Return the manifest at a path, ignored or not."""
        if path not in self._read:
            text = self.tree.read(path)
            self._read[path] = None if text is None else self._parse(path, text)
        return self._read[path]

    def has(self, folder: str, name: str) -> bool:
        """Tell whether a folder has such a file."""
        return self._join(folder, name) in self.known

    def evidence(self, fact: str, path: str, line: int = 1) -> Evidence:
        """Return the evidence of a fact that a file proves as a whole."""
        text = self.tree.read(path)
        return Evidence(fact, path, line, "" if text is None else digest_of(text))
