"""The search engine tries candidates in one fixed order, within its limits, and proposes the best that pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.ports import Trial, Trials, TrialVerdict
from regreen.core.repair import Answer, Attempt, NoIdea, Proposal, RepairRequest, Spectrum, Undecided, Verdict
from regreen.core.testing import TestId
from regreen.core.workspace import FileFacts, WorkspaceModel
from regreen.providers import SearchProvider
from regreen.syntax import parse
from tests.support.fakes import PROJECT

PRICE = "def price(cents, count):\n    total = cents - count\n    return total\n"
TWO = "def area(width, height):\n    wide = width - 1\n    return wide + height\n"
WANTED = TestId(".", "tests/test_price.py::test_price")
KEPT = TestId(".", "tests/test_price.py::test_kept")


@dataclass
class TableTrials(Trials):
    """Judges a patch by the text that it makes; remembers what it was shown."""

    judge: Callable[[str], Trial]
    lines: Mapping[str, Mapping[int, tuple[int, int]]]
    seen: list[Patch] = field(default_factory=list)
    is_slow: bool = False

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        return Spectrum(self.lines, 1, 0)

    def evaluate(self, cancel: Cancellation, patch: Patch) -> Trial:
        self.seen.append(patch)
        return self.judge(patch.files[0].after)


def test_a_patch_that_passes_is_proposed() -> None:
    answer, _ = search(passing("= cents * count\n"))
    assert isinstance(answer, Proposal)
    assert "cents * count" in answer.patch.files[0].after
    assert answer.hypothesis == "`-` should be `*`"


def test_two_runs_try_the_same_in_the_same_order() -> None:
    first, second = search(passing("nothing"))[1], search(passing("nothing"))[1]
    assert [patch.digest for patch in first.seen] == [patch.digest for patch in second.seen]
    assert 10 < len(first.seen)


def test_nothing_is_tried_twice() -> None:
    _, trials = search(passing("nothing"))
    digests = [patch.digest for patch in trials.seen]
    assert len(set(digests)) == len(digests)


def test_what_an_earlier_attempt_proposed_is_never_tried_again() -> None:
    first, _ = search(passing("= cents * count\n"))
    assert isinstance(first, Proposal)
    attempt = Attempt(1, "search", "", first.patch, Verdict.BROKE_OTHERS, "", None, 0.1)
    second, trials = search(passing("= cents * count\n"), attempts=(attempt,))
    assert first.patch.digest not in [patch.digest for patch in trials.seen]
    assert isinstance(second, NoIdea)


def test_a_kind_that_no_edit_cures_is_left_alone() -> None:
    answer, trials = search(passing("cents"), kind=FailureKind.ENVIRONMENT)
    assert isinstance(answer, NoIdea)
    assert not trials.seen


def test_tests_are_never_edited() -> None:
    texts = {"price.py": PRICE, "tests/test_price.py": "def test_price():\n    assert 2 - 1 == 3\n"}
    lines = {"price.py": {2: (1, 0)}, "tests/test_price.py": {2: (1, 0)}}
    _, trials = search(passing("nothing"), texts=texts, lines=lines)
    assert {path for patch in trials.seen for path in patch.paths} == {"price.py"}


def test_no_more_candidates_than_allowed_are_tried() -> None:
    answer, trials = search(passing("nothing"), policy=replace(Policy(), max_candidates=10))
    assert isinstance(answer, NoIdea)
    assert 1 <= len(trials.seen) <= 10
    assert answer.tried == len(trials.seen)


def test_the_smallest_of_several_likely_ones_comes_first_and_the_others_are_shown() -> None:
    answer, _ = search(lambda text: verdict("= cents + count\n" in text or "return total + 1\n" in text))
    assert isinstance(answer, Undecided)
    assert ["cents + count" in choice.patch.files[0].after for choice in answer.question.choices] == [True, False]


def test_a_patch_that_breaks_a_test_to_keep_is_not_proposed() -> None:
    answer, _ = search(lambda _: Trial(TrialVerdict.BREAKS))
    assert isinstance(answer, NoIdea)


def test_no_candidate_has_a_syntax_error() -> None:
    _, trials = search(passing("nothing"))
    assert not [patch for patch in trials.seen if parse(patch.files[0].after, "python").root.has_error]


def test_an_edit_that_moves_the_failure_is_joined_by_a_second_one() -> None:
    def judge(text: str) -> Trial:
        if "wide = width + 1\n" not in text:
            return Trial(TrialVerdict.FAILS, "first", 2, "price.py")
        return verdict("return wide * height\n" in text, line=3)

    answer, trials = search(judge, texts={"price.py": TWO}, keep=(KEPT,))
    assert isinstance(answer, Proposal)
    assert answer.patch.files[0].after == TWO.replace("width - 1", "width + 1").replace("wide + h", "wide * h")
    assert answer.tried == len(trials.seen)


def test_what_hangs_at_first_and_then_passes_keeps_its_place_in_the_order() -> None:
    slow: list[str] = []

    def judge(text: str) -> Trial:
        if "cents * count" not in text:
            return verdict(False)
        slow.append(text)
        return verdict(True) if 1 < len(slow) else Trial(TrialVerdict.HANGS)

    usual, _ = search(passing("cents * count"))
    answer, trials = search(judge)
    assert isinstance(answer, Proposal)
    assert isinstance(usual, Proposal)
    assert answer.confidence is usual.confidence
    assert 40 < len(trials.seen)


def test_a_file_that_cannot_be_parsed_is_passed_over() -> None:
    answer, _ = search(passing("= cents * count\n"), texts={"price.py": PRICE, "broken.py": "\0"})
    assert isinstance(answer, Proposal)


def passing(part: str) -> Callable[[str], Trial]:
    return lambda text: verdict(part in text)


def verdict(passes: bool, line: int = 2) -> Trial:
    return Trial(TrialVerdict.PASSES) if passes else Trial(TrialVerdict.FAILS, "assert", line, "price.py")


def search(
    judge: Callable[[str], Trial],
    *,
    texts: Mapping[str, str] | None = None,
    lines: Mapping[str, Mapping[int, tuple[int, int]]] | None = None,
    kind: FailureKind = FailureKind.ASSERTION,
    attempts: tuple[Attempt, ...] = (),
    policy: Policy | None = None,
    keep: tuple[TestId, ...] = (),
) -> tuple[Answer, TableTrials]:
    sources = {"price.py": PRICE} if texts is None else texts
    trials = TableTrials(judge, lines or {"price.py": {2: (1, 0), 3: (1, 0)}})
    model = WorkspaceModel("/workspace", files={path: FileFacts(path, "python", "") for path in sources})
    failure = Failure(kind, WANTED, "", 0, "assert 1 == 2")
    request = RepairRequest(failure, (WANTED,), keep, PROJECT, model, sources, attempts, policy or Policy())
    return SearchProvider().propose(Cancellation(), request, trials), trials


def test_candidates_that_cost_more_are_tried_less_often() -> None:
    policy = replace(Policy(), max_candidates=20)
    counts = [
        len(search(lambda _text, weight=weight: Trial(TrialVerdict.FAILS, weight=weight), policy=policy)[1].seen)
        for weight in (1, 5)
    ]
    assert counts == [16, 4]
