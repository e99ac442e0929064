"""What the messages of Python's and pytest's exceptions say: patterns whose groups are slots. First match wins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regreen.core.failure import FailureKind as Kind

from .case import PythonCase


@dataclass(frozen=True, slots=True)
class Pattern:
    """A message of exceptions of certain classes ("" for any)."""

    kind: Kind
    classes: tuple[str, ...]
    regex: re.Pattern[str]
    fixed: tuple[tuple[str, str], ...] = ()


def matching(case: PythonCase, text: str) -> tuple[Kind, dict[str, str]] | None:
    """Return the kind and the slots of the first pattern that fits."""
    for pattern in _PATTERNS:
        if pattern.classes and not case.is_a(*pattern.classes):
            continue
        if match := pattern.regex.search(text):
            found = {name: value.strip() for name, value in match.groupdict().items() if value}
            return pattern.kind, {**dict(pattern.fixed), **found}
    return None


def _p(kind: Kind, classes: str, regex: str, /, **fixed: str) -> Pattern:
    return Pattern(kind, tuple(classes.split()), re.compile(regex, re.DOTALL), tuple(fixed.items()))


_TYPE = r"[\w.]+"
_CALLED = r"^(?P<symbol>[\w.<>]+)\(\)"
_PATTERNS: tuple[Pattern, ...] = (
    # The runner and its plugins.
    _p(Kind.TIMEOUT, "", r"^(?:Failed: )?Timeout \(?>(?P<limit>[\d.]+ ?s)"),
    _p(Kind.TIMEOUT, "hypothesis.errors.DeadlineExceeded", r"deadline of (?P<limit>[\d.]+ ?ms)"),
    _p(Kind.RUNNER_CONFIG, "", r"^import file mismatch:.*same as the test file we want to collect:\s+(?P<file>\S+)"),
    _p(Kind.RUNNER_CONFIG, "", r"^'(?P<selector>\w+)' not found in `markers`"),
    _p(Kind.RUNNER_CONFIG, "", r"^Unknown pytest\.mark\.(?P<selector>\w+)"),
    _p(Kind.RUNNER_CONFIG, "", r"^async def functions are not natively supported", missing="pytest-asyncio"),
    _p(Kind.RUNNER_CONFIG, "", r"^Defining 'pytest_plugins' in a non-top-level conftest"),
    _p(Kind.TEST_SETUP, "", r"^fixture '(?P<fixture>\w+)' not found"),
    _p(Kind.TEST_SETUP, "_pytest.fixtures.FixtureLookupError", r"(?:^|\()'(?P<fixture>\w+)'"),
    _p(Kind.TEST_SETUP, "", r"^Fixture \"(?P<fixture>\w+)\" called directly"),
    _p(Kind.TEST_SETUP, "", r"^In (?P<function>\w+): function uses no (?:argument|fixture) '(?P<fixture>\w+)'"),
    _p(Kind.TEST_SETUP, "", r"^ScopeMismatch: .*fixture:?\s+'?(?P<fixture>\w+)"),
    _p(Kind.TEST_SETUP, "", r"^recursive dependency involving fixture '(?P<fixture>\w+)'"),
    _p(Kind.TEST_SETUP, "_pytest.nodes.Collector.CollectError", r"duplicate"),
    _p(Kind.TEST_SETUP, "", r"^\S*?(?:::)?(?P<function>\w+): in \"parametrize\" the number of names"),
    _p(Kind.TEST_SETUP, "", r"^In (?P<function>\w+): (?:expected|ids must|indirect|duplicate|\d+ parameter)"),
    _p(Kind.RUNNER_CONFIG, "_pytest.nodes.Collector.CollectError", r""),
    # The machine and the process.
    _p(Kind.RESOURCE_EXHAUSTED, "RecursionError", r"", kind="recursion"),
    _p(Kind.RESOURCE_EXHAUSTED, "MemoryError", r"", kind="memory"),
    _p(Kind.RESOURCE_EXHAUSTED, "RuntimeError", r"can't start new thread", kind="threads"),
    _p(Kind.PROCESS_CRASH, "SystemExit", r"^(?P<exit_code>-?\d+)?"),
    _p(Kind.PROCESS_CRASH, "KeyboardInterrupt _pytest.outcomes.Exit", r""),
    _p(Kind.ENVIRONMENT, "ConnectionRefusedError", r"", service="ECONNREFUSED"),
    _p(Kind.ENVIRONMENT, "socket.gaierror", r"", service="DNS"),
    _p(Kind.ENVIRONMENT, "locale.Error", r"", missing="locale"),
    _p(
        Kind.ENVIRONMENT,
        "",
        r"(?P<service>Connection refused|Failed to establish a new connection|Temporary failure in name"
        r" resolution|Name or service not known|nodename nor servname provided|Network is unreachable"
        r"|No space left on device"
        r"|Address already in use|Error while fetching server API version|Executable doesn't exist at)",
    ),
    _p(Kind.RUNNER_CONFIG, "django.core.exceptions.ImproperlyConfigured", r""),
    # Concurrency.
    _p(Kind.CONCURRENCY, "", r"^Exception in thread (?P<thread>.+?)(?:\n|$)", reason="thread-exception"),
    _p(
        Kind.CONCURRENCY,
        "RuntimeError",
        r"running event loop|[Ee]vent loop is (?:closed|already running)"
        r"|attached to a different loop|no current event loop",
        reason="event-loop",
    ),
    _p(
        Kind.CONCURRENCY,
        "RuntimeError",
        r"cannot schedule new futures|cannot join current thread|cannot release un-acquired lock"
        r"|dictionary changed size during iteration|threads can only be started once",
    ),
    _p(Kind.CONCURRENCY, "sqlite3.ProgrammingError", r"created in a thread can only be used in that same thread"),
    _p(Kind.CONCURRENCY, "threading.BrokenBarrierError concurrent.futures.process.BrokenProcessPool", r""),
    # Nothing where something was expected.
    _p(Kind.NULL_DEREF, "AttributeError", r"'NoneType' object has no attribute '(?P<symbol>\w+)'"),
    _p(Kind.NULL_DEREF, "AttributeError", r"^'NoneType' object"),
    _p(Kind.NULL_DEREF, "TypeError", r"NoneType"),
    # Imports in disguise.
    _p(
        Kind.IMPORT_UNRESOLVED,
        "AttributeError",
        r"partially initialized module '(?P<module>[\w.]+)'.* has no attribute"
        r" '(?P<missing>\w+)'",
        reason="cycle",
    ),
    # Names.
    _p(
        Kind.NAME_UNDEFINED,
        "NameError",
        r"^(?:free variable |cannot access (?:local|free) variable |local variable |name )"
        r"'(?P<symbol>\w+)'(?:.*?Did you mean: '"
        r"(?P<suggest>\w+)')?(?:.*?id you forget to import '(?P<imported>[\w.]+)')?",
    ),
    _p(
        Kind.MEMBER_MISSING,
        "AttributeError",
        rf"^(?:module|type object|partially initialized module) '(?P<owner>{_TYPE})'"
        r".*? has no attribute '(?P<symbol>\w+)'(?:.*Did you mean: '(?P<suggest>\w+)')?",
    ),
    _p(
        Kind.MEMBER_MISSING,
        "AttributeError",
        rf"^'(?P<owner>{_TYPE})' object has no attribute '(?P<symbol>\w+)'"
        r"(?:.*Did you mean: '(?P<suggest>[\w.]+)')?",
    ),
    _p(Kind.MEMBER_MISSING, "AttributeError", rf"^property '(?P<symbol>\w+)' of '(?P<owner>{_TYPE})' object has no"),
    _p(
        Kind.MEMBER_MISSING,
        "AttributeError",
        r"^(?:Mock object has no attribute '|cannot assign to field ')(?P<symbol>\w+)'",
    ),
    # Calls.
    _p(
        Kind.CALL_ARITY,
        "TypeError",
        _CALLED + r" got an unexpected keyword argument '(?P<keyword>\w+)'"
        r"(?:\. Did you mean '(?P<suggest>\w+)'\?)?",
    ),
    _p(Kind.CALL_ARITY, "TypeError", r"^'(?P<keyword>\w+)' is an invalid keyword argument for (?P<symbol>[\w.]+)\(\)"),
    _p(
        Kind.CALL_ARITY,
        "TypeError",
        _CALLED + r" missing \d+ required (?:positional |keyword-only )?arguments?: "
        r"(?P<missing>.+)",
    ),
    _p(Kind.CALL_ARITY, "TypeError", _CALLED + r" missing required argument (?P<missing>'\w+')"),
    _p(
        Kind.CALL_ARITY,
        "TypeError",
        _CALLED + r" takes (?:from \d+ to |at most |at least |exactly )?(?P<expected>\w+)"
        r" (?:positional |keyword )?arguments? (?:but |\()"
        r"(?P<actual>\d+)(?: positional arguments? .*?)?(?: (?:was|were))? given",
    ),
    _p(Kind.CALL_ARITY, "TypeError", _CALLED + r" takes no (?P<expected>\w+ )?arguments"),
    _p(
        Kind.CALL_ARITY,
        "TypeError",
        r"^(?P<symbol>[\w.<>]+)(?:\(\))? expected (?:at (?:most|least) )?(?P<expected>\d+) arguments?,"
        r" got (?P<actual>\d+)",
    ),
    _p(Kind.CALL_ARITY, "TypeError", _CALLED + r" got multiple values for (?:keyword )?argument '(?P<keyword>\w+)'"),
    _p(
        Kind.CALL_ARITY,
        "TypeError",
        _CALLED + r" got some positional-only arguments passed as keyword arguments: "
        r"'(?P<keyword>\w+)",
    ),
    _p(
        Kind.CALL_ARITY,
        "TypeError",
        r"^(?:missing a required (?:keyword-only )?argument: (?P<missing>'\w+')"
        r"|(?:too many positional|got an unexpected keyword) argument)"
        r"(?:: '(?P<keyword>\w+)')?",
    ),
    _p(Kind.CALL_ARITY, "TypeError", r"^function missing required argument '(?P<missing>\w+)'"),
    _p(Kind.CALL_ARITY, "TypeError", _CALLED + r" (?:got|missing|takes)\b"),
    # Types.
    _p(
        Kind.TYPE_MISMATCH,
        "TypeError",
        r"can only (?:concatenate|join) (?:an? )?(?P<expected>\w+) \(not \"(?P<actual>\w+)\"\)",
    ),
    _p(
        Kind.TYPE_MISMATCH,
        "TypeError",
        r"^unsupported operand type\(s\) for (?P<operator>\S+?(?: or pow\(\))?): '(?P<actual>\w+)'"
        r" and '(?P<expected>\w+)'",
    ),
    _p(
        Kind.TYPE_MISMATCH,
        "TypeError",
        r"^'(?P<operator>\S+)' not supported between instances of '(?P<actual>\w+)' and"
        r" '(?P<expected>\w+)'",
    ),
    _p(Kind.TYPE_MISMATCH, "TypeError", r"expected (?P<expected>\w+) instance, (?P<actual>\w+) found"),
    _p(Kind.TYPE_MISMATCH, "TypeError", r"indices must be (?P<expected>[\w ]+?),? not '?(?P<actual>\w+)'?"),
    _p(Kind.TYPE_MISMATCH, "TypeError", r"^'(?P<actual>\w+)' object (?:is not|does not support|cannot be)"),
    _p(Kind.TYPE_MISMATCH, "TypeError", r"^(?:argument|object) of type '(?P<actual>\w+)'"),
    _p(
        Kind.TYPE_MISMATCH,
        "TypeError",
        r"^(?:Object of type |cannot unpack non-iterable |unhashable type: '|bad operand type for"
        r" \S+(?: \S+)?: ')(?P<actual>\w+)",
    ),
    _p(Kind.TYPE_MISMATCH, "TypeError", r"must be (?P<expected>.+?),? not '?(?P<actual>[\w.]+)'?$"),
    _p(Kind.TYPE_MISMATCH, "TypeError", r"expected (?P<expected>.+?),? (?:got|but got|found) '?(?P<actual>[\w.]+)'?"),
    # Values.
    _p(
        Kind.INDEX_KEY,
        "IndexError",
        r"^index (?P<index>-?\d+) is out of bounds for axis \d+"
        r" with size (?P<length>\d+)",
    ),
    _p(Kind.INDEX_KEY, "KeyError", r"^['\"](?P<key>.+)['\"]$"),
    _p(Kind.INDEX_KEY, "KeyError", r"^(?P<key>.+)$"),
    _p(
        Kind.INVALID_VALUE,
        "ValueError",
        r"^(?:too many|not enough) values to unpack"
        r" \(expected (?:at least )?(?P<expected>\d+)(?:, got (?P<actual>\d+))?\)",
    ),
    _p(Kind.INVALID_VALUE, "ValueError", r"^invalid literal for int\(\) with base \d+: (?P<value>.+)$"),
    _p(Kind.INVALID_VALUE, "ValueError", r"^could not convert string to \w+: (?P<value>.+)$"),
    _p(Kind.INVALID_VALUE, "ValueError", r"^time data (?P<value>.+?) does not match format (?P<expected>.+)$"),
    _p(Kind.INVALID_VALUE, "ValueError", r"^(?P<value>.+) is not a valid (?P<expected>\w+)$"),
    _p(Kind.INVALID_VALUE, "ValueError", r"^(?P<value>.+) is not in (?:list|tuple|deque|range)$"),
)
