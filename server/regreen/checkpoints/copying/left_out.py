"""What a copy of a workspace leaves out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Kept by the repository, or made anew by a tool; a link to the original would let a test write into the user's tree.
_REPOSITORY = "the repository's own files"
_NAMES = {
    ".git": _REPOSITORY,
    ".hg": _REPOSITORY,
    ".svn": _REPOSITORY,
    ".jj": _REPOSITORY,
    "node_modules": "installed packages",
    ".venv": "a virtual environment",
    ".tox": "virtual environments",
    ".nox": "virtual environments",
    ".pixi": "virtual environments",
    "__pycache__": "a cache",
    ".pytest_cache": "a cache",
    ".mypy_cache": "a cache",
    ".ruff_cache": "a cache",
    ".hypothesis": "a cache",
    ".gradle": "a cache",
    ".next": "a cache",
    ".nuxt": "a cache",
    ".turbo": "a cache",
    ".parcel-cache": "a cache",
}
_MARKS = {"pyvenv.cfg": "a virtual environment", "conda-meta": "a virtual environment"}
_CACHE_TAG = b"Signature: 8a477f597d28d172789f06886806bc55"  # CACHEDIR.TAG, the cache directory tagging standard


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """A path that is not in the copy, and why."""

    path: str
    why: str


# Read, and never written by tests: these can be shown in the copy as they are. A cache cannot: tools write in it.
_SHOWN = frozenset({_REPOSITORY, "installed packages", "a virtual environment", "virtual environments"})


def is_shown(left: LeftOut) -> bool:
    """Tell whether what is left out may be shown, read-only, where a copy stands at the original's path."""
    return left.why in _SHOWN


def reason_by_name(name: str) -> str:
    """Return why an entry of this name is left out, or ""."""
    return _NAMES.get(name.casefold(), "")


def is_repository(name: str) -> bool:
    """Tell whether a folder of this name is a repository's own."""
    return reason_by_name(name) == _REPOSITORY


def reason_by_content(folder: Path, names: frozenset[str]) -> str:
    """Return why a folder with these entries is left out, or ""."""
    mark = next((why for name, why in _MARKS.items() if name in names), "")
    return mark or ("a cache" if "CACHEDIR.TAG" in names and _has_cache_tag(folder) else "")


def _has_cache_tag(folder: Path) -> bool:
    tag = folder / "CACHEDIR.TAG"
    try:
        if tag.is_symlink() or not tag.is_file():
            return False
        with tag.open("rb") as file:
            return file.read(len(_CACHE_TAG)) == _CACHE_TAG
    except OSError:
        return False
