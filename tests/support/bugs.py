"""The small bugs of tests/bugs: repaired by the real engine, and judged by tests that it never saw."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regreen.app import Delivered, FixRequest, Settings, TestRequest, open_session
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.ports import Provider
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.core.trace import SystemClock, new_trace
from tests.support.workspace import parse_files

BUGS = Path(__file__).parents[1] / "bugs"
_OURS = ("heldout/", "fix/")  # what the engine never sees
# The bugs of Python lie in the folder itself, the others in one of their language; what judges a repair.
_JUDGES = {
    "go": ("go", "test", "-vet=off", "./..."),
    "javascript": ("node", "--test"),
    "rust": ("cargo", "test", "--offline", "--quiet"),
}


@dataclass(frozen=True)
class Bug:
    """A small workspace with one bug."""

    name: str
    language: str
    head: dict[str, str]  # bug, kind, expect, red
    files: dict[str, str]

    @property
    def is_curable(self) -> bool:
        """Tell whether an edit cures it."""
        return self.head["expect"] == "fixed"


def read_bugs(*names: str) -> tuple[Bug, ...]:
    """Read the bugs of these names or languages, all without any, sorted by path."""
    found = []
    for path in sorted(BUGS.rglob("*.txt")):
        language = "python" if path.parent == BUGS else path.parent.name
        text = path.read_text(encoding="utf-8")
        head = dict(line.split(": ", 1) for line in text.partition("\n-- ")[0].splitlines())
        found.append(Bug(path.stem, language, head, parse_files(text)))
    return tuple(bug for bug in found if not names or {bug.name, bug.language} & set(names))


def repair_bug(
    bug: Bug, root: Path, provider: Provider | None = None, *, once_red: Callable[[Path], None] = lambda _root: None
) -> RepairReport:
    """Lay a bug into a folder and let the engine, or another provider, repair it there.

    `once_red` may look at the folder when its tests were run, just before the repair.
    """
    write(root, {path: text for path, text in bug.files.items() if not path.startswith(_OURS)})
    session = open_session(str(root), Settings(mutation="off"), lambda _event: None, provider)

    def deliver(_cancel: Cancellation, patch: Patch, _label: str) -> Delivered:
        write(root, {file.path: file.after for file in patch.files})
        return Delivered(True)

    try:
        session.refresh()
        # As a person would: see it red first, which also fills the caches that a confined run only reads.
        session.run_tests(Cancellation(), new_trace(SystemClock()), TestRequest())
        once_red(root)
        request = FixRequest(tests=(TestId(".", bug.head["red"]),))
        return session.fix(Cancellation(), new_trace(SystemClock()), request, deliver)
    finally:
        session.close()


def verdict_on(bug: Bug, report: RepairReport, root: Path, python: Path | None = None) -> str:
    """Return what became of a bug: "right" (held-out tests pass), "wrong", "not repaired", or "refused", or "asked"."""
    if report.outcome is Outcome.UNDECIDED:
        return "asked" if bug.is_curable else "refused"
    if report.outcome is not Outcome.REPAIRED:
        return "not repaired" if bug.is_curable else "refused"
    return "right" if bug.is_curable and _passes_unseen(bug, root, python or Path(sys.executable)) else "wrong"


def is_right(bug: Bug, patch: Patch, root: Path, python: Path) -> bool:
    """Tell whether a patch that nobody delivered would pass the held-out tests; the files are as before afterwards."""
    write(root, {file.path: file.after for file in patch.files})
    try:
        return _passes_unseen(bug, root, python)
    finally:
        write(root, {file.path: file.base for file in patch.files})


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def digests(root: Path) -> dict[str, str]:
    """Return of each file and link below a folder what it holds and its mode, by path."""
    found = {}
    for folder, names, files in os.walk(root):
        for path in (Path(folder) / name for name in (*names, *files)):
            if path.is_symlink() or path.is_file():
                held = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
                found[str(path.relative_to(root))] = f"{path.lstat().st_mode:o} {hashlib.sha256(held).hexdigest()}"
    return dict(sorted(found.items()))


def _passes_unseen(bug: Bug, root: Path, python: Path) -> bool:
    folder = "unseen/" if bug.language == "python" else ""
    unseen = {path.removeprefix("heldout/"): text for path, text in bug.files.items() if path.startswith("heldout/")}
    write(root, {folder + path: text for path, text in unseen.items()})
    command = _JUDGES.get(bug.language, (str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "unseen"))
    return not subprocess.run(command, cwd=root, capture_output=True, timeout=120, check=False).returncode
