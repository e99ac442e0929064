"""Measures the search engine on the small bugs of tests/bugs, each judged by tests that it never saw.

    python -m benchmarks.repair [NAME | LANGUAGE ...]

Prints a line for each bug, then one for each kind: right (held-out tests pass), wrong, not repaired, or refused where
nothing should be edited; with the candidates tried and the CPU seconds.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import describe

from regreen.app import Delivered, FixRequest, Settings, open_session
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.repair import Outcome
from regreen.core.testing import TestId
from regreen.core.trace import SystemClock, new_trace
from tests.support.plain import make_plain_venv
from tests.support.workspace import parse_files

BUGS = Path(__file__).parents[1] / "tests" / "bugs"
_OURS = ("heldout/", "fix/")  # what the engine never sees
# The bugs of Python lie in the folder itself, the others in one of their language; what judges a repair.
_JUDGES = {
    "go": ("go", "test", "-vet=off", "./..."),
    "javascript": ("node", "--test"),
    "rust": ("cargo", "test", "--offline", "--quiet"),
}


@dataclass(frozen=True)
class Result:
    """What became of one bug."""

    verdict: str
    tried: int
    cpu: float


def main(names: list[str]) -> int:
    """Run the benchmark."""
    print(describe())
    by_kind: dict[str, list[Result]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        venv = make_plain_venv(base / "venv")
        os.environ["VIRTUAL_ENV"] = str(venv)
        os.environ["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
        os.environ["REGREEN_STATE_DIR"] = str(base / "state")
        for bug in sorted(BUGS.rglob("*.txt")):
            language = "python" if bug.parent == BUGS else bug.parent.name
            if names and not {bug.stem, language} & set(names):
                continue
            text = bug.read_text(encoding="utf-8")
            head = dict(line.split(": ", 1) for line in text.split("-- ", 1)[0].strip().splitlines())
            result = repair(base / bug.stem, venv, language, head, parse_files(text))
            by_kind[f"{language} {head['kind']}"].append(result)
            print(
                f"{bug.stem:32} {head['kind']:20} {result.verdict:14} {result.tried:5} {result.cpu:6.1f} s", flush=True
            )
    show(by_kind)
    return 0


def repair(root: Path, venv: Path, language: str, head: dict[str, str], files: dict[str, str]) -> Result:
    """Repair one bug and judge the repair by the held-out tests."""
    write(root, {path: text for path, text in files.items() if not path.startswith(_OURS)})
    before = cpu_seconds()
    session = open_session(str(root), Settings(), lambda _event: None)

    def deliver(_cancel: Cancellation, patch: Patch, _label: str) -> Delivered:
        write(root, {file.path: file.after for file in patch.files})
        return Delivered(True)

    try:
        session.refresh()
        request = FixRequest(tests=(TestId(".", head["red"]),))
        report = session.fix(Cancellation(), new_trace(SystemClock()), request, deliver)
    finally:
        session.close()
    if head["expect"] == "fixed" and report.outcome is not Outcome.REPAIRED:
        print(f"{root.name}: {report.reason}")
    spent = cpu_seconds() - before
    tried = sum(attempt.tried for attempt in report.attempts)
    if report.outcome is not Outcome.REPAIRED:
        return Result("not repaired" if head["expect"] == "fixed" else "refused", tried, spent)
    if head["expect"] != "fixed":
        return Result("wrong", tried, spent)
    return Result("right" if passes_unseen(root, venv, language, files) else "wrong", tried, spent)


def passes_unseen(root: Path, venv: Path, language: str, files: dict[str, str]) -> bool:
    """Tell whether the held-out tests pass on what the repair left."""
    folder = "unseen/" if language == "python" else ""
    write(root, {folder + path.removeprefix("heldout/"): text for path, text in files.items() if "heldout/" in path})
    python = (str(venv / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "unseen")
    command = _JUDGES.get(language, python)
    return not subprocess.run(command, cwd=root, capture_output=True, timeout=120, check=False).returncode


def show(by_kind: dict[str, list[Result]]) -> None:
    """Print what became of each kind, and of all."""
    rows = [*sorted(by_kind.items()), ("all", [result for results in by_kind.values() for result in results])]
    for kind, results in rows:
        counts = Counter(result.verdict for result in results)
        told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
        tried, cpu = sum(result.tried for result in results), sum(result.cpu for result in results)
        print(f"{kind:28} {told}; {tried} candidates, {cpu:.1f} CPU s")


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that ended."""
    uses = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
