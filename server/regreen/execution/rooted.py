"""Writing below a folder in which tests may still be at work: no link is followed on the way, none written through.

A tree is reached from outside of its sandbox, where a link that a test has planted would lead into the person's files.
So each folder is opened from the one before, and nothing is done by a path of more than one part.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NEW_FOLDER = 0o755
_MAKE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _MAKE
_LOOK = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _MAKE
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _MAKE
_TOP = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_CHUNK = 1 << 20


class Rooted:
    """The files below one folder, by relative paths with "/".

    Every method raises OSError when the system says no, a link on the way included.
    """

    def __init__(self, top: str | Path) -> None:
        self._top = top

    def read(self, path: str) -> tuple[bytes, os.stat_result]:
        """Return the bytes of a regular file, and what the system says of it."""
        with self._folder(path) as (folder, name):
            descriptor = os.open(name, _LOOK, dir_fd=folder)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is no file", path)
        with open(descriptor, "rb") as stream:
            return stream.read(), found

    def write(self, path: str, content: bytes, mode: int, mtime_ns: tuple[int, int] | int | None = None) -> None:
        """Make a file hold these bytes, whatever stands under its name."""
        with self._writing(path, mode, mtime_ns) as descriptor:
            _write(descriptor, content)

    def copy(self, source: Path, path: str) -> None:
        """Put a file, a link, a pipe or a folder with all that it holds under a name, whatever stands there."""
        found = source.lstat()
        mode = stat.S_IMODE(found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            self.make_folder(path)
            for inner in sorted(source.iterdir()):
                self.copy(inner, f"{path}/{inner.name}")
            self.set_mode(path, mode)
        elif stat.S_ISREG(found.st_mode):
            with source.open("rb") as stream, self._writing(path, mode, found.st_mtime_ns) as descriptor:
                while content := stream.read(_CHUNK):
                    _write(descriptor, content)
        elif stat.S_ISLNK(found.st_mode) or stat.S_ISFIFO(found.st_mode):
            with self._folder(path) as (folder, name):
                _remove(folder, name)
                if stat.S_ISFIFO(found.st_mode):
                    os.mkfifo(name, mode, dir_fd=folder)
                    return
                os.symlink(source.readlink(), name, dir_fd=folder)
                os.utime(name, ns=(found.st_mtime_ns,) * 2, dir_fd=folder, follow_symlinks=False)

    def make_folder(self, path: str) -> None:
        """Make a folder, and those above it; one that is there stays, anything else makes room for it."""
        with self._folder(f"{path}/.", make=True):
            pass

    def set_mode(self, path: str, mode: int) -> None:
        """Change the mode of a file or folder, if it is one."""
        with self._folder(path) as (folder, name):
            _set_mode(folder, name, mode)

    def remove(self, path: str) -> None:
        """Remove whatever stands under a name; nothing may stand there."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), self._folder(path) as (folder, name):
            _remove(folder, name)

    @contextmanager
    def _writing(self, path: str, mode: int, mtime_ns: tuple[int, int] | int | None) -> Iterator[int]:
        with self._folder(path, make=True) as (folder, name):
            descriptor = _opened(folder, name)
            try:
                yield descriptor
                os.fchmod(descriptor, mode)
                if mtime_ns is not None:
                    os.utime(descriptor, ns=mtime_ns if isinstance(mtime_ns, tuple) else (mtime_ns, mtime_ns))
            finally:
                os.close(descriptor)

    @contextmanager
    def _folder(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Open the folder that holds a path; yield it with the last part of the path."""
        *above, name = path.split("/")
        descriptor = os.open(self._top, _TOP)
        try:
            for part in above:
                inner = _entered(descriptor, part, make=make)
                os.close(descriptor)
                descriptor = inner
            yield descriptor, name
        finally:
            os.close(descriptor)


def _entered(folder: int, part: str, *, make: bool) -> int:
    if part in ("", ".", ".."):
        raise OSError(errno.EINVAL, "no name", part)
    try:
        return os.open(part, _FOLDER, dir_fd=folder)
    except OSError as error:
        if not make or error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise
    _remove(folder, part)
    os.mkdir(part, _NEW_FOLDER, dir_fd=folder)
    return os.open(part, _FOLDER, dir_fd=folder)


def _opened(folder: int, name: str) -> int:
    """Open an empty file for writing: the one that stands there if it is one of a single name, else a new one."""
    with contextlib.suppress(OSError):
        looked = os.open(name, _LOOK, dir_fd=folder)
        try:
            found = os.fstat(looked)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
                if not found.st_mode & stat.S_IWUSR:
                    os.fchmod(looked, stat.S_IMODE(found.st_mode) | stat.S_IWUSR)
                descriptor = os.open(name, os.O_WRONLY | _LOOK, dir_fd=folder)
                if os.path.samestat(os.fstat(descriptor), found):
                    os.truncate(descriptor, 0)
                    return descriptor
                os.close(descriptor)
        finally:
            os.close(looked)
    _remove(folder, name)
    return os.open(name, _CREATE, 0o600, dir_fd=folder)


def _remove(folder: int, name: str) -> None:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    _open_up(folder, name)
    shutil.rmtree(name, dir_fd=folder)


def _open_up(folder: int, name: str) -> None:
    """Give ourselves every right on a folder and those in it, so that they can be removed."""
    descriptor = _own(folder, name)
    try:
        with os.scandir(descriptor) as listing:
            inner = [entry.name for entry in listing if entry.is_dir(follow_symlinks=False)]
        for each in inner:
            _open_up(descriptor, each)
    finally:
        os.close(descriptor)


def _own(folder: int, name: str) -> int:
    """Open a folder, and be allowed everything in it."""
    _set_mode(folder, name, 0o700)
    return os.open(name, _FOLDER, dir_fd=folder)


def _set_mode(folder: int, name: str, mode: int) -> None:
    # Where there is such a flag, what is closed to us can be opened in no other way.
    descriptor = os.open(name, getattr(os, "O_PATH", _LOOK) | _MAKE, dir_fd=folder)
    try:
        if stat.S_ISLNK(os.fstat(descriptor).st_mode):
            raise OSError(errno.ELOOP, "it is a link", name)
        if hasattr(os, "O_PATH"):
            Path(f"/proc/self/fd/{descriptor}").chmod(mode)
        else:
            os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
