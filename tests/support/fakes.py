"""Fakes at the ports: a workbench in memory, a runner that reads it, a provider that follows a script."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.edit import Patch, TextEdit, make_patch
from regreen.core.errors import Conflict, Refused, RollbackConflict, UnreadableSource
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.ports import GateResult, ReadText, Trial, Trials, TrialVerdict, Workbench
from regreen.core.repair import Answer, NoIdea, Proposal, RepairRequest, Spectrum, Undecided
from regreen.core.testing import Ended, Selection, TestId, TestOutcome, TestResult, TestRun
from regreen.core.text import SourceText
from regreen.core.trace import RunId, Trace, TraceId
from regreen.core.workspace import FileFacts, Project, WorkspaceModel

TRACE = Trace(TraceId("0" * 32), RunId("run-1"))
PROJECT = Project(".", "python", "demo", "pip", "pytest", "/usr/bin/python3", ("python", "-m", "pytest"), ".")


class FakeClock:
    """Time stands still unless told."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


@dataclass
class FakeBench:
    """A workbench in memory."""

    pristine: dict[str, str]
    files: dict[str, str]
    enclosure: Enclosure = field(default_factory=lambda: Enclosure.at("/bench"))
    original: str = "/workspace"
    kind: str = "a copy in memory"
    user_changed: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # paths that the disk shows to be links

    def read(self, path: str) -> SourceText:
        if path not in self.files:
            raise UnreadableSource(f"{path} is not there.", next_step="Name another file.")
        return SourceText(self.files[path])

    def apply(self, patch: Patch) -> None:
        for file in patch.files:
            if file.path in self.links:
                raise Refused("a link", next_step="Edit its target.", rule="path-link")
            if self.files.get(file.path) != file.base:
                raise Conflict("base differs", next_step="Ask again.", paths=(file.path,))
            self.files[file.path] = file.after

    def reset(self) -> None:
        self.files = dict(self.pristine)

    def verify(self) -> None:
        if self.user_changed:
            raise RollbackConflict("changed", next_step="Ask again.", paths=self.user_changed)


@dataclass
class FakeCheckpoints:
    """Hands out benches over the person's files; `edits_meanwhile` are what the person saves during the first one."""

    files: dict[str, str]
    edits_meanwhile: dict[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    opened: list[FakeBench] = field(default_factory=list)
    n_closed: int = 0

    @contextlib.contextmanager
    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[Workbench]:
        cancel.check()
        texts = {**self.files, **buffers}
        bench = FakeBench(dict(texts), dict(texts), links=self.links)
        self.opened.append(bench)
        if self.edits_meanwhile:
            self.files.update(self.edits_meanwhile)
            bench.user_changed = tuple(self.edits_meanwhile)
            self.edits_meanwhile = {}
        try:
            yield bench
        finally:
            self.n_closed += 1


@dataclass
class FakeRunner:
    """Runs fake tests: each is a name and a rule from the texts to "" (passes) or the message of its failure."""

    checkpoints: FakeCheckpoints
    tests: dict[str, Callable[[Mapping[str, str]], str]]
    foreign: tuple[str, ...] = ()
    runs: list[Selection] = field(default_factory=list)

    def run(
        self,
        cancel: Cancellation,
        project: Project,
        selection: Selection,
        where: Enclosure | None,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> TestRun:
        cancel.check()
        self.runs.append(selection)
        texts = self.checkpoints.opened[-1].files
        chosen = [
            name for name in self.tests if not selection.names or {name, name.partition("::")[0]} & set(selection.names)
        ]
        results = tuple(self._result(project, name, texts) for name in chosen)
        for result in results:
            if on_result is not None:
                on_result(result)
        failed = any(result.outcome is TestOutcome.FAILED for result in results)
        ids = tuple(result.id for result in results)
        return TestRun(project.path, results, ids, int(failed), Ended.EXITED, 0.1, True, foreign=self.foreign)

    def _result(self, project: Project, name: str, texts: Mapping[str, str]) -> TestResult:
        message = self.tests[name](texts)
        outcome = TestOutcome.FAILED if message else TestOutcome.PASSED
        return TestResult(TestId(project.path, name), outcome, name.partition("::")[0], 1, text=message)


def fake_classify(run: TestRun, project: Project, model: WorkspaceModel, read: ReadText) -> tuple[Failure, ...]:
    """Judge a fake run: "CODE message" names the kind, anything else is an assertion."""
    kinds = {kind.code: kind for kind in FailureKind}
    found = []
    for result in run.failed:
        code, _, rest = result.text.partition(" ")
        kind = kinds.get(code, FailureKind.ASSERTION)
        message = rest if code in kinds else result.text
        found.append(Failure(kind, result.id, "calc.py", 2, message, test_path=result.path, test_line=result.line))
    return tuple(found)


@dataclass
class ScriptedProvider:
    """Answers in order: (path, old, new) is a proposal, a text is a NoIdea, an exception is raised.

    A question is handed on as it is.
    """

    answers: list[tuple[str, str, str] | str | Exception | Undecided]
    requests: list[RepairRequest] = field(default_factory=list)
    name: str = "script"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else "Nothing left."
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            return NoIdea(self.name, answer, tried=7)
        if isinstance(answer, Undecided):
            return answer
        path, old, new = answer
        return Proposal(self.name, f"{old} should be {new}", replacing(request.sources, path, old, new), tried=3)


@dataclass
class FixedTrials(Trials):
    """Trials that always say the same."""

    verdict: TrialVerdict = TrialVerdict.FAILS
    is_slow: bool = False
    is_warm: bool = False
    n_asked: int = 0

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        return Spectrum({}, 0, 0)

    def evaluate(self, cancel: Cancellation, patch: Patch) -> Trial:
        self.n_asked += 1
        return Trial(self.verdict)


@dataclass
class FakeGates:
    """A gate for each needle: open while the file holds it."""

    checkpoints: FakeCheckpoints
    needles: dict[str, tuple[str, str]] = field(default_factory=dict)  # gate -> (path, text)
    n_runs: int = 0

    def run(
        self, cancel: Cancellation, project: Project, where: Enclosure, touched: tuple[str, ...] = ()
    ) -> tuple[GateResult, ...]:
        cancel.check()
        self.n_runs += 1
        texts = self.checkpoints.opened[-1].files
        return tuple(
            GateResult(name, needle in texts[path], f"{path} lacks {needle!r}.")
            for name, (path, needle) in self.needles.items()
        )


@contextlib.contextmanager
def no_trials(
    cancel: Cancellation,
    bench: Workbench,
    project: Project,
    wanted: tuple[TestId, ...],
    keep: tuple[TestId, ...],
    policy: Policy,
) -> Iterator[Trials]:
    """Say that nothing passes."""
    yield FixedTrials()


@contextlib.contextmanager
def lucky_trials(
    cancel: Cancellation,
    bench: Workbench,
    project: Project,
    wanted: tuple[TestId, ...],
    keep: tuple[TestId, ...],
    policy: Policy,
) -> Iterator[Trials]:
    """Say that everything passes, the untouched files too."""
    yield FixedTrials(TrialVerdict.PASSES)


def warm_trials(
    opened: list[FixedTrials], verdict: TrialVerdict = TrialVerdict.FAILS
) -> Callable[
    [Cancellation, Workbench, Project, tuple[TestId, ...], tuple[TestId, ...], Policy],
    contextlib.AbstractContextManager[Trials],
]:
    """Return what opens trials of a worker that runs and always says the same; each opening is noted."""

    def open_trials(*_: object) -> contextlib.AbstractContextManager[Trials]:
        opened.append(FixedTrials(verdict, is_warm=True))
        return contextlib.nullcontext(opened[-1])

    return open_trials


def replacing(texts: Mapping[str, str], path: str, old: str, new: str) -> Patch:
    """Return the patch that replaces the only occurrence of a text."""
    base = texts[path]
    assert base.count(old) == 1, f"{old!r} stands {base.count(old)} times in {path}"
    start = base.index(old)
    return make_patch({path: (base, (TextEdit(start, start + len(old), new),))})


def model_of(files: Mapping[str, str]) -> WorkspaceModel:
    """Return a model that knows these files and one project."""
    facts = {path: FileFacts(path, "python", "digest") for path in files}
    return replace(WorkspaceModel("/workspace"), projects=(PROJECT,), files=facts)
