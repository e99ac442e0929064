"""The copy workbench: attempts work in a private copy of the workspace and cannot hurt the original."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from regreen.checkpoints.benches import claim
from regreen.checkpoints.laying import ELSEWHERE, changed_meanwhile, explained, lay_patch, read_source
from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.edit import Patch
from regreen.core.errors import CannotRun
from regreen.core.text import SourceText

from .fill import Filler, Filling
from .kept import changed
from .left_out import LeftOut, is_shown
from .pristine import Pristine
from .restore import Restorer
from .survey import Limits, Survey, survey


class CopyCheckpoints:
    """Makes copy workbenches of one workspace, in the folder `benches` of its state folder."""

    def __init__(
        self,
        root: str | Path,
        state_dir: str | Path,
        ignored: Callable[[str], bool],
        *,
        limits: Limits | None = None,
        at_original: bool = False,
    ) -> None:
        self._spelled = Path(os.path.abspath(root))  # noqa: PTH100 - keeps links, as the person wrote it
        self._root = Path(os.path.realpath(root))
        self._state = Path(os.path.realpath(state_dir))
        self._ignored = ignored
        self._limits = limits or Limits()
        self._at_original = at_original

    @contextmanager
    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[CopyWorkbench]:
        """Copy the workspace, lay unsaved buffers over it, and hand out a workbench; leaving removes it.

        Raises:
            CannotRun: the copy cannot be made; nothing was started and nothing is left.
            UnreadableSource: a buffer cannot be written in its file's encoding.
            Cancelled: the token was set; nothing is left.
        """
        if not self._root.is_dir():
            raise CannotRun(
                f"{self._spelled} is not a folder.", next_step="Open the folder that holds the project and its tests."
            )
        with ExitStack() as stack:
            with explained(self._state):
                bench = stack.enter_context(claim(self._state / "benches"))
                pristine = stack.enter_context(Pristine(bench / "pristine"))
                workbench = self._fill(cancel, bench, pristine, buffers)
            yield workbench

    def _fill(self, cancel: Cancellation, bench: Path, pristine: Pristine, buffers: Mapping[str, str]) -> CopyWorkbench:
        tree = bench / "tree" / (self._root.name or "workspace")
        tree.mkdir(parents=True, mode=0o700)
        plan = survey(cancel, self._root, self._limits, self._ignored, (str(self._state),))
        self._check_space(bench, plan)
        copied_ns = time.time_ns()
        filling = Filler(cancel, self._root, self._spelled, tree, pristine).fill(plan, buffers)
        restorer = Restorer(tree, filling.kept, pristine, bench / "sealed")
        where = Enclosure.at(str(tree))
        if self._at_original:
            shown = tuple(str(self._root / each.path) for each in filling.left_out if is_shown(each))
            where = Enclosure(str(self._root), str(tree), shown=shown)
        return CopyWorkbench(self._spelled, tree, where, filling, restorer, copied_ns)

    def _check_space(self, bench: Path, plan: Survey) -> None:
        needed = 2 * plan.n_bytes + self._limits.spare_bytes
        free = shutil.disk_usage(bench).free
        if free < needed:
            raise CannotRun(
                f"A copy of the workspace needs {needed // 1024**2} MB in {self._state}, and "
                f"{free // 1024**2} MB are free.",
                next_step=f"Free some space, or {ELSEWHERE}.",
            )


class CopyWorkbench:
    """A private copy of the workspace."""

    def __init__(
        self, original: Path, tree: Path, where: Enclosure, filling: Filling, restorer: Restorer, copied_ns: int
    ) -> None:
        self._original, self._tree, self._where = original, tree, where
        self._filling, self._restorer, self._copied_ns = filling, restorer, copied_ns

    @property
    def enclosure(self) -> Enclosure:
        """Return where its processes live, and by which path its files are reached from here."""
        return self._where

    @property
    def original(self) -> str:
        """Return the absolute path of the user's workspace."""
        return str(self._original)

    @property
    def kind(self) -> str:
        """Return what it is, in words for a person."""
        return "a private copy of the workspace"

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Return what is not in the copy, and why, sorted by path."""
        return self._filling.left_out

    def read(self, path: str) -> SourceText:
        """Return a file's text as it stands in the workbench.

        Raises:
            UnreadableSource: it is not there, too large or not text.
            Refused: the path is hostile, or a link or special file stands there.
        """
        return read_source(str(self._tree), path)

    def apply(self, patch: Patch) -> None:
        """Write the patch's texts.

        Raises:
            Conflict: a file is not what the patch was made for; nothing was written.
            Refused: a path is hostile, a link, a special file, hard-linked or read-only; nothing was written.
        """
        lay_patch(str(self._tree), patch)

    def reset(self) -> None:
        """Put every file back to what it was when the workbench was opened, and remove what is new."""
        with explained(self._tree):
            self._restorer.restore()

    def verify(self) -> None:
        """Check that the user's files are what was copied. Ignored files are not compared.

        Raises:
            RollbackConflict: some were saved, deleted or replaced since; names them.
        """
        paths = changed(Path(os.path.realpath(self._original)), self._filling.originals, self._copied_ns)
        if paths:
            raise changed_meanwhile(paths)
