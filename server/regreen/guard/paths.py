"""Which path texts are refused, whatever the file system says: a table of rules, first match wins."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from .refusal import Refusal, refuse

_MAX_PART = 255  # bytes, on every common file system
_MAX_PATH = 1024  # bytes, the least of the common systems
_DRIVE_OR_STREAM = ":"
# Windows opens a device for these, whatever the ending: aux.py is AUX.
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(?:\..*)?", re.IGNORECASE
)
# NTFS gives .git the short name GIT~1.
_GIT = re.compile(r"(?:\.git|git~\d+)", re.IGNORECASE)


def path_refusal(path: str) -> Refusal | None:
    """Judge a path by its text alone: plain, relative, POSIX, below the root, not a repository's own."""
    for rule, bad, why in _FORMS:
        if bad(path):
            return refuse(rule, f"The path {_shown(path)} {why}.", path)
    return None


def collision(paths: tuple[str, ...]) -> Refusal | None:
    """Refuse two paths that a case-insensitive or normalising file system takes for one."""
    seen: dict[str, str] = {}
    for path in paths:
        key = folded(path)
        if key in seen:
            return refuse("path-collision", f"{_shown(seen[key])} and {_shown(path)} may be one file.", path)
        seen[key] = path
    return None


def folded(path: str) -> str:
    """Return the form in which two names of one file are equal on every file system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def _shown(path: str) -> str:
    return ascii(path if len(path) <= 80 else path[:77] + "...")


def _parts(path: str) -> list[str]:
    return path.split("/")


def _too_long(path: str) -> bool:
    parts = [len(part.encode("utf-8", "surrogatepass")) for part in _parts(path)]
    return _MAX_PART < max(parts) or _MAX_PATH < sum(parts) + len(parts)


def _has_category(path: str, categories: frozenset[str]) -> bool:
    return any(unicodedata.category(char) in categories for char in path)


def _invisible(path: str) -> bool:
    # Format characters (zero width, bidi, tags), separators other than the blank, variation selectors, fillers.
    return _has_category(path, frozenset({"Cf", "Zl", "Zp", "Co", "Cn"})) or any(
        (unicodedata.category(char) == "Zs" and char != " ")
        or "\ufe00" <= char <= "\ufe0f"
        or char in "\u034f\u115f\u1160\u3164\uffa0\u2800"
        for char in path
    )


def _git_name(path: str) -> bool:
    # Fold first: full-width letters and ligatures become plain ones, as some file systems do.
    return any(_GIT.fullmatch(folded(part).rstrip(". ")) for part in _parts(path))


def _dots(path: str) -> bool:
    return any(not part.strip(". ") for part in _parts(path)) or ".." in folded(path).split("/")


def _looks_absolute(path: str) -> bool:
    return folded(path).startswith("/")


def _has_odd_slash(path: str) -> bool:
    # Characters that normalise to a separator, or look like one.
    return folded(path).count("/") != path.count("/") or any(
        char in "\u2044\u2215\u29f8\u29f5\uff3c\u2216\ufe68" for char in path
    )


_FORMS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("path-empty", lambda path: not path.strip(), "is empty"),
    ("path-encoding", lambda path: _has_category(path, frozenset({"Cs"})), "is not valid Unicode"),
    ("path-too-long", _too_long, "is too long"),
    ("path-control", lambda path: _has_category(path, frozenset({"Cc"})), "holds a control character"),
    ("path-invisible", _invisible, "holds a character that cannot be seen"),
    ("path-backslash", lambda path: "\\" in path or _has_odd_slash(path), "holds a separator other than /"),
    ("path-absolute", _looks_absolute, "is absolute"),
    ("path-colon", lambda path: _DRIVE_OR_STREAM in folded(path), "names a drive, a stream or an address"),
    ("path-home", lambda path: path.startswith("~"), "starts in a home folder"),
    ("path-dots", _dots, "has an empty, . or .. part"),
    ("path-git", _git_name, "goes into a repository's own folder"),
    ("path-trailing", lambda path: any(part != part.strip(" ") or part.endswith(".") for part in _parts(path)),
     "has a part with a blank or a dot at its edge"),
    ("path-reserved", lambda path: any(_RESERVED.fullmatch(part) for part in _parts(path)),
     "is a device's name on Windows"),
)  # fmt: skip
