"""Takes out of a text what is true of one run on one machine only, so that the same task is told in the same words."""

from __future__ import annotations

import re
from collections.abc import Collection

_PATH = re.compile(r"(?<![\w.~:/\\-])(?:[A-Za-z]:)?(?:[/\\][\w.+@-]+){2,}")
_LONGEST = 4096  # characters of a path; no system opens a longer one
# What stands before the part of a path that is the same everywhere.
_INSTALLED = re.compile(
    r".*[/\\](?:site-packages|dist-packages|node_modules|pkg[/\\]mod|registry[/\\]src[/\\][^/\\]+)[/\\]"
)
_PLACES = re.compile(
    r"^(?:/private)?/(?:tmp|var/(?:tmp|folders)|dev/shm|home|Users|root|run|mnt|opt|usr|srv|work|nix|proc)(?:/|$)"
    r"|^[A-Za-z]:[/\\]"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3,}(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d+\.\d{3,}(?:e-\d+)? ?(?:seconds|secs|sec|ms|µs|us|ns|s)\b"), "<time>"),
    (re.compile(r"\b(127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0):\d{4,5}\b"), r"\1:<port>"),
    (re.compile(r"\b(pid|PID|process|Process|thread|Thread|goroutine)([ =:]+)\d{2,}\b"), r"\1\2<number>"),
)


def canonical(text: str, root: str, files: Collection[str]) -> str:
    """Return a message without absolute paths, addresses, times, ports and process numbers.

    A path that ends in one of `files` becomes that file's name; one below `root` becomes relative to it.
    """
    if "/" in text or "\\" in text:
        text = _PATH.sub(lambda found: _place(found[0], files), _without_root(text, root))
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def _without_root(text: str, root: str) -> str:
    bare = root.rstrip("/\\")
    if len(bare) < 2:
        return text
    return re.sub(rf"(?<![\w/\\.-]){re.escape(bare)}(?:[/\\]|(?![\w/\\.-]))", "", text)


def _place(path: str, files: Collection[str]) -> str:
    """Return what an absolute path is called everywhere; a path that is no place on a disk stays as it is."""
    if _LONGEST < len(path):
        return path
    parts = re.split(r"[/\\]", path)
    for at in range(1, len(parts)):
        ending = "/".join(parts[at:])
        if ending in files:
            return ending
    installed = _INSTALLED.sub("", path)
    if installed != path:
        return installed.replace("\\", "/")
    return f"<…>/{parts[-1]}" if _PLACES.match(path) else path
