"""The page of a repair: it tells everything, loads nothing, and obeys nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.edit import TextEdit, patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.repair import Attempt, Choice, Confidence, Outcome, Question, RepairReport, Rival, Verdict
from regreen.core.testing import Ended, Frame, TestId, TestOutcome, TestResult, TestRun
from regreen.core.trace import RunId, TraceId
from regreen.pages import repair_page

TEST = TestId("", "tests/test_cart.py::test_ten")
BASE = "def discount(quantity):\n    if quantity > 10:\n        return 9\n    return 10\n"
PATCH = patch_between({"cart.py": BASE}, {"cart.py": BASE.replace("> 10", ">= 10")})
FAILURE = Failure(
    FailureKind.ASSERTION,
    TEST,
    "cart.py",
    2,
    "assert 10 == 9",
    frames=(Frame("tests/test_cart.py", 5, "test_ten", "assert discount(10) == 9"), Frame("cart.py", 2, "discount")),
)
GREEN = Attempt(1, "search", "`>` should be `>=`", PATCH, Verdict.GREEN, "Proved.", None, 2.0, tried=38, rivals=2)


def run(*outcomes: TestOutcome) -> TestRun:
    results = tuple(TestResult(TestId("", f"t{n}"), outcome, "", 0) for n, outcome in enumerate(outcomes))
    return TestRun("", results, (), 0, Ended.EXITED, 1.0, complete=True)


REPORT = RepairReport(
    RunId("r1"),
    TraceId("0" * 32),
    1_795_000_000.0,
    5.0,
    (TEST,),
    FAILURE,
    Outcome.REPAIRED,
    "It passes.",
    (GREEN,),
    PATCH,
    before=run(TestOutcome.PASSED, TestOutcome.FAILED),
    after=run(TestOutcome.PASSED, TestOutcome.PASSED),
    workbench="an overlay",
)


class Reader(HTMLParser):
    """Collects what a browser would see of a page; complains where an element is not closed by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def links(path: str, line: int) -> str:
    return f"command:open?{path}:{line}"


def test_the_page_tells_the_whole_story() -> None:
    told = Reader(repair_page(REPORT, (REPORT,), links)).text
    for words in ("Repaired", TEST.name, "RG301 assertion", "assert 10 == 9", "> should be >=", "38 candidates tried",
                  "2 others passed too", "1 passed, 1 failed", "2 passed", "an overlay", "It passes."):  # fmt: skip
        assert words in told


def test_the_mutation_score_is_a_figure_that_is_never_rounded_up() -> None:
    mutant = Mutant("cart.py", "boundary", TextEdit(0, 1, "x"), 2, ">", ">=", "discount")
    judged = (*(Judged(mutant, Fate.KILLED),) * 299, Judged(mutant, Fate.SURVIVED))
    assert "<b>99 %</b><span>mutation score</span>" in repair_page(replace(REPORT, strength=Strength(judged)), ())


def test_places_are_links_only_where_they_have_an_address() -> None:
    linked = [attributes["href"] for tag, attributes in Reader(repair_page(REPORT, (), links)).elements if tag == "a"]
    cart, test = "command:open?cart.py:2", "command:open?tests/test_cart.py:5"
    assert linked == [cart, cart, test, cart]
    assert not [tag for tag, _ in Reader(repair_page(REPORT, ())).elements if tag == "a"]


def test_what_changed_within_a_line_is_marked() -> None:
    page = repair_page(REPORT, ())
    assert "    if quantity &gt;<mark>=</mark> 10:" in page
    assert "<code>    if quantity &gt; 10:</code>" in page


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    elements = Reader(repair_page(REPORT, (REPORT, REPORT), links)).elements
    assert not {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    written = {name for _, attributes in elements for name in attributes}
    assert not {name for name in written if name.startswith("on")} | written & {"src", "style", "xlink:href"}
    (policy,) = [each["content"] or "" for tag, each in elements if tag == "meta" and "http-equiv" in each]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_ending_has_its_words(outcome: Outcome) -> None:
    report = replace(REPORT, outcome=outcome)
    badge = re.search(r'<span class="badge (\w+)">([^<]+)', repair_page(report, (report,)))
    assert badge is not None
    assert badge[1] in {"good", "bad", "busy", "quiet"}
    assert " " in badge[2] or badge[2].istitle()


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_words(verdict: Verdict) -> None:
    attempt = replace(GREEN, verdict=verdict, patch=None, failure=FAILURE)
    assert "<h3>1. <code>&gt;</code> should be" in repair_page(replace(REPORT, attempts=(attempt,)), ())


def test_how_sure_it_is_and_what_else_would_pass_is_told() -> None:
    rival = Rival("`10` should be `9`", PATCH, "discount(9)", "10", "9")
    attempt = replace(GREEN, confidence=Confidence.MEDIUM, evidence=("One rival is left.",), others=(rival,))
    told = Reader(repair_page(replace(REPORT, attempts=(attempt,)), ())).text
    assert "How sure: medium." in told
    assert "One rival is left." in told
    assert "They differ on discount(9): 10 with the patch above, 9 with this one." in told


def test_a_question_is_shown_with_its_choices() -> None:
    question = Question(
        "Which is right for `discount(0)`?", (Choice("Keep it", PATCH, "10"), Choice("Refuse it", PATCH))
    )
    asked = replace(GREEN, verdict=Verdict.UNDECIDED, patch=None, question=question)
    told = Reader(repair_page(replace(REPORT, outcome=Outcome.UNDECIDED, attempts=(asked,)), ())).text
    assert "Which is right for discount(0)?" in told
    assert "Choice 1: Keep itIt answers 10." in told
    assert "Choice 2: Refuse it" in told


def test_earlier_repairs_are_a_picture_with_words() -> None:
    failed = replace(REPORT, run_id=RunId("r0"), outcome=Outcome.EXHAUSTED, seconds=60.0)
    page = Reader(repair_page(REPORT, (failed, REPORT)))
    assert "2 repairs: 1 proved green, 1 rolled back, 1.0 attempts for each that was proved" in page.text
    assert [attributes["role"] for tag, attributes in page.elements if tag == "svg"] == ["img"] * 3


def test_a_repair_without_attempts_has_a_page() -> None:
    bare = replace(REPORT, attempts=(), patch=None, before=None, after=None, failure=None, seconds=0.0, workbench="")
    assert "nothing was run" in Reader(repair_page(bare, ())).text


@given(st.text(), st.text(), st.text())
def test_no_text_becomes_markup(message: str, hypothesis: str, line: str) -> None:
    hostile = "</code></pre></style><script>alert(1)</script><img src=x onerror=alert(1)>"
    patch = patch_between({"a": BASE}, {"a": BASE + line + hostile})
    attempt = replace(GREEN, hypothesis=hypothesis + hostile, patch=patch, reason=hostile, provider=hostile)
    report = replace(REPORT, reason=message + hostile, attempts=(attempt,), workbench=hostile)
    page = repair_page(report, (report,), lambda path, at: f'"><script>{at}')
    assert not {tag for tag, _ in Reader(page).elements} & {"script", "img"}


def test_what_is_invisible_is_shown() -> None:
    report = replace(REPORT, reason="a\u202eb\x1b[31m")
    assert "a⟨U+202E⟩b⟨U+001B⟩[31m" in repair_page(report, ())
