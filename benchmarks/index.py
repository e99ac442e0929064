"""What the oracle's first index of a Python tree costs, beside reading and hashing the same files, in one run.

    python -m benchmarks.index [FOLDER]

FOLDER defaults to the standard library of this interpreter.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sysconfig
import time
from pathlib import Path

from benchmarks.machine import describe

from regreen.core.events import Event
from regreen.languages import languages
from regreen.oracle import Oracle


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    options = parser.parse_args()
    print(describe())
    root = options.folder.resolve()

    begun = time.perf_counter()
    oracle = Oracle(str(root), languages(), ignore, dict(os.environ))
    oracle.refresh()
    cold = time.perf_counter() - begun
    files = [facts for facts in oracle.model.files.values() if facts.language == "python"]
    paths = [root / facts.path for facts in files]

    begun = time.perf_counter()
    n_bytes = sum(len(read_and_hash(path)) for path in paths)
    hashed = time.perf_counter() - begun

    begun = time.perf_counter()
    oracle.refresh()
    warm = time.perf_counter() - begun
    oracle.close()

    n_symbols = sum(len(facts.symbols) for facts in files)
    print(f"{root}: {len(files)} Python files, {n_bytes / 1e6:.1f} MB, {n_symbols} symbols")
    print(f"cold index      {cold:7.2f} s  {len(files) / cold:7.0f} files/s  {n_bytes / 1e6 / cold:6.1f} MB/s")
    print(f"read and hash   {hashed:7.2f} s  (cold index is {cold / hashed:.0f}x)")
    print(f"nothing changed {warm:7.2f} s  (1/{cold / warm:.0f} of the cold index)")


def read_and_hash(path: Path) -> bytes:
    """Return a file's bytes, hashed on the way."""
    content = path.read_bytes()
    hashlib.sha256(content).digest()
    return content


def ignore(event: Event) -> None:
    """Hear nothing."""


if __name__ == "__main__":
    main()
