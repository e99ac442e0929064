"""What Mocha prints with its spec reporter and those that share its summary."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of, is_frame, plain_path
from regreen.languages.paths import SavedPaths

from .printed import Printed, dedented, result_of, two_sided

_COUNT = re.compile(r"^ *(?P<count>\d+) (?P<what>passing|failing|pending)(?: \([\d.]+\w+\))?$", re.MULTILINE)
_FIRST = re.compile(r"^  (?P<number>\d+)\) (?P<title>.*)$")
_HOOK = re.compile(r"\"(?P<hook>before|after)(?P<each> each| all)\" hook")
_LOAD = re.compile(r"^(?: ?Exception during run: ?|✖ ERROR: |Error: (?=Cannot find module))(?P<rest>.*)$", re.MULTILINE)
# A file that a worker of a parallel run could not load.
_BROKEN = re.compile(r"^Uncaught SyntaxError\[ @(?P<path>[^\]\n]+?) \]: ")
_NO_FILES = re.compile(r"No test files found")


def read_mocha(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the summary of one run."""
    counts = {match["what"]: int(match["count"]) for match in _COUNT.finditer(text)}
    results = _failures(text, paths)
    if not counts and not _NO_FILES.search(text):
        results = _load(text, paths)
    n_tests = counts.get("passing", 0) + counts.get("failing", 0)
    return Printed(tuple(results), "passing" in counts, 0 < counts.get("failing", 0), n_tests)


def _failures(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the numbered list behind "N failing"."""
    found: list[TestResult] = []
    start = next((match.end() for match in _COUNT.finditer(text) if match["what"] == "failing"), None)
    body: list[str] = []
    for line in text[start:].splitlines() if start is not None else ():
        if _FIRST.match(line):
            if body:
                found.append(_result(body, paths))
            body = [line]
        elif body:
            body.append(line)
    if body:
        found.append(_result(body, paths))
    return found


def _result(body: list[str], paths: SavedPaths) -> TestResult:
    """Read one block: titles on lines of their own, the last with a colon, then the error."""
    match = _FIRST.match(body[0])
    titles = [match["title"] if match else body[0].strip()]
    at = 1
    while not titles[-1].endswith(":") and at < len(body) and body[at].strip():
        titles.append(body[at].strip())
        at += 1
    titles[-1] = titles[-1].removesuffix(":")
    lines = body[at:]
    width = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    text = "\n".join(dedented(lines, width)).strip("\n")
    facts = _facts(text, paths)
    if broken := _BROKEN.match(text):
        known = paths.place(plain_path(broken["path"]))[0]
        facts = replace(facts_of(f"SyntaxError: {text[broken.end() :]}", paths.place), frames=())
        return result_of("", known, facts, text=text, phase="collect", outcome=TestOutcome.ERROR)
    hook = _HOOK.search(titles[-1])
    path = next((frame.path for frame in facts.frames if frame.inside), "") or _named_file(facts.message, paths)
    if hook is not None:
        attributes = {**dict(facts.attributes), "hook": f"{hook['hook']}{hook['each']}".strip()}
        facts = replace(facts, attributes=tuple(sorted(attributes.items())))
    phase = "call" if hook is None else "setup" if hook["hook"] == "before" else "teardown"
    return result_of(" ".join(titles), path, facts, text=text, phase=phase)


def _named_file(message: str, paths: SavedPaths) -> str:
    """Return the file that a timeout's message names in brackets at its end."""
    match = re.search(r"\((?P<path>[^()]+\.[cm]?[jt]sx?)\)\s*$", message)
    path, inside = paths.place(plain_path(match["path"])) if match is not None else ("", False)
    return path if inside else ""


def _facts(text: str, paths: SavedPaths) -> ExceptionFacts:
    lines = text.splitlines()
    at = next((n for n, line in enumerate(lines) if line.strip() == "+ expected - actual"), None)
    if at is None:
        return facts_of(text, paths.place)
    end = next((n for n in range(at, len(lines)) if is_frame(lines[n])), len(lines))
    width = len(lines[at]) - len(lines[at].lstrip())
    changes = dedented(lines[at + 1 : end], width)
    actual, expected = two_sided(
        [line[1:] for line in changes if line.startswith("-")], [line[1:] for line in changes if line.startswith("+")]
    )
    facts = facts_of("\n".join([*lines[:at], *lines[end:]]), paths.place)
    attributes = {**dict(facts.attributes), **({"expected": expected, "actual": actual} if expected else {})}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _load(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the error that kept the files from being loaded."""
    match = _LOAD.search(text) or re.search(
        r"^(?=(?:\w*Error|Error \[\w+\]): )|^(?=.+\.[cm]?[jt]sx?:\d+$)", text, re.MULTILINE
    )
    if match is None:
        return []
    rest = text[match.start("rest") if "rest" in match.re.groupindex else match.start() :]
    facts = facts_of(rest.strip(), paths.place)
    path = next((frame.path for frame in reversed(facts.frames) if frame.inside), "")
    return [result_of("", path, facts, text=rest[:4000], phase="collect", outcome=TestOutcome.ERROR)]
