"""Type checkers that a project itself configures, and that are installed beside its interpreter."""

from __future__ import annotations

import posixpath
import re

from regreen.languages.manifest import Manifests

_MYPY = (("mypy.ini", r"^\[mypy\]"), (".mypy.ini", r"^\[mypy\]"), ("setup.cfg", r"^\[mypy\]"),
         ("pyproject.toml", r"^\[tool\.mypy\]"))  # fmt: skip
_PYRIGHT = (("pyrightconfig.json", r"\{"), ("pyproject.toml", r"^\[tool\.pyright\]"))
_TARGETS = re.compile(r"^\s*(?:files|packages|modules)\s*=", re.MULTILINE)


def gates(manifests: Manifests, folder: str, interpreter: str) -> tuple[tuple[str, ...], ...]:
    """Return the argv of each checker; what is not installed is no gate, for nobody could have passed it."""
    found: list[tuple[str, ...]] = []
    mypy = _configured(manifests, folder, _MYPY)
    if mypy and is_installed(manifests, interpreter, "mypy"):
        found.append((interpreter, "-m", "mypy", *(() if _TARGETS.search(mypy) else (".",))))
    pyright = _configured(manifests, folder, _PYRIGHT)
    if pyright and is_installed(manifests, interpreter, "pyright"):
        found.append((posixpath.join(posixpath.dirname(interpreter), "pyright"),))
    return tuple(found)


def _configured(manifests: Manifests, folder: str, places: tuple[tuple[str, str], ...]) -> str:
    """Return the part of the first file that configures it, from its own section on."""
    for name, section in places:
        text = manifests.tree.read(name if folder == "." else f"{folder}/{name}") or ""
        found = re.search(section, text, re.MULTILINE)
        if found:
            following = re.search(r"^\[", text[found.end() :], re.MULTILINE)
            return text[found.start() : found.end() + (following.start() if following else len(text))]
    return ""


def is_installed(manifests: Manifests, interpreter: str, program: str) -> bool:
    """Tell whether a program stands beside an interpreter."""
    return bool(interpreter) and manifests.tree.is_executable(posixpath.join(posixpath.dirname(interpreter), program))
