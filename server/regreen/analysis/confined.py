"""Recognises failures that the sandbox caused: by what the system answered, never by what a test expected."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from regreen.core.failure import FailureKind
from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult, TestRun
from regreen.languages import Verdict

ADVICE = (
    "The sandbox caused this, not the code: run with --sandbox off, or set regreen.sandbox, if you trust these tests."
)
_NETWORK = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH})
_NO_NAME = -3  # the resolver's "try again": no name server can be reached
_REFUSED = frozenset({errno.EPERM, errno.EACCES})
_ASSERTIONS = frozenset({"AssertionError", "Failed"})
_ENDED = re.compile(r"^regreen: the sandbox ended this run: (?P<why>[^\n]+)\.$", re.MULTILINE)
# The answers of the system as other languages print them.
_IN_TEXT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("read-only", re.compile(r"\bEROFS: read-only file system\b|: read-only file system\b|\bReadOnlyFilesystem\b")),
    (
        "network",
        re.compile(
            r"\b(?:EAI_AGAIN|ENETUNREACH|ENETDOWN)\b|: network is (?:unreachable|down)\b|\bNetworkUnreachable\b"
            r"|: dial \w+: lookup \S+[^\n]*: (?:connection refused|network is unreachable|Temporary failure)"
            r"|\b[Tt]emporary failure in name resolution\b"
        ),
    ),
)


def sandbox_cause(run: TestRun, result: TestResult) -> Verdict | None:
    """Return the verdict on a failure that the sandbox of its run caused; None when that is not certain."""
    facts = result.exception
    if not run.confined or facts is None or result.outcome is TestOutcome.UNFINISHED:
        return None
    if _is_assertion(facts) or _is_raised_by_hand(facts):
        return None
    for each in _chain(facts):
        found = _by_number(each, run.hidden, is_outermost=each is facts) or _by_text(each)
        if found is not None:
            what, missing = found
            return Verdict(FailureKind.ENVIRONMENT, {"sandbox": what, "missing": missing})
    return None


def sandbox_end(run: TestRun) -> str:
    """Return why the sandbox ended a run, "" when it did not."""
    found = _ENDED.search(run.output) if run.confined else None
    return found["why"] if found else ""


def missing_files(run: TestRun) -> tuple[str, ...]:
    """Return the absolute paths that tests asked for and did not find, sorted: a sandbox may have hidden them."""
    found = set()
    for result in run.failed:
        for facts in _chain(result.exception):
            path = facts.attribute("filename")
            if facts.attribute("errno") == str(errno.ENOENT) and path.startswith("/"):
                found.add(path)
    return tuple(sorted(found))


def _chain(facts: ExceptionFacts | None) -> Iterator[ExceptionFacts]:
    while facts is not None:
        yield facts
        facts = facts.cause


def _is_assertion(facts: ExceptionFacts) -> bool:
    return any(name.rpartition(".")[2] in _ASSERTIONS for name in (facts.type, *facts.lineage))


def _is_raised_by_hand(facts: ExceptionFacts) -> bool:
    """Tell whether the workspace's own code made the error up."""
    return bool(facts.frames) and facts.frames[-1].inside and facts.frames[-1].code.lstrip().startswith("raise ")


def _by_number(facts: ExceptionFacts, hidden: tuple[str, ...], *, is_outermost: bool) -> tuple[str, str] | None:
    """Return what an error of the system says: what was kept from the test, and which file."""
    if "OSError" not in (facts.type, *facts.lineage):
        return None
    try:
        number = int(facts.attribute("errno"))
    except ValueError:
        return None
    path = facts.attribute("filename")
    if number == errno.EROFS:
        return "read-only", path
    if number in _NETWORK or (number == _NO_NAME and facts.type.endswith("gaierror")):
        return "network", ""
    if not is_outermost:
        # What follows happens in ordinary code too, which may have gone on to fail for a reason of its own.
        return None
    if number == errno.ECONNREFUSED:
        return "network", ""
    if number == errno.ENOENT and path in hidden:
        return "hidden", path
    if number in _REFUSED and path.startswith("/") and not facts.attribute("filename2"):
        return "refused", path
    if number == errno.EPERM and not path:
        return "refused", ""
    return None


def _by_text(facts: ExceptionFacts) -> tuple[str, str] | None:
    if facts.lineage and facts.lineage[-1] == "BaseException":
        # Python's exceptions carry their number.
        return None
    return next(((what, "") for what, pattern in _IN_TEXT if pattern.search(facts.message)), None)
