"""Reading the person's files."""

from __future__ import annotations

from pathlib import Path

from regreen.core.errors import UnreadableSource, UsageError
from regreen.core.text import decode

_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", "requirements.txt")


def read_text(root: str, path: str) -> str | None:
    """Return a file's decoded text; None when it is not there, not a file, or not text."""
    try:
        return decode((Path(root) / path).read_bytes(), path).text
    except (OSError, UnreadableSource):
        return None


def workspace_root(path: Path) -> Path:
    """Return the workspace that a path belongs to: itself when it is a folder, else the nearest folder with a marker.

    Raises:
        UsageError: there is nothing at the path.
    """
    if path.is_dir():
        return path.resolve()
    if not path.exists():
        raise UsageError(f"There is nothing at {path}.", next_step="Name a folder or a file that exists.")
    folder = path.resolve().parent
    marked = (parent for parent in (folder, *folder.parents) if any((parent / name).exists() for name in _MARKERS))
    return next(marked, folder)
