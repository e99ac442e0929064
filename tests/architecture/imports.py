"""Reads a package's imports from its source: who imports whom, function-level and type-checking imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Module:
    """One source file. `name` is dotted; a package has the name of its folder."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Tell whether it is a folder's door."""
        return self.path.name == "__init__.py"


@dataclass(frozen=True, slots=True)
class Import:
    """One import, resolved: `target` is the module when there is such a file, else what stands in the source."""

    source: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def modules(package: Path) -> dict[str, Module]:
    """Read every module below a package's folder, by dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text("utf-8"), str(path)))
    return found


def imports(known: dict[str, Module]) -> list[Import]:
    """Return all imports of these modules, in order of file and line."""
    return [found for module in known.values() for found in sorted(_imports_of(module, known), key=lambda i: i.line)]


def cycles(found: list[Import], known: dict[str, Module]) -> list[tuple[str, ...]]:
    """Return the groups of modules that import each other, each sorted."""
    graph: dict[str, set[str]] = {name: set() for name in known}
    for one in found:
        if one.target in known and one.target != one.source:
            graph[one.source].add(one.target)
    reach = {name: _reachable(graph, name) for name in graph}
    groups = {
        tuple(sorted({name, *(other for other in reach[name] if name in reach[other])}))
        for name in graph
        if name in reach[name]
    }
    return sorted(groups)


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    open_ends = list(graph[start])
    while open_ends:
        name = open_ends.pop()
        if name not in seen:
            seen.add(name)
            open_ends.extend(graph[name])
    return seen


def _imports_of(module: Module, known: dict[str, Module]) -> Iterator[Import]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module.name, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                is_module = whole in known and alias.name not in _exports(known.get(base))
                yield Import(module.name, whole if is_module else base, node.lineno)


def _exports(door: Module | None) -> frozenset[str]:
    """Return the names that a package's door hands on from its modules; one may be called like its module."""
    if door is None or not door.is_package:
        return frozenset()
    handed_on = (node for node in door.tree.body if isinstance(node, ast.ImportFrom) and _base(door, node) != door.name)
    return frozenset(alias.asname or alias.name for node in handed_on for alias in node.names)


def _base(module: Module, node: ast.ImportFrom) -> str:
    """Return the absolute name of what `from … import` names."""
    if node.level == 0:
        return node.module or ""
    parts = module.name.split(".")
    n_up = node.level - 1 if module.is_package else node.level
    above = parts[: len(parts) - n_up]
    return ".".join([*above, node.module] if node.module else above)
