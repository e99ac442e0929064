"""The page of a repair: how it ended, where the time went, each attempt with its change, and the other repairs."""

from __future__ import annotations

import base64
import hashlib
import math
import time
from importlib import resources

from regreen.core.failure import Failure
from regreen.core.mutation import MEANS, Strength
from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict
from regreen.core.testing import TestOutcome, TestRun

from .changes import LinkTo, changes, place
from .html import Markup, element, joined, words
from .judgement import asked, inquired, judgement
from .pictures import Bar, Mark, Span, bars, strip, timeline

_MOST_MARKS = 34
_MOST_SURVIVORS = 10
_ENDINGS = {
    Outcome.REPAIRED: ("Repaired", "good"),
    Outcome.REPAIRED_NOT_APPLIED: ("Proved, not applied", "busy"),
    Outcome.UNDONE: ("Undone", "quiet"),
    Outcome.ALREADY_GREEN: ("Already green", "good"),
    Outcome.EXHAUSTED: ("Not repaired, rolled back", "bad"),
    Outcome.FLAKY: ("Flaky, not edited", "busy"),
    Outcome.NOT_CODE: ("Not a matter of code", "busy"),
    Outcome.UNDECIDED: ("A question to you", "busy"),
    Outcome.REFUSED: ("Refused", "bad"),
    Outcome.CANCELLED: ("Cancelled", "quiet"),
}
_VERDICTS = {
    Verdict.GREEN: ("green", "good"),
    Verdict.STILL_RED: ("still red", "bad"),
    Verdict.MOVED: ("red in another way", "bad"),
    Verdict.BROKE_OTHERS: ("broke other tests", "bad"),
    Verdict.UNPROVED: ("passes, and is not believed", "bad"),
    Verdict.FLAKY: ("flaky, so it proves nothing", "busy"),
    Verdict.REFUSED: ("refused, not run", "bad"),
    Verdict.OBJECTED: ("green, and a reviewer objects", "bad"),
    Verdict.UNDECIDED: ("a question to you", "busy"),
    Verdict.NO_IDEA: ("no idea", "quiet"),
}


def no_links(_path: str, _line: int) -> str:
    """Give no place an address: for a page that is read outside of an editor."""
    return ""


def repair_page(report: RepairReport, history: tuple[RepairReport, ...], link: LinkTo = no_links) -> str:
    """Return the page as one HTML document that loads nothing and runs no script.

    `history` are the repairs of the workspace, oldest first; `link` gives a place in a file its address.
    """
    parts = (
        _head(report),
        _section("What you are asked", asked(report.question, link)) if report.question else (),
        _section("What you are asked", inquired(report.inquiry)) if report.inquiry else (),
        _section("What was red", _failure(report.failure, link)) if report.failure else (),
        _section("Where the time went", timeline(_spans(report))),
        _section("Attempts", [_attempt(attempt, link) for attempt in report.attempts]) if report.attempts else (),
        _section("Would the tests notice?", _strength(report.strength, link)) if report.strength else (),
        _section("What the tests said", bars(_runs(report))) if report.before or report.after else (),
        _section("Repairs in this workspace", _history(report, history)) if 1 < len(history) else (),
    )
    return _document(f"Repair {report.run_id}", element("main", parts))


def _document(title: str, body: Markup) -> str:
    style = resources.files("regreen.pages").joinpath("page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        Markup(f"<style>{style}</style>"),
    )
    return "<!DOCTYPE html>\n" + element("html", head, element("body", body), lang="en") + "\n"


def _head(report: RepairReport) -> Markup:
    ending, tone = _ENDINGS.get(report.outcome, (report.outcome.value, "quiet"))
    names = ", ".join(test.name for test in report.wanted)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(report.started))
    tiles = [
        _tile(str(len(report.attempts)), "attempt" if len(report.attempts) == 1 else "attempts"),
        _tile(f"{sum(attempt.tried for attempt in report.attempts):,}".replace(",", "\u202f"), "candidates tried"),
        _tile(f"{report.seconds:.1f}", "seconds"),
        _tile("0" if report.patch is None else str(report.patch.n_lines), "lines in the patch"),
    ]
    if report.strength is not None and report.strength.score is not None:
        tiles.append(_tile(f"{math.floor(100 * report.strength.score)} %", "mutation score"))
    if report.usage.calls:
        tokens = f"{report.usage.sent + report.usage.received:,}".replace(",", "\u202f")
        tiles.append(
            _tile(tokens, "tokens in 1 call" if report.usage.calls == 1 else f"tokens in {report.usage.calls} calls")
        )
    run = f"Run {report.run_id} · trace {report.trace_id} · {when} · {report.workbench or 'nothing was run'}"
    return element(
        "header",
        element("p", _badge(ending, tone), class_="ending"),
        element("h1", names),
        element("p", words(report.reason), class_="reason"),
        element("div", tiles, class_="tiles"),
        element("p", run, class_="small"),
    )


def _badge(said: str, tone: str) -> Markup:
    return element("span", said, class_=f"badge {tone}")


def _tile(figure: str, words: str) -> Markup:
    return element("div", element("b", figure), element("span", words), class_="tile")


def _section(title: str, *content: Markup | list[Markup]) -> Markup:
    return element("section", element("h2", title), *content)


def _failure(failure: Failure, link: LinkTo) -> Markup:
    kind = element("span", f"{failure.kind.code} {failure.kind.label}", class_="kind")
    where = place(link, failure.path, failure.line) if failure.path else failure.test.name
    frames = [
        element("li", place(link, frame.path, frame.line), " ", element("code", frame.code or frame.function))
        for frame in reversed(failure.frames)
        if frame.inside
    ]
    stack = element("details", element("summary", f"{len(frames)} calls led there"), element("ol", frames))
    return element(
        "div",
        element("p", kind, " at ", where),
        element("pre", element("code", failure.message)),
        element("p", failure.advice) if failure.advice else (),
        stack if 1 < len(frames) else (),
    )


def _attempt(attempt: Attempt, link: LinkTo) -> Markup:
    verdict, tone = _VERDICTS[attempt.verdict]
    counted = [f"{attempt.seconds:.1f} s", f"{attempt.tried} candidates tried" if attempt.tried else ""]
    counted.append(f"{attempt.rivals} others passed too" if attempt.rivals else "")
    then = attempt.failure if attempt.verdict in (Verdict.MOVED, Verdict.BROKE_OTHERS) else None
    title = words(attempt.hypothesis or "No proposal")
    return element(
        "article",
        element("h3", f"{attempt.n}. ", title, " ", _badge(verdict, tone)),
        element("p", " · ".join([attempt.provider, *(part for part in counted if part)]), class_="small"),
        element("p", words(attempt.reason)) if attempt.reason else (),
        changes(attempt.patch, link) if attempt.patch is not None else (),
        _then(then) if then is not None else (),
        judgement(attempt, link),
    )


def _strength(strength: Strength, link: LinkTo) -> Markup:
    counted = [
        (sum(one.fate.is_detected for one in strength.judged), "good", "noticed"),
        (len(strength.survivors), "bad", "not noticed"),
    ]
    items = [
        element("li", place(link, one.mutant.path, one.mutant.line), element("pre", element("code", one.diff)))
        for one in strength.shown[:_MOST_SURVIVORS]
    ]
    return joined(
        element("p", strength.in_words("the repaired code")),
        bars((Bar("Changes", tuple(counted)),)) if strength.judged else Markup(""),
        element("ul", items) if items else Markup(""),
        element("p", MEANS, class_="small") if strength.judged else Markup(""),
    )


def _then(failure: Failure) -> Markup:
    said = element("p", f"Then {failure.kind.code} {failure.kind.label}:")
    return joined(said, element("pre", element("code", failure.message)))


def _spans(report: RepairReport) -> tuple[Span, ...]:
    """Lay the attempts end to end behind what went before them."""
    trying = sum(attempt.seconds for attempt in report.attempts)
    at = max(0.0, report.seconds - trying)
    spans = [Span("Checkpoint, reproduce", 0.0, at, "quiet", "a checkpoint, and the failure seen again")]
    for attempt in report.attempts:
        verdict, tone = _VERDICTS[attempt.verdict]
        spans.append(Span(f"Attempt {attempt.n}", at, at + attempt.seconds, tone, verdict))
        at += attempt.seconds
    return tuple(spans)


def _runs(report: RepairReport) -> tuple[Bar, ...]:
    named = (("Before", report.before), ("After", report.after))
    return tuple(Bar(label, _outcomes(run)) for label, run in named if run is not None)


def _outcomes(run: TestRun) -> tuple[tuple[int, str, str], ...]:
    outcomes = [result.outcome for result in run.results if result.phase != "build"]
    n_passed = sum(outcome in (TestOutcome.PASSED, TestOutcome.XPASSED) for outcome in outcomes)
    n_skipped = sum(outcome in (TestOutcome.SKIPPED, TestOutcome.XFAILED) for outcome in outcomes)
    failed = len(outcomes) - n_passed - n_skipped
    return (n_passed, "good", "passed"), (failed, "bad", "failed"), (n_skipped, "quiet", "skipped")


def _history(report: RepairReport, history: tuple[RepairReport, ...]) -> Markup:
    shown = history[-_MOST_MARKS:]
    marks = tuple(
        Mark(each.seconds, _ENDINGS.get(each.outcome, ("", "quiet"))[1], _note(each), each.run_id == report.run_id)
        for each in shown
    )
    proved = [each for each in history if each.outcome in (Outcome.REPAIRED, Outcome.REPAIRED_NOT_APPLIED)]
    n_attempts = sum(len(each.attempts) for each in proved)
    n_rolled_back = sum(each.outcome is Outcome.EXHAUSTED for each in history)
    counted = f"{len(history)} repairs: {len(proved)} proved green, {n_rolled_back} rolled back"
    average = f", {n_attempts / len(proved):.1f} attempts for each that was proved" if proved else ""
    return joined(strip(marks), element("p", counted, average, ". The underlined one is this.", class_="small"))


def _note(report: RepairReport) -> str:
    words = _ENDINGS.get(report.outcome, (report.outcome.value, ""))[0]
    return f"{', '.join(test.name for test in report.wanted)}: {words}, {report.seconds:.1f} s"
