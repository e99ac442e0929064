"""The check of a Go module beside its tests: `go vet`. `go test` builds every package, but vets only a part of it."""

from __future__ import annotations

import posixpath

from regreen.core.workspace import Project
from regreen.languages.folders import inside

from .habits import tags_of

_EVERYTHING = "./..."


def gates(program: str, test_command: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the argv of each check; the build is none, for a run of all tests has built every package."""
    return ((program, "vet", *tags_of(test_command), _EVERYTHING),) if program else ()


def narrowed(project: Project, argv: tuple[str, ...], touched: tuple[str, ...]) -> tuple[str, ...]:
    """Return a check for the packages of some files alone; as it is where it does not name packages.

    The tests have shown that the packages which import them still build.
    """
    if project.language != "go" or argv[-1] != _EVERYTHING:
        return argv
    folders = {posixpath.dirname(path) or "." for path in touched if path.endswith(".go")}
    own = sorted(posixpath.relpath(folder, project.cwd) for folder in folders if inside(folder, project.cwd))
    return (*argv[:-1], *("." if folder == "." else f"./{folder}" for folder in own)) if own else argv
