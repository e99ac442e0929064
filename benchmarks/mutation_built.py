"""CPU seconds for each mutant in languages that are built: builds that mutants share, a run for each, another tool.

    python -m benchmarks.mutation_built FOLDER FILE [--lines A-B] [--alone N] [--tool 'COMMAND'] \
        [--rival NAME --report REPORT]

FOLDER is a package whose tests are green and whose dependencies are there; FILE is what is mutated, relative to it, or
those of its lines. `--alone` judges that many of the mutants once more, each by a run of its own, and compares the
fates. `--tool` runs another tool in FOLDER; NAME (gremlins, stryker or cargo-mutants) says how to read the REPORT that
it leaves (or left before): how many mutants it asked the tests about, and which of those that both make have another
fate.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import time
from collections import Counter
from pathlib import Path

from benchmarks.children import adopt, cpu_seconds
from benchmarks.machine import describe
from benchmarks.rival_fates import compared, fates

from regreen.app.mutating_built import BuiltMutation
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation
from regreen.core.mutation import Mutant, Strength
from regreen.core.ports import Hearing
from regreen.execution import LocalExecutor
from regreen.languages import REGISTRY, batching_for, language_for
from regreen.mutation import mutants_of
from regreen.oracle.files import FilesTree
from tests.support.diskbench import DiskBench


def judged(root: Path, language: str, mutants: tuple[Mutant, ...], *, shares: bool) -> tuple[Strength, float, float]:
    """Judge mutants; return what came of it, and its CPU seconds and seconds."""
    files = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
    paths = tuple(path for path in files if not path.startswith((".git/", "node_modules/", "target/")))
    project = REGISTRY[language].detect(FilesTree(str(root), paths, os.environ, {}))[0]
    runner = ToolRunner(lambda name: REGISTRY[name], LocalExecutor(), str(root), lambda: 600.0, lambda: False)
    engine = BuiltMutation(runner, batching_for(language) if shares else None)
    cpu, wall = cpu_seconds(), time.monotonic()
    strength = engine.judge(Cancellation(), DiskBench(root), project, mutants, (), Hearing())
    return strength, cpu_seconds() - cpu, time.monotonic() - wall


def told(name: str, n: int, notes: str, cpu: float, wall: float) -> None:
    """Print a row."""
    each = f"{1000 * cpu / max(n, 1):8.1f} CPU ms each"
    print(f"{name:24} {n:5} mutants  {each}  {cpu:7.1f} CPU s  {wall:6.1f} s  {notes}", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file")
    parser.add_argument("--lines", default="", metavar="A-B")
    parser.add_argument("--alone", type=int, default=0, metavar="N")
    parser.add_argument("--tool", default="")
    parser.add_argument("--rival", choices=["gremlins", "stryker", "cargo-mutants"])
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    adopt()
    print(describe())
    root = options.folder.resolve()
    language = language_for(options.file)
    assert language is not None
    text = (root / options.file).read_text("utf-8")
    first, _, last = options.lines.partition("-")
    lines = range(int(first), int(last) + 1) if last else range(text.count("\n") + 2)
    mutants = tuple(mutant for mutant in mutants_of(options.file, text) if mutant.line in lines)
    shared, cpu, wall = judged(root, language.name, mutants, shares=True)
    assert not shared.refused, shared.refused
    counted = Counter(one.fate.value for one in shared.judged)
    told("builds that they share", len(shared.judged), f"{dict(sorted(counted.items()))}", cpu, wall)
    if options.alone:
        some = mutants[:: max(1, len(mutants) // options.alone)][: options.alone]
        alone, cpu, wall = judged(root, language.name, some, shares=False)
        known = {one.mutant: one for one in shared.judged}
        elsewhere = [
            f"{one.mutant.line} {one.mutant.operator} -> {one.mutant.replacement}: {known[one.mutant].fate}, {one.fate}"
            for one in alone.judged
            if known[one.mutant].fate.is_detected != one.fate.is_detected
        ]
        told("a run for each", len(some), f"{len(elsewhere)} other fates", cpu, wall)
        print("".join(f"  {line}\n" for line in elsewhere), end="")
    if options.rival:
        begun, wall = cpu_seconds(), time.monotonic()
        if options.tool:
            subprocess.run(shlex.split(options.tool), cwd=root, check=False, stdout=subprocess.DEVNULL)
        cpu, wall = cpu_seconds() - begun, time.monotonic() - wall
        rivals = fates(options.rival, root / options.report, options.file, text)
        noted = Counter(one.status for one in rivals)
        told(options.rival, len(rivals), f"{dict(sorted(noted.items()))}", cpu, wall)
        n_both, differing = compared(shared.judged, rivals, text)
        print(f"{n_both} mutants that both make, {len(differing)} with another fate")
        print("".join(f"  {line}\n" for line in differing), end="")


if __name__ == "__main__":
    main()
