"""A variable of the environment that somebody has to set: an error names it, and the file that threw it reads it."""

from __future__ import annotations

import re

from regreen.languages.case import Case

_NAME = r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"
_ABSENT = (
    r"(?:not set|unset|missing|required|not defined|undefined|not provided|not configured|must be (?:set|defined))"
)
_SAID = tuple(
    re.compile(pattern)
    for pattern in (rf"\b{_NAME}\b.*\b{_ABSENT}\b", rf"(?i:\b(?:{_ABSENT}|set|define|provide)\b).*\b{_NAME}\b")
)


def unset_variable(case: Case) -> str:
    """Return the variable that is missing; "" when none is."""
    if case.facts.type == "AssertionError" or case.frame is None:
        return ""
    source = case.read(case.frame.path) or ""
    for pattern in _SAID:
        said = pattern.search(case.message.partition("\n")[0])
        if said is not None and re.search(rf"\benv(?:\.|\[[\"']){said['name']}\b", source):
            return said["name"]
    return ""
