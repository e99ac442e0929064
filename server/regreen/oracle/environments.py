"""The few folders and files of an environment that are worth watching, although all of it is ignored.

An installation writes thousands of files; whether it is there, and what it can run, shows in a handful of them.
"""

from __future__ import annotations

import re
from pathlib import Path

_PROGRAMS = {".venv": ("bin", "Scripts"), "venv": ("bin", "Scripts"), "env": ("bin", "Scripts"), "node_modules": ()}
_TELLING = re.compile(
    # The folder of programs counts as well: what was written into it before it was watched gave no event.
    r"(?:^|/)(?:pyvenv\.cfg|(?:bin|Scripts)(?:/(?:python3?|pytest|py\.test|mypy|pyright)(?:\.exe)?)?"
    r"|node_modules/(?:\.package-lock\.json|\.modules\.yaml|\.yarn-state\.yml|\.yarn-integrity))$"
)


def watched_inside(root: Path, folder: str) -> tuple[str, ...]:
    """Return what to watch of an ignored folder: an environment's own folder and that of its programs, else nothing."""
    above, _, name = folder.rpartition("/")
    if name in _PROGRAMS:
        inner = (f"{folder}/{programs}" for programs in _PROGRAMS[name])
        return (folder, *(path for path in inner if (root / path).is_dir()))
    return (folder,) if name in _PROGRAMS.get(above.rpartition("/")[2], ()) else ()


def tells_of_environment(path: str) -> bool:
    """Tell whether a change of this file may have made or changed an environment."""
    return _TELLING.search(path) is not None
