"""Path globs: `**` stands for any folders, `*` and `?` stay inside one part."""

from __future__ import annotations

import functools
import re

_TOKEN = re.compile(
    r"(?:(?<=/)|^)(?P<folders>\*\*/)"
    r"|(?:(?<=/)|^)(?P<rest>\*\*)\Z"
    r"|(?P<stars>\*+)|(?P<one>\?)|\[(?P<none>!?)(?P<set>\]?[^\]]*)\]|(?P<plain>.)",
    re.DOTALL,
)
_FIXED = {"folders": r"(?:[^/]+/)*", "rest": r".+", "stars": r"[^/]*", "one": r"[^/]"}


def matches(pattern: str, path: str, *, ignore_case: bool = False) -> bool:
    """Tell whether a glob matches a whole relative POSIX path."""
    if ignore_case:
        pattern, path = pattern.casefold(), path.casefold()
    return _compiled(pattern).fullmatch(path) is not None


def first_match(patterns: tuple[str, ...], path: str, *, ignore_case: bool = False) -> str | None:
    """Return the first glob that matches, or None."""
    return next((pattern for pattern in patterns if matches(pattern, path, ignore_case=ignore_case)), None)


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(token) for token in _TOKEN.finditer(pattern)), re.DOTALL)


def _translated(token: re.Match[str]) -> str:
    kind = token.lastgroup or ""
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "plain":
        return re.escape(token[0])
    members = re.escape(token["set"]).replace("\\-", "-")
    return f"(?!/)[{'^' if token['none'] else ''}{members}]"
