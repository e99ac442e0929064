"""Which candidate is proposed when several pass, how sure that is, and when the person is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, TextEdit, make_patch, patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.ports import Call, Trial, Trials, TrialVerdict
from regreen.core.repair import Answer, Confidence, Proposal, RepairRequest, Spectrum, Undecided, Unnoticed
from regreen.core.testing import TestId
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, Symbol, SymbolKind, WorkspaceModel
from regreen.providers.behaviour import Behaviour, observe
from regreen.providers.candidates import Candidate
from regreen.providers.hunt import Survivor
from regreen.providers.inputs import shown, variants
from regreen.providers.verdict import answer, judge
from tests.support.fakes import PROJECT

FIRST = "def first(items):\n    return items[1]\n"
CALL = Call("first.py", "first", (("", "[3, 1]"),))
WANTED, KEPT = TestId(".", "tests/test_first.py::test_first"), TestId(".", "tests/test_first.py::test_kept")


@dataclass
class SpokenTrials(Trials):
    """Answers calls from a table: text of the function -> argument -> answer."""

    table: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_slow: bool = False

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        return Spectrum({}, 0, 0)

    def evaluate(self, cancel: Cancellation, patch: Patch) -> Trial:
        return Trial(TrialVerdict.PASSES)

    def calls(self, cancel: Cancellation, path: str, function: str) -> tuple[Call, ...]:
        return (CALL,) if self.table and (path, function) == ("first.py", "first") else ()

    def probe(
        self, cancel: Cancellation, patches: tuple[Patch, ...], calls: tuple[Call, ...]
    ) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(self._answer(patch, call) for call in calls) for patch in patches)

    def _answer(self, patch: Patch, call: Call) -> str:
        body = patch.files[0].after.partition("return ")[2].strip() if patch.files else ""
        known = self.table.get(body, {})
        return known.get(call.arguments[0][1], known.get("", "3"))


def request(keep: tuple[TestId, ...] = (KEPT,), first: str = FIRST) -> RepairRequest:
    span = Span(0, len(first))
    symbol = Symbol("first", "first", SymbolKind.FUNCTION, span, Span(4, 9), 1, 2)
    model = WorkspaceModel("/workspace", files={"first.py": FileFacts("first.py", "python", "", (symbol,))})
    failure = Failure(FailureKind.ASSERTION, WANTED, "", 0, "assert 1 == 3")
    return RepairRequest(failure, (WANTED,), keep, PROJECT, model, {"first.py": first}, (), Policy())


def survivor(body: str, score: float, rank: int = 1) -> Survivor:
    patch = patch_between({"first.py": FIRST}, {"first.py": FIRST.replace("items[1]", body)})
    return Survivor(Candidate(score, "t", f"it should be `{body}`", patch), rank)


def verdict_on(
    *survivors: Survivor, table: Mapping[str, Mapping[str, str]] | None = None, keep: tuple[TestId, ...] = (KEPT,)
) -> Answer:
    asked = request(keep)
    patches = tuple(one.candidate.patch for one in survivors)
    behaviour = observe(Cancellation(), asked, SpokenTrials(table or {}), patches)
    return answer("search", asked, judge(asked, survivors, behaviour), behaviour, 50)


def proposed(found: Answer) -> Proposal:
    assert isinstance(found, Proposal)
    return found


def test_the_only_one_that_passes_early_is_sure() -> None:
    assert proposed(verdict_on(survivor("items[0]", 0.5))).confidence is Confidence.HIGH


def test_one_that_passes_late_is_less_sure_and_a_question_when_one_test_alone_speaks_for_it() -> None:
    assert proposed(verdict_on(survivor("items[0]", 0.5, rank=700))).confidence is Confidence.MEDIUM
    asked = verdict_on(survivor("items[0]", 0.5, rank=700), keep=())
    assert isinstance(asked, Undecided)
    assert asked.question.text == "Is this what is meant?"
    assert [choice.hypothesis for choice in asked.question.choices] == ["it should be `items[0]`"]


def check_unnoticed(unnoticed: Unnoticed, asked: RepairRequest) -> Answer:
    only = survivor("items[0]", 0.5)
    seen = {only.candidate.patch.digest: unnoticed}
    return answer("search", asked, judge(asked, (only,), Behaviour(), seen), Behaviour(), 50, seen)


def test_what_passing_tests_see_and_do_not_mind_is_a_question_when_one_test_alone_speaks_for_it() -> None:
    asked = check_unnoticed(Unnoticed(11, 11), request())
    assert isinstance(asked, Undecided)
    assert asked.question.text == "Is this what is meant?"
    assert asked.evidence[-1] == (
        "In 11 of 11 passing tests that run what is changed it then does something else, and no test minds."
    )


def test_where_several_tests_are_cured_it_is_proposed_and_said_to_be_unsure() -> None:
    found = check_unnoticed(Unnoticed(11, 11), replace(request(), wanted=(WANTED, KEPT)))
    assert proposed(found).confidence is Confidence.LOW


def test_two_passing_tests_that_do_not_mind_are_too_few_to_ask() -> None:
    assert proposed(check_unnoticed(Unnoticed(2, 2), request())).confidence is Confidence.MEDIUM
    assert isinstance(check_unnoticed(Unnoticed(3, 3), request()), Undecided)


def test_a_few_passing_tests_that_see_it_make_it_less_sure() -> None:
    found = proposed(check_unnoticed(Unnoticed(11, 1), request()))
    assert found.confidence is Confidence.MEDIUM
    assert found.evidence[-1].startswith("In 1 of 11 passing tests")


def test_passing_tests_that_see_nothing_of_it_leave_it_sure() -> None:
    assert proposed(check_unnoticed(Unnoticed(11, 0), request())).confidence is Confidence.HIGH


def test_beside_many_others_that_pass_one_cured_test_is_weak_evidence_for_what_is_found_late() -> None:
    others = tuple(TestId(".", f"tests/test_first.py::test_{n}") for n in range(10))
    assert isinstance(verdict_on(survivor("items[0]", 0.5, rank=50), keep=others), Undecided)
    assert proposed(verdict_on(survivor("items[0]", 0.5, rank=50), keep=others[:5])).confidence is Confidence.MEDIUM
    assert proposed(verdict_on(survivor("items[0]", 0.5, rank=30), keep=others)).confidence is Confidence.HIGH


def test_beside_many_others_that_pass_rivals_are_a_question() -> None:
    others = tuple(TestId(".", f"tests/test_first.py::test_{n}") for n in range(10))
    table = {"items[-1]": {"": "3", "[3]": "7"}}
    pair = (survivor("items[0]", 0.55), survivor("items[-1]", 0.5, 2))
    assert isinstance(verdict_on(*pair, table=table, keep=others), Undecided)
    assert proposed(verdict_on(*pair, table=table)).confidence is Confidence.LOW


def test_where_one_test_is_all_there_is_what_is_unsure_is_a_question() -> None:
    table = {"items[-1]": {"": "3", "[3]": "7"}}
    pair = (survivor("items[0]", 0.55), survivor("items[-1]", 0.5, 2))
    assert isinstance(verdict_on(*pair, table=table, keep=()), Undecided)
    assert proposed(verdict_on(survivor("items[0]", 0.5), keep=())).confidence is Confidence.HIGH


def test_what_came_late_for_one_test_and_could_not_be_compared_is_a_question() -> None:
    late, rival = survivor("items[0]", 0.5, rank=118), survivor("items[-1]", 0.5, 119)
    assert isinstance(verdict_on(late, rival), Undecided)
    assert proposed(verdict_on(late)).confidence is Confidence.MEDIUM
    assert proposed(verdict_on(survivor("items[0]", 0.5, rank=18), rival)).confidence is Confidence.LOW


def test_a_test_that_several_classes_inherit_is_one_test() -> None:
    others = tuple(TestId(".", f"tests/test_first.py::test_{n}") for n in range(10))
    inherited = tuple(TestId(".", f"tests/test_first.py::{name}::test_first") for name in ("Fast", "Slow"))
    only = (survivor("items[0]", 0.5, rank=50),)
    for wanted, kind in ((inherited, Undecided), ((*inherited[:1], WANTED, KEPT), Proposal)):
        asked = replace(request(others), wanted=wanted)
        found = answer("search", asked, judge(asked, only, Behaviour()), Behaviour(), 50)
        assert isinstance(found, kind)


def test_what_passing_tests_see_weighs_against_a_candidate() -> None:
    seen, other = survivor("items[0]", 0.5), survivor("items[-1]", 0.4, 2)
    unnoticed = {seen.candidate.patch.digest: Unnoticed(4, 4)}
    assert judge(request(), (seen, other), Behaviour(), unnoticed)[0].survivor is other


def test_in_other_languages_than_python_the_right_one_may_come_later() -> None:
    late, asked = survivor("items[0]", 0.5, 550), replace(request(()), project=replace(PROJECT, language="go"))
    found = answer("search", asked, judge(asked, (late,), Behaviour()), Behaviour(), 600)
    assert proposed(found).confidence is Confidence.MEDIUM
    assert isinstance(verdict_on(late, keep=()), Undecided)


def test_rivals_that_do_the_same_everywhere_make_it_sure() -> None:
    found = proposed(verdict_on(survivor("items[0]", 0.5), survivor("items[-2]", 0.5, 2), table={"x": {}}))
    assert (found.confidence, found.rivals, found.others) == (Confidence.HIGH, 1, ())


def test_a_rival_that_is_clearly_less_likely_is_told_with_the_input_on_which_it_differs() -> None:
    table = {"items[-1]": {"": "3", "[3]": "7"}}
    found = proposed(verdict_on(survivor("items[0]", 0.9), survivor("items[-1]", 0.1, 2), table=table))
    assert found.confidence is Confidence.MEDIUM
    assert [(one.differs_on, one.answer, one.rival_answer) for one in found.others] == [("first([3])", "3", "7")]


def test_rivals_of_equal_weight_are_a_question_about_an_input_on_which_they_differ() -> None:
    table = {"items[-1]": {"": "3", "[3]": "7"}}
    asked = verdict_on(survivor("items[0]", 0.5), survivor("items[-1]", 0.5, 2), table=table)
    assert isinstance(asked, Undecided)
    assert asked.question.text == "Which is right for first([3])?"
    assert [choice.answer for choice in asked.question.choices] == ["3", "7"]


def test_rivals_that_only_fail_in_other_ways_are_no_question() -> None:
    table = {"items[-1]": {"": "3", "[]": "raises IndexError: empty"}}
    assert proposed(verdict_on(survivor("items[0]", 0.5), survivor("items[-1]", 0.5, 2), table=table)).others


def test_what_fails_where_others_give_a_value_weighs_less() -> None:
    failing = {"": "raises TypeError", "[3, 1]": "3"}
    found = proposed(verdict_on(survivor("items[2]", 0.5), survivor("items[0]", 0.5, 2), table={"items[2]": failing}))
    assert found.hypothesis == "it should be `items[0]`"


def test_answers_into_which_nothing_can_be_seen_make_nothing_sure() -> None:
    hidden = {"": "<function first.<locals>.ask>"}
    found = verdict_on(
        survivor("items[0]", 0.5), survivor("items[-1]", 0.4), table={"items[0]": hidden, "items[-1]": hidden}
    )
    assert proposed(found).confidence is Confidence.LOW
    assert "could not be tried" in proposed(found).evidence[0]


def test_many_that_do_the_same_outweigh_a_slightly_likelier_one() -> None:
    others = tuple(survivor(f"items[{n}]", 0.5, n) for n in (2, 3, 4, 5))
    table = {"items[0]": {"": "3", "[3]": "9"}}
    assert proposed(verdict_on(survivor("items[0]", 0.6), *others, table=table)).hypothesis == "it should be `items[2]`"


def test_a_bare_name_that_is_used_elsewhere_says_nothing() -> None:
    base = "def first(all_items):\n    return all_items[1]\n"
    whole, last = (
        make_patch({"first.py": (base, (TextEdit(base.index(old), base.index(old) + len(old), new),))})
        for old, new in (("all_items[1]", "all_items"), ("1]", "-1]"))
    )
    likely = Survivor(Candidate(0.51, "t", "the last", last), 2)
    assert proposed(verdict_on(Survivor(Candidate(0.5, "t", "all", whole), 1), likely)).hypothesis == "the last"


def test_without_answers_rivals_of_equal_weight_are_proposed_and_said_to_be_unsure() -> None:
    found = proposed(verdict_on(survivor("items[0]", 0.5), survivor("items[-1]", 0.5, 2)))
    assert found.confidence is Confidence.LOW
    assert [one.differs_on for one in found.others] == [""]


def test_inputs_differ_from_a_call_in_one_argument_and_simple_ones_come_first() -> None:
    call = Call("a.py", "f", (("", "[1, 2]"), ("n", "3"), ("", "@0")))
    found = [shown(one) for one in variants((call,), 6)]
    assert found[:4] == ["f([], n=3, …)", "f([1, 2], n=0, …)", "f([1], n=3, …)", "f([1, 2], n=4, …)"]
    assert len(set(found)) == 6


def test_a_method_is_shown_without_its_object() -> None:
    assert shown(Call("a.py", "Cart.total", (("", "@0"), ("", "2")))) == "Cart.total(2)"


def test_what_answers_as_the_docstring_says_weighs_more() -> None:
    first = FIRST.replace("\n", '\n    """Return the first: first([7, 8]) == 7."""\n', 1)
    asked = request(first=first)
    table = {"items[-1]": {"": "3", "[7, 8]": "8"}, "items[0]": {"": "3", "[7, 8]": "7"}}
    survivors = tuple(
        Survivor(
            Candidate(
                score, "t", body, patch_between({"first.py": first}, {"first.py": first.replace("items[1]", body)})
            ),
            1,
        )
        for body, score in (("items[-1]", 0.9), ("items[0]", 0.4))
    )
    behaviour = observe(Cancellation(), asked, SpokenTrials(table), tuple(one.candidate.patch for one in survivors))
    assert [behaviour.n_against(one.candidate.patch) for one in survivors] == [1, 0]
    assert judge(asked, survivors, behaviour)[0].survivor is survivors[1]


def test_rivals_that_fail_in_different_ways_do_the_same() -> None:
    table = {
        "items[0]": {"": "3", "[]": "raises IndexError: empty"},
        "max(items)": {"": "3", "[]": "raises ValueError: no"},
    }
    found = proposed(verdict_on(survivor("items[0]", 0.5), survivor("max(items)", 0.5, 2), table=table))
    assert (found.confidence, found.others) == (Confidence.HIGH, ())


def test_what_only_takes_something_away_weighs_less() -> None:
    asked = request()
    one, other = survivor("items", 0.5), survivor("items[0]", 0.48, 2)
    assert [judged.survivor for judged in judge(asked, (one, other), Behaviour())] == [other, one]


def test_another_operator_takes_nothing_away_though_it_is_shorter() -> None:
    bounded = FIRST.replace("items[1]", "items[1] <= 1")

    def changed(score: float, old: str, new: str) -> Survivor:
        start = bounded.index(old)
        edit = TextEdit(start, start + len(old), new)
        return Survivor(Candidate(score, "t", "", make_patch({"first.py": (bounded, (edit,))})), 1)

    shorter, longer = changed(0.5, "<=", "<"), changed(0.48, "[1] <=", "[2] <=")
    judged = judge(request(), (longer, shorter), Behaviour())
    assert [one.survivor for one in judged] == [shorter, longer]


def test_what_leaves_tests_red_that_failed_alike_is_less_sure_and_a_question_when_it_came_late() -> None:
    asked = replace(request(), left_red=(TestId(".", "tests/test_first.py::test_other"),))
    early, late = survivor("items[0]", 0.5), survivor("items[0]", 0.5, rank=100)
    found = [answer("search", asked, judge(asked, (one,), Behaviour()), Behaviour(), 50) for one in (early, late)]
    assert proposed(found[0]).confidence is Confidence.MEDIUM
    assert proposed(found[0]).evidence[1:] == ("1 test that failed in the same way stays red.",)
    assert isinstance(found[1], Undecided)
