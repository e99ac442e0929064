"""The table that tells the kinds of JavaScript and TypeScript failures apart. First match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from regreen.core.failure import FailureKind as Kind
from regreen.languages.case import Case, Verdict

from .imports import judge_compiled, judge_import
from .patterns import MESSAGES, MODULES, matching
from .source import hook_at, is_test
from .unset import unset_variable

# These stay what they are wherever they happen: no change of a hook cures them.
_STRONGER_THAN_SETUP = frozenset(
    {Kind.ENVIRONMENT, Kind.DEPENDENCY_MISSING, Kind.IMPORT_UNRESOLVED, Kind.SYNTAX, Kind.TIMEOUT, Kind.RUNNER_CONFIG,
     Kind.RESOURCE_EXHAUSTED, Kind.TEST_SETUP, Kind.PROCESS_CRASH, Kind.SNAPSHOT}
)  # fmt: skip
_LOST_SERVICES = frozenset(
    ["EADDRINUSE", "EADDRNOTAVAIL", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "EMFILE",
    "ENETUNREACH", "ENFILE",
     "ENOSPC", "ENOTFOUND", "EPROTO", "EROFS", "ETIMEDOUT", "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT"]
)  # fmt: skip
_MACHINE = re.compile(
    r"ERR_DLOPEN_FAILED|NODE_MODULE_VERSION|compiled against a different Node\.js version|invalid ELF header"
    r"|does not expose the JavaScript compiler API|Executable doesn't exist|Unsupported engine|EBADENGINE"
    r"|cannot open shared object file|Please install (?:the|a) .* browser|requires Node\.js version|You are using"
    r" Node\.js"
    r"|Cannot find module '@(?:rollup/rollup|esbuild|swc|rolldown|next/swc|parcel)[^']*-(?:linux|darwin|win32)[^']*'"
)
_RIGHT = re.compile(r"Requires (?P<right>\w+) access(?:.*(?P<flag>--allow-\w+))?", re.DOTALL)
_SPAWN = re.compile(r"\b(?:spawn|spawnSync) (?P<program>.+?) (?:ENOENT|EACCES)")
_ASSERTION_CODES = frozenset({"ERR_ASSERTION"})
_JSON = re.compile(r"\bJSON\b|not valid JSON|JSON\.parse|in JSON at|RegExp|[Rr]egular expression|end of JSON input")

Judge = Callable[[Case], Verdict | None]


def judge(case: Case) -> Verdict:
    """Return the kind of a failure and its slots."""
    for ask in _JUDGES:
        if (verdict := ask(case)) is not None:
            return _in_setup(case, verdict)
    return _in_setup(case, Verdict(Kind.UNKNOWN, {}))


def _in_setup(case: Case, verdict: Verdict) -> Verdict:
    """A failure of a hook is the set-up's, unless it is of a kind that no hook cures."""
    if verdict.kind in _STRONGER_THAN_SETUP or case.result.phase == "build":
        return verdict
    hook = case.facts.attribute("hook") or _hook_of(case)
    if not hook and case.result.phase not in ("setup", "teardown"):
        return verdict
    slots = {"exception": case.facts.type, "underlying": verdict.kind.label, "hook": hook, **verdict.slots}
    return Verdict(Kind.TEST_SETUP, slots)


def _hook_of(case: Case) -> str:
    """Return the hook from which an error came: the outermost frame in a test file stands in one."""
    outer = next((frame for frame in case.facts.frames if frame.inside), None)
    if outer is None or not (is_test(outer.path) or outer.path == case.result.path):
        return ""
    return hook_at(outer.path, outer.line, case.read)


def _configured(case: Case) -> Verdict | None:
    """Judge what went wrong while the runner's own settings were read."""
    if not case.facts.attribute("config"):
        return None
    imported = judge_import(case)
    if imported is not None and imported.kind is Kind.DEPENDENCY_MISSING:
        return imported
    return Verdict(Kind.RUNNER_CONFIG, {"file": case.facts.attribute("filename"), "reason": _short(case.message)})


def _environment(case: Case) -> Verdict | None:
    """Judge what the machine lacks: services, programs, native code."""
    facts = case.facts
    chain = [facts]
    while chain[-1].cause is not None and len(chain) < 9:
        chain.append(chain[-1].cause)
    for each in chain:
        spawned = _SPAWN.search(each.message)
        if spawned is not None:
            return Verdict(Kind.ENVIRONMENT, {"missing": spawned["program"], "service": each.attribute("code")})
        code = each.attribute("code") or _code_in(each.message)
        if code in _LOST_SERVICES and not _asserts(case):
            return Verdict(Kind.ENVIRONMENT, {"service": code, "missing": _address(each.message)})
    if any(each.message == "fetch failed" for each in chain):
        return Verdict(Kind.ENVIRONMENT, {"service": "fetch"})
    if match := _MACHINE.search(f"{facts.attribute('code')} {case.message}"):
        return Verdict(Kind.ENVIRONMENT, {"reason": match[0]})
    if facts.type in ("NotCapable", "PermissionDenied") and (right := _RIGHT.search(case.message)):
        return Verdict(Kind.ENVIRONMENT, {"missing": right["flag"] or right["right"]})
    missing = unset_variable(case)
    return Verdict(Kind.ENVIRONMENT, {"missing": missing}) if missing else None


def _code_in(message: str) -> str:
    match = re.match(r"^(?:\w+ )?(?P<code>E[A-Z]{4,}|EAI_AGAIN)\b", message)
    found = match or re.search(r"\b(?:connect|listen|getaddrinfo|bind|read|write) (?P<code>E[A-Z_]{4,})\b", message)
    return found["code"] if found is not None else ""


def _address(message: str) -> str:
    match = re.search(r"(?:connect|listen|getaddrinfo) E\w+:? ?(?:address already in use )?(?P<address>\S+)", message)
    return match["address"] if match is not None else ""


def _asserts(case: Case) -> bool:
    return case.facts.type == "AssertionError" or case.facts.attribute("code") in _ASSERTION_CODES


def _snapshot(case: Case) -> Verdict | None:
    text = f"{case.message}\n{case.result.text}"
    if not _SNAPSHOT.search(text):
        return None
    named = re.search(r"Snapshot name: `(?P<name>[^`]+)`|Snapshot [`\"'](?P<other>[^`\"']+)[`\"'] mismatched", text)
    return Verdict(Kind.SNAPSHOT, {"snapshot": (named["name"] or named["other"]) if named is not None else ""})


_SNAPSHOT = re.compile(
    r"Snapshot [`\"'].+?[`\"'] mismatched|toMatch(?:Inline|File|Image|Specific)?Snapshot\("
    r"|toThrowErrorMatching(?:Inline)?Snapshot\("
    r"|New snapshot was not written|Did not match snapshot|Received value does not match stored snapshot"
    r"|[Ii]nvalid snapshot|Snapshot `.+?` (?:is not|was not)|No snapshot (?:available|found)|t\.snapshot\(\)"
    r"|t\.assert\.snapshot"
)


def _assertion(case: Case) -> Verdict | None:
    if not _asserts(case) and not _ASSERTED.search(case.message):
        return None
    facts = case.facts
    slots = {name: facts.attribute(name) for name in ("expected", "actual", "operator")}
    slots = {**_sides(case.message), **{name: value for name, value in slots.items() if value}}
    return Verdict(Kind.ASSERTION, {name: value[:300] for name, value in slots.items()})


_ASSERTED = re.compile(
    r"^expect\(|^expect\.(?:assertions|hasAssertions)|^Expected .* assertions? to be called|^Missing expected"
    r" (?:exception|rejection)"
    r"|^Got unwanted (?:exception|rejection)|^Expected (?:test|promise|function) |^expected .+ to (?:be|equal|have"
    r"|throw|deeply|include|match)"
    r"|^Test finished without running any assertions|^Planned for \d+ assertions?|^plan expected \d+|promise"
    r" (?:resolved|rejected) \"?.* instead of "
    r"|^Expect test to fail",
    re.DOTALL,
)  # fmt: skip
_TWO = (
    re.compile(r"^expected number of assertions to be (?P<expected>\d+), but got (?P<actual>\d+)"),
    re.compile(r"^(?P<actual>\S.*?) (?P<operator>!==|!=|==|===) (?P<expected>\S.*?)$", re.MULTILINE),
    re.compile(r"^expected (?P<actual>.+?) to (?:be|equal|deeply equal|strictly equal|loosely equal|be equal to)(?:"
        r" of)? (?P<expected>.+?)(?: // .*)?$", re.MULTILINE),
)  # fmt: skip


def _sides(message: str) -> dict[str, str]:
    match = next((match for pattern in _TWO if (match := pattern.search(message)) is not None), None)
    return {} if match is None else {name: value.strip() for name, value in match.groupdict().items() if value}


def _syntax(case: Case) -> Verdict | None:
    """Judge text that is no valid source; text that a test parses itself is a value."""
    message, code = case.message, case.facts.type
    if MODULES.search(message):
        return Verdict(Kind.RUNNER_CONFIG, {"reason": _short(message)})
    transformed = _TRANSFORM.search(message) is not None
    if code != "SyntaxError" and not transformed:
        return None
    at_load = case.result.phase in ("collect", "build") or case.place is not None or transformed
    if (_JSON.search(message) and not transformed) or (not at_load and case.frame is not None and not transformed):
        return Verdict(Kind.INVALID_VALUE, {"exception": code})
    expected = re.search(
        r"[Ee]xpected [\"'`]?(?P<what>[^\s\"'`]+)[\"'`]?(?: but found [\"'`](?P<found>[^\"'`]+))?", message
    )
    unexpected = re.search(r"Unexpected (?:token )?[\"'`]?(?P<found>[^\s\"'`(]+|end of (?:input|file))", message)
    slots = {"expected": expected["what"] if expected else "", "found": unexpected["found"] if unexpected else ""}
    return Verdict(Kind.SYNTAX, slots)


_TRANSFORM = re.compile(
    r"Transform failed|PARSE_ERROR|Failed to parse source|Jest encountered an unexpected token|Parse failure"
    r"|esbuild.*ERROR:"
    r"|Unterminated (?:string|template|regular)|Unexpected token \(\d+:\d+\)|^Parse error|Expression expected|:"
    r" ERROR: |Syntax [Ee]rror"
    r"|source code could not be parsed|^(?:Unexpected|Expected) (?!test|promise|value|exception)\S.*(?:file|token"
    r"|found|\"[^\"]*\")"
)


def _checked(case: Case) -> Verdict | None:
    """Judge what a check of types in a test, or a linter, complains of."""
    message, (tool, _, rule) = case.message, case.facts.type.partition(".")
    if tool == "TypeCheckError":
        sides = re.search(r"Expected (?:literal )?(?P<expected>.+?), Actual (?:literal )?(?P<actual>.+?)[\"']", message)
        return Verdict(Kind.TYPE_MISMATCH, sides.groupdict() if sides else {})
    if tool != "eslint":
        return None
    named = re.search(r"[\"'`](?P<symbol>[^\"'`]+)[\"'`]", message)
    kind = Kind.SYNTAX if message.startswith("Parsing error") else _LINTS.get(rule, Kind.COMPILE_RULE)
    return Verdict(kind, {"symbol": named["symbol"] if named else "", "rule": rule})


_LINTS: Mapping[str, Kind] = {"no-undef": Kind.NAME_UNDEFINED, "import/no-unresolved": Kind.IMPORT_UNRESOLVED}


def _pattern(case: Case) -> Verdict | None:
    """Ask the table of messages."""
    found = matching(case, MESSAGES)
    return None if found is None else Verdict(*found)


def _late(case: Case) -> Verdict | None:
    """Judge what was thrown where no test could catch it."""
    kind = case.facts.attribute("unhandled") or case.facts.attribute("failure") or _timer_of(case)
    if not kind or kind in (
        "testCodeFailure",
        "hookFailed",
        "testTimeoutFailure",
        "run",
        "subtestsFailed",
        "testAborted",
    ):
        return None
    slots = {"exception": case.facts.type, "reason": kind}
    return Verdict(Kind.CONCURRENCY, slots)


def _timer_of(case: Case) -> str:
    """Return "timer" when an error came out of a timer's function: no frame of a test stands on its stack."""
    frames = case.facts.frames
    own = [frame for frame in frames if frame.inside]
    from_timer = any("internal/timers" in frame.path or frame.function == "listOnTimeout" for frame in frames[:3])
    return (
        "timer" if from_timer and own and not any(is_test(frame.path) for frame in own) and not _asserts(case) else ""
    )


def _crashed(case: Case) -> Verdict | None:
    """Judge a file of which there is only to say that its process failed."""
    if case.facts.type or case.facts.message not in ("test failed", ""):
        return None
    if case.result.phase != "collect":
        return None
    return Verdict(
        Kind.PROCESS_CRASH, {"exit_code": case.facts.attribute("exit_code"), "signal": case.facts.attribute("signal")}
    )


def _thrown(case: Case) -> Verdict | None:
    """Judge any other error: what was thrown, with the first cause of it."""
    facts = root = case.facts
    if not facts.type and not facts.message and not facts.frames:
        return None
    while root.cause is not None:
        root = root.cause
    cause = root.type if root is not facts else ""
    kind = _BY_CLASS.get(facts.type, Kind.UNHANDLED_ERROR)
    if kind is not Kind.UNHANDLED_ERROR:
        return Verdict(kind, {"exception": facts.type})
    return Verdict(kind, {"exception": facts.type, "message": _short(facts.message), "cause": cause})


_BY_CLASS: Mapping[str, Kind] = {
    "TypeError": Kind.TYPE_MISMATCH,
    "ReferenceError": Kind.NAME_UNDEFINED,
    "RangeError": Kind.INVALID_VALUE,
    "URIError": Kind.INVALID_VALUE,
    "SyntaxError": Kind.INVALID_VALUE,
}


def _short(message: str) -> str:
    return next((line.strip() for line in message.splitlines() if line.strip()), "")[:200]


def _first(case: Case) -> Verdict | None:
    """Ask the part of the table that goes before everything else: time, memory, the process."""
    found = matching(case, MESSAGES, first=True)
    return None if found is None else Verdict(*found)


_JUDGES: tuple[Judge, ...] = (
    _checked, judge_compiled, _configured, _first, _environment, _snapshot, judge_import, _syntax,
    _late, _assertion, _pattern, _crashed, _thrown,
)  # fmt: skip
