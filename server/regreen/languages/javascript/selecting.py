"""A selection in the words of runners: files, and patterns of names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from regreen.core.testing import Place, Selection
from regreen.core.titles import SEPARATOR, VARIABLE
from regreen.core.workspace import Project, RunnerUse

from .layout import JAVASCRIPT, TYPESCRIPT

_MOST_NAMES = 200
_LONGEST = 30_000  # characters of a pattern
_SPECIAL = re.compile(r"[.*+?^${}()|\[\]\\/]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to run. Paths are absolute."""

    files: tuple[str, ...]
    filters: tuple[str, ...]  # folders, when no file is named
    names: tuple[str, ...]  # as ids name them, suites first; () is all tests of the files
    known: tuple[str, ...]  # all files of the runner, where it must be told
    stop_at_first: bool
    together: bool = False  # whether files may share a process

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the names, as the runner prints them."""
        return self.names

    @property
    def single_patterns(self) -> tuple[str, ...]:
        """Return a pattern for each title on the way to a test: a runner may match suites and sub-tests one by one."""
        parts = dict.fromkeys(part for name in self.names for part in name.split(SEPARATOR))
        return tuple(f"^{self.escaped(part)}$" for part in parts)

    def pattern(self, option: str, before: str = "") -> tuple[str, ...]:
        """Return an option that selects the names, for runners that join suite and test with a space.

        `before` is a pattern for what a runner puts before all names.
        """
        if not self.names:
            return ()
        forms = "|".join(self.escaped(name.replace(SEPARATOR, " ")) for name in self.names)
        return (f"{option}=^{before}(?:{forms})$",)

    @staticmethod
    def escaped(name: str) -> str:
        """Return a pattern that matches a name, whatever a table's rows put into it."""
        found, at = "", 0
        for match in VARIABLE.finditer(name):
            found += _SPECIAL.sub(r"\\\g<0>", name[at : match.start()]) + r"[\s\S]*"
            at = match.end()
        return found + _SPECIAL.sub(r"\\\g<0>", name[at:])


def wanted_of(project: Project, use: RunnerUse, selection: Selection, place: Place) -> Wanted:
    """Say in a runner's words what a selection wants."""
    home = Path(place.root, project.cwd)
    split = [name.partition("::") for name in selection.names]
    whole = {file for file, colons, _ in split if not colons}
    names = tuple(dict.fromkeys(rest for file, colons, rest in split if colons))
    if whole or _MOST_NAMES < len(names) or _LONGEST < sum(map(len, names)):
        names = ()
    named = [*dict.fromkeys(file for file, _, _ in split), *selection.paths]
    files = tuple(str(home / path) for path in named if path.endswith(TYPESCRIPT + JAVASCRIPT))
    folders = tuple(str(home / path) for path in named if not path.endswith(TYPESCRIPT + JAVASCRIPT))
    if not named and use.cwd != project.path:
        folders = (str(Path(place.root, project.path)),)
    known = tuple(str(Path(place.root, path)) for path in use.files)
    return Wanted(files, folders, names, known, selection.stop_at_first, selection.together)
