"""Which Cargo.toml files are packages of the workspace: roots, their members, and packages that stand alone.

A repository may hold thousands of manifests that are test material. Only roots count, what they list as members, and
what these reach by path.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regreen.languages.folders import folders_above, inside, parent
from regreen.languages.globs import glob_matches
from regreen.languages.manifest import Manifest, join

from .files import MANIFEST, CargoFiles

# A manifest below these is material of tests, examples or tools, unless a workspace lists it.
_MATERIAL = frozenset(
    {"tests", "test", "testdata", "test_data", "test-data", "testsuite", "fixtures", "fixture", "_fixtures",
     "test-fixtures", "testing", "e2e", "examples", "example", "samples", "demo", "demos", "playground", "playgrounds",
     "templates", "template", "vendor", "vendored", "third_party", "third-party", "node_modules", "fuzz", "docs", "doc",
     "book", "corpus"}
)  # fmt: skip
_DEPENDENCIES = ("dependencies", "dev-dependencies", "build-dependencies")
_HAS_TEST = re.compile(r"#\[(?:\w+::)*test\b")
_LOOKED_AT = 40  # files of a lone package in which a test is looked for


@dataclass(frozen=True, slots=True)
class Root:
    """What one run of cargo builds and tests together. Invariant: `members` sorted, the root's own package included."""

    folder: str
    manifest: Manifest
    members: tuple[str, ...]  # folders of packages
    is_workspace: bool

    @property
    def is_virtual(self) -> bool:
        """Tell whether there is no package at the root itself."""
        return self.folder not in self.members


def find_roots(files: CargoFiles) -> tuple[Root, ...]:
    """Return the roots of a tree, sorted by folder."""
    folders = sorted(
        (parent(path) for path in files.known if path.rpartition("/")[2] == MANIFEST),
        key=lambda folder: (folder != ".", folder.count("/"), folder),
    )
    roots: dict[str, Root] = {}
    claimed: set[str] = set()
    for folder in folders:
        if folder in claimed:
            continue
        if _counts(files, folder, roots, claimed):
            root = _root(files, folder)
            roots[folder] = root
            claimed.update(root.members, (folder,))
            for lone in _reached_alone(files, root, claimed):
                roots[lone] = _root(files, lone)
                claimed.update(roots[lone].members, (lone,))
    return tuple(roots[folder] for folder in sorted(roots))


def path_dependencies(manifest: Manifest) -> Iterator[str]:
    """Yield the folders of the packages that a manifest names by path, relative to the workspace."""
    here = parent(manifest.path)
    tables: list[Mapping[str, object]] = [manifest.section(name) for name in _DEPENDENCIES]
    for target in manifest.section("target").values():
        if isinstance(target, Mapping):
            tables += [table for name in _DEPENDENCIES if isinstance(table := target.get(name), Mapping)]
    for table in tables:
        for dependency in table.values():
            if isinstance(dependency, Mapping) and isinstance(path := dependency.get("path"), str):
                yield posixpath.normpath(join(here, path))


def _counts(files: CargoFiles, folder: str, roots: Mapping[str, Root], claimed: set[str]) -> bool:
    """Tell whether a manifest that no workspace lists begins a root of its own."""
    manifest = files.cargo(folder)
    if manifest is None or not _MATERIAL.isdisjoint(folder.split("/")) or "{{" in folder:
        return False
    if any(segment.startswith((".", "_")) and segment != "." for segment in folder.split("/")):
        return False
    above = next((each for each in folders_above(folder)[1:] if each in roots), None)
    if above is None or folder == ".":
        return True
    if roots[above].is_workspace and not _stands_apart(manifest, roots[above], folder):
        return False
    return _has_tests(files, folder, claimed)


def _stands_apart(manifest: Manifest, root: Root, folder: str) -> bool:
    """Tell whether cargo would take a package for its own root although a workspace lies around it."""
    return "workspace" in manifest.table or _excluded(root.manifest, root.folder, folder)


def _has_tests(files: CargoFiles, folder: str, claimed: set[str]) -> bool:
    own = [path for path in files.inside(folder) if path.endswith(".rs")]
    own = [path for path in own if not any(each != folder and inside(path, each) for each in claimed if each != ".")]
    return any(_HAS_TEST.search(files.tree.read(path) or "") for path in own[:_LOOKED_AT])


def _root(files: CargoFiles, folder: str) -> Root:
    manifest = files.cargo(folder)
    if manifest is None:
        return Root(folder, Manifest(join(folder, MANIFEST), ""), (folder,), False)
    own = {folder} if "package" in manifest.table or "project" in manifest.table or manifest.problem else set()
    if "workspace" not in manifest.table:
        return Root(folder, manifest, tuple(own or {folder}), False)
    members = own | set(_listed(files, folder, manifest))
    pending = sorted(members)
    while pending:
        inner = files.cargo(pending.pop())
        for reached in path_dependencies(inner) if inner is not None else ():
            if reached not in members and _may_join(files, manifest, folder, reached):
                members.add(reached)
                pending.append(reached)
    return Root(folder, manifest, tuple(sorted(members)), True)


def _listed(files: CargoFiles, folder: str, manifest: Manifest) -> Iterator[str]:
    patterns = [posixpath.normpath(join(folder, each)) for each in manifest.strings("workspace", "members")]
    patterns += [posixpath.normpath(join(folder, each)) for each in manifest.strings("workspace", "default-members")]
    if not patterns:
        return
    for path in files.inside(folder):
        if path.rpartition("/")[2] != MANIFEST:
            continue
        each = parent(path)
        listed = each in patterns or any("*" in one and glob_matches(each, one) for one in patterns)
        if listed and (each in patterns or not _excluded(manifest, folder, each)):
            yield each


def _may_join(files: CargoFiles, root: Manifest, folder: str, reached: str) -> bool:
    """Tell whether a package that a member names by path becomes a member itself, as cargo does it."""
    found = files.cargo(reached)
    if found is None or not inside(reached, folder) or "workspace" in found.table or "package" not in found.table:
        return False
    return not _excluded(root, folder, reached)


def _excluded(manifest: Manifest, folder: str, path: str) -> bool:
    patterns = [posixpath.normpath(join(folder, each)) for each in manifest.strings("workspace", "exclude")]
    return any(inside(path, each) or ("*" in each and glob_matches(path, each)) for each in patterns)


def _reached_alone(files: CargoFiles, root: Root, claimed: set[str]) -> Iterator[str]:
    """Yield the packages that a root without a workspace reaches by path: each of them is tested on its own."""
    if root.is_workspace:
        return
    pending, seen = [root.folder], set(claimed)
    while pending:
        manifest = files.cargo(pending.pop())
        for reached in path_dependencies(manifest) if manifest is not None else ():
            found = files.cargo(reached)
            if reached in seen or found is None or "package" not in found.table or "workspace" in found.table:
                continue
            seen.add(reached)
            pending.append(reached)
            yield reached
