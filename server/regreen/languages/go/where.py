"""Where the paths that Go prints lie in the workspace: of a run here, and of a log that was written anywhere.

Go prints base names for assertions, paths from the working folder for the compiler, absolute ones (or, with -trimpath,
import paths) for stacks.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from regreen.core.testing import Frame
from regreen.languages.paths import SavedPaths, is_installed

from .stack import Call

_MADE = ("_cgo_", "_testmain.go")  # files that go writes while it builds
_VERSION = re.compile(r"@v[^/]+(?=/|$)")
_STANDARD = re.compile(r"^[a-z][\w]*(?:/[\w.-]+)*$")


class Whereabouts(Protocol):
    """Finds paths relative to the workspace's root."""

    def test_name(self, package: str, test: str) -> str:
        """Return the name of a test's id, of a package's when the test has no name."""

    def folder(self, package: str) -> str:
        """Return the folder of a package."""

    def source(self, path: str, package: str) -> tuple[str, bool]:
        """Return a path that the compiler printed, and whether it lies in the workspace."""

    def frame(self, call: Call) -> Frame:
        """Return a line of a stack."""


@dataclass(frozen=True, slots=True)
class Here:
    """Paths of a run of ours."""

    roots: tuple[str, ...]  # absolute, of the tested tree
    cwd: str  # of the project, relative to the root
    module: str
    outside: tuple[str, ...] = ()  # vendored and generated

    def test_name(self, package: str, test: str) -> str:
        """Return the package's folder, and the test in it."""
        return f"{self._place(package)}::{test}" if test else self._place(package)

    def folder(self, package: str) -> str:
        """Return the folder of a package."""
        return _join(self.cwd, self._place(package))

    def source(self, path: str, package: str) -> tuple[str, bool]:
        """Return a path that the compiler printed."""
        del package  # the compiler prints paths from the folder in which go was started
        path = path.replace("\\", "/")
        absolute = path.startswith("/") or path[1:2] == ":"
        relative = self._relative(path) if absolute else _join(self.cwd, path)
        return relative, not is_installed(relative, self.outside) and not relative.startswith("../")

    def frame(self, call: Call) -> Frame:
        """Return a line of a stack."""
        path = self._relative(call.path)
        inside = not is_installed(path, self.outside) and not _is_vendored(path) and path == path.removeprefix("_")
        return Frame(path, call.line, call.function, inside=inside)

    def _place(self, package: str) -> str:
        if package == self.module or not package:
            return "."
        return package.removeprefix(f"{self.module}/")

    def _relative(self, path: str) -> str:
        path = path.replace("\\", "/")
        for root in self.roots:
            if path.startswith(f"{root}/"):
                return path.removeprefix(f"{root}/")
        if path.startswith(f"{self.module}/"):
            return _join(self.cwd, path.removeprefix(f"{self.module}/"))
        # An import path of -trimpath, or of the standard library: neither is a path of the workspace.
        return path if path.startswith("/") else f"<{path}>"


@dataclass(frozen=True)
class There:
    """Paths of a saved log. A test is named as go test names it: a log tells packages, but seldom their folders."""

    paths: SavedPaths
    packages: tuple[str, ...] = ()  # import paths that the log names
    roots: tuple[str, ...] = field(default=())

    def test_name(self, package: str, test: str) -> str:
        """Return the test's own name; "" for a package."""
        del package
        return test

    def folder(self, package: str) -> str:
        """Return the folder whose path the import path ends with; what all packages share is the module's."""
        parts = package.split("/")
        for n in range(len(parts)):
            folder = "/".join(parts[n:])
            if folder in self._folders:
                return folder
        return posixpath.relpath(package, self._module) if package.startswith(self._module) and package else "."

    def source(self, path: str, package: str) -> tuple[str, bool]:
        """Return a path that the compiler printed; it knows the package, which may tell one of two files apart."""
        plain = posixpath.normpath(path.replace("\\", "/"))
        beside = _join(self.folder(package), posixpath.basename(plain))
        if plain in self.paths.known or not plain.startswith(("/", "../")):
            return (beside, True) if plain not in self.paths.known and beside in self.paths.known else (plain, True)
        if beside in self.paths.known:
            return beside, True
        return self.paths.place(path)

    def frame(self, call: Call) -> Frame:
        """Return a line of a stack."""
        if self._is_standard(call) or "/pkg/mod/" in call.path or _is_vendored(call.path):
            return Frame(call.path, call.line, call.function, inside=False)
        own = _join(self.folder(call.package), posixpath.basename(call.path))
        if own in self.paths.known:
            return Frame(own, call.line, call.function)
        path, inside = self.paths.place(call.path)
        return Frame(path, call.line, call.function, inside=inside and not path.startswith(_MADE))

    def _is_standard(self, call: Call) -> bool:
        package = call.package
        if package == "panic" or not call.path.endswith(".go"):
            return True
        first = package.partition("/")[0]
        own = any(name.partition("/")[0] == first for name in self.packages)
        in_sources = f"/src/{package}/" in f"{call.path}" and bool(_STANDARD.match(package)) and "." not in first
        return in_sources and not own

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(posixpath.dirname(path) for path in self.paths.known if path.endswith(".go")) - {""}

    @cached_property
    def _module(self) -> str:
        """Return the longest import path that all packages share."""
        named = [name.split("/") for name in self.packages if name]
        shared: list[str] = []
        for parts in zip(*named, strict=False):
            if len(set(parts)) != 1:
                break
            shared.append(parts[0])
        return "/".join(shared)


def _is_vendored(path: str) -> bool:
    return f"/{path}".find("/vendor/") != -1 or bool(_VERSION.search(path))


def _join(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def import_paths(names: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct import paths among what a log names as packages, sorted."""
    return tuple(sorted({name for name in names if name and not name.startswith((".", "command-line"))}))
