"""Hypothesis strategies for the core's values."""

from __future__ import annotations

from hypothesis import strategies as st

from regreen.core import events
from regreen.core.edit import FileEdit, Patch, TextEdit, make_patch
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Attempt, Choice, Confidence, Outcome, Question, RepairReport, Rival, Verdict
from regreen.core.testing import Ended, ExceptionFacts, Frame, TestId, TestOutcome, TestResult, TestRun
from regreen.core.trace import RunId, Trace, TraceId

TEXTS = st.one_of(st.text(max_size=12), st.sampled_from(["", "a\nb\r\n", "\ud800", "\0\x1b", "𝒳é", "\u2028", "{}"]))
NUMBERS = st.integers(-5, 10**6)
SECONDS = st.floats(0, 1e10, allow_nan=False)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple)
NAMES = st.lists(TEXTS, max_size=2).map(tuple)


def some(strategy: st.SearchStrategy, size: int = 2) -> st.SearchStrategy:  # type: ignore[type-arg]
    """Return tuples of a few."""
    return st.lists(strategy, max_size=size).map(tuple)


TEST_IDS = st.builds(TestId, TEXTS, TEXTS)
FRAMES = st.builds(Frame, TEXTS, NUMBERS, TEXTS, TEXTS, st.booleans())
EXCEPTIONS = st.recursive(
    st.builds(ExceptionFacts, TEXTS, NAMES, TEXTS, PAIRS, some(FRAMES)),
    lambda causes: st.builds(ExceptionFacts, TEXTS, NAMES, TEXTS, PAIRS, some(FRAMES), causes),
    max_leaves=3,
)
RESULTS = st.builds(
    TestResult, TEST_IDS, st.sampled_from(TestOutcome), TEXTS, NUMBERS, TEXTS, SECONDS,
    st.none() | EXCEPTIONS, TEXTS, PAIRS, TEXTS,
)  # fmt: skip
RUNS = st.builds(
    TestRun, TEXTS, some(RESULTS), some(TEST_IDS), NUMBERS, st.sampled_from(Ended), SECONDS, st.booleans(),
    TEXTS, NAMES, NAMES,
)  # fmt: skip
FAILURES = st.builds(
    Failure, st.sampled_from(FailureKind), TEST_IDS, TEXTS, NUMBERS, TEXTS, PAIRS, some(FRAMES), TEXTS, NUMBERS,
    TEXTS, TEXTS, TEXTS,
)  # fmt: skip


@st.composite
def file_edits(draw: st.DrawFn) -> FileEdit:
    """Edits that fit their text."""
    base = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(base)), max_size=4)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return FileEdit(draw(TEXTS), base, tuple(sorted(TextEdit(start, end, draw(TEXTS)) for start, end in pairs)))


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    """Whole patches."""
    return make_patch({file.path: (file.base, file.edits) for file in draw(st.lists(file_edits(), max_size=2))})


ATTEMPTS = st.builds(
    Attempt, NUMBERS, TEXTS, TEXTS, st.none() | patches(), st.sampled_from(Verdict), TEXTS, st.none() | FAILURES,
    SECONDS, NUMBERS, NUMBERS, st.none() | st.sampled_from(Confidence), some(TEXTS),
    some(st.builds(Rival, TEXTS, patches(), TEXTS, TEXTS, TEXTS)),
    st.none() | st.builds(Question, TEXTS, some(st.builds(Choice, TEXTS, patches(), TEXTS))),
)  # fmt: skip
RUN_IDS = st.from_regex(r"2[0-9]{3}(0[1-9]|1[0-2])[0-2][0-9]-[0-9]{6}-[0-9a-f]{6}", fullmatch=True).map(RunId)
TRACE_IDS = st.from_regex(r"[0-9a-f]{32}", fullmatch=True).map(TraceId)
REPORTS = st.builds(
    RepairReport, RUN_IDS, TRACE_IDS, SECONDS, SECONDS, some(TEST_IDS), st.none() | FAILURES,
    st.sampled_from(Outcome), TEXTS, some(ATTEMPTS), st.none() | patches(), st.none() | RUNS, st.none() | RUNS, TEXTS,
)  # fmt: skip
TRACES = st.builds(Trace, TRACE_IDS, RUN_IDS)


def events_of(trace: Trace) -> st.SearchStrategy[events.Event]:
    """Every kind of event of one job."""
    return st.one_of(
        st.builds(events.JobStarted, st.just(trace), TEXTS),
        st.builds(events.JobEnded, st.just(trace), TEXTS, TEXTS, st.booleans()),
        st.builds(events.Step, TEXTS, st.none() | NUMBERS),
        st.builds(events.TestsStarted, TEXTS, some(TEST_IDS)),
        st.builds(events.TestEnded, RESULTS, st.none() | FAILURES),
        st.builds(events.RunEnded, RUNS, some(FAILURES), st.booleans()),
        st.builds(events.AttemptEnded, RUN_IDS, ATTEMPTS),
        st.builds(events.RepairEnded, REPORTS),
        st.builds(events.ModelChanged, NUMBERS, NUMBERS),
        st.builds(events.Indexing, NUMBERS, NUMBERS),
        st.builds(events.Notice, TEXTS, TEXTS),
        st.builds(events.ToolSaid, TEXTS),
    )
