"""Workspaces written in line: `-- path --` starts a file."""

from __future__ import annotations

import re
from pathlib import Path

_HEADER = re.compile(r"^-- (\S+) --$", re.MULTILINE)


def parse_files(text: str) -> dict[str, str]:
    """Return path -> content; each content ends with one line end unless it is empty."""
    parts = _HEADER.split(text)
    return {
        path: content.strip("\n") + "\n" if content.strip() else ""
        for path, content in zip(parts[1::2], parts[2::2], strict=True)
    }


def lay(folder: Path, text: str) -> Path:
    """Write the files below a folder and return it."""
    for path, content in parse_files(text).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode())
    return folder
