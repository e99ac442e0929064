"""Many candidates of a Go module in one build for each package: a test binary, run once for each of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.batching import Batching, Lines, Order, driven

from .habits import tags_of
from .run import command, package_of, pattern_of
from .switch import WRITING

_BLOCK = re.compile(r"^(.+\.go):(\d+)\.\d+,(\d+)\.(\d+) \d+ (\d+)$", re.MULTILINE)


def batch(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to build the candidates and to run them.

    Raises:
        ToolMissing: the go command was not found.
    """
    # All complaints of the module's own packages rather than ten of each; no code is made faster, none is described.
    options = (f"-gcflags={project.name}/...=-e -N -l", "-ldflags=-s -w")
    packages = _packages(project, order, place, options)
    facts = {"packages": packages, "picks": order.picks, "wall": order.wall, "memory": order.memory}
    folders = [package["folder"] for package in packages]
    mutants = [(pick, _runs(names, folders)) for pick, names in order.mutants]
    return driven(
        command(project, Selection(), place, timeout), place, {**facts, "mutants": mutants, "seconds": order.seconds}
    )


def _runs(names: tuple[str, ...], folders: list[str]) -> list[tuple[int, list[str]]]:
    """Return which programs may notice a mutant, with the arguments that choose their tests."""
    chosen = _by_folder(names)
    return [(folders.index(folder), ["-test.failfast", *_chosen(chosen[folder])]) for folder in sorted(chosen)]


def measure(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec:
    """Say how to learn which lines each test runs.

    Raises:
        ToolMissing: the go command was not found.
    """
    packages = _packages(project, order, place, ("-cover", "-covermode=set", "-coverpkg=./..."))
    folders = [package["folder"] for package in packages]
    tests = [
        {
            "name": name,
            "program": folders.index(name.partition("::")[0]),
            "argv": [*_chosen((name,)), "-test.coverprofile={profile}"],
        }
        for name in (*order.wanted, *order.keep)
    ]
    facts = {"packages": packages, "measure": tests, "wall": order.wall, "memory": order.memory}
    return driven(command(project, Selection(), place, timeout), place, facts)


def lines(project: Project, profile: str) -> Lines:
    """Return the lines that a cover profile calls run."""
    found: dict[str, set[int]] = {}
    for path, first, last, column, count in _BLOCK.findall(profile):
        if int(count) and path.startswith(project.name + "/"):
            inside = posixpath.normpath(posixpath.join(project.cwd, path[len(project.name) + 1 :]))
            # A block that ends before a line's first letter holds nothing of that line.
            end = int(last) if 2 < int(column) else int(last) - 1
            found.setdefault(inside, set()).update(range(int(first), max(int(first), end) + 1))
    return {path: frozenset(found[path]) for path in sorted(found)}


def _packages(project: Project, order: Order, place: Place, options: tuple[str, ...]) -> list[dict[str, Any]]:
    wanted, keep = _by_folder(order.wanted), _by_folder(order.keep)
    tags = tags_of(project.test_command)
    return [
        {
            "folder": folder,
            "build": [project.interpreter, "test", "-c", "-o", "{binary}", *tags, *options, package_of(folder)],
            "cwd": str(Path(place.root, project.cwd, folder)),
            "wanted": _chosen(wanted[folder]) if folder in wanted else None,
            "keep": _chosen(keep[folder]) if folder in keep else None,
        }
        for folder in sorted({*wanted, *keep})
    ]


def _by_folder(names: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    folders = dict.fromkeys(name.partition("::")[0] for name in names)
    return {folder: tuple(name for name in names if name.partition("::")[0] == folder) for folder in folders}


def _chosen(names: tuple[str, ...]) -> list[str]:
    return ["-test.paniconexit0", *(f"-test.run={pattern}" for pattern in pattern_of(names)[1:])]


BATCHING = Batching(writings={"go": WRITING}, command=batch, measure=measure, lines=lines)
