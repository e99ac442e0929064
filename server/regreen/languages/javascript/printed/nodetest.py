"""What node:test prints: its spec reporter, and TAP."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of, plain_path
from regreen.languages.javascript.tapdocs import facts_of_point, points_of
from regreen.languages.paths import SavedPaths

from .printed import Printed, dedented, is_file, result_of

_PLACE = re.compile(r"^test at (?P<path>.+?):(?P<line>\d+):\d+$")
_FAILED = re.compile(r"^✖ (?P<name>.+?)(?: \([\d.]+ms\))?(?: # .*)?$")
_TREE = re.compile(r"^(?P<indent> *)(?P<mark>[▶✔✖﹣⚠]) (?P<name>.+?)(?: \([\d.]+ms\))?(?: #.*)?$")
_COUNT = re.compile(r"^(?:ℹ|#) (?P<what>tests|pass|fail|cancelled|skipped|todo) (?P<count>\d+)$", re.MULTILINE)
_LATE = re.compile(
    r"^(?:ℹ|#) (?:Error|Warning): Test (?:hook )?\"(?P<name>.+?)\" at (?P<path>.+?):(?P<line>\d+):\d+ generated"
    r" asynchronous activity "
    r"after the test ended\. This activity created the error \"(?P<error>.+?)\" and would have",
    re.MULTILINE | re.DOTALL,
)
_CRASH = re.compile(r"^(?P<path>(?:file://|/|node:|[A-Za-z]:\\)\S.*?):(?P<line>\d+)$", re.MULTILINE)
_VERSION = re.compile(r"^Node\.js v\d+", re.MULTILINE)
_DOTS = re.compile(r"^[.X]+\n\nFailed tests:$", re.MULTILINE)
_FIELDS = re.compile(r"^\s{2,}(?P<key>code|expected|actual|operator): (?P<value>.+?),?$", re.MULTILINE)
SILENT = "a file passed as a whole"
_HOOK_STACK = re.compile(r"TestHook\.run")


def read_node(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the summary of one run."""
    counts = {match["what"]: int(match["count"]) for match in _COUNT.finditer(text)}
    failed = 0 < counts.get("fail", 0) + counts.get("cancelled", 0)
    if re.search(r"^TAP version 1\d", text, re.MULTILINE) and "✖ failing tests:" not in text:
        results = _from_tap(text, paths)
    else:
        results = _from_spec(text, paths)
    results += _silent(text, paths)
    late = _late(text, paths)
    if late:  # The file's own failure only says that there was one.
        results = [result for result in results if not is_file(result.id.name)]
    return Printed(
        (*results, *late), "tests" in counts or _DOTS.search(text) is not None, failed, counts.get("tests", 0)
    )


def _from_spec(text: str, paths: SavedPaths) -> list[TestResult]:
    head, mark, tail = text.rpartition("Failed tests:\n" if _DOTS.search(text) else "✖ failing tests:")
    names = _full_names(head if mark else text)
    blocks = _blocks(tail if mark else "")
    results: list[TestResult] = []
    for place, name, body in blocks:
        line = int(place["line"]) if place else 0
        path = paths.place(plain_path(place["path"]))[0] if place else ""
        facts = _facts("\n".join(dedented(body, 2)).strip(), paths)
        full = _pop(names, name)
        if facts.message.endswith(("subtest failed", "subtests failed")) and not facts.frames:
            continue
        if is_file(name) and _is_same(name, path):
            results.append(_file_failure(path or name, facts, text, paths))
        else:
            phase = "setup" if _HOOK_STACK.search("\n".join(body)) else "call"
            results.append(result_of(full or name, path, facts, text="\n".join(body), phase=phase, line=line))
    return _without_cancelled(results)


def _blocks(text: str) -> list[tuple[re.Match[str] | None, str, list[str]]]:
    """Cut the list of failing tests into its entries."""
    found: list[tuple[re.Match[str] | None, str, list[str]]] = []
    place: re.Match[str] | None = None
    for line in text.splitlines():
        if match := _PLACE.match(line):
            place = match
        elif (match := _FAILED.match(line)) and (place is not None or not found):
            found.append((place, match["name"], []))
            place = None
        elif found and place is None:
            found[-1][2].append(line)
    return found


def _full_names(text: str) -> list[tuple[str, str]]:
    """Return the failed tests of the tree, each with the names around it: (name, full name)."""
    found: list[tuple[str, str]] = []
    around: dict[int, str] = {}
    for line in text.splitlines():
        match = _TREE.match(line)
        if match is None:
            continue
        depth = len(match["indent"])
        around = {at: name for at, name in around.items() if at < depth}
        if match["mark"] == "▶":
            around[depth] = match["name"]
        elif match["mark"] == "✖":
            found.append((match["name"], " > ".join([*around.values(), match["name"]])))
    return found


def _pop(names: list[tuple[str, str]], name: str) -> str:
    found = next((pair for pair in names if pair[0] == name), None)
    if found is None:
        return ""
    names.remove(found)
    return found[1]


def _facts(text: str, paths: SavedPaths) -> ExceptionFacts:
    """Read an error as Node prints it: with its fields in braces behind the stack."""
    if len(text) > 1 and text[0] == text[-1] == "'":
        return ExceptionFacts("", (), text[1:-1].replace("\\'", "'"))
    facts = facts_of(text, paths.place)
    fields = {match["key"]: match["value"].strip() for match in _FIELDS.finditer(text)}
    fields = {key: value for key, value in fields.items() if value not in ("undefined", "{", "[")}
    if "code" in fields:
        fields["code"] = fields["code"].strip("'\"")
    attributes = {**fields, **dict(facts.attributes)}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _file_failure(path: str, facts: ExceptionFacts, text: str, paths: SavedPaths) -> TestResult:
    """Read why a whole file failed: what its process printed before it died."""
    crash = crash_of(text, paths)
    if crash is None and facts.message == "test failed":
        ended = ExceptionFacts("", (), "the process of the file failed")
        return result_of(path, path, ended, text=text[:4000], outcome=TestOutcome.UNFINISHED)
    return result_of(path, path, crash or facts, text=text[:4000], phase="collect")


def crash_of(text: str, paths: SavedPaths) -> ExceptionFacts | None:
    """Read an error that ended a Node process: where, what, and its stack."""
    end = next((match.start() for match in _VERSION.finditer(text)), None)
    places = list(_CRASH.finditer(text[:end])) if end is not None else []
    if not places:
        return None
    # Node may name a line of its own before the one that it could not load.
    own = (each for each in places if not each["path"].startswith("node:") and paths.place(plain_path(each["path"]))[1])
    start = next(own, places[0])
    block = text[start.end() : end]
    error = re.search(r"^(?:Uncaught )?(?:[A-Z]\w*(?:Error|Exception)\b|Error\b|\[\w+)", block, re.MULTILINE)
    facts = _facts(block[error.start() :].strip() if error is not None else block.strip(), paths)
    path, inside = paths.place(plain_path(start["path"]))
    if not inside or start["path"].startswith("node:"):
        return facts
    attributes = {"filename": path, "lineno": start["line"], **dict(facts.attributes)}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _silent(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the files that passed as a whole: none of their tests was heard of, if they have any."""
    found = []
    for line in text.splitlines():
        match = _TREE.match(line)
        if match is not None and not match["indent"] and match["mark"] == "✔" and is_file(match["name"]):
            path = paths.place(plain_path(match["name"]))[0]
            found.append(result_of(path, path, None, outcome=TestOutcome.UNFINISHED, text=SILENT))
    return found


def _late(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the errors that came when their test was over."""
    found = []
    for match in _LATE.finditer(text):
        facts = facts_of(match["error"], paths.place)
        attributes = {**dict(facts.attributes), "unhandled": "after the test ended"}
        facts = replace(facts, attributes=tuple(sorted(attributes.items())))
        path = paths.place(plain_path(match["path"]))[0]
        found.append(
            result_of(match["name"], path, facts, text=match[0], outcome=TestOutcome.ERROR, line=int(match["line"]))
        )
    return found


def _without_cancelled(results: list[TestResult]) -> list[TestResult]:
    """Leave out the tests that never ran because a hook of their suite failed."""
    hooks = [result.id.name for result in results if result.phase == "setup"]

    def stays(result: TestResult) -> bool:
        message = result.exception.message if result.exception else ""
        cancelled = "did not finish before its parent" in message
        return not (cancelled and any(result.id.name.startswith(f"{hook} > ") for hook in hooks))

    return [result for result in results if stays(result)]


def _is_same(name: str, path: str) -> bool:
    return not path or path.endswith(name) or name.endswith(path)


def _from_tap(text: str, paths: SavedPaths) -> list[TestResult]:
    results = []
    plain = re.sub(r"^# ?", "", text, flags=re.MULTILINE).replace("\\#", "#")
    for point in points_of(text):
        if point.ok and is_file(point.name):
            where = paths.place(point.name)[0]
            results.append(result_of(where, where, None, outcome=TestOutcome.UNFINISHED, text=SILENT))
        if point.ok or point.skipped or point.field("failureType") == "subtestsFailed":
            continue
        facts = facts_of_point(point, paths)
        path = facts.attribute("defined_in")
        if is_file(point.name):
            where = paths.place(point.name)[0]
            results.append(_file_failure(where, facts, plain, paths))
            continue
        phase = "setup" if point.field("failureType") == "hookFailed" else "call"
        results.append(result_of(point.name, path, facts, text=point.text, phase=phase))
    return _without_cancelled(results)
