"""Messages of engines and runners, and what they say. First match wins; groups are slots."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from regreen.core.failure import FailureKind as Kind
from regreen.languages.case import Case
from regreen.syntax import references

from .source import outline_of


@dataclass(frozen=True, slots=True)
class Message:
    """A kind, and how its messages look."""

    kind: Kind
    pattern: re.Pattern[str]
    first: bool = False  # goes before all other judgements


def _rows(kind: Kind, patterns: Iterable[str], *, first: bool = False) -> tuple[Message, ...]:
    return tuple(Message(kind, re.compile(pattern, re.MULTILINE), first) for pattern in patterns)


_NAME = r"[\w$]+"
MESSAGES: tuple[Message, ...] = (
    *_rows(
        Kind.TIMEOUT,
        (
            r"(?:Test|Hook) timed out (?:in|after) (?P<limit>\d+ ?ms)",
            r"Exceeded timeout of (?P<limit>\d+ ?ms) for a (?:test|hook)",
            r"Timeout of (?P<limit>\d+ ?ms) exceeded",
            r"test timed out after (?P<limit>\d+ ?ms)",
            r"timed out after (?P<limit>\d+ ?ms)",
            r"Timed out while running tests",
            r"Promise resolution is still pending but the event loop has already resolved",
            r"Promise returned by (?:test|hook) never resolved|remained pending after a timeout",
            r"Async callback was not invoked within the (?P<limit>\d+ ?ms)",
            r"^Test did not (?:complete|finish) within",
        ),
        first=True,
    ),
    *_rows(
        Kind.RESOURCE_EXHAUSTED,
        (
            r"(?P<kind>Maximum call stack size exceeded)",
            r"(?P<kind>too much recursion)",
            r"(?P<kind>heap out of memory|Allocation failed|ERR_WORKER_OUT_OF_MEMORY|[Oo]ut of memory|memory limit)",
            r"(?P<kind>Array buffer allocation failed|Invalid string length|Invalid typed array length)",
        ),
        first=True,
    ),
    *_rows(
        Kind.PROCESS_CRASH,
        (
            r"process\.exit unexpectedly called with \"?(?P<exit_code>\w+)",
            r"process\.exit\((?P<exit_code>\w*)\) was called",
            r"(?:Worker|worker process|child process) (?:exited|terminated) unexpectedly",
            r"attempted to exit with exit code: (?P<exit_code>\d+)",
            r"exited with a non-zero exit code: (?P<exit_code>\d+)",
            r"(?:worker|process) .*was terminated by another process: signal=(?P<signal>\w+)",
            r"Jest worker encountered \d+ child process exceptions",
            r"exited due to (?P<signal>SIG\w+)|Exiting due to process\.exit\(\)",
            r"Worker (?:forks|threads|vmThreads|vmForks)? ?emitted error",
        ),
        first=True,
    ),
    *_rows(
        Kind.CONCURRENCY,
        (
            r"(?P<reason>done\(\) called multiple times)",
            r"(?P<reason>generated asynchronous activity after the test ended)",
            r"(?P<reason>Cannot log after tests are done)",
            r"(?P<reason>did not finish before its parent and was cancelled)",
            r"(?P<reason>after the Jest environment has been torn down)",
            r"(?P<reason>Resolution method is overspecified)",
            r"(?P<reason>Closing rpc while .+ was pending)",
            r"(?P<reason>Leaks detected|Test case is leaking)",
            r"Callback (?P<reason>was already called)",
        ),
        first=True,
    ),
    *_rows(
        Kind.RUNNER_CONFIG,
        (
            r"No test suite found in file (?P<file>\S+)",
            r"(?P<reason>Unexpected \.only modifier|`\.(?:only|skip)` (?:is )?(?:forbidden|not supported)"
            r"|forbidden by --forbid-(?:only|pending))",
            r"(?P<reason>Your test suite must contain at least one test)",
            r"(?P<reason>Validation (?:Error|Warning))",
            r"(?P<reason>Vitest failed to (?:access its internal state|find the (?:runner|current suite)))",
            r"(?P<reason>Cannot (?:call|add) .*(?:outside of|inside a) (?:a )?(?:test|describe|suite))",
            r"(?P<reason>no tests found in)",
        ),
    ),
    *_rows(
        Kind.NAME_UNDEFINED,
        (
            rf"^(?P<symbol>{_NAME}) is not defined",
            rf"Cannot access '(?P<symbol>{_NAME})' before initialization",
            rf"Can't find variable: (?P<symbol>{_NAME})",
            r"Cannot access uninitialized variable",
        ),
    ),
    *_rows(
        Kind.NULL_DEREF,
        (
            r"Cannot (?:read|set) propert(?:y|ies) of (?P<value>undefined|null) \((?:reading|setting)"
            r" '(?P<symbol>[^']*)'\)",
            r"Cannot (?:read|set) property '(?P<symbol>[^']*)' of (?P<value>undefined|null)",
            rf"Cannot destructure property '(?P<symbol>{_NAME})' of '(?P<expression>[^']+)' as it is"
            rf" (?P<value>undefined|null)",
            r"Cannot destructure '(?P<expression>[^']+)' as it is (?P<value>undefined|null)",
            rf"^(?P<value>undefined|null) is not an object \(evaluating"
            rf" '(?P<expression>.+?(?:\.(?P<symbol>{_NAME}))?)'\)",
            r"Right side of assignment cannot be destructured|Cannot convert (?P<value>undefined or null) to object",
            r"(?P<value>undefined|object null|null) is not iterable \(cannot read property",
            rf"Cannot read private member (?P<symbol>#{_NAME}) from an object whose class did not declare it",
        ),
    ),
    *_rows(
        Kind.MEMBER_MISSING,
        (
            rf"^\(0 ?, ?(?P<owner>[\w$.]+)\.(?P<symbol>{_NAME})\) is not a function",
            rf"^\(0 ?, ?(?P<symbol>{_NAME})\) is not a function",
            rf"^\(intermediate value\)(?:\([^)]*\))?\.(?P<symbol>{_NAME}) is not (?:a function|a constructor)",
            rf"^(?:\(.+?\)|(?P<owner>[\w$.\[\]()'\"]+?))\.(?P<symbol>{_NAME}) is not (?:a function|a constructor)"
            rf"(?! or its return value)",
            r"^Class extends value (?P<symbol>undefined|null) is not a constructor",
            rf"[Oo]bject has no (?:method|property) '(?P<symbol>{_NAME})'",
        ),
    ),
    *_rows(
        Kind.INVALID_VALUE,
        (
            r"^Invalid (?P<value>URL|Date|time value|array length|count value.*|regular expression.*)",
            r"^(?P<value>.+) is not valid JSON",
            r"^The value of \"(?P<symbol>[^\"]+)\" is out of range\. It must be (?P<expected>.+?)\. Received"
            r" (?P<actual>.+)$",
            r"^The (?:argument|property) '(?P<symbol>[^']+)' (?:is invalid|must be one of).*Received (?P<actual>.+)$",
            r"^(?:URI malformed|Division by zero|The number .+ cannot be converted to a BigInt)",
            r"^Cannot convert (?P<value>\S+) to a BigInt$",
        ),
    ),
    *_rows(
        Kind.TYPE_MISMATCH,
        (
            r"^The \"(?P<symbol>[^\"]+)\" (?:argument|property) must be (?:of type|an instance of|one of type)"
            r" (?P<expected>.+?)\. Received (?P<actual>.+)$",
            r"^(?P<symbol>[\w$.\[\]()'\" ]+) is not (?P<expected>iterable|a function|a constructor)",
            r"Cannot mix (?P<actual>BigInt) and other types",
            r"Cannot convert (?:a|object|an?) (?P<actual>.+?) to (?:a )?(?P<expected>\w+)",
            rf"Assignment to constant variable|Cannot assign to read only property '(?P<symbol>{_NAME})'",
            rf"Cannot set property (?P<symbol>{_NAME}) of .* which has only a getter",
        ),
    ),
)  # fmt: skip

# A file that is of the other kind of module than the runner takes it for.
MODULES = re.compile(
    r"Cannot use import statement outside a module|Unexpected token 'export'|require\(\) of ES Module|Unknown file"
    r" extension"
    r"|ERR_UNKNOWN_FILE_EXTENSION|ERR_REQUIRE_ESM|Support for the experimental syntax '\w+' isn't currently enabled"
    r"|Must use import to load ES Module"
)


def matching(case: Case, rows: tuple[Message, ...], *, first: bool = False) -> tuple[Kind, dict[str, str]] | None:
    """Return the kind and slots of the first row that a failure's message matches."""
    text = case.message or case.result.text[:2000]
    for row in rows:
        if row.first == first and (match := row.pattern.search(text)) is not None and _fits(row.kind, case):
            slots = {name: value.strip() for name, value in match.groupdict().items() if value}
            kind = Kind.MEMBER_MISSING if row.kind is Kind.TYPE_MISMATCH and _is_imported(case, slots) else row.kind
            return kind, _completed(case, kind, slots)
    return None


def _is_imported(case: Case, slots: dict[str, str]) -> bool:
    """Tell whether what is no function is an import: its module has no such member."""
    text = case.read(case.frame.path) if case.frame is not None and slots.get("expected") == "a function" else None
    found = outline_of(text, case.frame.path) if text is not None and case.frame is not None else None
    symbol = slots.get("symbol", "").removeprefix("(0 , ").rstrip(")")
    return found is not None and any(symbol in (each.name, each.alias) for each in found.imports if each.name != "*")


def _fits(kind: Kind, case: Case) -> bool:
    """Tell whether a row may speak of this error: an assertion's text may hold any other message."""
    if case.facts.type == "AssertionError" or case.message.startswith("expect("):
        return kind in (Kind.RUNNER_CONFIG,) and case.result.phase == "collect"
    if kind in (Kind.NAME_UNDEFINED, Kind.NULL_DEREF, Kind.MEMBER_MISSING, Kind.TYPE_MISMATCH):
        return case.facts.type in ("TypeError", "ReferenceError", "Error", "")
    return True


def _completed(case: Case, kind: Kind, slots: dict[str, str]) -> dict[str, str]:
    """Add what the workspace knows to what a message says."""
    symbol = slots.get("symbol", "")
    if kind not in (Kind.NAME_UNDEFINED, Kind.MEMBER_MISSING) or not symbol:
        return slots
    near = difflib.get_close_matches(symbol, sorted(_names(case, kind) - {symbol}), 1, 0.6)
    return {**slots, "suggest": near[0]} if near else slots


def _names(case: Case, kind: Kind) -> set[str]:
    """Return the names that may have been meant: of the file, or of anything that is defined."""
    names: set[str] = set()
    paths = [case.frame.path] if case.frame is not None else []
    if kind is Kind.MEMBER_MISSING:
        paths = sorted(case.model.files)
    for path in paths[:200]:
        text = case.read(path) if path.endswith(("js", "ts", "sx")) else None
        found = outline_of(text, path) if text is not None else None
        if text is not None and found is not None:
            names |= {symbol.name for symbol in found.symbols}
            names |= set(references(text, "javascript")) if kind is Kind.NAME_UNDEFINED else set()
    return names
