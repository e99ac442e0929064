"""All seams on one page: what the road of a repair needs from the rooms that it does not import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from .cancel import Cancellation
from .confine import Enclosure
from .edit import Patch
from .events import Event
from .mutation import Judged, Mutant, Strength
from .repair import Answer, Proposal, RepairReport, RepairRequest, Review, Spectrum, Unnoticed
from .testing import CommandSpec, Place, RawRun, Selection, TestId, TestResult, TestRun
from .text import SourceText
from .trace import RunId, Trace
from .workspace import FileFacts, Project, Symbol


class Tree(Protocol):
    """Read-only view of a workspace's files, as the oracle sees it. Paths are relative and POSIX."""

    @property
    def root(self) -> str:
        """Return the absolute path of the workspace."""

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files that are not ignored, sorted."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the environment variables that may decide an interpreter."""

    def read(self, path: str) -> str | None:
        """Return a file's text; None when it is not there or not text. Ignored files may be read."""

    def is_executable(self, path: str) -> bool:
        """Tell whether a path (relative, or absolute) is an executable file."""

    def search_path(self, program: str) -> str:
        """Return the absolute path of a program on PATH, or ""."""


class Language(Protocol):
    """One language: describes and reads, never runs."""

    @property
    def name(self) -> str:
        """Return the name, e.g. "python"."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Return the file name endings, with dots."""

    def detect(self, tree: Tree) -> tuple[Project, ...]:
        """Find the projects of this language, each fact with its evidence."""

    def outline(self, path: str, source: SourceText) -> FileFacts:
        """Index one file: symbols, imports, tests."""

    def command(self, project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
        """Say how to run tests through the structured route.

        Raises:
            ToolMissing: the project has no interpreter or runner.
        """

    def reader(self, project: Project, place: Place) -> ReportReader:
        """Return a fresh reader for one run."""

    def trials(self, project: Project, place: Place) -> CommandSpec | None:
        """Say how to start the warm worker that tries candidates out (protocol: docs/worker-protocol.md).

        None: there is none, and each candidate costs a run of its tests.
        """


ReadText = Callable[[str], str | None]


class ReportReader(Protocol):
    """Reads one run's report while it grows."""

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of the report; return the tests that ended with it."""

    def collected(self) -> tuple[TestId, ...]:
        """Return the ids collected so far."""

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""


class Executor(Protocol):
    """Runs a CommandSpec."""

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: Callable[[str], None] | None = None) -> RawRun:
        """Run to the end, the timeout or the cancel; the whole process tree is gone afterwards.

        Raises:
            Cancelled: the token was set; the tree was killed.
            ToolMissing: the program is not there.
        """


class Runner(Protocol):
    """Runs tests of one project somewhere. Built from a Language and an Executor."""

    def run(
        self,
        cancel: Cancellation,
        project: Project,
        selection: Selection,
        where: Enclosure | None,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> TestRun:
        """Run the selected tests, confined in a workbench; without one, as the person would in their own tree."""


class TrialVerdict(StrEnum):
    """What became of a candidate in the warm worker. Never proof of green: only the runner proves that."""

    PASSES = "passes"  # the wanted tests and the ones to keep passed
    BREAKS = "breaks"  # the wanted tests passed, one to keep failed
    FAILS = "fails"  # a wanted test failed
    HANGS = "hangs"
    CRASHES = "crashes"  # the process died, or the tests were not collected


class Pace(StrEnum):
    """What it costs to try one candidate among many."""

    WARM = "warm"  # hundredths of a second, each judged on its own
    BUILT = "built"  # the same, once a build that many share was paid for
    LOADED = "loaded"  # some hundredths, in a process that lasts and loads each candidate anew
    DEAR = "dear"  # tenths of a second
    SLOW = "slow"  # a whole run


@dataclass(frozen=True, slots=True)
class Trial:
    """The verdict on a candidate, and what failed, e.g. "AssertionError: assert 1 == 2"."""

    verdict: TrialVerdict
    detail: str = ""
    line: int = 0  # deepest line inside the workspace of the first failure, 1-based; 0 when unknown
    path: str = ""
    weight: int = field(default=1, compare=False)  # what it cost, in trials of the cheapest kind


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function, as a test made it or as somebody made it up.

    `arguments` are literals of the language, in order, each with its keyword ("" for a positional one). A value that
    has no literal is a handle ("@0", "@1" ...), which only the trials that gave it can read.
    """

    path: str
    function: str  # qualified name, e.g. "Cart.total"
    arguments: tuple[tuple[str, str], ...]


class Trials(Protocol):
    """Tries candidates out in a workbench, fast. Bound to one workbench and one set of tests.

    Whoever implements it by inheritance gets what can be said without a warm worker: one candidate after the other,
    and no calls.
    """

    @property
    def batch(self) -> int:
        """Return how many candidates are worth handing over at once: more than one where they share a build."""
        return 1

    @property
    def is_slow(self) -> bool:
        """Tell whether each candidate costs a whole run, so that few can be tried (`Policy.max_runs`)."""

    @property
    def pace(self) -> Pace:
        """Return what a candidate costs, by which it is decided how many rivals of one that passes are tried."""
        return Pace.SLOW if self.is_slow else Pace.WARM

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        """Return which lines the failing and the passing tests run; empty when it cannot be measured.

        `among` are the files in question, the likeliest first: where lines have to be marked for it, only theirs are.
        """

    def evaluate(self, cancel: Cancellation, patch: Patch) -> Trial:
        """Judge one candidate; the workbench is as before afterwards."""

    @property
    def is_warm(self) -> bool:
        """Tell whether another question costs little, because what answers it is running."""
        return False

    def unpatched(self, cancel: Cancellation, tests: tuple[TestId, ...]) -> Trial:
        """Judge the files as they are by some of the wanted tests alone, or by all of them where that is all it can."""
        del tests
        return self.evaluate(cancel, Patch(()))

    def evaluate_many(self, cancel: Cancellation, patches: tuple[Patch, ...]) -> tuple[Trial, ...]:
        """Judge a batch of candidates, each as if it were alone; one verdict for each, in their order."""
        return tuple(self.evaluate(cancel, patch) for patch in patches)

    def calls(self, cancel: Cancellation, path: str, function: str) -> tuple[Call, ...]:
        """Return calls of a function that the tests make, each different one once; empty when it cannot be seen.

        Those of the wanted tests come first.
        """
        del cancel, path, function
        return ()

    def probe(
        self, cancel: Cancellation, patches: tuple[Patch, ...], calls: tuple[Call, ...]
    ) -> tuple[tuple[str, ...], ...]:
        """Return for each patch what it answers to each call, in words that can be compared and shown.

        An answer is a literal ("[1, 2]"), how the call ended otherwise ("raises ValueError: empty", "does not end"),
        or "" when it cannot be told, such as a value that is another one each time. Arguments that the call changed
        are part of the answer. An empty patch stands for the untouched files. Empty when it cannot be done.
        """
        del cancel, patches, calls
        return ()

    def unnoticed(self, cancel: Cancellation, patch: Patch, functions: tuple[Symbol, ...]) -> Unnoticed:
        """Return what tests to keep would see of a patch of these functions, in its first file, if they looked."""
        del cancel, patch, functions
        return Unnoticed()


class Mutation(Protocol):
    """Judges mutants: tells for each whether the tests of a project notice it. One for each way of running them."""

    def judge(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        mutants: tuple[Mutant, ...],
        tests: tuple[TestId, ...],
        hearing: Hearing,
    ) -> Strength:
        """Judge mutants of the texts as they stand in the workbench, which is as before afterwards.

        `tests` may notice them, and each of these must pass on the untouched texts; () is every test of the project.
        When the tests cannot be believed (red, flaky), the answer says so (`Strength.refused`) and judges nothing.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
        """


def _unknown(mutant: Mutant, tests: tuple[TestId, ...]) -> Judged | None:
    del mutant, tests
    return None


def _unheard(judged: Judged) -> None:
    del judged


@dataclass(frozen=True, slots=True)
class Hearing:
    """How mutants are judged: how long, what is known already, and who is told of each."""

    seconds: float = 0.0  # of wall time, after which no further mutant is begun; 0 is as long as it takes
    # The fate of a mutant as an earlier hearing found it, given the tests that cover it now; None: to be found out.
    recall: Callable[[Mutant, tuple[TestId, ...]], Judged | None] = _unknown
    on_judged: Callable[[Judged], None] = _unheard  # told of each as it is judged, recalled ones included


@dataclass(frozen=True, slots=True)
class GateResult:
    """What came of a check that the project asks for beside its tests."""

    name: str  # as a person knows it, e.g. "mypy"
    passed: bool
    said: str = ""  # the first complaint, in one line


class Gates(Protocol):
    """Runs the checks that a project asks for beside its tests: types, builds."""

    def run(
        self, cancel: Cancellation, project: Project, where: Enclosure, touched: tuple[str, ...] = ()
    ) -> tuple[GateResult, ...]:
        """Run each of `Project.gates` in a workbench, in their order; `touched` files are the only ones in question.

        A check that can look at a part looks at these files' part; () is everything.
        """


class Provider(Protocol):
    """Where proposals come from."""

    @property
    def name(self) -> str:
        """Return the name shown to people."""

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Propose one patch that was not proposed in `request.attempts`, or ask which of some is meant.

        Raises:
            ProviderDown: it cannot answer now.
        """


class Reviewer(Protocol):
    """A second opinion on a proved patch, by another model than the one that wrote it."""

    @property
    def name(self) -> str:
        """Return the name shown to people."""

    def review(self, cancel: Cancellation, request: RepairRequest, proposal: Proposal) -> Review:
        """Say what speaks against a patch. Who cannot be asked objects to nothing, and says so.

        Raises:
            Cancelled: the token was set.
        """


class Workbench(Protocol):
    """A tree in which attempts work. Leaving its context removes it."""

    @property
    def enclosure(self) -> Enclosure:
        """Return where its processes live, and by which path its files are reached from here."""

    @property
    def original(self) -> str:
        """Return the absolute path of the user's workspace."""

    @property
    def kind(self) -> str:
        """Return what it is, in words for a person."""

    def read(self, path: str) -> SourceText:
        """Return a file's text as it stands in the workbench.

        Raises:
            UnreadableSource: it is not there or not text.
        """

    def apply(self, patch: Patch) -> None:
        """Write the patch's texts.

        Raises:
            Conflict: a file is not what the patch was made for.
            Refused: a path is hostile, a link, a special file, hard-linked or read-only.
        """

    def reset(self) -> None:
        """Put every file back to what it was when the workbench was opened, and remove what is new."""

    def verify(self) -> None:
        """Check that the user's tree was not touched from here.

        Raises:
            RollbackConflict: a file that the workbench knows differs in the user's tree since the start; names them.
        """


class Checkpoints(Protocol):
    """Makes workbenches."""

    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> AbstractContextManager[Workbench]:
        """Save what the user has, lay unsaved buffers (path -> text) over it, and hand out a workbench.

        Raises:
            CannotRun: the checkpoint cannot be made (disk full, unreadable); nothing was started.
        """


class Journal(Protocol):
    """Remembers, append-only."""

    def record(self, trace: Trace, event: Event) -> None:
        """Append one event."""

    def reports(self) -> tuple[RepairReport, ...]:
        """Return all repairs of this workspace, oldest first."""

    def report(self, run_id: RunId) -> RepairReport | None:
        """Return one repair."""
