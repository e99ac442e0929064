"""Unsaved buffers as a layer of their own, between the person's files and what the attempts write."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from regreen.checkpoints.beneath import read_file
from regreen.checkpoints.copying.left_out import LeftOut
from regreen.checkpoints.laying import later
from regreen.core.errors import Refused
from regreen.core.text import decode
from regreen.guard import path_refusal


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid: path in the workspace -> bytes; and what could not be."""

    contents: Mapping[str, bytes]
    left_out: tuple[LeftOut, ...]


def lay_buffers(root: Path, layer: Path, buffers: Mapping[str, str]) -> Laid:
    """Write the buffers' texts, each in its file's own encoding, into a fresh folder `layer`.

    Raises:
        UnreadableSource: a buffer cannot be written in its file's encoding.
        OSError: the layer cannot be written.
    """
    contents: dict[str, bytes] = {}
    left_out = []
    layer.mkdir(mode=0o700)
    for path, text in sorted(buffers.items()):
        place = _place(root, path)
        if place is None:
            left_out.append(LeftOut(path, "an unsaved buffer of what is not a file of the workspace"))
            continue
        content = _lay(root, layer, place, path, text)
        if content is not None:
            contents[place] = content
    if contents:
        _finish_folders(root, layer)
    return Laid(contents, tuple(left_out))


def take_after(new: Path, old: os.stat_result, mtime_ns: int) -> None:
    """Give a path the owner, where allowed, the mode and the time of another one."""
    if os.geteuid() == 0:
        os.chown(new, old.st_uid, old.st_gid)
    new.chmod(stat.S_IMODE(old.st_mode))
    os.utime(new, ns=(mtime_ns, mtime_ns))


def _place(root: Path, path: str) -> str | None:
    """Return the path that a buffer's file really has: links are followed as far as they stay inside."""
    if path_refusal(path) is not None:
        return None
    real = Path(os.path.realpath(root / path))
    if not real.is_relative_to(root) or real == root:
        return None
    folders = [folder for folder in real.parents if folder.is_relative_to(root)]
    in_the_way = any(os.path.lexists(folder) and not folder.is_dir() for folder in folders)
    if in_the_way or (os.path.lexists(real) and not real.is_file()):
        return None
    place = real.relative_to(root).as_posix()
    return None if path_refusal(place) is not None else place


def _lay(root: Path, layer: Path, place: str, path: str, text: str) -> bytes | None:
    """Write one buffer; None when the file holds that very text."""
    target = layer / place
    try:
        before = read_file(str(root), place)
    except FileNotFoundError:
        content = text.encode("utf-8")
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o644)
        return content
    except Refused:  # It became something else in between.
        return None
    content = decode(before.content, path).encode(text)
    if content == before.content:
        return None
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    target.write_bytes(content)
    take_after(target, before.stat, later(target.stat().st_mtime_ns, before.stat.st_mtime_ns))
    return content


def _finish_folders(root: Path, layer: Path) -> None:
    """Make the layer's folders look like the workspace's, which they cover: mode, owner and time."""
    folders = [PurePosixPath(Path(folder).relative_to(layer).as_posix()) for folder, _, _ in os.walk(layer)]
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        if (root / folder).is_dir():
            covered = (root / folder).stat()
            take_after(layer / folder, covered, covered.st_mtime_ns)
