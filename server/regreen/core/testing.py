"""What to run, what came out, and what it says: CommandSpec, RawRun, TestRun."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .confine import Enclosure
from .titles import is_completed, makes, n_literal
from .workspace import TestCase

_GO_SUBTEST = re.compile(r"((?:Test|Fuzz|Benchmark)\w*)/")
# Cases that rstest makes of a function: `adds::case_1_small`, and `adds::n_1_3::m_2_4` of lists of values.
_RUST_CASES = re.compile(r"(?P<name>.+?)(?:::case_\d+\w*|(?:::\w+_\d+_\w+)+)(?:::\w+_\d+_\w+)*$")
_SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")  # a place that is a file of JavaScript or TypeScript


@dataclass(frozen=True, slots=True, order=True)
class TestId:
    """One test as its runner names it, in one project.

    `project` is its key. `name` is "<place>::<name>": the place is the file (Python, JavaScript), the package's folder
    (Go) or the target (Rust), relative to the project's cwd; the name is as the runner prints it, parameters included:
    "tests/test_a.py::TestX::test_y[1-2]". What was read from a saved log has the place only if the runner prints it.
    """

    project: str
    name: str

    @property
    def definition(self) -> TestId:
        """Return the id of the definition: this one without its parameters, Go's sub-tests or rstest's cases."""
        # The place's own path may hold brackets: parameters stand behind the first "::" only.
        place, separator, rest = self.name.partition("::")
        if place.endswith(".py"):
            return TestId(self.project, place + separator + rest.partition("[")[0])
        if place.endswith(".rs"):
            case = _RUST_CASES.fullmatch(rest)
            return TestId(self.project, place + separator + case["name"]) if case else self
        part = None if _SCRIPT.search(place) else _GO_SUBTEST.match(rest)
        return TestId(self.project, place + separator + part[1]) if part else self

    @property
    def is_table(self) -> bool:
        """Tell whether it is the definition of tests whose titles are completed at run time, as by `test.each`."""
        place, _, rest = self.name.partition("::")
        return _SCRIPT.search(place) is not None and is_completed(rest)

    def defines(self, test: TestId) -> bool:
        """Tell whether a test is this one, or a case that its definition makes at run time."""
        if self in (test, test.definition):
            return True
        if self.project != test.project or not self.is_table:
            return False
        (place, _, titles), (where, _, case) = self.name.partition("::"), test.name.partition("::")
        return place == where and makes(titles, case)

    def covers(self, test: TestId) -> bool:
        """Tell whether this id stands for a test: it is its own, its definition's, or that of its place.

        A place stands for its tests where it could not be collected or built, and "" for everything in the project.
        """
        if self.defines(test):
            return True
        is_place = self.project == test.project and "::" not in self.name
        return is_place and (not self.name or test.name.startswith(self.name + "::"))


def case_of(test: TestId, cases: Iterable[TestCase]) -> TestCase | None:
    """Return the definition of a test; of several that may have made it, the one whose titles say most."""
    fitting = [case for case in cases if TestId(test.project, case.name).defines(test)]
    exact = (test.name, test.definition.name)
    named = min((case for case in fitting if case.name in exact), key=lambda case: exact.index(case.name), default=None)
    return named or max(fitting, key=lambda case: n_literal(case.name), default=None)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run of a project: these tests, or these files and folders, or (both empty) everything."""

    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()  # relative to the project's cwd
    stop_at_first: bool = False
    seed: int = 0  # not 0: in the order that this number gives, where `Project.shuffles`
    together: bool = False  # files may share a process that otherwise have one each, where the runner can


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run happens. All paths absolute.

    `root` is the tree that is tested; `original` the user's workspace, from which nothing may be loaded
    when the two differ; `scratch` a private folder for reports, outside of both.
    """

    root: str
    original: str
    scratch: str


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A program to start. Never a shell line."""

    argv: tuple[str, ...]
    cwd: str  # absolute
    env: tuple[tuple[str, str], ...] = ()  # added to the allowed part of ours
    timeout: float = 600.0  # seconds of wall time
    report: str = ""  # absolute path of the JSON-lines report that the run writes; "" for none
    report_is_stdout: bool = False  # its lines are the report; RawRun.report is empty, RawRun.stdout capped
    enclosure: Enclosure | None = None  # where it is confined; None: it runs as the person's own commands do
    writable: tuple[str, ...] = ()  # absolute folders outside of the tree in which a confined run may write
    merged: bool = False  # standard error goes where standard output goes, in the order in which both are written


class Ended(StrEnum):
    """How a process ended. A cancelled one raises instead."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed-out"
    NOT_STARTED = "not-started"


@dataclass(frozen=True, slots=True)
class RawRun:
    """What came out of a CommandSpec."""

    spec: CommandSpec
    ended: Ended
    exit_code: int  # the signal's number, negated, when signalled; 0 is not proof of green
    stdout: str  # decoded with replacement; the middle is left out when it was longer than the cap
    stderr: str
    report: str
    seconds: float
    rewritten: bool = False  # what had been read of the report stood there otherwise at the end


class TestOutcome(StrEnum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # set-up, tear-down, collection
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    UNFINISHED = "unfinished"  # it started and never ended


GOOD = frozenset({TestOutcome.PASSED, TestOutcome.SKIPPED, TestOutcome.XFAILED, TestOutcome.XPASSED})


@dataclass(frozen=True, slots=True)
class Frame:
    """A stack frame. `path` is relative to the workspace root when `inside`, else absolute."""

    path: str
    line: int  # 1-based
    function: str
    code: str = ""
    inside: bool = True  # in the workspace, and neither installed, vendored nor generated


@dataclass(frozen=True, slots=True)
class ExceptionFacts:
    """An exception as the runner saw it, with the structured attributes it carried."""

    type: str  # qualified, without "builtins."
    lineage: tuple[str, ...]  # the method resolution order, own type first, "object" left out
    message: str
    attributes: tuple[tuple[str, str], ...] = ()  # name, obj, key, path, errno, filename, lineno …
    frames: tuple[Frame, ...] = ()  # outermost first
    cause: ExceptionFacts | None = None

    def attribute(self, name: str) -> str:
        """Return a structured attribute, or ""."""
        return next((value for key, value in self.attributes if key == name), "")


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test, or one file that could not be collected, in one run."""

    id: TestId
    outcome: TestOutcome
    path: str  # relative to the root; "" when unknown
    line: int  # 1-based line of the definition; 0 when unknown
    phase: str = "call"  # setup, call, teardown, collect
    seconds: float = 0.0
    exception: ExceptionFacts | None = None
    text: str = ""  # the runner's own rendering of the failure
    sections: tuple[tuple[str, str], ...] = ()  # captured output by name
    subtest: str = ""


@dataclass(frozen=True, slots=True)
class TestRun:
    """A whole run, read. Invariant: results sorted as they ended."""

    project: str
    results: tuple[TestResult, ...]
    collected: tuple[TestId, ...]
    exit_code: int
    ended: Ended
    seconds: float
    complete: bool  # the runner itself said that it finished, and every started test ended
    output: str = ""  # both streams, capped, for the failures that have no result of their own
    foreign: tuple[str, ...] = ()  # modules loaded from the original tree although another was tested
    command: tuple[str, ...] = ()
    confined: bool = False  # it ran in a sandbox, which may itself be why something failed
    hidden: tuple[str, ...] = ()  # absolute paths that tests did not find, and that are there outside of the sandbox

    @property
    def failed(self) -> tuple[TestResult, ...]:
        """Return the results that are not good."""
        return tuple(result for result in self.results if result.outcome not in GOOD)

    @property
    def passed_ids(self) -> frozenset[TestId]:
        """Return the ids that ran, passed, and have no failing part."""
        bad = {result.id for result in self.failed}
        passed = {result.id for result in self.results if result.outcome is TestOutcome.PASSED}
        return frozenset(passed - bad)

    def green_for(self, wanted: tuple[TestId, ...] = ()) -> bool:
        """Tell whether this run proves green.

        Exit code 0, the run complete, at least one test passed, nothing failed, and every wanted id itself passed.
        """
        if self.exit_code != 0 or not self.complete or self.failed or not self.passed_ids:
            return False
        return all(self.has_passed(test) for test in wanted)

    def has_passed(self, wanted: TestId) -> bool:
        """Tell whether a test, every case of a definition, or every test of a place ran and passed.

        A place without tests of its own, such as a library that others test, passes with the others.
        """
        if wanted.is_table and any(result.id == wanted for result in self.results):
            # It ran by just this name: what looked like a variable is part of its title.
            return wanted in self.passed_ids
        if any(wanted.covers(result.id) for result in self.failed):
            return False
        if any(wanted.covers(test) for test in self.passed_ids):
            return True
        holds_tests = "::" in wanted.name or any(wanted.covers(test) for test in self.collected)
        return not holds_tests and not self.failed and bool(self.passed_ids)
