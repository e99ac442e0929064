"""The table that tells the kinds of Rust failures apart. First answer wins; what is structured comes first."""

from __future__ import annotations

import re
from collections.abc import Callable

from regreen.core.failure import FailureKind as Kind
from regreen.languages.case import Case, Verdict

from .compiled import judge_compiled
from .patterns import matching
from .sources import function_around, is_in_tests

_STRONGER_THAN_SETUP = frozenset(
    {Kind.ENVIRONMENT, Kind.DEPENDENCY_MISSING, Kind.IMPORT_UNRESOLVED, Kind.SYNTAX, Kind.TIMEOUT,
     Kind.RESOURCE_EXHAUSTED, Kind.RUNNER_CONFIG, Kind.TEST_SETUP, Kind.ASSERTION, Kind.CONCURRENCY}
)  # fmt: skip
_ONCE = re.compile(
    r"\b(?:OnceLock|OnceCell|Once|LazyLock|LazyCell|Lazy)\b|\blazy_static!|\bcall_once\b|\bget_or_(?:try_)?init\b|\bctor\b"
)
_SETUP_NAME = re.compile(
    r"^(?:(?:set_?up|fixture|init(?:ialize)?|prepare|before(?:_each|_all)?|tear_?down|after(?:_each|_all)?)(?:_\w+)?|\w+_(?:set_?up|fixture))$"
)
_EXPECT = re.compile(r"\.(?:expect|unwrap)\(")
_ASSERTS = re.compile(r"(?:debug_)?assert!\((?:(?P<condition>[^\"]+?),\s*\".*)?")
_COMMAND = re.compile(r"Command::new\(\s*\"(?P<program>[^\"]+)\"")
_VARIABLE = re.compile(r"\bvar(?:_os)?\(\s*\"(?P<name>[^\"]+)\"")
_NOT_FOUND = re.compile(r"\bkind: NotFound\b|No such file or directory")
_COMPILE_FAIL = re.compile(
    r"Test (?:compiled successfully, but it's marked `compile_fail`"
    r"|executable succeeded, but it's marked `should_panic`)"
)

Judge = Callable[[Case], Verdict | None]


def judge(case: Case) -> Verdict:
    """Return the kind of a failure and its slots."""
    verdict = next((found for ask in _JUDGES if (found := ask(case)) is not None), Verdict(Kind.UNKNOWN, {}))
    verdict = _in_setup(case, verdict)
    package = case.facts.attribute("package")
    if package:
        verdict = Verdict(verdict.kind, {**verdict.slots, "package": package})
    if case.facts.attribute("flaky"):
        slots = {**verdict.slots, "runs": case.facts.attribute("flaky"), "underlying": verdict.kind.label}
        return Verdict(Kind.FLAKY, slots)
    return verdict


def _built(case: Case) -> Verdict | None:
    return judge_compiled(case) if "rustc" in case.facts.lineage else None


def _build_script(case: Case) -> Verdict | None:
    """A build script asks for what the machine lacks; it is not under test."""
    if case.facts.type != "build-script":
        return None
    return Verdict(Kind.ENVIRONMENT, {"missing": case.facts.attribute("missing"), "message": _first(case.message)})


def _died(case: Case) -> Verdict | None:
    if case.facts.type != "died":
        return None
    slots = {name: case.facts.attribute(name) for name in ("kind", "signal", "exit_code")}
    slots["test"] = case.result.id.name
    return Verdict(Kind.RESOURCE_EXHAUSTED if slots["kind"] else Kind.PROCESS_CRASH, slots)


def _slow(case: Case) -> Verdict | None:
    if case.facts.type != "timeout":
        return None
    return Verdict(Kind.TIMEOUT, {"test": case.result.id.name, "limit": case.facts.attribute("limit")})


def _should_panic(case: Case) -> Verdict | None:
    if case.facts.type == "should_panic":
        expected = case.facts.attribute("expected") or "a panic"
        return Verdict(Kind.ASSERTION, {"expected": expected, "actual": case.facts.attribute("actual") or "no panic"})
    if _COMPILE_FAIL.search(case.result.text):
        return Verdict(Kind.ASSERTION, {"expected": "a failure", "actual": "success"})
    return None


def _in_thread(case: Case) -> Verdict | None:
    """A panic of a thread that the test started is that thread's matter."""
    thread = case.facts.attribute("foreign_thread")
    if thread:
        return Verdict(Kind.CONCURRENCY, {"thread": thread, "message": _first(case.message)})
    return None


def _pattern(case: Case) -> Verdict | None:
    found = matching(case.message)
    if found is None:
        return None
    kind, slots = found
    if kind is Kind.ENVIRONMENT and "missing" not in slots:
        slots["missing"] = slots.get("service") or _variable(case)
    if kind is Kind.CONCURRENCY and case.facts.cause is not None:
        slots["message"] = _first(case.facts.cause.message)
    if kind is Kind.NULL_DEREF:
        slots["expression"] = _expression(case)
    if kind is Kind.SNAPSHOT and not slots.get("snapshot"):
        slots["snapshot"] = case.result.id.name.rpartition("::")[2]
    return Verdict(kind, slots)


def _program(case: Case) -> Verdict | None:
    """A program that is not there: the error alone does not say whether a file or a program was meant."""
    if not _NOT_FOUND.search(case.message):
        return None
    found = _COMMAND.search(_source(case, before=4))
    return Verdict(Kind.ENVIRONMENT, {"missing": found["program"]}) if found else None


def _expected_some(case: Case) -> Verdict | None:
    """`expect` on None says only its own words: the stack, or the source, tells it from a panic."""
    if case.facts.type != "panic":
        return None
    source = _source(case)
    literal = _first(case.message).replace("\\", "")
    said = f'.expect("{literal}' in source.replace("\\", "") or f".expect({literal}" in source
    if any("option::expect_failed" in frame.function for frame in case.facts.frames):
        return Verdict(Kind.NULL_DEREF, {"expression": _expression(case), "member": "expect", "message": literal})
    if not said or "panic!" in source:
        return None
    return Verdict(Kind.NULL_DEREF, {"expression": _expression(case), "member": "expect", "message": literal})


def _asserted(case: Case) -> Verdict | None:
    """An assertion with words of its own prints nothing else: the source tells it from a panic."""
    found = _ASSERTS.match(_source(case, before=0).strip()) if case.facts.type == "panic" else None
    if found is None:
        return None
    slots = {"expected": found["condition"] or "", "message": _first(case.message)[:200]}
    return Verdict(Kind.ASSERTION, {name: value for name, value in slots.items() if value})


def _unhandled(case: Case) -> Verdict | None:
    if case.facts.type not in ("panic", "Err"):
        return None
    message = case.message
    inner = re.search(r"`Err` value: (?P<error>.*)", message, re.DOTALL)
    error = inner["error"] if inner else message if case.facts.type == "Err" else ""
    name = re.match(r"(?P<name>[A-Z]\w*)", error)
    exception = name["name"] if name else "Err" if error else "panic"
    return Verdict(Kind.UNHANDLED_ERROR, {"exception": exception, "message": _first(error or message)[:200]})


def _unnamed(case: Case) -> Verdict | None:
    """Judge a test that failed without a word."""
    if case.facts.type:
        return None
    found = matching(case.result.text.strip())
    return Verdict(*found) if found else None


def _in_setup(case: Case, verdict: Verdict) -> Verdict:
    """A failure of what tests share is the set-up's, unless it is of a kind that no set-up cures."""
    place = case.place
    if verdict.kind in _STRONGER_THAN_SETUP or case.facts.type != "panic" or place is None:
        return verdict
    function = function_around(place[0], place[1], case.model, case.read)
    test = case.result.id.name.rpartition("::")[2]
    if function is None or function.name == test or not is_in_tests(place[0], place[1], case.read):
        return verdict
    if not _ONCE.search(function.text) and not _SETUP_NAME.match(function.name):
        return verdict
    slots = {"fixture": function.name, "underlying": verdict.kind.label, **verdict.slots}
    return Verdict(Kind.TEST_SETUP, slots)


def _source(case: Case, before: int = 2) -> str:
    """Return the source at the panic, with some lines before it: an expression may begin there."""
    if case.place is None:
        return ""
    path, line = case.place
    lines = (case.read(path) or "").splitlines()
    return "\n".join(lines[max(0, line - 1 - before) : line])


def _expression(case: Case) -> str:
    """Return what was unwrapped, as far as it stands in the panic's own line."""
    line = _source(case, before=0).strip()
    found = _EXPECT.search(line)
    return (
        re.split(r"^(?:let (?:mut )?\w+(?:: [^=]+)? = |return |\*)", line[: found.start()])[-1].strip() if found else ""
    )


def _variable(case: Case) -> str:
    found = _VARIABLE.search(_source(case, before=4))
    return found["name"] if found else ""


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


_JUDGES: tuple[Judge, ...] = (
    _built, _build_script, _died, _slow, _should_panic, _in_thread, _program, _pattern, _asserted, _expected_some,
    _unhandled, _unnamed,
)  # fmt: skip
