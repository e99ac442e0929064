"""The overlay workbench: attempts work at the workspace's own path, in namespaces in which an overlay stands over it.

The person's files are the lower layer, which nothing inside can write. What is written lands in an upper layer in a
private folder, is thrown away by every reset, and is never taken over. Linux only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from regreen.checkpoints.benches import claim
from regreen.checkpoints.beneath import read_file
from regreen.checkpoints.copying.left_out import LeftOut
from regreen.checkpoints.laying import changed_meanwhile, explained, lay_patch, read_source
from regreen.checkpoints.removal import remove_tree
from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.edit import Patch
from regreen.core.errors import CannotRun, RegreenError
from regreen.core.text import SourceText

from .buffers import Laid, lay_buffers, take_after
from .keeper import Keeper
from .places import homes, make_private, mounts, unsuitable
from .probe import canary
from .witness import Witness

_TABLE = Path("/proc/self/mountinfo")
_INSTEAD = "Your files are untouched; a private copy of the workspace can be used instead."


class OverlayCheckpoints:
    """Makes overlay workbenches of one workspace; their upper layers lie in its state folder where that is possible.

    `ignored` tells of a path (relative, POSIX) whether changes of it by the person do not count.
    """

    def __init__(self, root: str | Path, state_dir: str | Path, ignored: Callable[[str], bool]) -> None:
        self._spelled = Path(os.path.abspath(root))  # noqa: PTH100 - keeps links, as the person wrote it
        self._root = Path(os.path.realpath(root))
        self._state = Path(os.path.realpath(state_dir))
        self._ignored = ignored
        self._home: Path | None = None

    def probe(self) -> str | None:
        """Try it for real; return None when it works on this machine and workspace, else one sentence why not."""
        if sys.platform != "linux":
            return "Overlays exist on Linux only."
        why = unsuitable(str(self._root), mounts(_TABLE.read_bytes()))
        if why is not None:
            return why
        if not self._root.is_dir():
            return f"{self._spelled} is not a folder."
        reasons = [self._try_home(home) for home in homes(self._state, self._root)]
        if self._home is None:
            return next((reason for reason in reasons if reason), "There is no folder outside of the workspace to use.")
        return None

    @contextmanager
    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[OverlayWorkbench]:
        """Mount an overlay over the workspace, unsaved buffers in between, and hand out a workbench.

        Leaving ends every mount and removes what was written.

        Raises:
            CannotRun: it cannot be mounted; nothing was started and nothing is left.
            UnreadableSource: a buffer cannot be written in its file's encoding.
            Cancelled: the token was set; nothing is left.
        """
        home = self._checked_home()
        with ExitStack() as stack:
            with explained(home):
                bench = stack.enter_context(self._claimed(home))
                workbench = self._mount(cancel, stack, bench, buffers)
            yield workbench

    def _mount(
        self, cancel: Cancellation, stack: ExitStack, bench: Path, buffers: Mapping[str, str]
    ) -> OverlayWorkbench:
        layer = bench / "buffers"
        # It starts while the names are listed.
        keeper = stack.enter_context(closing(Keeper(str(self._root), bench, (layer,) if buffers else ())))
        witness = Witness(cancel, self._root, self._ignored, frozenset({str(self._state)}))
        laid = lay_buffers(self._root, layer, buffers) if buffers else Laid({}, ())
        cancel.check()
        workbench = OverlayWorkbench(self._spelled, self._root, bench, keeper, witness, laid)
        workbench.reset()
        return workbench

    def _checked_home(self) -> Path:
        if self._home is None:
            why = self.probe()
        else:  # What is mounted may have changed since.
            why = unsuitable(str(self._root), mounts(_TABLE.read_bytes()))
        if why is not None or self._home is None:
            raise CannotRun(why or "There is no folder for an overlay.", next_step=_INSTEAD)
        return self._home

    def _try_home(self, home: Path) -> str:
        """Try a folder for upper layers, unless one was found before; return why it is none, or ""."""
        if self._home is not None:
            return ""
        try:
            with self._claimed(home) as bench:
                why = canary(bench) or self._try_workspace(bench)
        except OSError as error:
            why = f"{home} cannot hold what attempts write: {error.strerror or error}."
        if why is None:
            self._home = home
        return why or ""

    @contextmanager
    def _claimed(self, home: Path) -> Iterator[Path]:
        make_private(home, self._state)
        try:
            with claim(home) as bench:
                yield bench
        finally:
            if not home.is_relative_to(self._state):
                with suppress(OSError):  # Somebody else of ours works there.
                    home.rmdir()

    def _try_workspace(self, bench: Path) -> str | None:
        """Mount over the workspace itself, for a moment, in namespaces that nobody else sees."""
        try:
            with closing(Keeper(str(self._root), bench, ())) as keeper:
                _make_upper(bench / "probe", self._root)
                keeper.mount("probe")
                with keeper.opened() as tree:
                    found, real = Path(tree).stat(), self._root.stat()
        except RegreenError as error:
            return error.message
        same = (found.st_mode, found.st_uid, found.st_gid) == (real.st_mode, real.st_uid, real.st_gid)
        return None if same else "An overlay over the workspace has other rights than the workspace."


class OverlayWorkbench:
    """An overlay over the workspace's own path."""

    def __init__(self, original: Path, root: Path, bench: Path, keeper: Keeper, witness: Witness, laid: Laid) -> None:
        self._original, self._root, self._bench = original, root, bench
        self._keeper, self._witness, self._laid = keeper, witness, laid
        self._n_resets = 0

    @property
    def enclosure(self) -> Enclosure:
        """Return where its processes live, and by which path its files are reached from here."""
        layers = ((str(self._bench / "buffers"),) if self._laid.contents else ()) + (str(self._root),)
        return Enclosure(
            str(self._root),
            self._keeper.tree,
            self._keeper.pid,
            upper=str(self._bench / str(self._n_resets) / "upper"),
            lowers=layers,
        )

    @property
    def original(self) -> str:
        """Return the absolute path of the user's workspace."""
        return str(self._original)

    @property
    def kind(self) -> str:
        """Return what it is, in words for a person."""
        return "an overlay over the workspace"

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the unsaved buffers that are not in it, and why, sorted by path."""
        return self._laid.left_out

    def read(self, path: str) -> SourceText:
        """Return a file's text as it stands in the workbench.

        Raises:
            UnreadableSource: it is not there, too large or not text.
            Refused: the path is hostile, or a link or special file stands there.
            CannotRun: the overlay is gone.
        """
        with self._keeper.opened() as tree:
            return read_source(tree, path)

    def apply(self, patch: Patch) -> None:
        """Write the patch's texts.

        Raises:
            Conflict: a file is not what the patch was made for; nothing was written.
            Refused: a path is hostile, a link, a special file, hard-linked or read-only; nothing was written.
            CannotRun: the overlay is gone.
        """
        with self._keeper.opened() as tree:
            lay_patch(tree, patch)

    def reset(self) -> None:
        """Lay a fresh upper layer; its cost does not grow with the workspace.

        Raises:
            CannotRun: the overlay is gone, or its disk is full.
        """
        old, fresh = self._n_resets, self._n_resets + 1
        with explained(self._bench):
            _make_upper(self._bench / str(fresh), self._root)
            self._keeper.mount(str(fresh))
            self._n_resets = fresh
            if 0 < old:
                remove_tree(self._bench / str(old))

    def verify(self) -> None:
        """Check that the person changed nothing since the start. Ignored files do not count.

        Raises:
            RollbackConflict: some were saved, made, removed or replaced since; names them.
        """
        paths = self._witness.changed(self._was_tested)
        if paths:
            raise changed_meanwhile(paths)

    def _was_tested(self, path: str) -> bool:
        """Tell whether a file holds what an unsaved buffer held: saving what was tested is no change."""
        tested = self._laid.contents.get(path)
        try:
            return tested is not None and read_file(str(self._root), path).content == tested
        except (OSError, RegreenError):
            return False


def _make_upper(folder: Path, root: Path) -> None:
    """Make the folders of an upper layer; the upper one looks like the workspace's, which it covers."""
    (folder / "work").mkdir(parents=True, mode=0o700)
    (folder / "upper").mkdir(mode=0o700)
    covered = root.stat()
    take_after(folder / "upper", covered, covered.st_mtime_ns)
