"""Contents by their hash, kept by git in packs: added in one stream, read back one by one, checked on the way out."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from regreen.checkpoints.durable import sync_folder
from regreen.core.errors import CannotRun, ToolMissing

_CHUNK = 1024 * 1024
_CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = true
\tfsync = all
\tcompression = 1
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[fastimport]
\tunpackLimit = 0
"""


class Blobs:
    """One store of contents in a folder of its own. The caller holds its lock for everything but reading."""

    def __init__(self, folder: Path, root: str) -> None:
        self._folder, self._root = folder, root
        self._packs = folder / "objects" / "pack"
        self._lock: tuple[int, ...] = ()

    @property
    def packs(self) -> Path:
        """Return the folder of its packs."""
        return self._packs

    def hold(self, *lock: int) -> None:
        """Let every git that is started hold a lock, too: should we be killed, it is free when the last has ended."""
        self._lock = lock

    def prepare(self) -> None:
        """Make the store if it is not there, and remove what a killed process left half done.

        Raises:
            OSError: it cannot be made.
        """
        for inner in (self._packs, self._folder / "objects" / "info", self._folder / "refs"):
            inner.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in (("config", _CONFIG), ("HEAD", "ref: refs/heads/none\n")):
            if not (self._folder / name).is_file() or (self._folder / name).read_text("ascii") != text:
                (self._folder / name).write_text(text, "ascii")
        for half in [
            *self._packs.glob("tmp_*"),
            *self._packs.glob("*.keep"),
            *self._folder.glob("fast_import_crash_*"),
        ]:
            half.unlink(missing_ok=True)
        for index in self._packs.glob("*.idx"):
            if not index.with_suffix(".pack").exists():
                index.unlink(missing_ok=True)

    @contextmanager
    def adding(self, known: set[str]) -> Iterator[Adder]:
        """Yield what takes contents in; when the context is left without an error, they are on the disk.

        Raises:
            ToolMissing: git is not installed.
            CannotRun: git could not write them.
        """
        before = set(self._packs.iterdir())
        with contextlib.ExitStack() as stack:
            finder = stack.enter_context(self._git("cat-file", "--batch-check")) if before else None
            writer = stack.enter_context(self._git("fast-import", "--quiet", "--done", "--depth=0"))
            try:
                yield Adder(_pipe(writer.stdin), finder, known)
                _pipe(writer.stdin).write(b"done\n")
                _pipe(writer.stdin).close()
            except BrokenPipeError as error:
                raise _failed(writer) from error
            if writer.wait() != 0:
                raise _failed(writer)
        for pack in sorted(set(self._packs.iterdir()) - before):
            _sync_file(pack)
        sync_folder(self._packs)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Yield what gives contents back.

        Raises:
            ToolMissing: git is not installed.
        """
        with contextlib.ExitStack() as stack:
            yield Reader(lambda: stack.enter_context(self._git("cat-file", "--batch")))

    def keep_only(self, oids: Iterable[str]) -> None:
        """Write one pack with these contents and remove all others.

        Raises:
            CannotRun: git could not write it; nothing was removed.
        """
        before = set(self._packs.iterdir())
        with self._git("pack-objects", "--quiet", "--window=0", str(self._packs / "pack")) as process:
            name, words = process.communicate("".join(f"{oid}\n" for oid in sorted(set(oids))).encode())
            if process.returncode != 0:
                raise _cannot_keep(words)
        kept = {self._packs / f"pack-{name.decode().strip()}{ending}" for ending in (".pack", ".idx")}
        for pack in sorted(kept):
            _sync_file(pack)
        sync_folder(self._packs)
        for old in sorted(before - kept):
            old.unlink(missing_ok=True)

    @contextmanager
    def _git(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "GIT_DIR": str(self._folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1",
            "LC_ALL": "C",
        }
        # A session of its own: an interrupt from the terminal must not kill git in the middle of a restore.
        process = subprocess.Popen(
            [git_program(self._root), *arguments],
            cwd=self._folder, env=environment, start_new_session=True, pass_fds=self._lock,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            yield process
        finally:
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(BrokenPipeError):
                    _pipe(pipe).close()
            process.wait()


class Adder:
    """Takes contents in; what is there already is not written again."""

    def __init__(self, writer: IO[bytes], finder: subprocess.Popen[bytes] | None, known: set[str]) -> None:
        self._writer, self._finder, self._known = writer, finder, known

    def add(self, descriptor: int, size: int) -> str:
        """Take in the first `size` bytes of an open file and return their hash.

        Raises:
            EOFError: there are fewer.
            BrokenPipeError: git stopped.
        """
        if size <= _CHUNK:
            content = _read_exactly(descriptor, size, 0)
            oid = oid_of(content)
            if not self._has(oid):
                self._writer.write(b"blob\ndata %d\n" % size + content + b"\n")
        else:
            oid = hash_file(descriptor, size)
            if not self._has(oid):
                self._stream(descriptor, size)
        self._known.add(oid)
        return oid

    def _stream(self, descriptor: int, size: int) -> None:
        self._writer.write(b"blob\ndata %d\n" % size)
        for at in range(0, size, _CHUNK):
            self._writer.write(_read_exactly(descriptor, min(_CHUNK, size - at), at))
        self._writer.write(b"\n")

    def _has(self, oid: str) -> bool:
        if oid in self._known or self._finder is None:
            return oid in self._known
        _pipe(self._finder.stdin).write(oid.encode() + b"\n")
        _pipe(self._finder.stdin).flush()
        return b" blob " in _pipe(self._finder.stdout).readline()


class Reader:
    """Gives contents back. A damaged one ends git's process; the next one starts another."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None

    def write_to(self, oid: str, descriptor: int) -> None:
        """Write a content to an open file.

        Raises:
            CannotRun: it is not in the store, or damaged there.
            OSError: it could not be written.
        """
        process, self._process = self._process or self._start(), None
        digest = hashlib.sha1(usedforsecurity=False)
        for chunk in _content(process, oid, digest):
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
        if digest.hexdigest() != oid:
            raise _damaged(oid)
        self._process = process


def _content(process: subprocess.Popen[bytes], oid: str, digest: hashlib._Hash) -> Iterator[bytes]:
    source = _pipe(process.stdout)
    try:
        _pipe(process.stdin).write(oid.encode() + b"\n")
        _pipe(process.stdin).flush()
    except BrokenPipeError as error:
        raise _damaged(oid) from error
    header = source.readline().split()
    if len(header) != 3 or header[1] != b"blob":
        raise _damaged(oid)
    left = int(header[2])
    digest.update(b"blob %d\0" % left)
    while left:
        chunk = source.read(min(_CHUNK, left))
        if not chunk:
            raise _damaged(oid)
        digest.update(chunk)
        left -= len(chunk)
        yield chunk
    source.read(1)


def oid_of(content: bytes) -> str:
    """Return the hash by which a content is known."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def hash_file(descriptor: int, size: int) -> str:
    """Return the hash of the first `size` bytes of an open file.

    Raises:
        EOFError: there are fewer.
    """
    digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    for at in range(0, size, _CHUNK):
        digest.update(_read_exactly(descriptor, min(_CHUNK, size - at), at))
    return digest.hexdigest()


def git_program(root: str) -> str:
    """Return the absolute path of git, never one that the workspace brings along.

    Raises:
        ToolMissing: there is none.
    """
    found = shutil.which("git") or ""
    if Path(found).is_absolute() and not Path(found).is_relative_to(root):
        return found
    raise ToolMissing(
        "A checkpoint of your own tree is kept by git, and there is no git on PATH.",
        next_step="Install git, or leave out --in-place to work in a private copy.",
    )


def _read_exactly(descriptor: int, size: int, at: int) -> bytes:
    content = os.pread(descriptor, size, at)
    while len(content) < size:
        more = os.pread(descriptor, size - len(content), at + len(content))
        if not more:
            raise EOFError
        content += more
    return content


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe


def _damaged(oid: str) -> CannotRun:
    return CannotRun(
        f"The saved content {oid} is damaged or not there.",
        next_step="Everything else can be restored; look for this file in your own backups.",
    )


def _failed(process: subprocess.Popen[bytes]) -> CannotRun:
    return _cannot_keep(_pipe(process.stderr).read())


def _cannot_keep(words: bytes) -> CannotRun:
    lines = words.decode("utf-8", "replace").strip().splitlines() or ["it stopped"]
    return CannotRun(
        f"git could not keep the checkpoint: {lines[-1]}.",
        next_step="Free some space on the disk of the state folder, then try again; your own files were not touched.",
    )
