"""File URIs to absolute paths and back; percent signs, semicolons and bytes that are no UTF-8 included."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:")


def to_path(uri: str) -> str | None:
    """Return the absolute path of a file URI, None for any other."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    # A "?" or "#" in a file name is percent-encoded by clients; one that is not belongs to the name all the same.
    tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    path = os.fsdecode(unquote_to_bytes(parts.path + tail))
    if "\0" in path:
        return None
    if os.name == "nt" and _DRIVE.match(path):
        path = path[1:]
    if parts.netloc not in ("", "localhost"):
        path = f"//{parts.netloc}{path}"
    return os.path.normpath(path) if Path(path).is_absolute() else None


def to_uri(path: str) -> str:
    """Return the file URI of an absolute path."""
    return Path(path).as_uri()
