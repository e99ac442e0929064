"""A file of tests at hand: how it reaches the function, what else that may be called with, what does not compile."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from regreen.core.ports import Call, Workbench
from regreen.core.testing import TestRun
from regreen.core.workspace import Symbol
from regreen.mutation import PENS, Draft, Fact, Pen, Reach, Sheet, Words, further, near, swapped
from regreen.providers import near_inputs
from regreen.syntax import grammar_of

from .strengthening_task import Task

_INPUTS = 160  # calls of the tests and calls near them
_SWAPPED = 120  # calls with what the code names, and as many less simple ones
_SINK = ".regreen-told-{}"  # a file of the workbench
_ASKED = re.compile(r"asked\((\d+),")


@dataclass(frozen=True, slots=True)
class Desk:
    """A file of tests, and what is needed to write more of them."""

    task: Task
    pen: Pen
    sheet: Sheet
    reach: Reach

    @property
    def place(self) -> str:
        """Return the file's path as the runner knows it."""
        cwd = self.task.project.cwd
        return self.sheet.path if cwd == "." else self.sheet.path.removeprefix(f"{cwd}/")

    def sink(self, purpose: str) -> str:
        """Return the path of the file into which something is told; each is used once."""
        cwd = self.task.project.cwd
        return ("" if cwd == "." else f"{cwd}/") + _SINK.format(
            f"{zlib.crc32(f'{self.task.path}:{self.task.function}'.encode()):x}-{purpose}"
        )

    def state(self, facts: tuple[Fact, ...]) -> Draft:
        """Return the file of tests with a test for each fact that can be stated."""
        return self.pen.state(self.sheet, self.reach, facts) if facts else Draft(self.sheet.text)


def desk_of(bench: Workbench, task: Task) -> Desk | None:
    """Return the first file of tests that calls the function, or else one that can be made to."""
    pen, symbol = PENS.get(grammar_of(task.path)), _symbol(task)
    if pen is None or symbol is None:
        return None
    source = bench.read(task.path).text
    desks = []
    for path, test in _homes(task).items():
        text, facts = bench.read(path).text, task.model.files[path]
        sheet = Sheet(path, text, facts, test, task.path, source, symbol, _taken(task, test))
        reach = pen.reach(sheet)
        if reach is not None:
            desks.append(Desk(task, pen, sheet, reach))
    stem = task.path.rpartition("/")[2].partition(".")[0]
    return min(desks, key=lambda desk: (len(desk.reach.imports), stem not in desk.sheet.path), default=None)


def complained(desk: Desk, draft: Draft, run: TestRun) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of the tests, and those of the calls, that stand in lines of which a compiler complains."""
    said = "\n".join([run.output, *(failed.text for failed in run.failed)])
    name = re.escape(desk.sheet.path.rpartition("/")[2])
    lines = draft.text.splitlines()
    numbers = sorted({int(found) for found in re.findall(rf"{name}:(\d+)", said) if int(found) <= len(lines)})
    starts = _starts(draft)
    tests = (sum(start <= number for start in starts) - 1 for number in numbers)
    calls = (found for number in numbers if (found := _ASKED.search(lines[number - 1])))
    return frozenset(test for test in tests if 0 <= test), frozenset(int(found[1]) for found in calls)


def _starts(draft: Draft) -> tuple[int, ...]:
    """Return the lines, from 1, in which the new tests are named."""
    found, at = [], 0
    for test in draft.tests:
        at = max(at, draft.text.find(re.split("::| > ", test)[-1], at))
        found.append(draft.text.count("\n", 0, at) + 1)
    return tuple(found)


def _symbol(task: Task) -> Symbol | None:
    facts = task.model.files.get(task.path)
    return next((one for one in (facts.symbols if facts else ()) if one.qualname == task.function), None)


def _homes(task: Task) -> Mapping[str, str]:
    """Return the files of the tests that run the function, each with the name of a test in it; in a steady order."""
    asked = {test.name for test in task.asked}
    found = {}
    for path, facts in sorted(task.model.files.items()):
        case = next((case for case in facts.tests if case.name in asked), None)
        if case is not None and task.model.project_of(path) == task.project:
            found[path] = case.name
    return found


def _taken(task: Task, test: str) -> frozenset[str]:
    """Return the names of all tests at the place of one."""
    place = test.partition("::")[0]
    names = (case.name for facts in task.model.files.values() for case in facts.tests)
    return frozenset(name for name in names if name.partition("::")[0] == place)


def calls_near(desk: Desk, recorded: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return the recorded calls and others near them."""
    literals = desk.pen.literals(desk.sheet)
    known = tuple(Call(desk.sheet.tested, desk.sheet.function, tuple(("", text) for text in call)) for call in recorded)
    others = near_inputs(known, _INPUTS - len(known), partial(near, literals))
    span = desk.sheet.symbol.span
    made = (
        *swapped(literals, desk.sheet.source[span.start : span.end], recorded)[:_SWAPPED],
        *(tuple(text for _, text in call.arguments) for call in others),
        *further(literals, recorded)[:_SWAPPED],
    )
    return tuple(dict.fromkeys((*recorded, *(call for call in made if desk.pen.fits(desk.sheet, call)))))
