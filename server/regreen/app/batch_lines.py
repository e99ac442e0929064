"""Which lines tests of a built language run: from profiles that its tools write, or from marks laid into the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regreen.core.errors import UnreadableSource
from regreen.core.ports import Workbench
from regreen.core.repair import Spectrum
from regreen.core.text import Span
from regreen.core.workspace import Project
from regreen.guard import test_spans
from regreen.languages import Batching
from regreen.syntax import Parsed, grammar_of, parse

from .batch_files import inside, laid
from .batch_run import Said

Texts = Mapping[str, str]  # path -> text
Mark = Callable[[Parsed, str, tuple[Span, ...]], str]
_MOST_MARKED = 300_000  # characters of the texts in one build that hold marks
_ROUNDS = 4  # builds, each without the functions whose marks did not compile in the one before


@dataclass(frozen=True, slots=True)
class Marks:
    """Lays marks into the texts of a workbench, where a language needs them to tell which lines run."""

    bench: Workbench
    batching: Batching

    def measure(self, among: tuple[str, ...], run: Callable[[], Said]) -> tuple[Said, Texts]:
        """Run the tests with marks in the files of `among`; the workbench is as before afterwards.

        Return what was said, and the texts with their marks: nothing was said where they cannot be built.
        """
        if self.batching.mark is None:
            return run(), {}
        texts = self._texts(among)
        leave: dict[str, tuple[Span, ...]] = {}
        for _ in range(_ROUNDS):
            marked = self._marked(texts, leave, self.batching.mark)
            if not marked:
                break
            with laid(self.bench, marked):
                said = run()
            if said.finished:
                return said, marked
            if not self._blame(said, texts, leave):
                break
        return Said(), {}

    def _texts(self, among: tuple[str, ...]) -> Texts:
        """Return what may be marked: whole files, as many as there is room for."""
        found: dict[str, str] = {}
        left = _MOST_MARKED
        for path in among:
            if grammar_of(path) not in self.batching.writings:
                continue
            text = self.bench.read(path).text
            if len(text) <= left:
                found[path] = text
                left -= len(text)
        return found

    def _marked(self, texts: Texts, leave: Mapping[str, tuple[Span, ...]], mark: Mark) -> Texts:
        found: dict[str, str] = {}
        for path, text in texts.items():
            try:
                parsed = parse(text, grammar_of(path) or "")
            except UnreadableSource:
                continue
            marked = mark(parsed, path, (*test_spans(parsed), *leave.get(path, ())))
            if marked != text:
                found[path] = marked
        return found

    def _blame(self, said: Said, texts: Texts, leave: dict[str, tuple[Span, ...]]) -> bool:
        """Note the lines that do not compile with marks; False when none of them is in a marked text."""
        found = False
        for path, line, _ in said.broken:
            home = inside(self.bench, path)
            if home in texts:
                before = texts[home].splitlines(keepends=True)[: line - 1]
                at = sum(map(len, before))
                span = Span(at, at + 1)
                found = found or span not in leave.get(home, ())
                leave[home] = (*leave.get(home, ()), span)
        return found


def spectrum_of(project: Project, batching: Batching, said: Said, wanted: frozenset[str]) -> Spectrum:
    """Return how many failing and passing tests run each line, from what a driver said of each test."""
    counts: dict[str, dict[int, tuple[int, int]]] = {}
    n_failing = n_passing = 0
    for test, passed, profile in said.profiles:
        failing = test in wanted and not passed
        if not failing and not passed:
            continue
        n_failing, n_passing = n_failing + failing, n_passing + (not failing)
        lines: Mapping[str, frozenset[int]] = batching.lines(project, profile)
        for path, numbers in lines.items():
            of_path = counts.setdefault(path, {})
            for line in numbers:
                bad, good = of_path.get(line, (0, 0))
                of_path[line] = (bad + failing, good + (not failing))
    ordered = {path: dict(sorted(counts[path].items())) for path in sorted(counts)}
    return Spectrum(ordered if n_failing else {}, n_failing, n_passing)
