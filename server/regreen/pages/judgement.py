"""How sure a proposal is, what else the tests would let pass, and what is asked of the person."""

from __future__ import annotations

from regreen.core.repair import Attempt, Choice, Inquiry, Question, Rival

from .changes import LinkTo, changes
from .html import Markup, Part, element, words


def judgement(attempt: Attempt, link: LinkTo) -> Markup:
    """Tell what stands behind a proposal; nothing when the provider does not say."""
    sure = f"How sure: {attempt.confidence.value}." if attempt.confidence is not None else ""
    evidence = element("ul", (element("li", words(each)) for each in attempt.evidence)) if attempt.evidence else ()
    return element(
        "div",
        element("p", sure, class_="small") if sure else (),
        evidence,
        (_rival(rival, link) for rival in attempt.others),
        class_="judgement",
    )


def asked(question: Question, link: LinkTo) -> Markup:
    """Show what a person is asked, and each answer that can be given."""
    choices = (_choice(n, choice, link) for n, choice in enumerate(question.choices, 1))
    return element("div", element("p", words(question.text), class_="question"), choices, class_="judgement")


def inquired(inquiry: Inquiry) -> Markup:
    """Show what a person is asked where a gate or failing attempts ended a repair, and what is known."""
    known = element("ul", (element("li", words(each)) for each in inquiry.evidence)) if inquiry.evidence else ()
    return element("div", element("p", words(inquiry.text), class_="question"), known, class_="judgement")


def _choice(n: int, choice: Choice, link: LinkTo) -> Markup:
    answer = element("p", "It answers ", element("code", choice.answer), ".") if choice.answer else ()
    return _folded(("Choice ", str(n), ": ", words(choice.hypothesis)), answer, changes(choice.patch, link))


def _rival(rival: Rival, link: LinkTo) -> Markup:
    differs: Part = ()
    if rival.differs_on:
        place, own, other = (element("code", each) for each in (rival.differs_on, rival.answer, rival.rival_answer))
        differs = element("p", "They differ on ", place, ": ", own, " with the patch above, ", other, " with this one.")
    return _folded(("Would pass as well: ", words(rival.hypothesis)), differs, changes(rival.patch, link))


def _folded(title: Part, *inside: Part) -> Markup:
    return element("details", element("summary", title), *inside)
