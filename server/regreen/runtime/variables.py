"""Variables of the environment by prefix: the value where nothing calls it secret, else only that it is set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_MOST = 50
_LONGEST = 200
_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASS|PWD|AUTH|CRED|SIGN|SALT|SEED|DSN|UR[IL]|CONN|COOKIE|SESSION|PRIVATE|CERT|HASH|PIN|OTP|JWT",
    re.IGNORECASE,
)
# An address with somebody's name in it, or a long text in which no word can be read.
_SECRET_VALUE = re.compile(r"://[^/\s]*@|[A-Za-z0-9+/=_-]{24,}")


def told_variables(environment: Mapping[str, str], prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return a line for each variable whose name begins with one of the prefixes, sorted; "" is no prefix."""
    wanted = tuple(prefix for prefix in prefixes if prefix)
    names = sorted(name for name in environment if wanted and name.startswith(wanted))
    lines = [_line(name, environment[name]) for name in names[:_MOST]]
    return (*lines, f"({len(names) - _MOST} more are not told)") if _MOST < len(names) else tuple(lines)


def _line(name: str, value: str) -> str:
    if not value:
        return f"{name} is set to nothing"
    if _SECRET_NAME.search(name) or _SECRET_VALUE.search(value):
        return f"{name} is set; its value is not told"
    plain = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    return f"{name} = {plain[:_LONGEST]}"
