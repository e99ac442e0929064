"""A disk whose power can be cut: an ext4 file system in a file, of which only what reached the file survives.

Without the right to mount it, the cut is a kill only: what was written and not synced survives as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTES = 6


class Disk:
    """An image with a file system, mounted at `at`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.at = home / "disk"
        self._image, self._cut = home / "disk.img", home / "cut.img"
        self.at.mkdir()
        with self._image.open("wb") as file:
            file.truncate(MEGABYTES * 1024**2)
        _run("mkfs.ext4", "-q", "-F", "-O", "^resize_inode", "-m", "0", "-E", "lazy_itable_init=0", self._image)
        self.is_real = self._mounts(self._image)
        if self.is_real:
            _run("umount", self.at)

    @contextmanager
    def powered(self) -> Iterator[None]:
        """Run the machine: inside, the disk is mounted."""
        if not self.is_real:
            yield
            return
        _run("mount", "-o", "loop", self._image, self.at)
        try:
            yield
        finally:
            _run("umount", self.at)
            if self._cut.exists():
                self._cut.rename(self._image)

    def cut(self) -> None:
        """Cut the power: what has not reached the disk by now is not there when it runs again."""
        if self.is_real:
            shutil.copyfile(self._image, self._cut)

    def _mounts(self, image: Path) -> bool:
        return subprocess.run(["mount", "-o", "loop", image, self.at], capture_output=True, check=False).returncode == 0


def _run(*command: str | Path) -> None:
    path = f"{os.environ.get('PATH', os.defpath)}:/sbin:/usr/sbin"  # an ordinary user's PATH lacks the last two
    subprocess.run(command, check=True, capture_output=True, timeout=60, env={**os.environ, "PATH": path})
