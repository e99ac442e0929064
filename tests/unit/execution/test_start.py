"""An enclosure that cannot be built at once is tried again; one that never can be says why."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from regreen.core.testing import CommandSpec
from regreen.execution.process import Tree
from regreen.execution.start import NotEnclosed, PlainStart, Start, start_plainly


@dataclass(frozen=True)
class Unsteady(PlainStart):
    """A start whose enclosure cannot be built."""

    def begun(self) -> None:
        raise NotEnclosed("A socket is gone.", next_step="Try again.")


class Starter:
    """Fails a number of times."""

    def __init__(self, n_failures: int) -> None:
        self.left, self.n_starts = n_failures, 0

    def __call__(self, spec: CommandSpec, environment: Mapping[str, str], fds: tuple[int, ...]) -> Start:
        self.n_starts += 1
        plain = start_plainly(spec, environment, fds)
        if self.n_starts <= self.left:
            return Unsteady(plain.argv, plain.cwd, plain.environment, plain.fds)
        return plain


def spec_in(folder: Path) -> CommandSpec:
    return replace(CommandSpec((sys.executable, "-c", "print('here')"), str(folder)))


@pytest.mark.parametrize("n_failures", [0, 1, 2])
def test_another_try_is_made(n_failures: int, tmp_path: Path) -> None:
    starter = Starter(n_failures)
    with Tree(spec_in(tmp_path), dict(os.environ), 1000, starter) as tree:
        assert tree.wait(30) == 0
        tree.kill()
        assert tree.output == ("here\n", "")
    assert starter.n_starts == n_failures + 1


def test_one_that_never_can_be_built_says_why(tmp_path: Path) -> None:
    starter = Starter(100)
    with pytest.raises(NotEnclosed, match="A socket is gone"):
        Tree(spec_in(tmp_path), dict(os.environ), 1000, starter)
    assert starter.n_starts == 3
