"""How a program is started: as the person's own, or by something that builds an enclosure around it first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from regreen.core.errors import CannotRun
from regreen.core.testing import CommandSpec


class NotEnclosed(CannotRun):
    """An enclosure could not be built. Another try may: what it was to hide can be gone since it was seen."""


class Start(Protocol):
    """One start. Whoever asks for it calls `begun` once the process is there, and `kill` and `close` at the end."""

    @property
    def argv(self) -> tuple[str, ...]:
        """Return what to execute."""

    @property
    def cwd(self) -> str:
        """Return the folder to execute it in."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Return its whole environment."""

    @property
    def fds(self) -> tuple[int, ...]:
        """Return the descriptors that it inherits."""

    def begun(self) -> None:
        """Wait until the program itself runs.

        Raises:
            ToolMissing: the program is not there or cannot be executed.
            CannotRun: the folder is not there, or the enclosure cannot be built.
        """

    def kill(self) -> None:
        """Kill what is inside of the enclosure, and wait until nothing of it lives."""

    def close(self) -> None:
        """Let go of what the start needed."""


Starter = Callable[[CommandSpec, Mapping[str, str], tuple[int, ...]], Start]


@dataclass(frozen=True, slots=True)
class PlainStart:
    """The start of a program as it is."""

    argv: tuple[str, ...]
    cwd: str
    environment: Mapping[str, str]
    fds: tuple[int, ...] = ()

    def begun(self) -> None:
        """Do nothing: what is executed is the program."""

    def kill(self) -> None:
        """Do nothing: the process group is all that there is."""

    def close(self) -> None:
        """Do nothing."""


def start_plainly(spec: CommandSpec, environment: Mapping[str, str], fds: tuple[int, ...]) -> Start:
    """Start a program as the person's own.

    Raises:
        CannotRun: the folder is not there.
    """
    if not Path(spec.cwd).is_dir():
        raise folder_missing(spec.cwd)
    return PlainStart(spec.argv, spec.cwd, environment, fds)


def folder_missing(folder: str) -> CannotRun:
    """Return the error of a folder to run in that is not there."""
    return CannotRun(f"The folder {folder} is not there.", next_step="Open a folder that exists, then run again.")
