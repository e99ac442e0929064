"""Measures how well faults are found in the small bugs of tests/bugs, by each kind of evidence alone and by all.

    python -m benchmarks.localise [NAME | LANGUAGE ...]

Prints one JSON line for each bug (the rank of the first faulty line by each kind of evidence), then a table for each
language: in how many of a hundred bugs it is among the first 1, 3, 5 and 10 lines. Faulty lines are those that the
bug's own fix changes; where it only inserts, the two beside it. Among lines of equal suspicion the rank is the one
to expect when they are taken in any order. The bugs have no history: "edited lately" stands for a person who has
just written the whole function that holds the fault, or the whole file where no function does.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from benchmarks.machine import describe
from benchmarks.workplace import workplace

from regreen.analysis.lines import Lines, words_of
from regreen.analysis.localize import by_spectrum, by_stack, localize, named_by_test
from regreen.analysis.reach import reached
from regreen.core.cancel import Cancellation
from regreen.core.ports import Trials
from regreen.core.repair import NoIdea, RepairRequest, Spectrum, Suspect
from regreen.core.workspace import SymbolKind
from regreen.guard import is_test
from tests.support.bugs import Bug, read_bugs, repair_bug

_TOPS = (1, 3, 5, 10)
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.METHOD)
Place = tuple[str, int]


class Watcher:
    """A provider that proposes nothing, and keeps what it was asked first."""

    name = "watcher"

    def __init__(self) -> None:
        self.request: RepairRequest | None = None
        self.spectrum = Spectrum({}, 0, 0)
        self.sources: dict[str, str] = {}

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> NoIdea:
        """Keep the request, and the texts and the spectrum that are gone afterwards."""
        if self.request is None:
            self.request = request
            self.sources = {path: request.sources[path] for path in request.sources}
            self.spectrum = trials.spectrum(cancel, tuple(self.sources))
        return NoIdea(self.name, "It only watches.")


def main(names: list[str]) -> int:
    """Run the benchmark."""
    print(describe())
    ranks: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with workplace() as (base, _):
        for bug in read_bugs(*names):
            watcher = Watcher()
            if bug.is_curable:
                repair_bug(bug, base / bug.language / bug.name, watcher)
            if watcher.request is None:
                continue
            found = {kind: rank(scores, faulty(bug)) for kind, scores in kinds(bug, watcher).items()}
            told = {kind: None if math.isinf(at) else at for kind, at in found.items()}
            print(json.dumps({"bug": bug.name, "language": bug.language, "ranks": told}), flush=True)
            for kind, at in found.items():
                ranks[bug.language][kind].append(at)
    for language, by_kind in ranks.items():
        show(language, by_kind)
    return 0


def kinds(bug: Bug, seen: Watcher) -> Mapping[str, Mapping[Place, float]]:
    """Return for each kind of evidence how suspicious it finds which line."""
    request = seen.request
    if request is None:
        return {}
    failure, model, sources = request.failure, request.model, seen.sources
    editable = tuple(path for path in sorted(sources) if not is_test(path, model))
    named = named_by_test(failure, model, sources)
    lines = Lines(sources, words_of(" ".join(named)), {})
    recent = written_lately(bug, request)
    everywhere = [(path, n) for path in editable for n in range(1, len(sources[path].splitlines()) + 1)]

    def best(suspects: Iterable[Suspect]) -> Mapping[Place, float]:
        scores: dict[Place, float] = {}
        for suspect in suspects:
            if suspect.path in editable:
                place = (suspect.path, suspect.line)
                scores[place] = max(scores.get(place, 0.0), suspect.score)
        return scores

    return {
        "stack": best(by_stack(failure)),
        "spectrum, Ochiai": best(by_spectrum(seen.spectrum)),
        "spectrum, DStar": best(by_spectrum(seen.spectrum, dstar)),
        "spectrum, Barinel": best(by_spectrum(seen.spectrum, barinel)),
        "call chain by name": best(reached(failure, model, sources, named)),
        "what the line says": {place: lines.weight(*place) for place in everywhere},
        "edited lately": {place: 1.0 for place in everywhere if place[1] in recent.get(place[0], ())},
        "combined": best(localize(failure, seen.spectrum, model, editable, sources)),
        "combined, edited lately": best(localize(failure, seen.spectrum, model, editable, sources, recent)),
    }


def dstar(n_failing: int, n_passing: int, all_failing: int) -> float:
    """Return DStar with the exponent 2 (Wong et al. 2014)."""
    return n_failing**2 / max(1e-9, n_passing + all_failing - n_failing)


def barinel(n_failing: int, n_passing: int, all_failing: int) -> float:
    """Return Barinel's coefficient for single faults (Abreu et al. 2009)."""
    del all_failing
    return n_failing / (n_failing + n_passing)


def faulty(bug: Bug) -> frozenset[Place]:
    """Return the lines that the bug's own fix changes."""
    found: set[Place] = set()
    for name, fixed in bug.files.items():
        path = name.removeprefix("fix/")
        if path == name:
            continue
        matcher = SequenceMatcher(None, bug.files.get(path, "").splitlines(), fixed.splitlines(), autojunk=False)
        for what, first, last, _, _ in matcher.get_opcodes():
            if what == "insert":
                found |= {(path, first), (path, first + 1)}
            elif what != "equal":
                found |= {(path, line) for line in range(first + 1, last + 1)}
    return frozenset(found)


def written_lately(bug: Bug, request: RepairRequest) -> Mapping[str, frozenset[int]]:
    """Return the lines of the functions that hold the fault."""
    found: dict[str, frozenset[int]] = {}
    for path, line in sorted(faulty(bug)):
        facts = request.model.files.get(path)
        holding = [
            symbol
            for symbol in (facts.symbols if facts else ())
            if symbol.kind in _CALLABLE and symbol.line <= line <= symbol.end_line
        ]
        inner = max(holding, key=lambda symbol: symbol.line, default=None)
        last = len(bug.files.get(path, "").splitlines())
        lines = range(inner.line, inner.end_line + 1) if inner is not None else range(1, last + 1)
        found[path] = found.get(path, frozenset()) | frozenset(lines)
    return found


def rank(scores: Mapping[Place, float], fault: frozenset[Place]) -> float:
    """Return at which place the first faulty line is to be expected; infinite when none is suspected."""
    hits = [scores[place] for place in fault if place in scores]
    if not hits:
        return math.inf
    best = max(hits)
    before = sum(best < score for score in scores.values())
    equal = sum(score == best for score in scores.values())
    return before + (equal + 1) / (hits.count(best) + 1)


def show(language: str, by_kind: Mapping[str, list[float]]) -> None:
    """Print one language's table."""
    print(f"\n{language:26} bugs " + " ".join(f"{f'top {top}':>7}" for top in _TOPS))
    for kind, ranks in by_kind.items():
        shares = [100 * sum(at <= top for at in ranks) / len(ranks) for top in _TOPS]
        print(f"{kind:26} {len(ranks):4} " + " ".join(f"{share:7.1f}" for share in shares))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
