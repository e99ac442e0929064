"""The table that tells the kinds of Python failures apart. First match wins; the exception's own facts come first."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from dataclasses import replace

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import TestOutcome
from regreen.languages.case import Verdict

from .assertions import assertion_slots
from .case import PythonCase
from .checkers import judge_check
from .culprit import arguments_of, has_assertion
from .modules import import_failure, is_standard, shared_object, too_old
from .near import fixtures, near_fixture, near_member, near_name, near_parameter
from .patterns import matching

_HOOKS = re.compile(
    r"(?:^|\.)(?P<hook>setUp|tearDown|asyncSetUp|asyncTearDown|setUpClass|tearDownClass|setUpModule|tearDownModule"
    r"|setup_(?:method|class|module|function)|teardown_(?:method|class|module|function))$"
)
# These stay what they are wherever they happen: no change of a fixture cures them.
_STRONGER_THAN_SETUP = frozenset(
    {Kind.ENVIRONMENT, Kind.DEPENDENCY_MISSING, Kind.IMPORT_UNRESOLVED, Kind.SYNTAX, Kind.TIMEOUT,
     Kind.RESOURCE_EXHAUSTED, Kind.RUNNER_CONFIG, Kind.TEST_SETUP}
)  # fmt: skip
_LOST_SERVICES = frozenset(
    {"ECONNREFUSED", "EADDRINUSE", "ENOSPC", "EMFILE", "ENFILE", "ENETUNREACH", "EHOSTUNREACH", "EROFS"}
)
_STARTED_BY = re.compile(r"(?:^|/)(?:subprocess|asyncio/(?:subprocess|base_events|unix_events)|pty|os)\.py$")
_ENVIRON = re.compile(r"(?:/|^)os\.py$|<frozen os>")
_SNAPSHOT = re.compile(
    r"\[[+-] (?:snapshot|received)\]|[Ss]napshot '.+' does not exist|does not match .*snapshot|FILES DIFFER"
    r"|--snapshot-update|--force-regen|Approval Mismatch"
)
_GOLDEN = re.compile(r"(?i)\b\w*(?:golden|snapshot)\w*\b")

Judge = Callable[[PythonCase], Verdict | None]


def judge(case: PythonCase) -> Verdict:
    """Return the kind of a failure and its slots."""
    for ask in _JUDGES:
        if (verdict := ask(case)) is not None:
            return _in_setup(case, verdict)
    return _in_setup(case, Verdict(Kind.UNKNOWN, {}))


def _in_setup(case: PythonCase, verdict: Verdict) -> Verdict:
    """A failure of a fixture or a hook is the set-up's, unless it is of a kind that no fixture cures."""
    function = next((frame.function for frame in case.facts.frames if frame.inside), "")
    hook = _HOOKS.search(function)
    in_hook = hook is not None or case.result.phase in ("setup", "teardown")
    if not in_hook or verdict.kind in _STRONGER_THAN_SETUP:
        return verdict
    name = {"hook": hook["hook"]} if hook else {"fixture": function.rpartition(".")[2]}
    slots = {"exception": _short(case.facts.type), "underlying": verdict.kind.label, **name, **verdict.slots}
    return Verdict(Kind.TEST_SETUP, slots)


def _group(case: PythonCase) -> Verdict | None:
    """An exception group is what its first exception is."""
    if not case.is_a("BaseExceptionGroup", "ExceptionGroup") or case.facts.cause is None:
        return None
    return judge(replace(case, facts=case.facts.cause))


def _unnamed(case: PythonCase) -> Verdict | None:
    """Judge what failed without an exception: a strict xfail that passed, a worker that is gone."""
    if case.facts.type:
        return None
    text = f"{case.message}\n{case.result.text}"
    if "crashed while running" in text:
        return Verdict(Kind.PROCESS_CRASH, {"test": case.result.id.name})
    if "[XPASS(strict)]" in text or "Unexpected success" in text:
        return Verdict(Kind.ASSERTION, {"expected": "a failure", "actual": "passed"})
    if found := matching(case, case.message or case.result.text.strip()):
        kind, slots = found
        return Verdict(kind, _completed(case, kind, slots))
    return None if text.strip() else _without_a_word(case)


def _without_a_word(case: PythonCase) -> Verdict | None:
    """Judge what a short summary only names: the test's source tells what it most probably was."""
    if case.result.phase == "setup":
        return _missing_fixture(case)
    if case.result.phase == "call" and case.result.outcome is TestOutcome.FAILED:
        return Verdict(Kind.ASSERTION if has_assertion(case.result, case.read) else Kind.UNKNOWN, {})
    return None


def _missing_fixture(case: PythonCase) -> Verdict | None:
    """Of all errors of a set-up, only a missing fixture leaves no word in the summary."""
    known = fixtures(case)
    unknown = [name for name in arguments_of(case.result, case.read) if name not in known and name != "self"]
    if len(unknown) != 1:
        return None
    slots = {"fixture": unknown[0]}
    return Verdict(Kind.TEST_SETUP, _completed(case, Kind.TEST_SETUP, slots))


def _syntax(case: PythonCase) -> Verdict | None:
    if not case.is_a("SyntaxError"):
        return None
    if case.place is None and case.result.phase != "collect":
        return Verdict(Kind.INVALID_VALUE, {"exception": _short(case.facts.type)})
    expected = re.search(r"expected (?P<what>'[^']+'|an? [\w ]+)", case.message)
    never = re.search(r"'(?P<what>[^']+)' was never closed", case.message)
    found = expected or never
    slots = {"expected": found["what"].strip("'")} if found else {}
    return too_old(case) or Verdict(Kind.SYNTAX, slots)


def _environment(case: PythonCase) -> Verdict | None:
    """Judge what the machine lacks: variables, services, programs."""
    if case.is_a("KeyError") and _ENVIRON.search(case.deepest):
        return Verdict(Kind.ENVIRONMENT, {"missing": case.message.strip("'\"")})
    if case.is_a("FileNotFoundError", "PermissionError") and _STARTED_BY.search(case.deepest):
        named = re.search(r"'(?P<name>[^']+)'$", case.message)
        return Verdict(
            Kind.ENVIRONMENT, {"missing": case.facts.attribute("filename") or (named["name"] if named else "")}
        )
    name = re.search(r"\[(?:Errno|WinError) (\d+)\]", case.message)
    number = case.facts.attribute("errno") or (name[1] if name else "")
    if case.is_a("OSError") and (missing := shared_object(case.message)) is not None:
        return Verdict(Kind.ENVIRONMENT, {"missing": missing})
    if case.is_a("OSError") and _errno_name(number) in _LOST_SERVICES:
        return Verdict(Kind.ENVIRONMENT, {"service": _errno_name(number)})
    return None


def _errno_name(number: str) -> str:
    return errno.errorcode.get(int(number), "") if number.lstrip("-").isdecimal() else ""


def _coroutine(case: PythonCase) -> Verdict | None:
    """Judge a value that was to be awaited."""
    warned = any(name == "warnings" and "never awaited" in text for name, text in case.result.sections)
    named = re.search(r"(?:coroutine|awaitable)", case.message) is not None
    if not named and not (warned and case.is_a("TypeError", "AttributeError", "AssertionError")):
        return None
    if not case.is_a("TypeError", "AttributeError", "AssertionError", "RuntimeWarning") and not warned:
        return None
    where = re.search(
        r"<coroutine object (?P<symbol>[\w.<>]+)|coroutine '(?P<warned>[\w.<>]+)'",
        f"{case.message}\n{case.result.sections}",
    )
    symbol = (where["symbol"] or where["warned"]) if where else ""
    return Verdict(Kind.CONCURRENCY, {"symbol": symbol, "reason": "not-awaited"})


def _pattern(case: PythonCase) -> Verdict | None:
    """Ask the table of messages."""
    found = matching(case, case.message)
    if found is None:
        return None
    kind, slots = found
    return Verdict(kind, _completed(case, kind, slots))


def _completed(case: PythonCase, kind: Kind, slots: dict[str, str]) -> dict[str, str]:
    """Add what the exception's attributes and the workspace know to what the message says."""
    facts = case.facts
    if kind is Kind.NAME_UNDEFINED:
        symbol = slots.get("symbol", "")
        imported = slots.pop("imported", "") or (symbol if is_standard(symbol) else "")
        near = slots.get("suggest") or facts.attribute("suggest") or near_name(case, symbol)
        slots["suggest"] = f"import {imported}" if imported else near
    elif kind is Kind.MEMBER_MISSING:
        slots["owner"] = slots.get("owner") or facts.attribute("owner")
        near = slots.get("suggest") or facts.attribute("suggest")
        slots["suggest"] = near or near_member(case, slots["owner"], slots.get("symbol", ""))
    elif kind is Kind.CALL_ARITY:
        slots = _arity(case, slots)
    elif kind is Kind.INDEX_KEY and facts.attribute("suggest"):
        slots["suggest"] = facts.attribute("suggest")
    elif kind is Kind.TEST_SETUP and slots.get("fixture"):
        slots["symbol"] = slots["fixture"]
        slots["suggest"] = near_fixture(case, slots["fixture"])
    return slots


def _arity(case: PythonCase, slots: dict[str, str]) -> dict[str, str]:
    owner = slots.get("symbol", "").rpartition(".")[0]
    missing = re.findall(r"'(\w+)'", slots.get("missing", ""))
    slots = {**slots, "owner": owner, "missing": ", ".join(missing)}
    if slots.get("keyword") and not slots.get("suggest"):
        slots["suggest"] = near_parameter(case, slots.get("symbol", ""), slots["keyword"])
    return slots


def _assertion(case: PythonCase) -> Verdict | None:
    if not case.is_a("AssertionError", "doctest.DocTestFailure", "_pytest.outcomes.Failed", "Failed"):
        return None
    code = case.frame.code if case.frame else ""
    if _SNAPSHOT.search(f"{case.message}\n{case.result.text}") or _GOLDEN.search(code):
        named = re.search(
            r"[Ss]napshot '(?P<name>[^']+)'|['\"](?P<path>[\w./-]*(?:golden|snap)[\w./-]*)['\"]",
            f"{case.message}\n{code}",
        )
        return Verdict(Kind.SNAPSHOT, {"snapshot": (named["name"] or named["path"]) if named else ""})
    return Verdict(Kind.ASSERTION, assertion_slots(case))


def _own_exception(case: PythonCase) -> Verdict | None:
    return _unhandled(case) if case.is_own() and not case.is_a("AssertionError") else None


def _unhandled(case: PythonCase) -> Verdict | None:
    """Judge any other exception: what was raised, with the first cause of it."""
    if not case.facts.type:
        return None
    root = case.facts
    while root.cause is not None:
        root = root.cause
    cause = _short(root.type) if root is not case.facts else ""
    return Verdict(
        Kind.UNHANDLED_ERROR, {"exception": _short(case.facts.type), "message": case.message[:200], "cause": cause}
    )


def _not_in_test_case(case: PythonCase) -> Verdict | None:
    """Judge a name that unittest was given and that no class or module has."""
    if case.result.phase != "collect" or case.facts.frames:
        return None
    match = re.match(r"AttributeError: .* has no attribute '(?P<selector>\w+)'", case.result.text)
    return Verdict(Kind.RUNNER_CONFIG, match.groupdict()) if match else None


def _unraisable(case: PythonCase) -> Verdict | None:
    """Judge what nobody could catch, in a finaliser for instance, by what it was: a warning only tells of it."""
    cause = case.facts.cause
    if case.facts.type.rpartition(".")[2] != "PytestUnraisableExceptionWarning" or cause is None:
        return None
    return judge(replace(case, facts=cause))


def _by_class(case: PythonCase) -> Verdict | None:
    """Judge by what the exception is, when its message says no more."""
    if case.facts.type.startswith(("pytest.", "_pytest.")):
        return Verdict(Kind.RUNNER_CONFIG, {"reason": _short(case.facts.type)})
    for classes, kind in _CLASSES:
        if case.is_a(*classes):
            return Verdict(kind, {})
    return None


def _short(name: str) -> str:
    return name.rpartition(".")[2]


_CLASSES: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("NameError",), Kind.NAME_UNDEFINED),
    (("AttributeError",), Kind.MEMBER_MISSING),
    (("TypeError",), Kind.TYPE_MISMATCH),
    (("IndexError", "KeyError"), Kind.INDEX_KEY),
    (("ValueError", "ArithmeticError"), Kind.INVALID_VALUE),
)

_JUDGES: tuple[Judge, ...] = (
    _group, _unraisable, judge_check, _not_in_test_case, _unnamed, _syntax, import_failure, _environment, _coroutine,
    _own_exception, _pattern, _assertion, _by_class, _unhandled,
)  # fmt: skip
