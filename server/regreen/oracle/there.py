"""Looks at paths for which the person may lack the rights: what cannot be looked at is taken for not there."""

from __future__ import annotations

import os
from pathlib import Path


def is_there(path: Path) -> bool:
    """Tell whether a path leads to something that can be seen from here."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises where a folder on the way is closed


def is_file(path: Path) -> bool:
    """Tell whether a path leads to a file that can be seen from here."""
    return os.path.isfile(path)  # noqa: PTH113 - as above


def is_folder(path: Path) -> bool:
    """Tell whether a path leads to a folder that can be seen from here."""
    return os.path.isdir(path)  # noqa: PTH112 - as above
