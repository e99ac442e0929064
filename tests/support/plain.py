"""A virtual environment with pytest and nothing else, made without a network: what a user's project has at least."""

from __future__ import annotations

import shutil
import sysconfig
import venv
from pathlib import Path

_PACKAGES = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments")


def make_plain_venv(folder: Path) -> Path:
    """Make the environment and return its folder; the packages are copies of our own."""
    venv.create(folder, with_pip=False, symlinks=True)
    ours = Path(sysconfig.get_path("purelib"))
    theirs = next(folder.glob("lib/python*/site-packages"))
    for name in _PACKAGES:
        shutil.copytree(ours / name, theirs / name, ignore=shutil.ignore_patterns("tests"))
    shutil.copy2(ours / "py.py", theirs / "py.py")
    for found in ours.glob("*.dist-info"):
        if found.name.partition("-")[0].lower() in _PACKAGES:
            shutil.copytree(found, theirs / found.name)
    return folder
