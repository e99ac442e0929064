"""What the tests say on the untouched code, before any mutant: whether they can be believed, and what each runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]
Ask = Callable[[Message, float], Message]
Baseline = tuple[Message, ...]  # of each test that can be believed: its name, what it takes, the lines that it runs
_PASSED, _FAILED = "passed", "failed"
_EACH = 120.0  # seconds of wall time that one test may take
_LEAST, _MOST, _PER_RUN = 2, 10, 10  # control runs of the tests that noticed mutants; so many mutants for each
_TO_END = 30.0  # seconds that such a run has in any case
_FLAKY = "is flaky: it passes and fails on the same code"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the tests cannot be believed."""

    why: str
    is_red: bool = False  # a test failed each time, which may be for want of what it expects of its surroundings


def measured(ask: Ask, opened: Message, texts: dict[str, str], seconds: float) -> Baseline | Refused:
    """Return what was measured of the tests, or why they cannot be believed.

    They run twice, each time in a process of its own: once with the lines noted, then in the reverse order. Where the
    two differ they run a third time: what then says something else again is flaky, and what fails in one order only is
    left out, for no mutant's tests run in the order of the suite.
    """
    if opened["errors"]:
        return Refused(f"The tests cannot be collected: {opened['errors'][0]}")
    first = _run(ask, texts, None, seconds, trace=True)
    if isinstance(first, Refused):
        return first
    second = _run(ask, texts, list(reversed(first)), seconds, trace=False)
    if isinstance(second, Refused):
        return second
    red = [name for name in first if first[name]["outcome"] == _FAILED == _outcome(second, name)]
    if red:
        return Refused(_told(first[red[0]], f"fails on the untouched code{_and_more(red)}"), is_red=True)
    unsteady = [name for name in first if first[name]["outcome"] != _outcome(second, name)]
    if unsteady:
        third = _run(ask, texts, list(first), seconds, trace=False)
        if isinstance(third, Refused):
            return third
        flaky = [name for name in unsteady if _outcome(third, name) != _PASSED]
        if flaky:
            failing = next(run[flaky[0]] for run in (first, second, third) if _outcome(run, flaky[0]) == _FAILED)
            return Refused(_told(failing, f"{_FLAKY}{_and_more(flaky)}"))
    usable = [name for name in first if {first[name]["outcome"], _outcome(second, name)} == {_PASSED}]
    if not usable:
        return Refused("No test ran and passed on the untouched code.")
    took = {name: {"cpu": second[name]["cpu"], "wall": second[name]["wall"]} for name in usable}
    return tuple({"test": name, "lines": first[name]["lines"], **took[name]} for name in usable)


def doubtful(
    ask: Ask, names: list[str], texts: dict[str, str], n_mutants: int, left: Callable[[], float]
) -> set[str] | Refused:
    """Run the tests that noticed mutants on the untouched code again, the oftener the more of those there were; once
    at least, also when no seconds are left.

    What now passes and fails is flaky. What always fails without the tests that did not notice anything is returned:
    it needs them, so that its word does not count.
    """
    runs: list[dict[str, Message]] = []
    for _ in range(min(_MOST, max(_LEAST, n_mutants // _PER_RUN)) if names else 0):
        if runs and left() <= 0.0:
            break
        run = _run(ask, texts, names, max(left(), _TO_END), trace=False)
        if isinstance(run, Refused):
            return run
        runs.append(run)
    failing = {name: [run for run in runs if _outcome(run, name) != _PASSED] for name in names}
    flaky = [name for name in names if failing[name] and len(failing[name]) < len(runs)]
    if flaky:
        return Refused(_told(failing[flaky[0]][0][flaky[0]], f"{_FLAKY}{_and_more(flaky)}"))
    return {name for name in names if failing[name]}


def _run(
    ask: Ask, texts: dict[str, str], names: list[str] | None, seconds: float, *, trace: bool
) -> dict[str, Message] | Refused:
    message = {"op": "measure", "texts": texts, "trace": trace, "wall": _EACH, "tests": names}
    answer = ask(message, max(seconds, 1.0))
    found = {entry["test"]: entry for entry in answer["tests"]}
    if answer["verdict"] == "done":
        return found if found else Refused("There is no test that could notice a mutant.")
    last = next(reversed(found), "")
    behind = f" behind {last}" if last else ""
    what = "did not end in time" if answer["verdict"] == "hangs" else answer["detail"]
    return Refused(f"The tests cannot be run to their end on the untouched code: a test{behind} fails them ({what}).")


def _outcome(run: dict[str, Message], name: str) -> str:
    return str(run[name]["outcome"]) if name in run else _FAILED


def _told(entry: Message, what: str) -> str:
    detail = f" ({entry['detail']})" if entry["detail"] else ""
    return f"{entry['test']} {what}{detail}."


def _and_more(names: list[str]) -> str:
    return f", and so do {len(names) - 1} more" if 1 < len(names) else ""
