"""What the oracle's index of a workspace costs, beside reading and hashing the same files, universal-ctags and git.

    python -m benchmarks.index [FOLDER] [--made 100000]

FOLDER defaults to the standard library of this interpreter; with `--made` a tree of that many files in four languages
is made instead. The folder is copied, for the cost of an edit and of a branch switch is measured too. Wall times and
processor times (workers included) of one run: on a busy machine only the latter tell one program from another.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import describe

from regreen.core.events import Event, ModelChanged
from regreen.languages import languages
from regreen.oracle import Oracle

_BODIES = {
    "py": "import os\n\n\ndef function_{n}(first, second=None):\n    return [first, second, os.sep]\n\n\n"
          "class Box{n}:\n    size = {n}\n\n    def lid(self):\n        self.open = True\n        return self.size\n",
    "go": "package box\n\nimport \"fmt\"\n\ntype Box{n} struct {{\n\tSize int\n}}\n\n"
          "func (b Box{n}) Lid() string {{\n\treturn fmt.Sprint(b.Size)\n}}\n",
    "rs": "use std::fmt;\n\npub struct Box{n} {{\n    size: u32,\n}}\n\nimpl Box{n} {{\n"
          "    pub fn lid(&self) -> u32 {{\n        self.size + {n}\n    }}\n}}\n",
    "ts": "import {{ lid }} from \"./lid\";\n\nexport class Box{n} {{\n  size = {n};\n  open(): number {{\n"
          "    return lid(this.size);\n  }}\n}}\n",
}  # fmt: skip
_GIT = ("git", "-c", "user.name=b", "-c", "user.email=b@b", "-c", "core.fsmonitor=false", "-c", "gc.auto=0")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    parser.add_argument("--made", type=int, default=0, metavar="N", help="measure a made tree of N files")
    options = parser.parse_args()
    print(describe())
    place = Path(tempfile.mkdtemp(prefix="regreen-bench-"))
    try:
        root = place / "work"
        if options.made:
            make(root, options.made)
        else:
            ignored = shutil.ignore_patterns(".git", "node_modules", "site-packages", "__pycache__")
            shutil.copytree(options.folder.resolve(), root, symlinks=True, ignore=ignored)
        (place / "state").mkdir()
        measure(root, place / "state")
    finally:
        shutil.rmtree(place)


def measure(root: Path, state: Path) -> None:
    """Measure one tree."""
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    time.sleep(2.1)  # Until then a time stamp does not tell one content from the next, for git neither.
    git(root, "status")
    status = best_of_three(lambda: git(root, "status"))
    before = resident()
    with Live(root, state) as live:
        cold = live.cost
        model = live.oracle.model
        grown = resident() - before
        paths = [root / path for path in model.files]
        n_bytes = sum(path.stat().st_size for path in paths)
        n_symbols = sum(len(facts.symbols) for facts in model.files.values())
        print(f"{len(paths)} source files, {n_bytes / 1e6:.1f} MB, {n_symbols} symbols")
        row("cold index", cold, f"{len(paths) / cold.wall:.0f} files/s, {n_bytes / 1e6 / cold.wall:.1f} MB/s")
        print(f"  memory {grown / n_symbols:.0f} bytes/symbol")
        compare("read and hash", best_of_three(lambda: read_and_hash(paths)), cold)
        if shutil.which("ctags") is None:
            print("ctags is missing: install universal-ctags to compare with it")
        else:
            compare("universal-ctags", best_of_three(lambda: ctags(paths, state)), cold)
        edited = sorted(model.files)[len(paths) // 2]
        edit = live.until_new(lambda: append(root / edited, b"\n\n"))
        alone = Cost(edit.wall - live.quiet, edit.cpu)
        row(
            "one edit",
            alone,
            f"1/{cold.wall / alone.wall:.0f} of the cold index (processor 1/{cold.cpu / alone.cpu:.0f}); "
            f"before it a wait for quiet of {live.quiet} s",
        )
        many = sorted(model.files)[:: max(1, len(paths) // 5000)]
        git(root, "commit", "-q", "-a", "-m", "second")
        for path in many:
            append(root / path, b"\n\n\n")
        git(root, "commit", "-q", "-a", "-m", "third")
        live.settle()
        switch = live.until_new(lambda: git(root, "checkout", "-q", "HEAD~1"))
        row("branch switch", switch, f"{len(many)} files, in {live.n_models} new models")
    time.sleep(2.1)
    with Live(root, state):
        pass
    with Live(root, state) as live:
        row("warm start", live.cost, f"{live.cost.beside(status)} git status")
    row("git status", status, "")
    shutil.rmtree(state)
    state.mkdir()
    with Live(root, state, document=edited) as live:
        row("first answer", Cost(live.first, 0.0), "cold, about an open document")
    with Live(root, state, document=edited) as live:
        row("first answer", Cost(live.first, 0.0), "warm, about an open document")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of processors; of this process and those that it waited for."""

    wall: float
    cpu: float

    def beside(self, other: Cost) -> str:
        """Say how many times as much this is."""
        return f"{self.wall / other.wall:.1f}x (processor {self.cpu / other.cpu:.1f}x)"


def now() -> Cost:
    """Return what was spent so far."""
    own, waited = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.perf_counter(), own.ru_utime + own.ru_stime + waited.ru_utime + waited.ru_stime)


def since(begun: Cost) -> Cost:
    """Return what was spent from then on."""
    end = now()
    return Cost(end.wall - begun.wall, end.cpu - begun.cpu)


class Live:
    """A started oracle, and how long its models take to come."""

    quiet = 0.1

    def __init__(self, root: Path, state: Path, document: str = "") -> None:
        self._told = threading.Condition()
        self.n_models = 0
        self.first = 0.0
        self._document = document
        self._begun = now()
        self.oracle = Oracle(root, languages(), self._hear, dict(os.environ), store=state)
        if document:
            self.oracle.open_buffer(document, (root / document).read_text("utf-8", errors="replace"))
        self.oracle.start()

    def __enter__(self) -> Live:
        with self._told:  # Until the whole model is there; storing it comes after that and is in nobody's way.
            self._told.wait_for(lambda: self.n_models and len(self.oracle.model.files) != bool(self._document), 600)
        self.cost = since(self._begun)
        self.settle()
        return self

    def __exit__(self, *_: object) -> None:
        self.oracle.close()

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        time.sleep(0.3)
        self.oracle.wait_until_idle(600)

    def until_new(self, change: Callable[[], object]) -> Cost:
        """Return how long it takes from after a change until the model is at rest again."""
        self.n_models, generation = 0, self.oracle.model.generation
        change()
        begun = now()
        with self._told:
            self._told.wait_for(lambda: generation < self.oracle.model.generation, 600)
            while self._told.wait(1.0):
                pass
        return Cost(self._last - begun.wall, since(begun).cpu)

    def _hear(self, event: Event) -> None:
        if not isinstance(event, ModelChanged):
            return
        with self._told:
            self.n_models += 1
            self._last = time.perf_counter()
            self.first = self.first or self._last - self._begun.wall
            self._told.notify_all()


def make(root: Path, n_files: int) -> None:
    """Write a tree of small files in four languages, a hundred to a folder."""
    for number in range(n_files):
        suffix = list(_BODIES)[number % len(_BODIES)]
        folder = root / f"part_{number // 1000}" / f"piece_{number // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"module_{number}.{suffix}").write_text(_BODIES[suffix].format(n=number))


def read_and_hash(paths: list[Path]) -> None:
    """Read and hash files."""
    for path in paths:
        hashlib.sha256(path.read_bytes()).digest()


def ctags(paths: list[Path], place: Path) -> None:
    """Run universal-ctags over files."""
    command = ["ctags", "-f", str(place / "tags"), "-L", "-"]
    subprocess.run(command, input="\n".join(map(str, paths)), text=True, check=True, stderr=subprocess.DEVNULL)


def git(root: Path, *arguments: str) -> None:
    """Run git quietly."""
    subprocess.run([*_GIT, *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def append(path: Path, content: bytes) -> None:
    """Add to a file."""
    with open(path, "ab") as file:
        file.write(content)


def best_of_three(work: Callable[[], object]) -> Cost:
    """Return the least of three wall times, and of three processor times."""
    costs = []
    for _ in range(3):
        begun = now()
        work()
        costs.append(since(begun))
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs))


def resident() -> int:
    """Return the memory of this process in bytes; 0 where the system does not say."""
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * resource.getpagesize() if file.exists() else 0


def row(name: str, cost: Cost, remark: str) -> None:
    """Print one figure."""
    print(f"{name:<16}{cost.wall:9.3f} s {cost.cpu:9.3f} s cpu  {remark}", flush=True)


def compare(name: str, cost: Cost, cold: Cost) -> None:
    """Print one figure with the ratio to it."""
    row(name, cost, f"(cold index is {cold.beside(cost)})")


if __name__ == "__main__":
    sys.exit(main())
