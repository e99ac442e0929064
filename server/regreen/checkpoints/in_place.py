"""The workbench in place, on explicit request only: attempts work in the person's own tree, over a shadow checkpoint.

Whose is a change that is found when the tree is put back?
- What we wrote ourselves is known by its hash, and what was there before comes back.
- A change at a time when no process of ours ran is the person's: it stays as it is, and is named.
- So does what an editor says the person saved.
- A change while tests ran may be the tests' or the person's; nobody can tell. What the checkpoint holds comes back, and
  the bytes that stood there are moved into the state folder first, under a name that is told. They are never gone.
- What is missing comes back, whoever removed it.

Caches, environments and repositories are neither saved nor put back; a repository that was not there when the
checkpoint was made is moved away, for tools of the person's would follow its settings. Linux is what this is tested on;
macOS has the same calls, untested; Windows is not served.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.edit import FileEdit, Patch
from regreen.core.errors import CannotRun, Refused, RegreenError, RollbackConflict, UnreadableSource
from regreen.core.text import SourceText, decode

from .beneath import read_file
from .delivery.deliver import deliver
from .recovery import Ending, KeptCopy, Recovery, Told
from .shadow.blobs import oid_of
from .shadow.capture import ShadowLimits
from .shadow.compare import Change, Difference
from .shadow.judge import Authorship, Moved, Restored, Verdict, judge
from .shadow.store import Saved, ShadowStore, explained
from .shadow.underway import Underway, forget, pending, sole, underway

_SECOND_NS = 1_000_000_000
_SHOWN = 5


class InPlaceCheckpoints:
    """Lets attempts work in one workspace itself. The caller holds the workspace's work lock."""

    def __init__(
        self,
        root: str | Path,
        state_dir: str | Path,
        ignored: Callable[[str], bool],
        *,
        told: Callable[[Restored], None] = lambda _: None,
        saved_by_person: Callable[[], frozenset[str]] = frozenset,  # since the workbench was opened
        limits: ShadowLimits | None = None,
    ) -> None:
        self._root = os.path.abspath(root)  # noqa: PTH100 - keeps links, as the person wrote it
        self._state = Path(os.path.realpath(state_dir))
        self._store = ShadowStore(root, state_dir, ignored, limits=limits)
        self._told, self._saved_by_person = told, saved_by_person
        self._record: Underway | None = None

    @contextmanager
    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[InPlaceWorkbench]:
        """Save the tree and hand it out as a workbench; leaving puts it back and tells what became of it.

        Raises:
            Refused: an editor holds unsaved text, which cannot be laid over the person's own files.
            CannotRun: the checkpoint cannot be made, or an interrupted one is not restored yet; nothing was started.
            Busy: another process works in place on this workspace.
            RollbackConflict: the tree could not be put back wholly; `regreen recover` tries it again.
            Cancelled: the token was set; nothing was started.
        """
        self._check_saved(buffers)
        with ExitStack() as stack:
            with explained(self._state):
                lock = stack.enter_context(sole(self._state))
                opened_ns = time.time_ns()
                saved = self._store.save(cancel)
                real = os.path.realpath(self._root)
                record = stack.enter_context(underway(self._state, real, saved.id, opened_ns, lock))
            bench = InPlaceWorkbench(self._root, self._store, saved, record, self._saved_by_person)
            self._record = record
            try:
                yield bench
            finally:
                self._record = None
                restored = bench.leave()
                with explained(self._state):
                    record.finish()
                self._told(restored)

    def running(self) -> AbstractContextManager[None]:
        """Note that processes run in the tree inside of the context.

        Whoever starts processes enters it for each: what changes outside of it is then known to be the person's. When
        it is never entered, every moment of the workbench's life counts.
        """
        return nullcontext() if self._record is None else self._record.running()

    def _check_saved(self, buffers: Mapping[str, str]) -> None:
        unsaved = sorted(path for path, text in buffers.items() if self._on_disk(path) != text)
        if unsaved:
            raise Refused(
                f"{_shown(tuple(unsaved))} has changes that are not saved, and a repair in place works on saved files.",
                next_step="Save all files, or leave out --in-place to work in a private copy.",
                rule="in-place-unsaved",
            )

    def _on_disk(self, path: str) -> str | None:
        try:
            return decode(read_file(self._root, path).content, path).text
        except (OSError, RegreenError):
            return None


class InPlaceWorkbench:
    """The person's own tree, with a way back."""

    def __init__(
        self,
        root: str,
        store: ShadowStore,
        saved: Saved,
        record: Underway,
        saved_by_person: Callable[[], frozenset[str]],
    ) -> None:
        self._root, self._store, self._saved, self._record = root, store, saved, record
        self._saved_by_person = saved_by_person
        self._moved: tuple[Moved, ...] = ()
        self._habits: set[str] = set()  # paths that runs changed before: not a save of the person's
        self._latest_ns = 0

    @property
    def enclosure(self) -> Enclosure:
        """Return where its processes live, and by which path its files are reached from here."""
        real = os.path.realpath(self._root)
        return Enclosure(real, real, own=True)

    @property
    def original(self) -> str:
        """Return the absolute path of the user's workspace."""
        return self._root

    @property
    def kind(self) -> str:
        """Return what it is, in words for a person."""
        return "your own files, in place"

    @property
    def saved(self) -> Saved:
        """Return the checkpoint under it."""
        return self._saved

    def read(self, path: str) -> SourceText:
        """Return a file's text as it stands.

        Raises:
            UnreadableSource: it is not there, too large or not text.
            Refused: the path is hostile, or a link or special file stands there.
        """
        try:
            return decode(read_file(self._root, path).content, path)
        except OSError as error:
            raise UnreadableSource(
                f"{path} cannot be read: {error.strerror}.",
                next_step="See that the file is there and readable, then run the fix again.",
            ) from error

    def apply(self, patch: Patch) -> None:
        """Write the patch's texts, by compare and swap.

        Raises:
            Conflict: a file is not what the patch was made for; nothing was written.
            Refused: a path is hostile, a link, a special file, hard-linked or read-only; nothing was written.
            CannotRun: the disk is full or fails; nothing was written.
        """
        contents = {file.path: content for file in patch.files if (content := self._encoded(file)) is not None}
        with explained(Path(self._root)):
            self._record.will_write({path: oid_of(content) for path, content in contents.items()})
            with self._record.writing():  # What a kill leaves of it counts as ours.
                before = {path: Path(self._root, path).lstat().st_mtime_ns for path in contents}
                deliver(self._root, patch)
                self._date(before)

    def reset(self) -> None:
        """Put back what attempts and their tests changed; what is the person's own stays.

        Raises:
            RollbackConflict: something could not be put back; names it.
        """
        self._restore()

    def verify(self) -> None:
        """Check that the person changed nothing that a verdict rests on. New files do not count.

        Raises:
            RollbackConflict: files differ that neither we nor earlier runs are known to write; names them.
        """
        authorship = self._authorship()
        changed = self._store.changed(self._saved.id)
        paths = tuple(one.path for one in changed if self._may_be_persons(one, authorship))
        if paths:
            raise RollbackConflict(
                f"{_shown(paths)} changed in the workspace while the repair ran.",
                next_step="Nothing was overwritten; run the fix again on the present files.",
                paths=paths,
            )

    def leave(self) -> Restored:
        """Put the tree back for the last time and say what became of everything.

        Raises:
            RollbackConflict: something could not be put back; names it.
        """
        return replace(self._restore(), moved=self._moved)

    def _restore(self) -> Restored:
        authorship = self._authorship()
        restored = self._store.restore(self._saved.id, authorship)
        self._moved += restored.moved
        self._habits |= {path for path in restored.put_back if path not in authorship.wrote}
        if restored.failed:
            paths = tuple(one.path for one in restored.failed)
            raise RollbackConflict(
                f"{_shown(paths)} could not be put back: {restored.failed[0].why}",
                next_step="Its saved content is kept; see that the folder can be written, then run `regreen recover`.",
                paths=paths,
            )
        return restored

    def _authorship(self) -> Authorship:
        return replace(self._record.authorship, persons=self._saved_by_person())

    def _may_be_persons(self, difference: Difference, authorship: Authorship) -> bool:
        if difference.change is Change.NEW:
            return False
        if judge(difference, authorship) is Verdict.LEAVE:
            return True
        ours = difference.oid and difference.oid in authorship.wrote.get(difference.path, frozenset())
        return not ours and difference.path not in self._habits

    def _encoded(self, file: FileEdit) -> bytes | None:
        try:
            return self.read(file.path).encode(file.after)
        except (Refused, UnreadableSource):  # The delivery says why.
            return None

    def _date(self, before: Mapping[str, int]) -> None:
        """Date each written file a whole second later than any text it had: caches compare times to the second."""
        for path, old_ns in sorted(before.items()):
            self._latest_ns = max(time.time_ns(), old_ns + _SECOND_NS, self._latest_ns + _SECOND_NS)
            os.utime(Path(self._root, path), ns=(self._latest_ns, self._latest_ns), follow_symlinks=False)


def recover_in_place(root: str, state_dir: str | Path, told: Told = lambda _: None) -> tuple[Recovery, ...]:
    """Put back what killed repairs in place left behind; `told` hears of each before its record goes.

    What was changed after the last sign of life of that process is the person's, and stays. The caller sees to it that
    nobody works on the workspace meanwhile.

    Raises:
        CannotRun: the disk fails or the checkpoint is gone; call it again when that is over.
    """
    state = Path(os.path.realpath(state_dir))
    found = []
    with explained(state):
        for work in pending(state):
            if work.alive:
                continue
            store = ShadowStore(root, state)
            restored = store.restore(work.saved_id, work.authorship)
            if restored.failed:
                raise CannotRun(
                    f"{_shown(tuple(one.path for one in restored.failed))} could not be put back: "
                    f"{restored.failed[0].why}",
                    next_step="See that the folder can be written, then run `regreen recover` again.",
                )
            recovery = _recovery(store, work.saved_id, restored)
            told(recovery)
            forget(state, work.saved_id)
            found.append(recovery)
    return tuple(found)


def _recovery(store: ShadowStore, saved_id: str, restored: Restored) -> Recovery:
    moved = tuple(KeptCopy(one.path, one.copy) for one in restored.moved)
    left = [(one.path, store.export(saved_id, one.path)) for one in restored.conflicts]
    kept = tuple(sorted((KeptCopy(path, copy) for path, copy in left if copy), key=lambda one: one.path))
    return Recovery("repair in place", "", "", Ending.ROLLED_BACK, restored.put_back, kept, moved)


def _shown(paths: tuple[str, ...]) -> str:
    return ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if _SHOWN < len(paths) else "")
