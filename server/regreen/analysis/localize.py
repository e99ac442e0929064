"""Fault localisation: which lines are to blame, from the traceback, the spectrum of the tests, and what lines say.

The spectrum is weighed with Ochiai's coefficient (Abreu, Zoeteweij, van Gemund: "On the Accuracy of Spectrum-based
Fault Localization", 2007). Pure: texts come as values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Spectrum, Suspect
from regreen.core.workspace import Symbol, SymbolKind, WorkspaceModel

from .lines import Lines, failing_cases, words_of
from .reach import reached

EXACT = frozenset(
    {FailureKind.SYNTAX, FailureKind.IMPORT_UNRESOLVED, FailureKind.NAME_UNDEFINED, FailureKind.MEMBER_MISSING,
     FailureKind.CALL_ARITY}
)  # fmt: skip
_CALLER = 0.85  # each step up the stack is that much less suspicious
_BESIDE_STACK = 0.7  # a line that was merely run, when the traceback names another one
_BESIDE_EXACT = 0.35  # the same, when the failure itself says where it is
_NAMED = 1.2  # a function that the failing test itself names
_DEFINITION = 0.5  # the line that defines a suspicious function: its parameters and defaults
_REFERRED = 0.6  # a constant that suspicious lines read
_NAMESAKE = 0.5  # what reads a value that the failing test is called after
_BESIDE = 0.6  # a line of a long constant that shares no word with the failing test, as another one of it does
_LONG = 4  # lines of such a constant
_SPOKEN_OF = 0.8  # the definition of a name in the message
_UNKNOWN = 0.3  # a line of which nothing is known but that it can be edited
_WORD = re.compile(r"[A-Za-z_]\w*")

Place = tuple[str, int]


def localize(
    failure: Failure,
    spectrum: Spectrum,
    model: WorkspaceModel,
    editable: tuple[str, ...],
    sources: Mapping[str, str] | None = None,
    recent: Mapping[str, frozenset[int]] | None = None,
) -> tuple[Suspect, ...]:
    """Rank the lines of the editable files, most suspicious first; each line once.

    `sources` lets it see which names the failing test and the suspicious lines use, `recent` which lines were edited
    lately. When neither the traceback nor the spectrum says anything, each line of each symbol is a little suspicious.
    """
    allowed = frozenset(editable)
    texts = {} if sources is None else sources
    stack = tuple(suspect for suspect in by_stack(failure) if suspect.path in allowed)
    beside = 1.0 if not stack else _BESIDE_EXACT if failure.kind in EXACT else _BESIDE_STACK
    named = named_by_test(failure, model, texts)
    lines = Lines(texts, words_of(" ".join(named)), {} if recent is None else recent)
    found: dict[Place, Suspect] = {}
    for suspect in stack:
        _keep_best(found, suspect)
    for suspect in by_spectrum(spectrum):
        if suspect.path in allowed:
            owner = _owner(model, suspect.path, suspect.line)
            factor = _NAMED if owner is not None and owner.name in named else 1.0
            score = min(1.0, suspect.score * factor) * beside * lines.weight(suspect.path, suspect.line)
            _keep_best(found, replace(suspect, score=score))
    if not spectrum.lines:
        for suspect in reached(failure, model, texts, named):
            if suspect.path in allowed:
                score = suspect.score * beside * lines.weight(suspect.path, suspect.line)
                _keep_best(found, replace(suspect, score=score))
    for suspect in (
        *_definitions(model, found),
        *_constants(failure, model, lines, found),
        *_spoken_of(failure, model),
    ):
        if suspect.path in allowed:
            _keep_best(found, suspect)
    if not found:
        found = {(suspect.path, suspect.line): suspect for suspect in _everywhere(model, allowed)}
    return tuple(sorted(found.values(), key=lambda suspect: (-suspect.score, suspect.path, suspect.line)))


def by_file(suspects: tuple[Suspect, ...]) -> Mapping[str, Mapping[int, float]]:
    """Return path -> line -> score."""
    lines: dict[str, dict[int, float]] = {}
    for suspect in suspects:
        lines.setdefault(suspect.path, {})[suspect.line] = suspect.score
    return lines


def _keep_best(found: dict[Place, Suspect], suspect: Suspect) -> None:
    place = (suspect.path, suspect.line)
    if place not in found or found[place].score < suspect.score:
        found[place] = suspect


def by_stack(failure: Failure) -> Iterator[Suspect]:
    """Blame the culprit of the failure and the frames of its traceback, the deepest most."""
    if failure.path:
        yield Suspect(failure.path, failure.line, 1.0, "the culprit of the failure")
    inside = [frame for frame in failure.frames if frame.inside]
    for depth, frame in enumerate(reversed(inside)):
        yield Suspect(frame.path, frame.line, _CALLER**depth, "in the traceback")


def ochiai(n_failing: int, n_passing: int, all_failing: int) -> float:
    """Return the coefficient of a line that so many failing and passing tests run, of so many failing ones."""
    return n_failing / math.sqrt(max(1, all_failing) * (n_failing + n_passing))


def by_spectrum(spectrum: Spectrum, formula: Callable[[int, int, int], float] = ochiai) -> Iterator[Suspect]:
    """Blame what failing tests run, and passing ones do not."""
    for path, lines in spectrum.lines.items():
        for line, (n_failing, n_passing) in lines.items():
            if n_failing:
                score = formula(n_failing, n_passing, spectrum.n_failing)
                yield Suspect(path, line, score, f"run by {n_failing} failing and {n_passing} passing tests")


def named_by_test(failure: Failure, model: WorkspaceModel, sources: Mapping[str, str]) -> frozenset[str]:
    """Return the words of the failing test's own body, and of the line that failed."""
    cases = failing_cases(failure, model)
    text = sources.get(failure.test_path, "") if cases else ""
    words = [word for case in cases for word in _WORD.findall(text[case.span.start : case.span.end])]
    return frozenset([*words, *_WORD.findall(failure.code)])


def _owner(model: WorkspaceModel, path: str, line: int) -> Symbol | None:
    """Return the innermost function that holds a line."""
    facts = model.files.get(path)
    holding = [
        symbol
        for symbol in (facts.symbols if facts else ())
        if symbol.line <= line <= symbol.end_line and symbol.kind in (SymbolKind.FUNCTION, SymbolKind.METHOD)
    ]
    return max(holding, key=lambda symbol: symbol.line, default=None)


def _definitions(model: WorkspaceModel, found: Mapping[Place, Suspect]) -> Iterator[Suspect]:
    for (path, line), suspect in tuple(found.items()):
        owner = _owner(model, path, line)
        if owner is not None:
            yield Suspect(path, owner.line, _DEFINITION * suspect.score, f"defines {owner.name}")


def _constants(
    failure: Failure, model: WorkspaceModel, lines: Lines, found: Mapping[Place, Suspect]
) -> Iterator[Suspect]:
    """Blame module and class level values that suspicious lines read: no test runs their own lines."""
    test = failure.test.definition.name.rpartition("::")[2]
    read: dict[str, dict[str, float]] = {}  # word -> file that reads it -> how suspicious its lines are
    for path in sorted({place[0] for place in found}):
        rows = lines.sources.get(path, "").splitlines()
        for (of_path, line), suspect in found.items():
            if of_path == path and line <= len(rows):
                for word in _WORD.findall(rows[line - 1]):
                    readers = read.setdefault(word, {})
                    readers[path] = max(readers.get(path, 0.0), suspect.score)
    blamed = frozenset(place[0] for place in found)
    for path, facts in sorted(model.files.items()):
        for symbol in facts.symbols:
            if symbol.kind not in (SymbolKind.VARIABLE, SymbolKind.ATTRIBUTE):
                continue
            readers = read.get(symbol.name, {})
            scores = [score for reader, score in readers.items() if _can_read(model, reader, symbol, path, blamed)]
            if path in blamed and _is_namesake(symbol.name, test):
                scores.append(_NAMESAKE)
            if not scores:
                continue
            score = _REFERRED * max(scores)
            span = range(symbol.line, symbol.end_line + 1)
            speaking = {line for line in span if lines.shares(path, line)} if _LONG < len(span) else set(span)
            for line in span:
                factor = 1.0 if line in speaking or not speaking else _BESIDE
                yield Suspect(path, line, factor * score, f"{symbol.name} is read by suspicious lines")


def _is_namesake(name: str, test: str) -> bool:
    """Tell whether a test is called after a value: "test_block_rule" after "block_rule", not after "rule"."""
    return "_" in name.strip("_") and f"_{name.strip('_').lower()}_" in f"_{test.lower()}_"


def _can_read(model: WorkspaceModel, reader: str, symbol: Symbol, path: str, blamed: frozenset[str]) -> bool:
    """Tell whether a word of one file may mean this value of another: it is imported, or an attribute of what runs."""
    if not path.endswith(".py"):  # Files of one package of Go, or modules of Rust, need not import from each other.
        return True
    if reader == path or (symbol.kind is SymbolKind.ATTRIBUTE and path in blamed):
        return True
    facts = model.files.get(reader)
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    module = folder.rpartition("/")[2] if stem == "__init__" else stem
    return any(
        symbol.name == item.name or module in (item.name, item.module.rpartition(".")[2])
        for item in (facts.imports if facts else ())
    )


def _spoken_of(failure: Failure, model: WorkspaceModel) -> Iterator[Suspect]:
    """Blame the definitions that the message names: no line of a function runs that cannot be called so."""
    words = frozenset(_WORD.findall(failure.message)) if failure.kind is FailureKind.CALL_ARITY else frozenset()
    for path, facts in sorted(model.files.items()):
        for symbol in facts.symbols:
            if symbol.name in words and symbol.kind in (SymbolKind.FUNCTION, SymbolKind.METHOD):
                yield Suspect(path, symbol.line, _SPOKEN_OF, f"the failure names {symbol.qualname}")


def _everywhere(model: WorkspaceModel, allowed: frozenset[str]) -> Iterator[Suspect]:
    for path in sorted(allowed):
        facts = model.files.get(path)
        for symbol in facts.symbols if facts else ():
            for line in range(symbol.line, symbol.end_line + 1):
                yield Suspect(path, line, _UNKNOWN, "nothing is known of it")
