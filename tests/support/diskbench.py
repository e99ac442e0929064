"""A workbench on disk, and trials in it by the real worker on the interpreter that runs the tests."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.edit import Patch, TextEdit, make_patch
from regreen.core.errors import UnreadableSource
from regreen.core.policy import Policy
from regreen.core.ports import Trials
from regreen.core.testing import CommandSpec, TestId
from regreen.core.text import SourceText, decode
from regreen.execution import open_trials

INJECTED = Path(__file__).resolve().parents[2] / "server" / "regreen" / "injected"


@dataclass
class DiskBench:
    """A folder as a workbench."""

    folder: Path
    kind: str = "a folder"

    @property
    def enclosure(self) -> Enclosure:
        return Enclosure.at(str(self.folder))

    @property
    def original(self) -> str:
        return str(self.folder)

    def read(self, path: str) -> SourceText:
        try:
            return decode((self.folder / path).read_bytes(), path)
        except OSError as error:
            raise UnreadableSource(f"{path} is not there.", next_step="Name another file.") from error

    def apply(self, patch: Patch) -> None:
        for file in patch.files:
            (self.folder / file.path).write_bytes(self.read(file.path).encode(file.after))

    def reset(self) -> None:
        """Nothing to do: tests look at the folder themselves."""

    def verify(self) -> None:
        """Nobody else writes here."""


def worker_spec(folder: Path, roots: tuple[str, ...] = (".",), **env: str) -> CommandSpec:
    """Return the command of the worker, as a Python project's language gives it."""
    path = ":".join([*(str((folder / root).resolve()) for root in roots), str(INJECTED)])
    # The plugins that are installed for our own tests take most of a worker's start.
    bare = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    env = {**bare, "PYTHONPATH": path, **env}
    return CommandSpec((sys.executable, str(INJECTED / "regreen_worker.py")), str(folder), tuple(sorted(env.items())))


@contextlib.contextmanager
def trials_in(
    folder: Path,
    wanted: tuple[str, ...],
    keep: tuple[str, ...] = (),
    *,
    policy: Policy | None = None,
    cancel: Cancellation | None = None,
    roots: tuple[str, ...] = (".",),
    **env: str,
) -> Iterator[Trials]:
    """Open trials of the named tests."""
    cancel, policy = cancel or Cancellation(), policy or Policy()
    tests = [tuple(TestId(".", name) for name in names) for names in (wanted, keep)]
    with open_trials(cancel, worker_spec(folder, roots, **env), DiskBench(folder), *tests, policy) as trials:
        yield trials


def swap(folder: Path, path: str, old: str, new: str) -> Patch:
    """Return the patch that replaces the only occurrence of a text."""
    base = DiskBench(folder).read(path).text
    start = base.index(old)
    return make_patch({path: (base, (TextEdit(start, start + len(old), new),))})


def tree_hash(folder: Path) -> str:
    """Return a hash of every file's path, bytes and mode below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path.relative_to(folder)}\0{path.lstat().st_mode}\0".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
