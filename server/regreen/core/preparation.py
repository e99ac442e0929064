"""Making a project's environment ready: the steps that were asked for, and what became of each."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from .testing import Ended
from .workspace import Project


@dataclass(frozen=True, slots=True)
class PrepareStep:
    """One command of a project's preparation. `ended` is None when it was not run."""

    argv: tuple[str, ...]
    cwd: str  # relative to the root
    ended: Ended | None = None
    exit_code: int = 0
    seconds: float = 0.0
    tail: str = ""  # the last lines that it wrote, or why it was not started

    @property
    def ok(self) -> bool:
        """Tell whether it ran and succeeded."""
        return self.ended is Ended.EXITED and self.exit_code == 0


@dataclass(frozen=True, slots=True)
class Preparation:
    """What became of the steps of one project, in their order."""

    project: str  # its key
    steps: tuple[PrepareStep, ...]

    @property
    def ok(self) -> bool:
        """Tell whether every step ran and succeeded."""
        return all(step.ok for step in self.steps)


def planned(project: Project) -> Preparation:
    """Return the steps of a project, none of them run."""
    return Preparation(project.key, tuple(PrepareStep(argv, project.path) for argv in project.prepare))


def in_words(project: Project) -> str:
    """Return the steps of a project as a person would type them."""
    return ", then ".join(shlex.join(argv) for argv in project.prepare)
