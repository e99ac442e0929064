"""Single failures as pytest prints them, below a title, to test results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from regreen.core.testing import ExceptionFacts, Frame, TestId, TestOutcome, TestResult
from regreen.languages.paths import SavedPaths

from .traceback import lineage_of, raised, read_chain

PROJECT = "."  # a log tells nothing of projects

_TITLE = re.compile(r"^_+ (?P<title>\S.*?) _+$")
_SEPARATOR = re.compile(r"^(?:_ )+_? ?$")
_PHASE = re.compile(r"^ERROR (?:at (?P<phase>setup|teardown) of|(?P<collect>collecting)) (?P<name>.+)$")
_LINE_STYLE = re.compile(r"^(?P<path>\S.*?):(?P<line>\d+): (?P<what>.+)$")
_FIXTURE_PLACE = re.compile(r"^file (?P<path>.+), line (?P<line>\d+)$", re.MULTILINE)
_FIXTURE = re.compile(r"^E\s+(?P<message>fixture '(?P<name>[^']+)' not found)", re.MULTILINE)
_WORKER = re.compile(r"worker '\w+' crashed while running '(?P<id>[^']+)'")
_DOCTEST = re.compile(r"^(?P<path>\S.*):(?P<line>\d+): (?P<how>DocTestFailure|UnexpectedException)$", re.MULTILINE)
_WANTED = re.compile(r"^Expected:\n(?P<text>(?:(?: {4}.*)?\n)*?)Got(?: nothing|:$)", re.MULTILINE)
_GOT = re.compile(r"^Got:\n(?P<text>(?:(?: {4}.*)?(?:\n|\Z))*)", re.MULTILINE)
_N_PARTS = re.compile(r"^contains \d+ failed subtests?")


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the short summary. `part` names a sub-test."""

    id: str
    part: str
    message: str
    is_error: bool = False  # of set-up, tear-down or collection


@dataclass(frozen=True, slots=True)
class _Block:
    """One failure: its title ("" with --tb=line) and what stands below."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")

    @property
    def subject(self) -> str:
        """Return the title without the phase."""
        match = _PHASE.match(self.title)
        return (match["name"] if match else self.title).removeprefix("[doctest] ").strip()

    @property
    def phase(self) -> str:
        match = _PHASE.match(self.title)
        return (match["phase"] or "collect") if match else "call"


def results_of(
    sections: Mapping[str, tuple[str, ...]], summary: tuple[SummaryLine, ...], paths: SavedPaths
) -> tuple[TestResult, ...]:
    """Return the failures of a session; what has no block of its own (--tb=no) comes from the summary."""
    left = list(summary)
    found: list[TestResult] = []
    for section in ("ERRORS", "FAILURES"):
        blocks = _blocks(sections.get(section, ()))
        lines = [line for line in summary if line.is_error == (section == "ERRORS")]
        for n, block in enumerate(blocks):
            # With --tb=line nothing but the order tells which line of the summary a failure belongs to.
            same = lines[n : n + 1] if not block.title and len(lines) == len(blocks) else left
            line = next((line for line in same if line in left and _belongs(line, block)), None)
            if line is not None:
                left.remove(line)
            found += _read(block, line, paths)
    found += [_of_summary(line, paths) for line in left]
    parts = {result.id for result in found if result.subtest}
    return tuple(result for result in found if result.subtest or result.id not in parts or not _is_count(result))


def _is_count(result: TestResult) -> bool:
    return bool(_N_PARTS.match(result.text.strip()))


def _blocks(lines: tuple[str, ...]) -> tuple[_Block, ...]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if not _SEPARATOR.match(line) and (match := _TITLE.match(line)):
            found.append((match["title"], []))
        elif found:
            found[-1][1].append(line)
    if not found:
        return tuple(_Block("", (line,)) for line in lines if _LINE_STYLE.match(line))
    return tuple(_Block(title, tuple(kept)) for title, kept in found)


def _belongs(line: SummaryLine, block: _Block) -> bool:
    if not block.title:
        match = _LINE_STYLE.match(block.lines[0])
        head = line.message.partition("\n")[0].removesuffix("...")
        return match is not None and head in match["what"]
    if crashed := _WORKER.search(block.text):
        return crashed["id"] == line.id
    domain = _domain(line.id)
    if block.subject in (domain, f"{domain} {line.part}".strip(), line.id):
        return True
    # Plugins that check files have titles of their own; what they say stands in the summary as well.
    said = line.message.partition("\n")[0]
    return not block.subject.isidentifier() and bool(said) and block.text.startswith(said)


def _domain(name: str) -> str:
    """Return a node id as a title says it: without the file, with dots."""
    _, colons, rest = name.partition("::")
    head, bracket, parameters = rest.partition("[")
    return head.replace("::", ".") + bracket + parameters if colons else name


def _read(block: _Block, line: SummaryLine | None, paths: SavedPaths) -> tuple[TestResult, ...]:
    if not block.title:
        return _of_line(block, line, paths)
    facts = _without_traceback(block, paths) or read_chain(block.lines, paths.place)
    name = line.id if line else _guessed_id(block, facts)
    outcome = TestOutcome.ERROR if block.phase != "call" else TestOutcome.FAILED
    path = paths.place(name.partition("::")[0])[0]
    part = line.part if line else ""
    return (TestResult(TestId(PROJECT, name), outcome, path, 0, block.phase, 0.0, facts, block.text, (), part),)


def _without_traceback(block: _Block, paths: SavedPaths) -> ExceptionFacts | None:
    """Read the failures that are printed in a form of their own."""
    if match := _WORKER.search(block.text):
        return ExceptionFacts("", (), match[0])
    if block.title.startswith("[doctest]"):
        return _doctest(block.text, paths)
    wanted, places = _FIXTURE.search(block.text), tuple(_FIXTURE_PLACE.finditer(block.text))
    if wanted is None or not places:
        return None
    place = places[-1]  # the test comes first, then the fixtures between it and the one that asks
    attributes = (("argname", wanted["name"]), *_location(paths.place(place["path"]), place["line"]))
    kind = "_pytest.fixtures.FixtureLookupError"
    return ExceptionFacts(kind, (kind, "LookupError", "Exception"), wanted["message"], tuple(sorted(attributes)))


def _doctest(text: str, paths: SavedPaths) -> ExceptionFacts | None:
    at = _DOCTEST.search(text)
    if at is None:
        return None
    if at["how"] != "DocTestFailure":
        return read_chain(text[: at.start()].splitlines(), paths.place)
    body = text[: at.start()]
    attributes = {
        **dict(_location(paths.place(at["path"]), at["line"])),
        "expected": _indented(_WANTED.search(body)),
        "actual": _indented(_GOT.search(body)),
    }
    kind = "doctest.DocTestFailure"
    return ExceptionFacts(kind, (kind, "Exception"), "", tuple(sorted(attributes.items())))


def _indented(match: re.Match[str] | None) -> str:
    return "\n".join(line[4:] for line in match["text"].rstrip().splitlines()) if match else ""


def _location(place: tuple[str, bool], line: str) -> tuple[tuple[str, str], ...]:
    return (("filename", place[0]), ("inside", "yes" if place[1] else ""), ("lineno", line))


def _guessed_id(block: _Block, facts: ExceptionFacts | None) -> str:
    """Build a node id where no summary names one: the first file of the traceback, then the title."""
    if block.phase == "collect":
        return block.subject
    path = next((frame.path for frame in facts.frames if frame.inside), "") if facts else ""
    path = path or (facts.attribute("filename") if facts else "")
    head, bracket, parameters = block.subject.partition("[")
    name = head.strip().replace(".", "::") + (bracket + parameters if bracket else "")
    return f"{path}::{name}" if path else name


def _of_line(block: _Block, line: SummaryLine | None, paths: SavedPaths) -> tuple[TestResult, ...]:
    match = _LINE_STYLE.match(block.lines[0])
    if match is None or line is None:
        return ()
    whole = replace(line, message=match["what"]) if line.message.endswith("...") else line
    path, inside = paths.place(match["path"])
    return (_of_summary(whole, paths, (Frame(path, int(match["line"]), "", inside=inside),)),)


def _of_summary(line: SummaryLine, paths: SavedPaths, frames: tuple[Frame, ...] = ()) -> TestResult:
    kind, message = raised(line.message)
    lineage = lineage_of(kind) if kind else ()
    facts = ExceptionFacts(kind, lineage, message, frames=frames) if line.message or frames else None
    path = paths.place(line.id.partition("::")[0])[0]
    outcome = TestOutcome.ERROR if line.is_error else TestOutcome.FAILED
    phase = "call" if not line.is_error else "setup" if "::" in line.id else "collect"
    return TestResult(TestId(PROJECT, line.id), outcome, path, 0, phase, 0.0, facts, line.message, (), line.part)
