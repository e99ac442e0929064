"""Test ids and the rule of green."""

from __future__ import annotations

import pytest

from regreen.core.testing import GOOD, Ended, ExceptionFacts, TestId, TestOutcome, TestResult, TestRun, case_of
from regreen.core.text import Span
from regreen.core.workspace import TestCase

A, B = TestId(".", "t.py::a"), TestId(".", "t.py::b")
CASE = TestId(".", "t.py::p[1]")


def run(*outcomes: tuple[TestId, TestOutcome], exit_code: int = 0, complete: bool = True) -> TestRun:
    results = tuple(TestResult(test, outcome, "t.py", 1) for test, outcome in outcomes)
    return TestRun(".", results, tuple(test for test, _ in outcomes), exit_code, Ended.EXITED, 0.1, complete)


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("t.py::a", "t.py::a"),
        ("t.py::a[1]", "t.py::a"),
        ("t.py::T::a[1-x]", "t.py::T::a"),
        ("t.py::a[x[0]::y]", "t.py::a"),
        ("t.py::a[]", "t.py::a"),
        ("t.py", "t.py"),
        ("a[b]/t.py::a", "a[b]/t.py::a"),
        ("a[b]/t.py::a[1]", "a[b]/t.py::a"),
        ("a[b]/t.py", "a[b]/t.py"),
        ("pkg/x::TestAbs/minus_one/edge#01", "pkg/x::TestAbs"),
        (".::FuzzRev/seed#1", ".::FuzzRev"),
        (".::TestAbs", ".::TestAbs"),
        ("src/lib.rs::tests::adds::case_2_small", "src/lib.rs::tests::adds"),
        ("src/lib.rs::adds::n_1_3::m_2_some_text", "src/lib.rs::adds"),
        ("src/lib.rs::adds::case_1::n_2_4", "src/lib.rs::adds"),
        ("src/lib.rs::tests::adds", "src/lib.rs::tests::adds"),
        ("src/lib.rs::src/lib.rs - add (line 3)", "src/lib.rs::src/lib.rs - add (line 3)"),
        ("src/a.test.ts::Test/with a slash", "src/a.test.ts::Test/with a slash"),
    ],
)
def test_a_definition_is_the_id_without_parameters(name: str, definition: str) -> None:
    assert TestId("p", name).definition == TestId("p", definition)


def test_nothing_run_is_never_green() -> None:
    assert not run().green_for()
    assert not run((A, TestOutcome.SKIPPED)).green_for()


def test_passed_is_green() -> None:
    assert run((A, TestOutcome.PASSED)).green_for()
    assert run((A, TestOutcome.PASSED)).green_for((A,))


@pytest.mark.parametrize("outcome", sorted(set(TestOutcome) - GOOD))
def test_any_bad_result_is_red(outcome: TestOutcome) -> None:
    assert not run((A, TestOutcome.PASSED), (B, outcome)).green_for((A,))


def test_the_wanted_test_itself_must_have_passed() -> None:
    assert not run((A, TestOutcome.PASSED)).green_for((B,))
    assert not run((A, TestOutcome.PASSED), (B, TestOutcome.SKIPPED)).green_for((B,))


def test_exit_code_and_completeness_are_both_needed() -> None:
    assert not run((A, TestOutcome.PASSED), exit_code=1).green_for()
    assert not run((A, TestOutcome.PASSED), complete=False).green_for()


def test_a_wanted_definition_is_green_by_its_cases() -> None:
    assert run((CASE, TestOutcome.PASSED)).green_for((CASE.definition,))
    assert not run((A, TestOutcome.PASSED)).green_for((CASE.definition,))


def test_a_test_with_a_failing_part_has_not_passed() -> None:
    both = run((A, TestOutcome.PASSED), (A, TestOutcome.ERROR))
    assert both.passed_ids == frozenset()
    assert [result.outcome for result in both.failed] == [TestOutcome.ERROR]


def test_an_attribute_that_is_not_there_is_empty() -> None:
    facts = ExceptionFacts("NameError", ("NameError",), "m", (("name", "x"),))
    assert (facts.attribute("name"), facts.attribute("obj")) == ("x", "")


TABLE = TestId("p", "a.test.ts::sums > adds %i and $b")


@pytest.mark.parametrize(
    ("definition", "case"),
    [
        ("a.test.ts::adds %i + %i", "a.test.ts::adds 1 + 2"),
        ("a.test.ts::adds $a.x and $b to $0", "a.test.ts::adds 'one' and [ 2 ] to three"),
        ("a.test.ts::of ${name} in ${f({ a: 1 })}", "a.test.ts::of Ann in a\nb"),
        ("a.test.ts::box of %s > holds 100%%", "a.test.ts::box of wood > holds 100%"),
        ("a.test.js::%#: %p", 'a.test.js::0: "x"'),
        ("a.test.js::(a|b) %s", "a.test.js::(a|b) 1"),
    ],
)
def test_titles_of_a_table_define_their_cases(definition: str, case: str) -> None:
    assert TestId("p", definition).defines(TestId("p", case))
    assert TestId("p", definition).covers(TestId("p", case))


@pytest.mark.parametrize(
    ("definition", "case"),
    [
        ("a.test.ts::adds %i", "b.test.ts::adds 1"),
        ("a.test.ts::adds %i", "a.test.ts::adds 1 > more"),
        ("a.test.ts::adds %i", "a.test.ts::takes 1"),
        ("a.test.ts::adds one", "a.test.ts::adds two"),
        ("a.py::adds %i", "a.py::adds 1"),
        ("pkg::Test%d", "pkg::Test1"),
    ],
)
def test_other_titles_are_no_cases(definition: str, case: str) -> None:
    assert not TestId("p", definition).defines(TestId("p", case))
    assert not TestId("q", definition).defines(TestId("p", definition))


def test_a_table_is_green_when_each_of_its_cases_passed() -> None:
    one, two, other = (TestId("p", f"a.test.ts::sums > adds {each}") for each in ("1 and 2", "3 and 4", "up"))
    assert run((one, TestOutcome.PASSED), (two, TestOutcome.PASSED)).green_for((TABLE,))
    assert not run((one, TestOutcome.PASSED), (two, TestOutcome.FAILED)).has_passed(TABLE)
    assert not run((other, TestOutcome.PASSED)).has_passed(TABLE)


def test_a_title_that_only_looks_like_a_table_stands_for_itself() -> None:
    plain, other = TestId("p", "a.test.ts::costs $d"), TestId("p", "a.test.ts::costs more")
    assert run((plain, TestOutcome.PASSED), (other, TestOutcome.FAILED)).has_passed(plain)
    assert not run((plain, TestOutcome.FAILED), (other, TestOutcome.PASSED)).has_passed(plain)


def test_the_definition_of_a_case_is_the_one_that_says_most_of_it() -> None:
    names = ("a.test.ts::%s", "a.test.ts::adds %s", "a.test.ts::adds one")
    cases = [TestCase(name, "p", "a.test.ts", 1, Span(0, 0), Span(0, 0)) for name in names]
    found = [case_of(TestId("p", f"a.test.ts::{title}"), cases) for title in ("adds one", "adds two", "takes", "a > b")]
    assert [each and each.name for each in found] == [*names[::-1], None]
