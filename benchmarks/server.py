"""Start-up, and what a hover costs: idle, while a big workspace is indexed, and while a repair and an index run go on.

    python -m benchmarks.server [--files 2000] [--hovers 400]

Figures are milliseconds of wall time seen by a client over standard streams, and ratios to the idle ones of the run.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import describe, percentile

from regreen.cli.demo.command import demo_environment
from regreen.cli.demo.editor import Editor
from regreen.cli.demo.stories import STORIES, lay


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000, help="generated modules in the workspace")
    parser.add_argument("--hovers", type=int, default=400, help="hovers for each row")
    options = parser.parse_args()
    print(describe())
    folder = Path(tempfile.mkdtemp(prefix="regreen-bench-")).resolve()
    try:
        measure(folder, options.files, options.hovers)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, n_files: int, n_hovers: int) -> None:
    """Measure one server on a red workspace among many generated modules."""
    story = STORIES[0]
    root = lay(story, folder)
    fill(root / "src" / "generated_like", n_files)
    begun = time.perf_counter()
    editor = Editor(root, demo_environment(folder), lambda _: None)
    try:
        editor.initialize()
        print(f"start to initialize reply: {1000 * (time.perf_counter() - begun):.0f} ms")
        path = story.test.partition("::")[0]
        editor.open(path)
        indexing = hovers(editor, path, n_hovers, lambda: True)
        run_tests(editor)
        idle = hovers(editor, path, n_hovers, lambda: True)
        fill(root / "src" / "more", n_files)
        job = editor.begin("workspace/executeCommand", {"command": "regreen.fix", "arguments": [{"dryRun": True}]})
        busy = hovers(editor, path, 10 * n_hovers, lambda: not editor.answered(job))
        outcome = editor.finish(job, "the repair")["outcome"]
        editor.close()
    finally:
        editor.kill()
    base = percentile(idle, 0.5)
    for name, times in (("idle", idle), (f"indexing {n_files} files", indexing), ("repair + index run", busy)):
        p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
        print(f"hover, {name:<22} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  max {max(times):7.2f} ms  "
              f"({p50 / base:.1f}x idle, {len(times)} hovers)")  # fmt: skip
    print(f"the repair ended: {outcome}")


def hovers(editor: Editor, path: str, limit: int, go_on: Callable[[], bool]) -> list[float]:
    """Hover over the first test, one after the other, and return the milliseconds of each."""
    place = {"textDocument": {"uri": editor.uri(path)}, "position": {"line": 9, "character": 6}}
    times: list[float] = []
    while len(times) < limit and (not times or go_on()):
        begun = time.perf_counter()
        editor.request("textDocument/hover", place)
        times.append(1000 * (time.perf_counter() - begun))
    return times


def run_tests(editor: Editor) -> None:
    """Run all tests and wait."""
    editor.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": [{}]})


def fill(folder: Path, n_files: int) -> None:
    """Write modules of some 60 lines."""
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    body = "".join(
        f'def function_{n}(first, second=None):\n    """Return something."""\n    return [first, second, {n}]\n\n\n'
        for n in range(12)
    )
    for n in range(n_files):
        (folder / f"module_{n}.py").write_text(f"import os\nimport sys\n\nLIMIT = {n}\n\n\n{body}")


if __name__ == "__main__":
    main()
