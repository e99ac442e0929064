"""Measures mutation testing of a Python package: CPU seconds for each mutant, and whether the verdicts are right.

    python -m benchmarks.mutation TREE --python PYTHON --files F[,F...] --tests T [--functions F[,F...]]
                                  [--check N] [--busy] [--mutmut] [--cosmic-ray N]

TREE is an unpacked package, PYTHON an interpreter that has pytest and what the package needs. All mutants are judged
twice: both times each must have the same fate. --check judges N of them, spread evenly, once more the plain way: the
file is written and the tests are run by a process of their own. --busy does the second judging beside processes that
keep every core busy. --mutmut and --cosmic-ray let those tools, which must be installed beside pytest, mutate the same
files with the same tests, in the same run (the second one N of its mutants); their mutants are judged here, too. With
one function, mutmut runs once more after it was edited, with what it remembers of the first run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from benchmarks.children import adopt, cpu_seconds, live_cpu_seconds
from benchmarks.machine import describe
from benchmarks.mutation_rivals import PLAIN, Rival, compared, cosmic_ray, mutmut

from regreen.core.cancel import Cancellation
from regreen.core.edit import apply
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.ports import Hearing
from regreen.core.testing import CommandSpec, TestId
from regreen.execution import judge_mutants
from regreen.mutation import mutants_of
from tests.support.diskbench import INJECTED, DiskBench

_DETECTED = (Fate.KILLED, Fate.TIMEOUT)
_PLAIN_SECONDS = 60.0


def main() -> int:
    """Run the benchmark; the exit status is 1 when a verdict is not as it should be."""
    options = _options()
    adopt()
    print(describe())
    files, names = options.files.split(","), options.tests.split(",")
    functions = options.functions.split(",") if options.functions else []
    with _copied(options.tree) as tree:
        mutants = tuple(
            mutant
            for file in files
            for function in functions or [None]
            for mutant in mutants_of(file, DiskBench(tree).read(file).text, function=function)
        )
        first = _ours(tree, options.python, mutants, names)
        with _busy() if options.busy else nullcontext():
            second = _ours(tree, options.python, mutants, names)
        differing = [a for a, b in zip(first.judged, second.judged, strict=True) if a.fate is not b.fate]
        print(f"judged twice: {len(differing)} of {len(mutants)} differ {_named(differing)}")
        wrong = _checked(tree, options.python, first, names, options.check) if options.check else []
    if options.cosmic_ray:
        with _copied(options.tree) as tree:
            _versus(options, names, cosmic_ray(tree, options.python, files, names, options.cosmic_ray))
    if options.mutmut:
        with _copied(options.tree) as tree:
            for rival in mutmut(tree, options.python, files, names, functions):
                _versus(options, names, rival)
    return bool(differing or wrong)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--files", required=True)
    parser.add_argument("--tests", required=True)
    parser.add_argument("--functions", default="")
    parser.add_argument("--check", type=int, default=0)
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--mutmut", action="store_true")
    parser.add_argument("--cosmic-ray", type=int, default=0)
    return parser.parse_args()


@contextmanager
def _copied(tree: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=tree.resolve().parent) as folder:
        copy = Path(folder, tree.name)
        shutil.copytree(tree, copy, ignore=shutil.ignore_patterns("__pycache__", "mutants"))
        yield copy


def _ours(tree: Path, python: str, mutants: tuple[Mutant, ...], names: list[str]) -> Strength:
    path = os.pathsep.join([str(tree), str(tree / "src"), str(INJECTED)])
    env = tuple(sorted({**PLAIN, "PYTHONPATH": path}.items()))
    spec = CommandSpec((python, str(INJECTED / "regreen_mutate.py")), str(tree), env)
    begun, before = time.monotonic(), cpu_seconds()
    tests = tuple(TestId(".", name) for name in names)
    prepared: list[tuple[float, float]] = []  # CPU seconds and seconds, when the first mutant is about to be judged

    def recall(_mutant: Mutant, _tests: tuple[TestId, ...]) -> None:
        if not prepared:
            prepared.append((live_cpu_seconds() - before, time.monotonic() - begun))

    hearing = Hearing(0.0, recall, lambda _: None)
    strength = judge_mutants(Cancellation(), spec, DiskBench(tree), mutants, tests, hearing, ".")
    spent, wall = cpu_seconds() - before, time.monotonic() - begun
    fates = Counter(one.fate.value for one in strength.judged)
    _print("regreen", len(mutants), spent, wall, fates)
    for ready, waited in prepared:
        _print("  of it warm", len(mutants), spent - ready, wall - waited, Counter())
    if strength.refused:
        raise SystemExit(strength.refused)
    return strength


def _checked(tree: Path, python: str, strength: Strength, names: list[str], n: int) -> list[Judged]:
    """Judge some mutants the plain way; return those of which it says something else."""
    asked = [one for one in strength.judged if one.fate in (*_DETECTED, Fate.SURVIVED)]
    sample = asked[:: max(1, len(asked) // n)]
    begun, before, wrong = time.monotonic(), cpu_seconds(), []
    for one in sample:
        if _notices(tree, python, one.mutant, names) is not (one.fate in _DETECTED):
            wrong.append(one)
    _print("plain processes", len(sample), cpu_seconds() - before, time.monotonic() - begun, Counter())
    print(f"judged the plain way: {len(wrong)} of {len(sample)} differ {_named(wrong)}")
    return wrong


def _notices(tree: Path, python: str, mutant: Mutant, names: list[str]) -> bool:
    file = tree / mutant.path
    text = file.read_bytes().decode()
    file.write_bytes(apply(text, (mutant.edit,)).encode())
    try:
        path = os.pathsep.join([str(tree), str(tree / "src")])
        env = {**os.environ, **PLAIN, "PYTHONPATH": path}
        command = [python, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *names]
        ran = subprocess.run(command, cwd=tree, env=env, capture_output=True, timeout=_PLAIN_SECONDS, check=False)
        return ran.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_bytes(text.encode())


def _versus(options: argparse.Namespace, names: list[str], rival: Rival) -> None:
    """Judge another tool's mutants, and compare."""
    _print(rival.name, rival.n, rival.cpu, rival.wall, rival.fates)
    if rival.name == "mutmut again":
        return
    with _copied(options.tree) as tree:
        strength = _ours(tree, options.python, tuple(rival.verdicts), names)
    print("\n".join(compared(strength, rival)), flush=True)


@contextmanager
def _busy() -> Iterator[None]:
    """Keep every core busy, twice over."""
    spin = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(spin) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def _print(who: str, n: int, spent: float, wall: float, fates: Counter[str]) -> None:
    each = 1000 * spent / max(1, n)
    said = ", ".join(f"{count} {name}" for name, count in sorted(fates.items()))
    print(f"{who:16} {n:5} mutants {spent:8.2f} CPU s {each:8.1f} CPU ms each {wall:8.1f} s wall  {said}", flush=True)


def _named(judged: list[Judged]) -> str:
    shown = (f"{one.mutant.path}:{one.mutant.line} {one.mutant.operator} {one.fate}" for one in judged[:5])
    return "; ".join(shown)


if __name__ == "__main__":
    raise SystemExit(main())
