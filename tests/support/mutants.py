"""Mutants, judged for real in a workspace on the disk."""

from __future__ import annotations

import os
from pathlib import Path

from regreen.app.mutating_built import BuiltMutation
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation
from regreen.core.mutation import Mutant, Strength
from regreen.core.ports import Hearing
from regreen.core.testing import TestId
from regreen.execution import LocalExecutor
from regreen.languages import REGISTRY, batching_for
from regreen.mutation import mutants_of
from regreen.oracle.files import FilesTree
from tests.support.diskbench import DiskBench
from tests.support.workspace import lay, parse_files


def mutants_in(text: str, path: str) -> tuple[Mutant, ...]:
    """Return the mutants of a file of a workspace."""
    return mutants_of(path, parse_files(text)[path])


def judge_mutants(
    language: str,
    text: str,
    mutants: tuple[Mutant, ...],
    folder: Path,
    *,
    tests: tuple[TestId, ...] = (),
    hearing: Hearing | None = None,
    shares_builds: bool = True,
    packages: Path | None = None,
    cancel: Cancellation | None = None,
) -> Strength:
    """Judge mutants of a workspace; its files are as before afterwards."""
    root = lay(folder / "ws", text)
    files = parse_files(text)
    if packages is not None:
        (root / "node_modules").symlink_to(packages, target_is_directory=True)
    project = REGISTRY[language].detect(FilesTree(str(root), tuple(sorted(files)), os.environ, {}))[0]
    runner = ToolRunner(lambda name: REGISTRY[name], LocalExecutor(), str(root), lambda: 120.0, lambda: False)
    engine = BuiltMutation(runner, batching_for(language) if shares_builds else None)
    strength = engine.judge(cancel or Cancellation(), DiskBench(root), project, mutants, tests, hearing or Hearing())
    assert {path: (root / path).read_text("utf-8") for path in files} == files
    return strength


def told(strength: Strength) -> list[str]:
    """Return a line for each judged mutant: `line original -> replacement: fate, by whom`."""
    return [
        f"{one.mutant.line} {one.mutant.original} -> {one.mutant.replacement}: {one.fate.value}"
        + "".join(f", {test.name.rpartition('::')[2]}" for test in one.killed_by)
        for one in strength.judged
    ]
