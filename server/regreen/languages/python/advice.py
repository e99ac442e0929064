"""What a person can do about a Python failure, in one sentence for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.failure import FailureKind as Kind
from regreen.core.workspace import Project

from .modules import distribution

_ADVICE = {
    Kind.SYNTAX: "Correct the syntax at this line; the tests of every file that imports it run again after that.",
    Kind.IMPORT_UNRESOLVED: "Correct the name of the module or of what is imported from it.",
    Kind.NAME_UNDEFINED: "Define the name, correct its spelling or import it.",
    Kind.MEMBER_MISSING: "Correct the attribute's name, or add it to the object that is used here.",
    Kind.CALL_ARITY: "Make the call and the function's parameters agree.",
    Kind.TYPE_MISMATCH: "Convert the value, or correct where it comes from.",
    Kind.NULL_DEREF: "Find out why this is None: a missing return, a lookup without a result, an unset default.",
    Kind.INDEX_KEY: "Check the bounds or the key, or correct what fills the container.",
    Kind.INVALID_VALUE: "Check the value before it is used here, or correct where it comes from.",
    Kind.UNHANDLED_ERROR: "Handle the exception, or correct the condition that raises it.",
    Kind.ASSERTION: "Compare what was expected with what came out; the fault is usually in the code under test.",
    Kind.SNAPSHOT: "Look at the difference; update the snapshot yourself when the new output is right.",
    Kind.TIMEOUT: "Run the test again; when it hangs again, look for a loop that does not end or a lock held twice.",
    Kind.RESOURCE_EXHAUSTED: "Look for a recursion or an allocation without an end.",
    Kind.PROCESS_CRASH: "Find what ends the process: an exit call, native code, or a kill from outside.",
    Kind.CONCURRENCY: "Await the coroutine, keep to one event loop, or handle the error in the thread.",
    Kind.TEST_SETUP: "Correct the fixture or hook; the test itself did not run.",
    Kind.RUNNER_CONFIG: "Correct the selection or pytest's configuration, then run the tests again.",
    Kind.ENVIRONMENT: "Provide what the machine lacks, then run the tests again; no edit of the code cures this.",
    Kind.FLAKY: "Run the test alone, in its file and in another order to find what it depends on.",
    Kind.UNKNOWN: "Read the output of the run; it says more than Regreen understands.",
}


def advice(kind: Kind, slots: Mapping[str, str], project: Project) -> str:
    """Return what to do next, as one sentence; it names the command where there is one."""
    python = project.interpreter or "python"
    missing = slots.get("missing", "")
    if slots.get("reason") == "project-not-installed":
        where = "." if project.path in (".", "") else project.path
        return f"Install the project itself into its environment: {python} -m pip install -e {where}."
    if kind is Kind.DEPENDENCY_MISSING:
        package = slots.get("package") or distribution(missing)
        declared = " It is declared, so the environment is incomplete." if slots.get("declared") == "yes" else ""
        return f"Install it into the project's environment: {python} -m pip install {package}.{declared}"
    if kind is Kind.ENVIRONMENT and missing.startswith("pytest"):
        return f"Install pytest into the project's environment: {python} -m pip install {_requirement(missing)}."
    if kind is Kind.ENVIRONMENT and missing.startswith("python>="):
        return f"Use an interpreter of version {missing.removeprefix('python>=')} or later for this project."
    if kind is Kind.ENVIRONMENT and missing:
        return f"Provide {missing} on this machine (install the program or set the variable), then run the tests again."
    if kind is Kind.RUNNER_CONFIG and "--cov" in slots.get("selector", ""):
        return f"Install the plugin that these options belong to: {python} -m pip install pytest-cov."
    if kind is Kind.RUNNER_CONFIG and missing:
        return f"Install the plugin that the test needs: {python} -m pip install {missing}."
    if kind is Kind.CONCURRENCY and slots.get("reason") == "not-awaited":
        return "Await the coroutine that is used here as a value."
    return _ADVICE.get(kind, _ADVICE[Kind.UNKNOWN])


def _requirement(missing: str) -> str:
    name, dash, version = missing.partition("-")
    return f"'{name}>={version}'" if dash else name
