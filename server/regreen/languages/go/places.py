"""Where a failure of Go is shown, and in which words."""

from __future__ import annotations

import posixpath
import re
from collections import Counter

from regreen.core.failure import FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import Frame, TestResult
from regreen.core.workspace import WorkspaceModel
from regreen.languages.case import Case, Verdict

from .assertions import assertion_slots, title
from .builds import COMPILE, MODULE, VET
from .entries import Entry, culprit, entries, places_elsewhere
from .results import EXIT, FAILED, FATAL, PANIC
from .sources import Sources, exits, functions, waits

Place = tuple[str, int]
NOWHERE: Place = ("", 0)
_LONGEST = 300
_EMPTY_WORDS = frozenset({"error:", "Expected", "got:"})  # a first line that tells nothing yet


def locate(case: Case, verdict: Verdict) -> Place:
    """Return the culprit: what the compiler names, the line that failed, the deepest own frame, else the test."""
    sources = Sources(case.model, case.read)
    kind = case.facts.type
    if kind in (COMPILE, VET, MODULE):
        return _of_build(case)
    if kind == FAILED and (entry := failing_entry(case, sources)):
        return entry[0], entry[1].line
    if kind == FAILED and (named := _elsewhere(case, sources)):
        return named
    if kind == EXIT and (exit_line := _exit(case, sources)):
        return exit_line
    frame = _repeated(case) if verdict.kind is FailureKind.RESOURCE_EXHAUSTED else None
    frame = frame or case.frame if kind != FAILED else None
    if frame is not None:
        return _in_code(frame, sources)
    test = sources.test(case.result) if case.result.id.name.rpartition("::")[2] else None
    if test is not None:
        return test.path, test.line
    return (case.result.path, case.result.line) if case.result.path else NOWHERE


def failing_entry(case: Case, sources: Sources) -> tuple[str, Entry] | None:
    """Return what failed a test among the lines that it logged, with the file, if that is in the workspace."""
    found = entries(case.result.text)
    paths = {each.path.rpartition("/")[2]: sources.file_named(each.path) or "" for each in case.facts.frames}
    lines = {(each.file, each.line): sources.line(paths.get(each.file, ""), each.line) for each in found}
    entry = culprit(found, lines)
    if entry is None:
        return None
    path = paths.get(entry.file, "")
    if path:
        return path, entry
    known = [each for each in found if paths.get(each.file)]
    return (paths[known[0].file], known[0]) if known else _unknown_file(case, entry)


def message(case: Case) -> str:
    """Return one line: what a panic or the compiler says; of an assertion what it compared, if it tells."""
    facts = case.facts
    entry = failing_entry(case, Sources(case.model, case.read)) if facts.type == FAILED else None
    text = entry[1].text if entry is not None and entry[1].text else facts.message
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if facts.type in (PANIC, FATAL):
        return f"{'panic' if facts.type == PANIC else 'fatal error'}: {first}"[:_LONGEST]
    if facts.type == EXIT:
        code = facts.attribute("exit_code")
        ended = f"the process ended with exit status {code}" if code else "the process ended before its tests did"
        return (f"{ended}: {first}" if first else ended)[:_LONGEST]
    if facts.type == FAILED and (name := title(text)):
        slots = assertion_slots(text)
        compared = f" expected {slots['expected']}, got {slots['actual']}" if slots else ""
        told = re.search(r"Received unexpected error:\s*(?P<text>.+)", text)
        return f"{name}{compared}{' ' + told['text'].strip() if told else ''}"[:_LONGEST]
    slots = assertion_slots(text) if facts.type == FAILED and first in _EMPTY_WORDS else {}
    if slots.get("expected") or slots.get("actual"):
        return f"expected {slots.get('expected')}, got {slots.get('actual')}"[:_LONGEST]
    return (first or case.result.outcome.value)[:_LONGEST]


def definition_line(result: TestResult, read: ReadText) -> int:
    """Return the line that defines a test that the index does not know; 0 when the source does not tell."""
    first = result.id.name.rpartition("::")[2].partition("/")[0]
    found = functions(result.path, read(result.path) or "") if result.path else ()
    return next((each.line for each in found if each.name == first), 0)


def line_that_hangs(result: TestResult, model: WorkspaceModel, read: ReadText) -> Place | None:
    """Return the most likely place of a hang that left no stack."""
    sources = Sources(model, read)
    test = sources.test(result)
    return waits(sources.reached(test)) if test is not None else None


def ends_the_process(result: TestResult, model: WorkspaceModel, read: ReadText) -> bool:
    """Tell whether the code that a test reaches contains a call that ends a process at once."""
    sources = Sources(model, read)
    test = sources.test(result)
    return test is not None and exits(sources.reached(test), "") is not None


def _of_build(case: Case) -> Place:
    if case.place is not None:
        return case.place
    path, imported = case.facts.attribute("filename"), case.facts.attribute("imported")
    if not path:
        return NOWHERE
    text = case.read(path) or ""
    lines = (number for number, line in enumerate(text.splitlines(), 1) if f'"{imported}"' in line)
    return path, next(lines, 1)


def _unknown_file(case: Case, entry: Entry) -> tuple[str, Entry] | None:
    """Return an entry by its package's folder where the workspace's files are not known at all."""
    frame = next((each for each in case.facts.frames if each.path.rpartition("/")[2] == entry.file), None)
    return (frame.path, entry) if frame is not None and not case.model.files else None


def _elsewhere(case: Case, sources: Sources) -> Place | None:
    """Return the first place in a text that is a file of the workspace, of a test before any other."""
    named = ((sources.file_named(path.removeprefix("./")), line) for path, line in places_elsewhere(case.result.text))
    known = [(path, line) for path, line in named if path]
    return next((place for place in known if place[0].endswith("_test.go")), next(iter(known), None))


def _exit(case: Case, sources: Sources) -> Place | None:
    """Return the line that ended the process: in what the test reaches, else in TestMain and the initialisation."""
    printed = case.result.text
    name = case.result.id.name.rpartition("::")[2]
    test = sources.test(case.result) if name.startswith(("Test", "Fuzz", "Example")) else None
    if test is not None:
        return exits(sources.reached(test), printed)
    main = sources.main(_folder_of(case))
    if main is not None and (found := exits((main, *sources.reached(main)), printed)):
        return found
    all_functions = [each for path in sources.paths for each in sources.functions(path)]
    starts = [each for each in all_functions if each.name == "init"]
    return exits((*starts, *all_functions), printed)


def _folder_of(case: Case) -> str | None:
    """Return the folder of a package that is itself the result; None where a log does not tell it."""
    name = case.result.id.name
    return posixpath.normpath(posixpath.join(case.project.cwd, name)) if name else None


def _in_code(frame: Frame, sources: Sources) -> Place:
    """Return a frame's place; the compiler may blame an empty loop on the first line of its file."""
    if not sources.line(frame.path, frame.line).startswith("package "):
        return frame.path, frame.line
    name = frame.function.rpartition(".")[2]
    named = next((each for each in sources.functions(frame.path) if each.name == name), None)
    if named is None:
        return frame.path, frame.line
    return waits((named,)) or (frame.path, named.line)


def _repeated(case: Case) -> Frame | None:
    """Return the frame that a stack that ran over holds most often, the deepest of these."""
    own = [frame for frame in case.facts.frames if frame.inside]
    counts = Counter((frame.path, frame.line) for frame in own)
    if not counts or max(counts.values()) < len(("twice", "or more")):
        return None
    most = max(counts.values())
    return next(frame for frame in reversed(own) if counts[frame.path, frame.line] == most)
