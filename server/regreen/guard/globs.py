"""Path globs: `**` stands for any folders, `*` and `?` stay inside one part."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

_TOKEN = re.compile(
    r"(?:(?<=/)|^)(?P<folders>\*\*/)"
    r"|(?:(?<=/)|^)(?P<rest>\*\*)\Z"
    r"|(?P<stars>\*+)|(?P<one>\?)|\[(?P<none>!?)(?P<set>\]?[^\]]*)\]|(?P<plain>.)",
    re.DOTALL,
)
_MOST = 200  # characters
_MOST_STARS = 3  # in one part, and of folders: more would make matching slow
_FIXED = {"folders": r"(?:[^/]+/)*", "rest": r".+", "stars": r"[^/]*", "one": r"[^/]"}


def matches(pattern: str, path: str, *, ignore_case: bool = False) -> bool:
    """Tell whether a glob matches a whole relative POSIX path."""
    if ignore_case:
        pattern, path = _folded(pattern), _folded(path)
    return _compiled(pattern).fullmatch(path) is not None


def first_match(patterns: tuple[str, ...], path: str, *, ignore_case: bool = False) -> str | None:
    """Return the first glob that matches, or None."""
    return next((pattern for pattern in patterns if matches(pattern, path, ignore_case=ignore_case)), None)


def glob_fault(pattern: str) -> str:
    """Return why a glob cannot mean what its writer wants, as "should …"; "" when it can."""
    return next((why for bad, why in _FAULTS if bad(pattern)), "")


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(token) for token in _TOKEN.finditer(pattern)), re.DOTALL)


def _folded(text: str) -> str:
    """Return the form in which two spellings of one name are equal on every file system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def _translated(token: re.Match[str]) -> str:
    kind = token.lastgroup or ""
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "plain":
        return re.escape(token[0])
    members = re.escape(token["set"]).replace("\\-", "-")
    return f"(?!/)[{'^' if token['none'] else ''}{members}]"


def _stars(pattern: str) -> int:
    return max(part.count("*") for part in pattern.split("/") if part != "**") if pattern.strip("*/") else 0


# What other programs understand in a pattern and this one does not: it would match nothing, without a word.
_FAULTS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda glob: not glob.strip(), "should not be empty"),
    (lambda glob: _MOST < len(glob), f"should have at most {_MOST} characters"),
    (lambda glob: glob.startswith("!"), "should not begin with “!”: nothing is taken out of a list"),
    (lambda glob: "\\" in glob, "should have / between folders, not a backslash"),
    (lambda glob: glob.startswith(("/", "~")), "should be relative to the workspace"),
    (lambda glob: bool({"", ".", ".."} & set(glob.split("/"))), "should have no empty, “.” or “..” part"),
    (lambda glob: "$" in glob or "%" in glob, "should hold no variable: none is put in"),
    (lambda glob: "{" in glob or "}" in glob, "should hold no braces: write two globs instead"),
    (lambda glob: not all(char.isprintable() for char in glob), "should hold only characters that can be seen"),
    (lambda glob: _MOST_STARS < max(_stars(glob), glob.split("/").count("**")), "should have fewer stars"),
)  # fmt: skip
