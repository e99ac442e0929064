"""What Ginkgo prints of a failed spec: it tells go test no more than that the suite failed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FAILED = re.compile(
    r"^(?P<margin> *)\[(?P<how>FAILED|PANICKED|TIMEDOUT)\](?! \[) ?(?P<text>.*(?:\n.*)*?)"
    r"\n +In \[\w+\] at: (?P<path>\S+?\.go):(?P<line>\d+)\b",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Spec:
    """The first failed spec of a suite."""

    how: str  # FAILED, PANICKED, TIMEDOUT
    text: str
    path: str  # as printed
    line: int
    block: str  # as it was printed
    rest: str  # what stands behind it, a stack for instance


def first_spec(printed: str) -> Spec | None:
    """Return the first spec that failed, as the suite describes it; None when there is none."""
    match = _FAILED.search(printed)
    if match is None:
        return None
    margin = match["margin"]
    lines = [line.removeprefix(margin) for line in match["text"].splitlines()]
    return Spec(
        match["how"], "\n".join(lines).strip(), match["path"], int(match["line"]), match[0], printed[match.end() :]
    )
