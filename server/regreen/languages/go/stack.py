"""Stacks as the Go runtime and the race detector print them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_GOROUTINE = re.compile(r"^goroutine (?P<id>\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[(?P<state>[^\]]*)\]:$")
_CALL = re.compile(
    r"^(?P<function>(?:created by )?[^\s(].*?)(?:\((?:[^()]|\([^()]*\))*\)|\(\.\.\.\))?(?: in goroutine "
    r"\d+)?$"
)
_PLACE = re.compile(r"^\s+(?P<path>.+?\.(?:go|s|c|cc|cgo1\.go)):(?P<line>\d+)(?: \+0x[0-9a-f]+)?(?: .*)?$")
_PANIC = re.compile(r"^\s*panic: ", re.MULTILINE)
_RACE_STACK = re.compile(
    r"^(?P<access>(?:Previous )?(?:[Rr]ead|[Ww]rite|atomic \w+)|Goroutine \d+ \([^)]*\) created) at (?P<rest>.*):$"
)
_RACE_CREATED = re.compile(r"^Goroutine \d+ \([^)]*\) created at:$")


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a stack. `function` has its package's path before it."""

    path: str
    line: int
    function: str

    @property
    def package(self) -> str:
        """Return the path of the function's package."""
        folder, slash, name = self.function.rpartition("/")
        return folder + slash + name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Goroutine:
    """One stack, the innermost call first."""

    state: str
    calls: tuple[Call, ...]
    creator: Call | None = None  # who started it

    def runs(self, name: str) -> bool:
        """Tell whether it runs a test function (the first part of a test's name)."""
        pattern = re.compile(rf"\.{re.escape(name.partition('/')[0])}(?:\.|$)")
        return any(pattern.search(call.function) for call in self.calls)

    @property
    def waits(self) -> bool:
        """Tell whether it only waits for a sub-test."""
        return any(call.function in ("testing.(*T).Run", "testing.(*F).Fuzz") for call in self.calls)

    @property
    def of_a_test(self) -> bool:
        """Tell whether it is one that the testing package runs tests, or the whole program, in."""
        return any(call.function in ("testing.tRunner", "main.main", "testing.(*M).Run") for call in self.calls)


def goroutines(text: str) -> tuple[Goroutine, ...]:
    """Return the stacks of a dump, in its order."""
    found: list[Goroutine] = []
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if match := _GOROUTINE.match(line.strip()):
            found.append(_goroutine(match["state"], lines[at + 1 :]))
    is_same = "repanicked]" in text and len(_PANIC.findall(text)) == 1
    return tuple(map(_before_recovery, found)) if is_same else tuple(found)


def _before_recovery(goroutine: Goroutine) -> Goroutine:
    """Leave out what caught a panic and raised it again: the first one is the cause."""
    panics = [n for n, call in enumerate(goroutine.calls) if call.function == "panic"]
    return replace(goroutine, calls=goroutine.calls[panics[-1] :]) if 1 < len(panics) else goroutine


def races(text: str) -> tuple[tuple[Goroutine, ...], ...]:
    """Return for each data race its stacks: the access that was noticed, the earlier one, who started them."""
    found = []
    for block in text.split("WARNING: DATA RACE")[1:]:
        block = re.split(r"^={10,}$", block, maxsplit=1, flags=re.MULTILINE)[0]
        lines = block.splitlines()
        heads = [
            at for at, line in enumerate(lines) if _RACE_STACK.match(line.strip()) or _RACE_CREATED.match(line.strip())
        ]
        found.append(tuple(_goroutine(lines[at].strip(" :"), lines[at + 1 :]) for at in heads))
    return tuple(found)


def _goroutine(state: str, lines: list[str]) -> Goroutine:
    calls: list[Call] = []
    creator: Call | None = None
    function = ""
    for line in lines:
        place = _PLACE.match(line)
        if place is not None and function:
            call = Call(place["path"], int(place["line"]), function.removeprefix("created by "))
            if function.startswith("created by "):
                creator = call
            else:
                calls.append(call)
            function = ""
        elif not line.strip():
            break
        elif line.strip().startswith("..."):
            continue  # frames that the runtime left out
        elif match := _CALL.match(line.strip()):
            function = match["function"]
    return Goroutine(state, tuple(calls), creator)
