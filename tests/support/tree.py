"""A tree made of texts."""

from __future__ import annotations

from collections.abc import Mapping

from .workspace import parse_files


class TextTree:
    """A `core.ports.Tree` of the text notation; nothing is on disk.

    What lies in an environment's folder can be read, as if ignored; `programs` are the executable files.
    """

    root = "/work/space"

    def __init__(
        self,
        text: str,
        *,
        programs: tuple[str, ...] = ("/usr/bin/python3",),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._texts = parse_files(text)
        self._programs = frozenset(programs)
        self.environment: Mapping[str, str] = environment or {}

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files that are not ignored, sorted."""
        return tuple(sorted(path for path in self._texts if "pyvenv.cfg" not in path))

    def read(self, path: str) -> str | None:
        """Return a file's text."""
        return self._texts.get(path)

    def is_executable(self, path: str) -> bool:
        """Tell whether a path is among the programs."""
        return path in self._programs

    def search_path(self, program: str) -> str:
        """Return the program as if its folder were on the search path."""
        return next((each for each in sorted(self._programs) if each == f"/usr/bin/{program}"), "")
