"""All candidates of a request, most likely first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import takewhile

from regreen.analysis import by_file, localize
from regreen.core.cancel import Cancellation
from regreen.core.edit import FileEdit, Patch, TextEdit, apply, make_patch
from regreen.core.errors import UnreadableSource
from regreen.core.failure import FailureKind
from regreen.core.ports import Trials
from regreen.core.repair import RepairRequest, Spectrum
from regreen.core.text import Span
from regreen.guard import is_test, test_spans
from regreen.syntax import Node, Parsed, grammar_of, parse, walk

from .templates import TABLES, Fix, Site, Template, enclosing, read

# These never get as far as running anything: there is no spectrum to measure.
_BEFORE_RUNNING = (FailureKind.SYNTAX, FailureKind.IMPORT_UNRESOLVED)
# Nodes of all grammars that stand for everything within them.
_SCOPES = frozenset({
    "function_definition", "class_definition", "function_declaration", "method_declaration", "func_literal",
    "method_definition", "function_expression", "arrow_function", "function_item", "closure_expression",
})  # fmt: skip
_PARAMETERS = ("default_parameter", "typed_default_parameter")
_SPARE = 500  # candidates beyond those that can be tried: some of them were tried before
_CONDITION = 0.8  # a condition, beside what is run when it holds
_FUNCTION = 0.9  # a template of the whole function, beside the most suspicious line in it


_Edited = tuple[tuple[str, ...], tuple[tuple[int, int, str], ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patch to try. Sorted by score, then by where and how: the order never depends on anything else."""

    score: float
    template: str
    hypothesis: str
    patch: Patch


def candidates(cancel: Cancellation, request: RepairRequest, trials: Trials) -> tuple[Candidate, ...]:
    """Return the likeliest candidates, more than can be tried, each edit once, most likely first."""
    editable = tuple(
        path for path in sorted(request.sources) if request.policy.allow_tests or not is_test(path, request.model)
    )
    runs = request.failure.kind not in _BEFORE_RUNNING
    spectrum = trials.spectrum(cancel, _nearest(request, editable)) if runs else Spectrum({}, 0, 0)
    suspects = by_file(localize(request.failure, spectrum, request.model, editable, request.sources, request.recent))
    jobs = [job for path in sorted(suspects) for job in _jobs(request, path, suspects[path])]
    found = _likeliest(cancel, jobs, _SPARE + request.policy.max_candidates * (1 + len(request.attempts)))
    found.sort(key=_order)
    unique: dict[_Edited, Candidate] = {}
    for candidate in found:
        unique.setdefault(_edited(candidate), candidate)
    return tuple(unique.values())


def _nearest(request: RepairRequest, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return paths in the order of how many folders they share with the failing test, most first."""
    home = request.failure.test.name.partition("::")[0].split("/")

    def n_shared(path: str) -> int:
        pairs = zip(path.split("/"), home, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    return tuple(sorted(paths, key=lambda path: (-n_shared(path), path)))


def combined(first: Candidate, second: Candidate) -> Candidate | None:
    """Make one candidate of two; None when they are the same or touch each other."""
    edits: dict[str, tuple[str, tuple[TextEdit, ...]]] = {}
    for file in (*first.patch.files, *second.patch.files):
        _, before = edits.get(file.path, ("", ()))
        edits[file.path] = (file.base, tuple(sorted((*before, *file.edits))))
    try:
        patch = make_patch(edits)
    except ValueError:  # They overlap.
        return None
    if first.patch == second.patch or any(_does_not_parse(file) for file in patch.files):
        return None
    why = f"{first.hypothesis}; {second.hypothesis}"
    return Candidate(first.score * second.score, f"{first.template} + {second.template}", why, patch)


def _order(candidate: Candidate) -> tuple[float, _Edited, str]:
    return -candidate.score, _edited(candidate), candidate.template


def _edited(candidate: Candidate) -> _Edited:
    """Return what a candidate edits: less than the digest of the resulting text tells, and much quicker."""
    edits = tuple((edit.start, edit.end, edit.text) for file in candidate.patch.files for edit in file.edits)
    return candidate.patch.paths, edits


@dataclass(frozen=True, slots=True)
class _Place:
    """A file in which candidates are made."""

    site: Site
    n_errors: int
    tests: tuple[Span, ...]  # where its own tests stand, which nothing may edit


@dataclass(frozen=True, slots=True)
class _Job:
    """A template at one node, and how likely the likeliest of its fixes can be."""

    bound: float
    place: _Place
    template: Template
    node: Node
    suspicion: float


def _likeliest(cancel: Cancellation, jobs: list[_Job], enough: int) -> list[Candidate]:
    """Make candidates, the likeliest jobs first, until so many are there that no further job could come before."""
    found: list[Candidate] = []
    known: set[_Edited] = set()
    waiting: list[float] = []  # scores that a further job could still come before, as a heap of their negatives
    n_settled = 0
    for job in sorted(jobs, key=lambda job: -job.bound):
        cancel.check()
        while waiting and job.bound < -waiting[0]:
            heappop(waiting)
            n_settled += 1
        if enough <= n_settled:
            break
        for candidate in _made(job):
            found.append(candidate)
            edited = _edited(candidate)
            if edited not in known:
                known.add(edited)
                heappush(waiting, -candidate.score)
    return found


def _made(job: _Job) -> Iterator[Candidate]:
    place = job.place
    for fix in job.template.make(place.site, job.node):
        if any(span.start <= edit.start < span.end for edit in fix.edits for span in place.tests):
            continue
        candidate = _candidate(place.site, job.template, job.suspicion, fix)
        if candidate is not None and not _is_worse(candidate, place.site.parsed.language, place.n_errors):
            yield candidate


def _jobs(request: RepairRequest, path: str, lines: Mapping[int, float]) -> Iterator[_Job]:
    grammar = grammar_of(path)
    if grammar not in TABLES:
        return
    try:
        parsed = read(request.sources[path], grammar)
    except (UnreadableSource, KeyError):  # A file that cannot be read cannot be edited either.
        return
    if grammar == "python":
        lines = _with_conditions(parsed, lines)
    site = Site(path, parsed, request.failure, request.model, frozenset(lines), request.sources)
    place = _Place(site, _n_errors(parsed), () if request.policy.allow_tests else test_spans(parsed))
    by_type: dict[str, list[Template]] = {}
    for template in TABLES[grammar]:
        if template.kinds and request.failure.kind not in template.kinds:
            continue
        if not template.nodes:
            yield _Job(template.most * template.prior, place, template, parsed.root, 1.0)
        for kind in template.nodes:
            by_type.setdefault(kind, []).append(template)
    for node in walk(parsed.root):
        templates = by_type.get(node.type)
        suspicion = _suspicion(node, lines) if templates else 0.0
        if templates and suspicion:
            for template in templates:
                yield _Job(template.most * suspicion * template.prior, place, template, node, suspicion)


def _is_worse(candidate: Candidate, grammar: str, n_errors: int) -> bool:
    """Tell whether it leaves more syntax errors than there were."""
    # Reading a whole file anew costs more than the worker's own compiler, which reads the changed statement alone.
    if grammar == "python" and not n_errors:
        return False
    return n_errors < _n_errors(parse(candidate.patch.files[0].after, grammar))


def _suspicion(node: Node, lines: Mapping[int, float]) -> float:
    if node.type in _PARAMETERS:  # No line of the body, yet what the whole function starts with.
        function = enclosing(node, "function_definition", "lambda")
        return _within(function, lines) if function is not None else 0.0
    return _within(node, lines) if node.type in _SCOPES else lines.get(node.start_point[0] + 1, 0.0)


def _with_conditions(parsed: Parsed, lines: Mapping[int, float]) -> Mapping[int, float]:
    """Return the suspicions of lines; a condition is nearly as suspicious as what is only run because of it."""
    found = dict(lines)
    for node in walk(parsed.root):
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("consequence") or node.child_by_field_name("body")
        if condition is None or body is None or not body.named_children:
            continue
        of_body = max(lines.get(child.start_point[0] + 1, 0.0) for child in body.named_children)
        line = condition.start_point[0] + 1
        if lines.get(line, 0.0) < _CONDITION * of_body:
            found[line] = _CONDITION * of_body
    return found


def _within(node: Node, lines: Mapping[int, float]) -> float:
    first, last = node.start_point[0] + 1, node.end_point[0] + 1
    return _FUNCTION * max((lines.get(line, 0.0) for line in range(first, last + 1)), default=0.0)


def _candidate(site: Site, template: Template, suspicion: float, fix: Fix) -> Candidate | None:
    edits = tuple(sorted(fix.edits))
    try:
        after = apply(site.text, edits)
    except ValueError:  # Two edits of one fix overlap, as when both operands are the same node.
        return None
    if after == site.text:
        return None
    patch = make_patch({site.path: (site.text, edits)})
    return Candidate(suspicion * template.prior * fix.factor, template.name, fix.hypothesis, patch)


def _does_not_parse(file: FileEdit) -> bool:
    return bool(_n_errors(parse(file.after, grammar_of(file.path))))


def _n_errors(parsed: Parsed) -> int:
    if not parsed.root.has_error:
        return 0
    return sum(node.is_error or node.is_missing for node in walk(parsed.root))
