"""TAP, whoever printed it: Vitest, Mocha, Ava, tape and tap each in a dialect of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of, frames_of, lineage_of, plain_path
from regreen.languages.paths import SavedPaths

from .deno import facts_of_text
from .printed import Printed, result_of

_POINT = re.compile(
    r"^ *(?P<not>not )?ok (?P<number>\d+)(?: -)?(?: (?P<name>.*?))?(?P<directive> # (?i:skip|todo)\b.*?)?"
    r"(?: # time=[\d.]+ ?m?s)?(?P<opens> \{)?$"
)
_TITLE = re.compile(r"^ *# (?:Subtest: )?(?P<name>.*)$")
_COUNT = re.compile(r"^ *# (?:tests|pass|fail|failing|todo|skip|skipped|suites|duration_ms|time|ok|\{)\b")
_PLAN = re.compile(r"^1\.\.\d+", re.MULTILINE)
_FIELD = re.compile(r"^(?P<indent> *)(?P<key>[\w$]+) *:(?: +(?P<value>.*))?$")
_STYLES = frozenset({"|-", ">-", "|", ">", "|+", ">+", "|2-"})
_FILE = re.compile(r"^(?P<path>\S+\.[cm]?[jt]sx?) > ")
_IS_FILE = re.compile(r"^\S+\.[cm]?[jt]sx?$")
_PLACE = re.compile(r"^(?P<path>.*?\.[cm]?[jt]sx?):(?P<line>\d+)(?::\d+)?$")


@dataclass(slots=True)
class _Point:
    """One point, and the lines below it."""

    name: str
    ok: bool
    skipped: bool
    depth: int
    body: list[str] = field(default_factory=list)


def read_tap(text: str, paths: SavedPaths, separator: str) -> Printed:
    """Read all points; the titles around a test are joined with `separator`."""
    results: dict[str, TestResult] = {}
    for point in _points(text.splitlines(), separator):
        found = _result(point, paths)
        known = results.get(found.id.name)
        # Assertions of one test: the first that does not hold speaks for it.
        if known is None or (known.outcome is not TestOutcome.FAILED and found.outcome is TestOutcome.FAILED):
            results[found.id.name] = found
    failed = any(result.outcome is TestOutcome.FAILED for result in results.values())
    n_tests = sum(result.outcome is not TestOutcome.SKIPPED for result in results.values())
    return Printed(tuple(results.values()), _PLAN.search(text) is not None, failed, n_tests)


def _points(lines: Iterable[str], separator: str) -> list[_Point]:
    """Return the points of tests; one that only sums up those below it is left out."""
    found: list[_Point] = []
    suites: dict[int, str] = {}  # depth -> title, of blocks in braces
    tests: dict[int, str] = {}  # depth -> title, of comments: the points behind it are its assertions
    for line in lines:
        depth = len(line) - len(line.lstrip())
        match = _POINT.match(line)
        if match is None:
            inside = bool(found) and found[-1].depth < depth
            if not inside and (title := _TITLE.match(line)) and not _COUNT.match(line):
                if _IS_FILE.match(title["name"]):
                    continue
                tests = {at: name for at, name in tests.items() if at < depth} | {depth: title["name"]}
            elif inside:
                found[-1].body.append(line)
            continue
        name = match["name"] or ""
        suites = {at: title for at, title in suites.items() if at < depth}
        if match["opens"]:
            suites[depth] = name
        elif not _sums_up(name, tests.get(depth, ""), found, depth):
            titles = [title for at, title in sorted((tests or suites).items()) if at <= depth]
            full = separator.join(titles if tests else [*titles, name])
            found.append(_Point(full, not match["not"], bool(match["directive"]), depth))
    return found


def _sums_up(name: str, title: str, found: list[_Point], depth: int) -> bool:
    """Tell whether a point is the end of a test whose assertions stand above it, deeper."""
    return name == title and bool(found) and depth < found[-1].depth


def _result(point: _Point, paths: SavedPaths) -> TestResult:
    named = _FILE.match(point.name)
    path = paths.place(named["path"])[0] if named is not None else ""
    if point.ok or point.skipped:
        outcome = TestOutcome.SKIPPED if point.skipped else TestOutcome.PASSED
        return result_of(point.name, path, None, outcome=outcome)
    width = min((len(line) - len(line.lstrip()) for line in point.body if line.strip()), default=0)
    body = [line[width:] for line in point.body]
    facts = _facts(body, paths)
    path = path or next((frame.path for frame in facts.frames if frame.inside), "")
    return result_of(point.name, path, facts, text="\n".join(body)[:4000])


def _facts(body: list[str], paths: SavedPaths) -> ExceptionFacts:
    """Read what stands below a point: fields between "---" and "...", or an error as it was printed."""
    if "---" not in [line.strip() for line in body[:1]]:
        return _printed(body, paths)
    if body[1:2] and body[1].startswith('{"message":'):
        return _serialised(body[1], paths)
    known = _fields(body)
    inner = {**known, **_fields(["---", *known.get("error", "").splitlines()])}
    message = inner.get("message") or known.get("error", "")
    if not inner.get("name") and not inner.get("stack") and not inner.get("at") and "expected" not in inner:
        return facts_of(message, paths.place)
    stack = inner.get("stack", "")
    facts = facts_of(stack, paths.place) if stack.strip() else ExceptionFacts("", (), "")
    frames = facts.frames or frames_of("\n".join(map(_as_frame, inner.get("at", "").splitlines())), paths.place)
    compared = "expected" in inner and "actual" in inner and inner.get("operator") not in ("error", "throws")
    kind = inner.get("name") or ("AssertionError" if compared else facts.type)
    given = {key: inner[key] for key in ("expected", "actual", "operator", "code") if inner.get(key)}
    attributes = {**dict(facts.attributes), **given}
    return replace(
        facts,
        type=kind,
        lineage=lineage_of(kind),
        message=message or facts.message,
        attributes=tuple(sorted(attributes.items())),
        frames=frames,
    )


def _serialised(line: str, paths: SavedPaths) -> ExceptionFacts:
    """Read an error that Deno wrote as one object."""
    try:
        message = str(json.loads(line)["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        message = line
    return facts_of_text(message, paths)


def _printed(body: list[str], paths: SavedPaths) -> ExceptionFacts:
    """Read an error whose message may stand above its stack once more."""
    text = "\n".join(body).strip()
    first = text.partition("\n")[0]
    again = text.find(f": {first}\n", len(first))
    return facts_of(text[text.rfind("\n", 0, again) + 1 :] if 0 <= again else text, paths.place)


def _as_frame(line: str) -> str:
    place = _PLACE.match(line.strip())
    return (
        f"at {plain_path(place['path'])}:{place['line']}:1" if place is not None and " (" not in line else f"at {line}"
    )


def _fields(body: list[str]) -> dict[str, str]:
    """Read the keys of a block; what is indented below one belongs to it as text."""
    base = next((len(line) - len(line.lstrip()) for line in body[1:] if _FIELD.match(line)), 0)
    found: dict[str, list[str]] = {}
    key = ""
    for line in body[1:]:
        match = _FIELD.match(line)
        if match is not None and len(match["indent"]) == base:
            key, value = match["key"], match["value"] or ""
            found[key] = [] if value in _STYLES else [_unquoted(value)]
        elif key and line.strip() != "...":
            found[key].append(line[base + 2 :] if not line[:base].strip() else line.strip())
    return {key: "\n".join(lines).strip("\n") for key, lines in found.items()}


def _unquoted(value: str) -> str:
    if 1 < len(value) and value[0] == value[-1] and value[0] in "'\"":
        inner = value[1:-1]
        return inner.replace("''", "'") if value[0] == "'" else inner.replace('\\"', '"').replace("\\n", "\n")
    return value
