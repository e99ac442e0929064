"""Fills a workbench: every surveyed file is copied and kept a second time, then unsaved buffers are laid over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun
from regreen.core.text import decode
from regreen.guard import path_refusal

from .clone import Unsteady, copy_file
from .kept import Kept, Original
from .left_out import LeftOut, reason_by_name
from .links import retarget
from .pristine import Pristine
from .survey import Entry, Kind, Survey


@dataclass(frozen=True, slots=True)
class Filling:
    """What is in a fresh workbench. Invariant: `kept` lists folders before their contents."""

    kept: tuple[Kept, ...]
    originals: tuple[Original, ...]
    left_out: tuple[LeftOut, ...]


class Filler:
    """Fills one workbench folder from one workspace."""

    def __init__(self, cancel: Cancellation, root: Path, spelled: Path, tree: Path, pristine: Pristine) -> None:
        self._cancel, self._root, self._spelled, self._tree, self._pristine = cancel, root, spelled, tree, pristine
        self._kept: dict[str, Kept] = {}
        self._originals: dict[str, Original] = {}
        self._left_out: list[LeftOut] = []

    def fill(self, plan: Survey, buffers: Mapping[str, str]) -> Filling:
        """Copy what the survey lists, lay the buffers over it, and say what is there.

        Raises:
            CannotRun: a file goes on changing while it is copied.
            UnreadableSource: a buffer cannot be written in its file's encoding.
            Cancelled: the token was set.
        """
        for entry in plan.entries:
            self._cancel.check()
            self._copy(entry)
        for path, text in sorted(buffers.items()):
            self._lay_buffer(path, text)
        self._finish_folders()
        return Filling(
            tuple(sorted(self._kept.values(), key=lambda kept: kept.path.split("/"))),
            tuple(original for path, original in sorted(self._originals.items())),
            tuple(sorted((*plan.left_out, *self._left_out))),
        )

    def _copy(self, entry: Entry) -> None:
        target = self._tree / entry.path
        kept = Kept(entry.path, entry.kind, entry.mode, entry.mtime_ns)
        original = Original(entry.path, entry.kind, entry.mode, target=entry.target)
        if entry.kind is Kind.FOLDER:
            target.mkdir(mode=0o700, exist_ok=entry.path == ".")
        elif entry.kind is Kind.LINK:
            kept = replace(kept, target=retarget(entry.path, entry.target, self._root, self._spelled, self._tree))
            target.symlink_to(kept.target)
            os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns), follow_symlinks=False)
        else:
            copied = self._copy_file(entry, target)
            if copied is None:
                return
            kept, original = copied
        self._kept[entry.path] = kept
        if not entry.ignored:
            self._originals[entry.path] = original

    def _copy_file(self, entry: Entry, target: Path) -> tuple[Kept, Original] | None:
        try:
            state = copy_file(self._cancel, str(self._root / entry.path), str(target))
        except PermissionError:
            self._leave_out(entry, target, "cannot be read")
            return None
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            self._leave_out(entry, target, "went while the copy was made")
            return None
        except Unsteady as error:
            if entry.ignored:
                self._leave_out(entry, target, "changes all the time")
                return None
            raise CannotRun(
                f"{entry.path} went on changing while it was copied.",
                next_step="Stop the program that writes it, then run the fix again.",
            ) from error
        mode = state.st_mode & 0o777
        self._stamp(target, mode, state.st_mtime_ns)
        blob = self._pristine.keep(target)
        return (
            Kept(entry.path, Kind.FILE, mode, state.st_mtime_ns, blob=blob),
            Original(
                entry.path, Kind.FILE, mode, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns,
                frozenset({blob.digest}),
            ),
        )  # fmt: skip

    def _leave_out(self, entry: Entry, target: Path, why: str) -> None:
        target.unlink(missing_ok=True)
        self._left_out.append(LeftOut(entry.path, why))

    def _lay_buffer(self, path: str, text: str) -> None:
        place = self._place_of(path)
        if place is None:
            self._left_out.append(LeftOut(path, "an unsaved buffer of a file that is not copied"))
            return
        target = self._tree / place
        kept = self._kept.get(place)
        if kept is None or kept.blob is None:
            self._make_folders(PurePosixPath(place).parent)
            self._write(Kept(place, Kind.FILE, 0o644, 0), target, text.encode("utf-8"))
            return
        content = target.read_bytes()
        edited = decode(content, path).encode(text)
        if edited == content:
            return
        target.unlink()
        self._write(kept, target, edited)
        original = self._originals.get(place)
        if original is not None:
            digests = original.digests | {self._digest(place)}
            self._originals[place] = replace(original, digests=digests)

    def _digest(self, path: str) -> str:
        blob = self._kept[path].blob
        return "" if blob is None else blob.digest

    def _place_of(self, path: str) -> str | None:
        """Return the path that a buffer's file has in the copy: links are followed as far as they stay inside."""
        if path_refusal(path) is not None or any(reason_by_name(part) for part in path.split("/")):
            return None
        real = Path(os.path.realpath(self._tree / path))
        if not real.is_relative_to(self._tree):
            return None
        place = real.relative_to(self._tree).as_posix()
        known = self._kept.get(place)
        folders = PurePosixPath(place).parents
        in_the_way = any(
            (found := self._kept.get(str(folder))) is not None and found.kind is not Kind.FOLDER for folder in folders
        )
        left_out = {left.path for left in self._left_out}
        if in_the_way or (known is not None and known.kind is not Kind.FILE) or place in left_out:
            return None
        return place

    def _make_folders(self, folder: PurePosixPath) -> None:
        for parent in (*reversed(folder.parents), folder):
            path = str(parent)
            if path not in self._kept:
                (self._tree / path).mkdir(mode=0o700)
                self._kept[path] = Kept(path, Kind.FOLDER, 0o755, (self._tree / path).stat().st_mtime_ns)

    def _write(self, kept: Kept, target: Path, content: bytes) -> None:
        target.write_bytes(content)
        # Later than the saved file by a whole second: caches compare times to the second.
        mtime_ns = max(target.stat().st_mtime_ns, kept.mtime_ns + 1_000_000_000)
        self._stamp(target, kept.mode, mtime_ns)
        self._kept[kept.path] = replace(kept, mtime_ns=mtime_ns, blob=self._pristine.keep(target))

    def _finish_folders(self) -> None:
        folders = [kept for kept in self._kept.values() if kept.kind is Kind.FOLDER]
        for kept in sorted(folders, key=lambda kept: kept.path.split("/"), reverse=True):
            self._stamp(self._tree / kept.path, kept.mode, kept.mtime_ns)

    def _stamp(self, target: Path, mode: int, mtime_ns: int) -> None:
        os.utime(target, ns=(mtime_ns, mtime_ns))
        target.chmod(mode)
