"""What a workbench costs: opening, resetting, verifying and leaving it, against `git status` of the same tree.

    python -m benchmarks.checkpoint [--files 1000 20000 100000] [--rounds 5]

Figures are medians of wall time in milliseconds, and their ratios to `git status` in the same run. The probe, which is
made once when a server starts, is a row of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.machine import describe, percentile

from regreen.checkpoints import CopyCheckpoints, OverlayCheckpoints
from regreen.core.cancel import Cancellation
from regreen.core.ports import Checkpoints, Workbench

_GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "-c", "gc.auto=0")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 20_000, 100_000], help="sizes of the workspaces")
    parser.add_argument("--rounds", type=int, default=5, help="how often each figure is taken")
    options = parser.parse_args()
    print(describe())
    print(subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip())
    for n_files in options.files:
        folder = Path(tempfile.mkdtemp(prefix="regreen-bench-")).resolve()
        try:
            measure(folder, n_files, options.rounds)
        finally:
            shutil.rmtree(folder)


def measure(folder: Path, n_files: int, rounds: int) -> None:
    """Measure both kinds of workbench on a tree of so many files."""
    root = fill(folder / "ws", n_files)
    base = median([timed(lambda: git(root, "status", "--porcelain")) for _ in range(rounds)])
    print(f"\n{n_files} files: git status {base:.1f} ms")
    overlay = OverlayCheckpoints(root, folder / "state", lambda _: False)
    reasons: list[str | None] = []
    probe = timed(lambda: reasons.append(overlay.probe()))
    print(row("overlay", "probe, once", probe, base))
    if reasons[0] is None:
        measure_kind("overlay", overlay, rounds, base)
    else:
        print(f"  no overlay here: {reasons[0]}")
    copies = CopyCheckpoints(root, folder / "state", lambda _: False)
    measure_kind("copy", copies, min(rounds, 3), base)


def measure_kind(kind: str, checkpoints: Checkpoints, rounds: int, base: float) -> None:
    """Measure one kind of workbench."""
    times: dict[str, list[float]] = {"open": [], "reset": [], "verify": [], "leave": []}
    for _ in range(rounds):
        with ExitStack() as stack:
            benches: list[Workbench] = []
            times["open"].append(
                timed(lambda: benches.append(stack.enter_context(checkpoints.open(Cancellation(), {}))))  # noqa: B023
            )
            bench = benches[0]
            Path(bench.enclosure.tree, "left-by-a-test").write_text("x")
            times["reset"].append(timed(bench.reset))
            times["verify"].append(timed(bench.verify))
            times["leave"].append(timed(stack.close))
    for what, values in times.items():
        print(row(kind, what, median(values), base))


def row(kind: str, what: str, milliseconds: float, base: float) -> str:
    """Return one line of the table."""
    return f"  {kind:<8} {what:<12} {milliseconds:9.1f} ms  {milliseconds / base:7.2f} x git status"


def fill(root: Path, n_files: int) -> Path:
    """Write modules of some 20 lines, 20 in each folder, and commit them."""
    for n in range(n_files // 20):
        folder = root / f"part{n // 100}" / f"package{n}"
        folder.mkdir(parents=True)
        for m in range(20):
            (folder / f"module{m}.py").write_text(f"LIMIT = {n * m}\n" * 20)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "all")
    os.sync()
    return root


def git(root: Path, *arguments: str) -> None:
    """Run git."""
    subprocess.run([*_GIT, *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds that a call takes."""
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def median(values: list[float]) -> float:
    """Return the middle value."""
    return percentile(values, 0.5)


if __name__ == "__main__":
    main()
