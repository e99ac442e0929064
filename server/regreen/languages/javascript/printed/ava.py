"""What Ava prints."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of
from regreen.languages.paths import SavedPaths

from .printed import Printed, dedented, result_of, two_sided

_FAILED = re.compile(r"^  [✘✖] (?:\[fail\]: )(?P<name>.+?)(?: \([\d.]+m?s\))?$")
_PLAIN = re.compile(
    r"^(?:Error thrown in test|Rejected promise returned by test\."
    r" Reason):\s+(?P<quote>['\"`])(?P<value>.*)(?P=quote)$",
    re.DOTALL,
)
_SEPARATOR = "  ─"
_PLACE = re.compile(r"^ *(?P<path>\S+\.[cm]?[jt]sx?):(?P<line>\d+)$")
_CODE = re.compile(r"^ +\d+: ")
_UNCAUGHT = re.compile(r"^  (?:[✘✖] )?(?P<kind>Uncaught exception|Unhandled rejection) in (?P<path>\S+)$")
_PENDING_FILE = re.compile(r"^  \d+ tests? (?:were|was) pending in (?P<path>\S+)$")
_PENDING = re.compile(r"^  ◌ (?P<name>.+)$")
_EXITED = re.compile(
    r"^  [✘✖] (?P<path>\S+) exited (?:with a non-zero exit code: (?P<code>\d+)|due to (?P<signal>\w+)|because of .*)"
)
_EXIT_CALL = re.compile(
    r"^  (?P<path>\S+) (?:exited prematurely|called process\.exit)|process\.exit\(\) was called"
    r"|Exiting due to process\.exit\(\) when running (?P<file>\S+)"
)
_COUNT = re.compile(
    r"^  (?P<count>\d+) (?P<what>tests? passed|tests? failed|uncaught exceptions?|unhandled rejections?)", re.MULTILINE
)
_TAP = re.compile(r"^TAP version 13", re.MULTILINE)


def read_ava(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the summary of one run."""
    uncaught = _uncaught(text, paths)
    failed_files = {result.path for result in uncaught}
    exits = [result for result in _exits(text, paths) if result.path not in failed_files]
    results = [*_pending(text, paths), *uncaught, *exits, *_blocks(text, paths)]
    counts = {match["what"].split()[-1]: int(match["count"]) for match in _COUNT.finditer(text)}
    failed = any(word in counts for word in ("failed", "exception", "exceptions", "rejection", "rejections"))
    n_tests = sum(counts.get(word, 0) for word in ("passed", "failed"))
    return Printed(tuple(results), bool(counts), failed, n_tests)


def _blocks(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the blocks behind the first rule: title, place, code, error."""
    head, rule, rest = text.partition(f"\n{_SEPARATOR}\n")
    # Behind the name may stand the first words of the message: the block below begins with the name alone.
    names = [match["name"] for line in head.splitlines() if (match := _FAILED.match(line))]
    found = []
    lines = dedented((rest if rule else "").splitlines(), 2)
    ends = [n for n, line in enumerate(lines) if line == "─"] or [len(lines)]
    lines = lines[: ends[-1]]
    starts = [n for n, line in enumerate(lines) if line.strip() and _is_title(lines, n, names)]
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else len(lines)
        found.append(_result(lines[start], lines[start + 1 : end], paths))
    if not rule:
        found += [result_of(name, "", None) for name in names]
    return found


def _is_title(lines: list[str], at: int, names: list[str]) -> bool:
    alone = not "".join(lines[max(0, at - 1) : at]).strip() and not "".join(lines[at + 1 : at + 2]).strip()
    return alone and any(name == lines[at] or name.startswith(f"{lines[at]} ") for name in names)


def _uncaught(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the errors that no test caught; they are printed at once, among the tests."""
    found: list[TestResult] = []
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if not _UNCAUGHT.match(line):
            continue
        end = next(
            (n for n in range(at + 1, len(lines)) if lines[n].startswith(("  ✘", "  ✖", "  ─", "  ✔"))), len(lines)
        )
        found.append(_result(line.strip(), dedented(lines[at + 1 : end], 2), paths))
    return found


def _result(title: str, body: list[str], paths: SavedPaths) -> TestResult:
    place = next((match for line in body if (match := _PLACE.match(line))), None)
    plain = [line for line in body if not _PLACE.match(line) and not _CODE.match(line)]
    text = "\n".join(plain).strip()
    facts = _facts(text, paths)
    path = ""
    if place is not None:
        path, inside = paths.place(place["path"])
        if inside and not any(frame.inside for frame in facts.frames):
            attributes = {**dict(facts.attributes), "filename": path, "lineno": place["line"]}
            facts = replace(facts, attributes=tuple(sorted(attributes.items())))
    late = _UNCAUGHT.match(f"  {title}")
    if late is not None:
        attributes = {**dict(facts.attributes), "unhandled": late["kind"]}
        file = paths.place(late["path"])[0]
        facts = replace(facts, attributes=tuple(sorted(attributes.items())))
        return result_of(file, file, facts, text=text, outcome=TestOutcome.ERROR, phase="collect")
    hook = re.search(r"(?P<hook>(?:before|after)(?:Each)?(?:\.always)?) hook", title)
    phase = "call" if hook is None else "setup" if hook["hook"].startswith("before") else "teardown"
    return result_of(title, path, facts, text=text, phase=phase)


_INNER = re.compile(
    r"^ *(?P<type>[A-Z]\w*) \{$(?P<rest>.*?)^ *message: (?P<quote>['\"`])(?P<message>.*?)(?P=quote),?$",
    re.MULTILINE | re.DOTALL,
)


def _facts(text: str, paths: SavedPaths) -> ExceptionFacts:
    error = re.search(r"^(?:[A-Z]\w*Error|Error)\b(?: \[\w+\])?(?::|$)", text, re.MULTILINE)
    inner = _INNER.search(text)
    stack = "\n".join(line for line in text.splitlines() if line.lstrip().startswith(("›", "at ")))
    facts = facts_of(text[error.start() :] if error is not None else stack, paths.place)
    if plain := _PLAIN.match(text):
        return ExceptionFacts("", (), plain["value"], (("thrown", "string"),))
    if inner is not None and error is None:
        message = inner["message"].replace("\\'", "'")
        return replace(facts, type=inner["type"], lineage=(inner["type"], "Error"), message=message)
    if error is not None:
        return facts
    minus = re.findall(r"^- (.+)$", text, re.MULTILINE)
    plus = re.findall(r"^\+ (.+)$", text, re.MULTILINE)
    actual, expected = two_sided(minus, plus)
    attributes = {**dict(facts.attributes), **({"expected": expected, "actual": actual} if expected else {})}
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return replace(
        facts, type="AssertionError", lineage=("AssertionError", "Error"), message=first,
        attributes=tuple(sorted(attributes.items())),
    )  # fmt: skip


def _pending(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the tests that were running when the time was up."""
    if "Timed out while running tests" not in text:
        return []
    found, path = [], ""
    for line in text.splitlines():
        if match := _PENDING_FILE.match(line):
            path = paths.place(match["path"])[0]
        elif match := _PENDING.match(line):
            found.append(result_of(match["name"], path, ExceptionFacts("", (), "Timed out while running tests")))
    return found


def _exits(text: str, paths: SavedPaths) -> list[TestResult]:
    found = []
    for line in text.splitlines():
        match = _EXITED.match(line) or _EXIT_CALL.search(line)
        if match is None:
            continue
        groups = match.groupdict()
        file = groups.get("path") or groups.get("file") or ""
        path = paths.place(file)[0] if file else ""
        facts = ExceptionFacts("", (), line.strip())
        found.append(result_of(path, path, facts, outcome=TestOutcome.UNFINISHED))
    return found
