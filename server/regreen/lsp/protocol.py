"""Our custom messages, as docs/lsp-extensions.md lists them. Field `a_b` is `aB` on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FIX = "regreen/fix"
RUN_TESTS = "regreen/runTests"
REPORT = "regreen/report"
PREPARE = "regreen/prepare"
MUTATE = "regreen/mutate"
STRENGTHEN = "regreen/strengthen"
STATUS = "regreen/status"
OVERVIEW = "regreen/overview"
FOLLOW_TESTS = "regreen/followTests"
TESTS = "regreen/tests"
TEST_RUN = "regreen/testRun"
SECRET = "regreen/secret"

COMMAND_FIX = "regreen.fix"
COMMAND_RUN_TESTS = "regreen.runTests"
COMMAND_CANCEL = "regreen.cancel"
COMMAND_SHOW_REPORT = "regreen.showReport"
COMMAND_UNDO = "regreen.undo"
COMMAND_PREPARE = "regreen.prepare"
COMMAND_MUTATE = "regreen.mutate"
COMMAND_STRENGTHEN = "regreen.strengthen"

Token = int | str | None


class Message(BaseModel):
    """What every message is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True)

    def on_wire(self) -> dict[str, Any]:
        """Return what is sent."""
        return self.model_dump(mode="json", by_alias=True)

    def as_argument(self) -> dict[str, Any]:
        """Return what a command carries: only what is said."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class TestRef(Message):
    """One test."""

    project: str
    name: str


class Place(Message):
    """A position, in the negotiated encoding."""

    line: Annotated[int, Field(ge=0)]
    character: Annotated[int, Field(ge=0)] = 0


class FolderArgs(Message):
    """What every message may carry: `uri` names the folder, by any file in it; not needed when there is one folder."""

    uri: str = ""
    position: Place | None = None  # in `uri`: the place that is meant
    work_done_token: Token = None


class RunTestsArgs(FolderArgs):
    """`regreen/runTests`, `regreen.runTests`: these tests or files, else what `uri` and `position` mean, else all."""

    tests: Annotated[tuple[TestRef, ...], Field(strict=False)] = ()
    uris: Annotated[tuple[str, ...], Field(strict=False)] = ()
    nodes: Annotated[tuple[str, ...] | None, Field(strict=False)] = None  # of the test explorer; none of them: all
    without: Annotated[tuple[str, ...], Field(strict=False)] = ()  # nodes that are not meant


class FixArgs(FolderArgs):
    """`regreen/fix`, `regreen.fix`: these tests, else the red test at `position` of `uri`, else the first red one."""

    tests: Annotated[tuple[TestRef, ...], Field(strict=False)] = ()
    nodes: Annotated[tuple[str, ...], Field(strict=False)] = ()  # of the test explorer
    generation: int | None = None
    dry_run: bool = False
    max_attempts: Annotated[int, Field(ge=1)] | None = None
    allow_tests: bool = False
    allow: Annotated[tuple[str, ...], Field(strict=False)] = ()  # names of rules that are lifted for this run
    apply_run: str = ""  # a repair whose kept patch is to be delivered, instead of a new one
    choice: Annotated[int, Field(ge=0)] = (
        0  # with `apply_run`: the answer to its question; it is proved, then delivered
    )


class PrepareArgs(FolderArgs):
    """`regreen/prepare`, `regreen.prepare`: this project, else the one of the file `uri`, else all of the folder."""

    project: str = ""
    dry_run: bool = False


class CancelArgs(FolderArgs):
    """`regreen.cancel`: of one folder, or (no `uri`) of all."""


class ReportArgs(FolderArgs):
    """`regreen/report`, `regreen.showReport`: one repair, else the last of a test (named or at a place), or of all."""

    run_id: str = ""
    test: TestRef | None = None


class UndoArgs(FolderArgs):
    """`regreen.undo`: one repair, or the last that was applied."""

    run_id: str = ""


class Counts(Message):
    """Tests by outcome."""

    passed: int
    failed: int
    skipped: int


class RunTestsResult(Message):
    """What a run of tests came to."""

    outcome: str  # green, red
    counts: Counts
    failures: tuple[dict[str, Any], ...]


class RivalResult(Message):
    """Another patch that the tests let pass."""

    hypothesis: str
    diff: str
    differs_on: str  # an input, "" when none is known
    answer: str  # of the patch that was proposed
    rival_answer: str


class AttemptResult(Message):
    """One attempt."""

    n: int
    provider: str
    kind: str  # code of the failure that was left, "" when green or not run
    hypothesis: str
    diff: str
    verdict: str
    reason: str
    seconds: float
    confidence: str | None  # high, medium, low; null: it does not say
    evidence: tuple[str, ...]  # sentences for a person
    others: tuple[RivalResult, ...]


class ChoiceResult(Message):
    """One answer to a question."""

    n: int  # 1-based: `choice` of `regreen.fix`
    hypothesis: str
    answer: str  # what it makes of the input that is asked about, "" when none is
    diff: str


class QuestionResult(Message):
    """What only a person can tell."""

    text: str
    choices: tuple[ChoiceResult, ...]


class Action(Message):
    """What a person may do next."""

    title: str
    command: str
    arguments: tuple[dict[str, Any], ...] = ()


class Ending(Message):
    """How something ended that a person asked for."""

    message: str  # one sentence: how it ended and what to do next
    level: str = "info"  # info, warning
    actions: tuple[Action, ...] = ()


class FixResult(Ending):
    """The story of one repair."""

    run_id: str
    trace_id: str
    outcome: str
    applied: bool
    tests: tuple[TestRef, ...]
    attempts: tuple[AttemptResult, ...]
    diff: str
    seconds: float
    question: QuestionResult | None
    mutation: str  # one sentence: whether the tests would notice the bug's return, "" when it was not asked


class PlaceRef(Message):
    """A line of a file that a page leads to."""

    uri: str
    line: int  # 0-based, as positions are


class ReportResult(Message):
    """A repair, and its story as a page."""

    report: FixResult
    markdown: str
    html: str  # a whole document: no script, loads nothing
    places: tuple[PlaceRef, ...]  # what the n-th link `command:regreen.openPlace?["<run id>",n]` of the page leads to


class StepResult(Message):
    """One command of a preparation."""

    argv: tuple[str, ...]
    cwd: str  # relative to the folder
    ended: str | None  # exited, signalled, timed-out, not-started; null: it was not run
    exit_code: int | None
    seconds: float
    tail: str  # the last lines that it wrote


class ProjectPreparation(Message):
    """What became of the preparation of one project."""

    project: str
    steps: tuple[StepResult, ...]


class PrepareResult(Ending):
    """What became of a preparation."""

    outcome: str  # prepared, failed, dry-run, nothing-to-do
    projects: tuple[ProjectPreparation, ...]


class ProtectionInfo(Message):
    """How attempts are kept apart from the person's files."""

    level: int  # 3 overlay and sandbox, 2 copy and sandbox, 1 weak sandbox, 0 none
    workbench: str  # overlay, copy, in-place
    sandbox: str  # bubblewrap, namespaces, landlock, none
    network: str  # loopback, none, full
    reasons: tuple[str, ...]  # why not better
    text: str  # in words


class StatusParams(Message):
    """`regreen/status`: sent when something of it changed."""

    uri: str  # of the folder
    state: str  # idle, running
    title: str  # of the job that runs, or ""
    message: str  # what it is doing, or ""
    failures: int
    passed: int
    generation: int
    protection: ProtectionInfo | None  # null until it was found out


class OverviewParams(Message):
    """`regreen/overview`: how the server is, over all folders, in words and icons for one place in the editor."""

    text: str  # with icons as `$(name)`
    tooltip: str  # Markdown
    busy: bool  # a job runs
    red: tuple[str, ...]  # URIs of the files that red tests are in or blame
    reports: bool  # there is a repair to show
    undoable: bool  # there is an applied repair
    menu: tuple[Action, ...]


class FollowTestsParams(Message):
    """`regreen/followTests`: send the tests of files in these languages, or of those that `show` means; none: stop."""

    languages: Annotated[tuple[str, ...], Field(strict=False)] = ()
    show: str = ""  # off, auto, on: the setting `regreen.testExplorer`
    extensions: Annotated[tuple[str, ...], Field(strict=False)] = ()  # of VS Code, for auto: what is installed


class TestNode(Message):
    """A test, or a group of tests."""

    id: str
    label: str
    line: int  # 0-based
    children: tuple[TestNode, ...] = ()


class TestFile(Message):
    """A file's tests; its URI is the id of its node."""

    uri: str
    label: str
    nodes: tuple[TestNode, ...]


class TestsParams(Message):
    """`regreen/tests`: what is new in some files."""

    gone: tuple[str, ...]  # URIs of files that have no tests any more
    files: tuple[TestFile, ...]


class StackLine(Message):
    """One frame, innermost first."""

    label: str
    uri: str
    line: int  # 0-based


class TestState(Message):
    """What became of a test."""

    id: str
    parent: str  # where it belongs when it is no node of its own: its definition's id, or its file's URI
    label: str
    state: str  # passed, failed, errored, skipped
    milliseconds: float
    message: str
    uri: str  # where the message belongs
    line: int  # 0-based
    expected: str
    actual: str
    stack: tuple[StackLine, ...]
    output: str


class TestRunParams(Message):
    """`regreen/testRun`: a run of tests begins, has results, ends."""

    uri: str  # of the folder
    run: str
    phase: str  # begin, results, end
    title: str = ""
    token: Token = None  # the work-done token of the request that began it
    results: tuple[TestState, ...] = ()


class SecretParams(Message):
    """`regreen/secret`, from the server: a provider's API key is about to be used."""

    provider: str


class SecretResult(Message):
    """The answer to `regreen/secret`; null: the person has set none."""

    value: str | None = None
