"""Which of the candidates that pass is proposed, how sure that is, and when the person is asked instead.

Evidence, in the order of its weight: how likely the change was before it was tried (suspicion and template), how many
others that pass do the same, whether it fails on inputs on which others give a value, how much of it the passing tests
see and do not mind, whether its expression is used elsewhere, and how much it changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regreen.core.edit import Patch
from regreen.core.repair import Choice, Confidence, Proposal, Question, RepairRequest, Rival, Undecided, Unnoticed
from regreen.guard import is_test

from .behaviour import Behaviour
from .hunt import Survivor
from .inputs import shown

_PER_LINE = 0.1  # what each changed line takes from a candidate's chance
_COMPANY = 0.25  # how much of the weight of those that do the same counts
_BAD = 1.0  # what failing where others give a value takes
_AGAINST = 2.0  # what answering otherwise than the docstring's examples takes, when it does so in all of them
_LESS = 0.3  # what only taking something away takes
_UNNOTICED = 1.0  # what answering otherwise in tests that pass takes, when it does so in all that look
_ELSEWHERE = 0.15  # an expression that the code uses elsewhere, too
_CLEAR = 0.7  # a lead that counts as clear
_EVEN = 0.05  # a lead that is none
_EARLY = 40  # candidates up to which one that passes is hardly luck
_DEEP = 300  # candidates after which one that passes is likely to be luck
_DEEP_ELSEWHERE = 600  # the same where no worker measures and compares as Python's does: the right ones come later
_SHORTEST = 4  # characters of an expression that says something
_MANY = 10  # tests that pass, beside which one that is cured is one alone
_SOME = 3  # passing tests that go another way with a change, from which on it tells that none of them minds
_MOST_CHOICES = 3
_UNSEEN: Mapping[str, Unnoticed] = {}


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate that passes, with its weight (a logarithm, for comparing only)."""

    survivor: Survivor
    merit: float


def judge(
    request: RepairRequest,
    survivors: tuple[Survivor, ...],
    behaviour: Behaviour,
    seen: Mapping[str, Unnoticed] = _UNSEEN,
) -> tuple[Judged, ...]:
    """Order what passes by all evidence, best first; `seen` is what passing tests see of some of the patches."""
    merits = [
        Judged(survivor, _merit(request, survivor, survivors, behaviour) - _UNNOTICED * _share(seen, survivor))
        for survivor in survivors
    ]
    return tuple(sorted(merits, key=lambda judged: (-judged.merit, judged.survivor.rank)))


def answer(
    provider: str,
    request: RepairRequest,
    judged: tuple[Judged, ...],
    behaviour: Behaviour,
    tried: int,
    seen: Mapping[str, Unnoticed] = _UNSEEN,
) -> Proposal | Undecided:
    """Propose the best, with its rivals and how sure that is; ask the person when nothing tells which one is meant."""
    best = judged[0]
    rivals = _distinct(judged, behaviour)[1:]
    confidence, evidence = _confidence(request, best, judged, rivals, behaviour)
    unnoticed = seen.get(_patch(best).digest, Unnoticed())
    if unnoticed.n_changed:
        confidence, evidence = _doubted(confidence, unnoticed), (*evidence, _ignored(unnoticed))
    if confidence is Confidence.LOW and (
        _is_open(request, best, rivals, behaviour) or (_is_ignored(unnoticed) and _n_wanted(request) == 1)
    ):
        return Undecided(provider, _question(best, rivals, behaviour), evidence, tried)
    candidate = best.survivor.candidate
    return Proposal(
        provider,
        candidate.hypothesis,
        candidate.patch,
        rivals=len(judged) - 1,
        tried=tried,
        confidence=confidence,
        evidence=evidence,
        others=tuple(_rival(best, rival, behaviour) for rival in rivals[: _MOST_CHOICES - 1]),
    )


def _share(seen: Mapping[str, Unnoticed], survivor: Survivor) -> float:
    found = seen.get(survivor.candidate.patch.digest, Unnoticed())
    return found.n_changed / max(1, found.n_tests)


def _merit(request: RepairRequest, survivor: Survivor, survivors: tuple[Survivor, ...], behaviour: Behaviour) -> float:
    candidate = survivor.candidate
    alone = math.log(candidate.score / (1 + _PER_LINE * candidate.patch.n_lines))
    if behaviour.calls:
        alike = sum(
            other.candidate.score for other in survivors if behaviour.same(candidate.patch, other.candidate.patch)
        )
        alone += _COMPANY * math.log(max(1.0, alike / candidate.score))
        alone -= _BAD * behaviour.n_bad(candidate.patch) / len(behaviour.calls)
        alone -= _AGAINST * behaviour.n_against(candidate.patch) / max(1, len(behaviour.said))
    return alone + _ELSEWHERE * _is_used_elsewhere(request, survivor) - _LESS * _only_takes_away(candidate.patch)


def _only_takes_away(patch: Patch) -> bool:
    """Tell whether a patch writes nothing that was not there: what is taken away was mostly meant for something."""
    return all(
        _is_less(file.base[edit.start : edit.end], edit.text.strip()) for file in patch.files for edit in file.edits
    )


def _is_less(before: str, after: str) -> bool:
    """Tell whether words or values are gone and the rest stays; `<` for `<=` is another operator, and no less."""
    head, found, tail = before.partition(after) if after else (before, "", "")
    return found == after and any(sign.isalnum() for sign in head + tail)


def _is_used_elsewhere(request: RepairRequest, survivor: Survivor) -> bool:
    """Tell whether what a candidate writes stands somewhere else in the code, too."""
    pieces = [edit.text.strip() for file in survivor.candidate.patch.files for edit in file.edits]
    if not all(_SHORTEST <= len(piece) and not piece.isalnum() and not piece.isidentifier() for piece in pieces):
        return False
    base = {file.path: file.base for file in survivor.candidate.patch.files}
    return all(any(piece in text for text in _texts(request.sources, base, request)) for piece in pieces)


def _texts(sources: Mapping[str, str], base: Mapping[str, str], request: RepairRequest) -> Iterable[str]:
    yield from base.values()
    suffix = next(iter(base), "").rpartition(".")[2]
    near = [path for path in sorted(request.model.files) if path.endswith(f".{suffix}") and path not in base]
    for path in near[:200]:
        if not is_test(path, request.model):
            yield sources.get(path, "")


def _distinct(judged: tuple[Judged, ...], behaviour: Behaviour) -> tuple[Judged, ...]:
    """Keep the best of each group that does the same; all, where that is not known."""
    kept: list[Judged] = []
    for one in judged:
        if not behaviour.calls or not any(behaviour.same(_patch(one), _patch(other)) for other in kept):
            kept.append(one)
    return tuple(kept)


def _patch(judged: Judged) -> Patch:
    return judged.survivor.candidate.patch


def _confidence(
    request: RepairRequest,
    best: Judged,
    judged: tuple[Judged, ...],
    rivals: tuple[Judged, ...],
    behaviour: Behaviour,
) -> tuple[Confidence, tuple[str, ...]]:
    rank = best.survivor.rank
    deep = _is_deep(request, best)
    told = [f"It is candidate {rank} of those tried."] if _EARLY < rank else []
    if not rivals:
        alone = "No other candidate passes."
        alike = f"{len(judged) - 1} more pass and do the same on all {len(behaviour.calls)} inputs tried."
        told.insert(0, alone if len(judged) == 1 else alike)
        told += _weakness(request)
        early = Confidence.HIGH if rank <= _EARLY and not request.left_red else Confidence.MEDIUM
        return Confidence.LOW if deep and _is_weak(request) else early, tuple(told)
    lead = best.merit - rivals[0].merit
    n_others = len(rivals)
    others = f"{n_others} other{'s' if n_others != 1 else ''} that pass"
    if not behaviour.calls:
        told.insert(0, f"{others}; whether they do the same could not be tried.")
        return (Confidence.MEDIUM if _CLEAR <= lead and not deep else Confidence.LOW), tuple(told)
    told.insert(0, f"{others} do something else on inputs that no test states.")
    if _CLEAR <= lead and not deep:
        return Confidence.MEDIUM, (*told, "It is clearly the likelier change.")
    return Confidence.LOW, (*told, "The tests cannot tell them apart.")


def _is_ignored(unnoticed: Unnoticed) -> bool:
    """Tell whether most of the tests that run what is changed are served another way, and none of them minds."""
    return _SOME <= unnoticed.n_changed and unnoticed.n_tests <= 2 * unnoticed.n_changed


def _doubted(confidence: Confidence, unnoticed: Unnoticed) -> Confidence:
    if _is_ignored(unnoticed):
        return Confidence.LOW
    return Confidence.MEDIUM if confidence is Confidence.HIGH else confidence


def _ignored(unnoticed: Unnoticed) -> str:
    n, n_all = unnoticed.n_changed, unnoticed.n_tests
    tests = "the passing test" if n_all == 1 else f"{n_all} passing tests"
    which = f"In {n} of {tests}" if 1 < n_all else f"In {tests}"
    return f"{which} that run what is changed it then does something else, and no test minds."


def _weakness(request: RepairRequest) -> list[str]:
    n_red = len(request.left_red)
    if n_red:
        return [
            f"{n_red} test{'s' if n_red != 1 else ''} that failed in the same way stay{'s' if n_red == 1 else ''} red."
        ]
    return ["One test alone speaks for it."] if _is_weak(request) else []


def _n_wanted(request: RepairRequest) -> int:
    """Return how many tests are cured; one that several classes inherit is one."""
    return len({test.name.rpartition("::")[2] for test in request.wanted})


def _is_lone(request: RepairRequest) -> bool:
    """Tell whether one test alone is cured and many others pass as before: they mostly say nothing of the fix."""
    return request.project.language == "python" and _n_wanted(request) == 1 and _MANY <= len(request.keep)


def _is_unsupported(request: RepairRequest, best: Judged, behaviour: Behaviour) -> bool:
    """Tell whether one test is all there is, or what was found late for it could not be compared with its rivals."""
    if request.project.language != "python" or _n_wanted(request) != 1:
        return False
    return not request.keep or (not behaviour.calls and _EARLY < best.survivor.rank)


def _is_weak(request: RepairRequest) -> bool:
    is_all = _n_wanted(request) + len(request.keep) <= 1  # nothing else speaks for a fix, or against it
    return is_all or bool(request.left_red) or _is_lone(request)


def _is_deep(request: RepairRequest, best: Judged) -> bool:
    """Tell whether what passes is likely to be luck; more so where other tests that failed alike are not cured."""
    deep = _DEEP if request.project.language == "python" else _DEEP_ELSEWHERE
    return (_EARLY if request.left_red or _is_lone(request) else deep) < best.survivor.rank


def _is_open(request: RepairRequest, best: Judged, rivals: tuple[Judged, ...], behaviour: Behaviour) -> bool:
    """Tell whether a person must choose: it was found late and little speaks for it, or a rival is as good."""
    lead = best.merit - rivals[0].merit if rivals else _CLEAR
    if _is_lone(request) or _is_unsupported(request, best, behaviour):
        return True
    if _is_deep(request, best) and (_is_weak(request) or lead < _CLEAR):
        return True
    if not rivals or _EVEN < lead:
        return False
    return behaviour.differ_in_value(_patch(best), _patch(rivals[0]))


def _question(best: Judged, rivals: tuple[Judged, ...], behaviour: Behaviour) -> Question:
    shown_ones = (best, *rivals[: _MOST_CHOICES - 1])
    parted = behaviour.difference(_patch(best), _patch(rivals[0])) if rivals else None
    if parted is None:
        text = "Is this what is meant?" if not rivals else "Which of these is meant?"
        return Question(text, tuple(_choice(one, "") for one in shown_ones))
    answers = [behaviour.answers[_patch(one).digest][parted] for one in shown_ones]
    return Question(
        f"Which is right for {shown(behaviour.calls[parted])}?",
        tuple(_choice(one, said) for one, said in zip(shown_ones, answers, strict=True)),
    )


def _choice(judged: Judged, said: str) -> Choice:
    candidate = judged.survivor.candidate
    return Choice(candidate.hypothesis, candidate.patch, said)


def _rival(best: Judged, rival: Judged, behaviour: Behaviour) -> Rival:
    candidate = rival.survivor.candidate
    parted = behaviour.difference(_patch(best), candidate.patch)
    if parted is None:
        return Rival(candidate.hypothesis, candidate.patch)
    return Rival(
        candidate.hypothesis,
        candidate.patch,
        shown(behaviour.calls[parted]),
        behaviour.answers[_patch(best).digest][parted],
        behaviour.answers[candidate.patch.digest][parted],
    )
