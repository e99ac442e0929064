"""Titles that are completed at run time: what a table's row or an expression puts into the title of a test."""

from __future__ import annotations

import re
from functools import lru_cache

# `%i`, `%s`, `%#`; `$name`, `$a.b`, `$0`, `$#`; `${…}`.
VARIABLE = re.compile(r"%[a-zA-Z#$%]|\$\{(?:[^{}]|\{[^{}]*\})*\}|\$[A-Za-z_][\w.]*|\$[#\d]+")
SEPARATOR = " > "  # between the titles of suites and tests
_ANYTHING = f"(?:(?!{SEPARATOR}).)*"  # a value stays within its title


def is_completed(titles: str) -> bool:
    """Tell whether titles name what is put into them when the tests run."""
    return VARIABLE.search(titles) is not None


def makes(titles: str, case: str) -> bool:
    """Tell whether titles as they are written can become those of a case."""
    return is_completed(titles) and _pattern(titles).fullmatch(case) is not None


def n_literal(titles: str) -> int:
    """Return how many characters of titles are the same in each case."""
    return len(VARIABLE.sub("", titles))


@lru_cache(maxsize=512)
def _pattern(titles: str) -> re.Pattern[str]:
    found, at = "", 0
    for match in VARIABLE.finditer(titles):
        found += re.escape(titles[at : match.start()]) + _ANYTHING
        at = match.end()
    return re.compile(found + re.escape(titles[at:]), re.DOTALL)
