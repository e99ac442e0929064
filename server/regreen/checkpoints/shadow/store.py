"""The shadow store of one workspace: checkpoints are saved, compared, restored and forgotten here."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from regreen.checkpoints.benches import remove_tree
from regreen.checkpoints.copying.left_out import LeftOut
from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, RegreenError

from .blobs import Blobs
from .capture import Capture, ShadowLimits, Sizes, check_size
from .compare import Comparer, Difference
from .judge import Authorship, Restored
from .keeper import Keeper
from .manifest import Manifest, read, write
from .restore import Restorer
from .seed import seed
from .walk import Earlier, Listing, walk

_LOG = logging.getLogger(__name__)
_PATIENCE = 0.05  # seconds between two looks at a lock that another process holds
_KEPT_SECONDS = 30 * 24 * 3600.0  # copies of what nobody could tell the author of are kept longer than checkpoints


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint that is on the disk."""

    id: str
    left_out: tuple[LeftOut, ...]  # what it does not hold, and why


class ShadowStore:
    """Saves and restores one tree in place. Nothing of it lies in the tree or in the person's repository.

    Linux is what this is tested on. macOS has the same calls, untested. Windows has no such locks and is not served.
    """

    def __init__(
        self,
        root: str | Path,
        state_dir: str | Path,
        ignored: Callable[[str], bool] = lambda _: False,
        *,
        limits: ShadowLimits | None = None,
    ) -> None:
        self._root = os.path.realpath(root)
        self._state = Path(os.path.realpath(state_dir))
        self._home = self._state / "shadow"
        self._sizes = Sizes(limits or ShadowLimits(), ignored)
        self._blobs = Blobs(self._home / "store.git", self._root)
        self._comparers: dict[str, Comparer] = {}

    def save(self, cancel: Cancellation) -> Saved:
        """Save the tree as it is, and forget checkpoints that are too old or too many.

        Raises:
            CannotRun: the tree is too large, the disk is full, a file cannot be held still; nothing is left.
            ToolMissing: git is not installed.
            Cancelled: the token was set; nothing is left.
        """
        with explained(self._home), self._locked(cancel):
            self._blobs.prepare()
            previous = self._latest()
            if previous is None:
                seed(Path(self._root), self._blobs.packs)
            manifest = self._take(cancel, previous)
            self._forget_old(manifest.id)
        return Saved(manifest.id, manifest.left_out)

    def changed(self, saved_id: str) -> tuple[Difference, ...]:
        """Return what differs from a checkpoint, without touching anything; times of folders do not count.

        Raises:
            CannotRun: the checkpoint is not there, or the tree is not.
        """
        with explained(self._home):
            manifest = self.manifest(saved_id)
            listing = self._list(Cancellation(), manifest)
            return tuple(one for one in self._comparer(manifest).compare(listing) if not one.is_time_only)

    def restore(self, saved_id: str, authorship: Authorship | None = None) -> Restored:
        """Put back what differs and is not the person's own; say what was done. May be called again at any time.

        Nothing is overwritten or deleted but what is known to the checkpoint or to `authorship`: everything else is
        moved out of the way first, into a folder of the store that the answer names.

        Raises:
            CannotRun: the checkpoint is not there or damaged, the tree is not there, or the disk fails.
        """
        with explained(self._home), self._locked(Cancellation()):
            manifest = self.manifest(saved_id)
            comparer = self._comparer(manifest)
            keeper = Keeper(self._home / "kept" / manifest.id, {entry.oid for entry in manifest.entries})
            with self._blobs.reading() as reader:
                pins = self._home / "pinned" / manifest.id
                return Restorer(self._root, pins, manifest.entries, reader, keeper, self._sizes).run(
                    lambda: comparer.compare(self._list(Cancellation(), manifest)), authorship or Authorship()
                )

    def manifest(self, saved_id: str) -> Manifest:
        """Return what a checkpoint holds.

        Raises:
            CannotRun: it is not there or damaged.
        """
        known = self._comparers.get(saved_id)
        return known.manifest if known else read(self._home / "saved" / f"{saved_id}.json")

    def export(self, saved_id: str, path: str) -> str:
        """Write the content that a file has in a checkpoint beside what is kept, and return where; "" when it has none.

        Raises:
            CannotRun: the content is damaged, or the disk fails.
        """
        found = next((entry for entry in self.manifest(saved_id).entries if entry.path == path and entry.oid), None)
        if found is None:
            return ""
        copy = self._home / "kept" / saved_id / "as-saved" / path
        with explained(self._home), self._locked(Cancellation()), self._blobs.reading() as reader:
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with copy.open("wb", buffering=0) as file:
                reader.write_to(found.oid, file.fileno())
                os.fsync(file.fileno())
        return str(copy)

    def forget(self, saved_id: str) -> None:
        """Forget one checkpoint; copies of what nobody could tell the author of stay."""
        self._comparers.pop(saved_id, None)
        (self._home / "saved" / f"{saved_id}.json").unlink(missing_ok=True)
        if (self._home / "pinned" / saved_id).is_dir():
            remove_tree(self._home / "pinned" / saved_id)

    def _take(self, cancel: Cancellation, previous: Manifest | None) -> Manifest:
        started_ns = time.time_ns()
        saved_id = f"{started_ns:020d}-{secrets.token_hex(4)}"
        listing = walk(cancel, self._root, {str(self._state)})
        n_bytes = check_size(listing.entries, self._sizes)
        self._check_space(n_bytes if previous is None else 0)
        pins = self._home / "pinned" / saved_id
        try:
            captured = Capture(cancel, self._root, pins, self._sizes, previous).run(listing.entries, self._blobs)
            left_out = tuple(sorted((*listing.left_out, *captured.left_out)))
            manifest = Manifest(saved_id, self._root, started_ns, tuple(captured.entries), left_out)
            (self._home / "saved").mkdir(mode=0o700, exist_ok=True)
            write(manifest, self._home / "saved" / f"{saved_id}.json")
        except BaseException:
            if pins.is_dir():
                remove_tree(pins)
            raise
        return manifest

    def _list(self, cancel: Cancellation, manifest: Manifest) -> Listing:
        entered = frozenset(entry.path for entry in manifest.entries)
        left_out = frozenset(one.path for one in manifest.left_out)
        return walk(cancel, self._root, {str(self._state)}, Earlier(entered, left_out))

    def _comparer(self, manifest: Manifest) -> Comparer:
        return self._comparers.setdefault(manifest.id, Comparer(self._root, manifest))

    def _latest(self) -> Manifest | None:
        for name in reversed(self._saved_ids()):
            try:
                return read(self._home / "saved" / f"{name}.json")
            except CannotRun as error:
                _LOG.warning("%s", error)
        return None

    def _saved_ids(self) -> list[str]:
        return sorted(file.stem for file in (self._home / "saved").glob("*.json"))

    def _check_space(self, n_bytes: int) -> None:
        needed = n_bytes + self._sizes.limits.spare_bytes
        free = shutil.disk_usage(self._home).free
        if free < needed:
            raise CannotRun(
                f"A checkpoint needs {needed // 1024**2} MB in {self._state}, and {free // 1024**2} MB are free.",
                next_step="Free some space, or set REGREEN_STATE_DIR to a folder on another disk.",
            )

    def _forget_old(self, newest: str) -> None:
        limits = self._sizes.limits
        oldest_ns = time.time_ns() - int(limits.keep_seconds * 1e9)
        ids = self._saved_ids()
        for n, saved_id in enumerate(reversed(ids)):
            if saved_id != newest and (limits.keep_checkpoints <= n or int(saved_id[:20]) < oldest_ns):
                self.forget(saved_id)
        left = set(self._saved_ids())
        _remove_others(self._home / "pinned", left)
        _remove_aged(self._home / "kept")
        for torn in (self._home / "saved").glob("*.tmp"):
            torn.unlink(missing_ok=True)
        if limits.max_packs < sum(1 for _ in self._blobs.packs.glob("*.pack")):
            self._repack()

    def _repack(self) -> None:
        try:
            manifests = [self.manifest(saved_id) for saved_id in self._saved_ids()]
            self._blobs.keep_only(entry.oid for manifest in manifests for entry in manifest.entries if entry.oid)
        except RegreenError as error:  # What is saved stays as it is, only larger than it need be.
            _LOG.warning("the checkpoints could not be packed: %s", error)

    @contextmanager
    def _locked(self, cancel: Cancellation) -> Iterator[None]:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    cancel.wait(_PATIENCE)
            self._blobs.hold(descriptor)
            yield
        finally:
            self._blobs.hold()
            os.close(descriptor)


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn what the operating system says into what a person can do.

    Raises:
        CannotRun: the operating system said no.
    """
    try:
        yield
    except OSError as error:
        raise CannotRun(
            f"{error.filename or place} cannot be used: {error.strerror or error}.",
            next_step=f"See that there is room and that you may write in {place}, then run `regreen recover`.",
        ) from error


def _remove_others(folder: Path, names: set[str]) -> None:
    if folder.is_dir():
        for inner in sorted(folder.iterdir()):
            if inner.name not in names:
                remove_tree(inner)


def _remove_aged(folder: Path) -> None:
    oldest_ns = time.time_ns() - int(_KEPT_SECONDS * 1e9)
    if folder.is_dir():
        for inner in sorted(folder.iterdir()):
            if int(inner.name[:20]) < oldest_ns:
                remove_tree(inner)
