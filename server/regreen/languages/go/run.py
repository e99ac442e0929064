"""How the tests of a Go module are run: `go test -json`, which says on standard output what happens as it happens."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path

from regreen.core.errors import ToolMissing
from regreen.core.ports import ReportReader
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project

from .habits import tags_of
from .report import GoReader
from .where import Here

_LONGEST = 100_000  # characters of one argument; systems refuse more than 128 KiB in one go
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
# Kept back of the time, so that what was built meanwhile can still say where it hangs: a share of it, or seconds.
_MARGIN = 0.4
_LONGEST_MARGIN = 30.0


def command(project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
    """Say how to run the selected tests.

    Raises:
        ToolMissing: the go command was not found.
    """
    if not project.interpreter:
        raise ToolMissing(
            f"The go command was not found for the project in {project.path!r}.",
            next_step="Install Go and put its bin folder on the PATH, then run again.",
        )
    limit = max(1, int((timeout - min(timeout * _MARGIN, _LONGEST_MARGIN)) * 1000))
    argv = (
        project.interpreter, "test", "-json", "-count=1", f"-timeout={limit}ms", *tags_of(project.test_command),
        *((f"-shuffle={selection.seed}",) if selection.seed else ()),
        *(("-failfast",) if selection.stop_at_first else ()),
        *pattern_of(selection.names), *_packages(selection),
    )  # fmt: skip
    env = {
        # A run downloads nothing: what is missing is said, and the project's preparation steps fetch it.
        "GOPROXY": "off",
        "CI": "1",
        "NO_COLOR": "1",
        **dict(project.environment),
    }
    cwd = str(Path(place.root, project.cwd))
    return CommandSpec(argv, cwd, tuple(sorted(env.items())), timeout, report_is_stdout=True)


def reader(project: Project, place: Place) -> ReportReader:
    """Return a reader of one run in this place."""
    roots = tuple(dict.fromkeys((place.root.rstrip("/"), os.path.realpath(place.root))))
    outside = (*project.vendored,)
    return GoReader(project, Here(roots, project.cwd, project.name, outside))


def quoted(name: str) -> str:
    """Return the pattern that -run matches with exactly one test or sub-test."""
    return "/".join(f"^{_META.sub(_escaped, part)}$" for part in name.split("/"))


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def pattern_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the option that selects tests; none when a whole package is among what is wanted."""
    tests = tuple(dict.fromkeys(name.partition("::")[2] for name in names))
    if not tests or "" in tests:
        return ()
    if all("/" not in test for test in tests):
        whole = f"^({'|'.join(_META.sub(_escaped, test) for test in tests)})$" if 1 < len(tests) else quoted(tests[0])
    else:
        whole = "|".join(quoted(test) for test in tests)
    return ("-run", whole) if len(whole) < _LONGEST else ()


def _packages(selection: Selection) -> tuple[str, ...]:
    """Return package patterns: the places of tests, the folders of files, everything below a folder."""
    wanted = [package_of(name.partition("::")[0]) for name in selection.names]
    for path in selection.paths:
        folder = posixpath.dirname(path) if path.endswith(".go") else path
        wanted.append(package_of(folder) if path.endswith(".go") else _below(folder))
    return tuple(dict.fromkeys(wanted)) or ("./...",)


def package_of(folder: str) -> str:
    """Return the pattern that stands for the package of a folder."""
    return "." if folder in ("", ".") else f"./{folder}"


def _below(folder: str) -> str:
    return "./..." if folder in ("", ".") else f"./{folder.rstrip('/')}/..."
