"""What a person can do about a JavaScript or TypeScript failure, in one sentence for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.failure import FailureKind as Kind
from regreen.core.workspace import Project

_ADVICE = {
    Kind.SYNTAX: "Correct the syntax at this line; the tests of every file that imports it run again after that.",
    Kind.IMPORT_UNRESOLVED: "Correct the path of the import, or the name of what is imported from it.",
    Kind.NAME_UNDEFINED: "Define the name, correct its spelling or import it.",
    Kind.MEMBER_MISSING: "Correct the member's name, or add it to the object that is used here.",
    Kind.CALL_ARITY: "Make the call and the function's parameters agree.",
    Kind.TYPE_MISMATCH: "Convert the value, or correct where it comes from.",
    Kind.COMPILE_RULE: "Follow the rule that the compiler names, or change the option that asks for it.",
    Kind.NULL_DEREF: "Find out why this is undefined or null: a missing return, a lookup without a result, an unset"
    " field.",
    Kind.INDEX_KEY: "Check the bounds or the key, or correct what fills the container.",
    Kind.INVALID_VALUE: "Check the value before it is used here, or correct where it comes from.",
    Kind.UNHANDLED_ERROR: "Handle the error, or correct the condition that throws it.",
    Kind.ASSERTION: "Compare what was expected with what came out; the fault is usually in the code under test.",
    Kind.SNAPSHOT: "Look at the difference; update the snapshot yourself when the new output is right.",
    Kind.TIMEOUT: "Run the test again; when it hangs again, look for a promise that nobody resolves or a loop"
    " without an end.",
    Kind.RESOURCE_EXHAUSTED: "Look for a recursion or an allocation without an end.",
    Kind.PROCESS_CRASH: "Find what ends the process: a call of process.exit, native code, or a kill from outside.",
    Kind.CONCURRENCY: "Await the promise, or handle its rejection; call done only once.",
    Kind.TEST_SETUP: "Correct the hook; the test itself did not run.",
    Kind.RUNNER_CONFIG: "Correct the selection or the runner's configuration, then run the tests again.",
    Kind.ENVIRONMENT: "Provide what the machine lacks, then run the tests again; no edit of the code cures this.",
    Kind.FLAKY: "Run the test alone, in its file and in another order to find what it depends on.",
    Kind.UNKNOWN: "Read the output of the run; it says more than Regreen understands.",
}
_ADD = {"pnpm": "pnpm add -D", "yarn": "yarn add -D", "bun": "bun add -d", "deno": "deno add"}


def advice(kind: Kind, slots: Mapping[str, str], project: Project) -> str:
    """Return what to do next, as one sentence; it names the command where there is one."""
    if kind is Kind.DEPENDENCY_MISSING:
        if slots.get("declared") == "yes":
            install = " ".join(project.prepare[0]) if project.prepare else "npm install"
            return f"It is declared but not installed: run {install}."
        package = slots.get("package") or slots.get("missing", "")
        return f"Install it: {_ADD.get(project.package_manager, 'npm install -D')} {package}."
    if kind is Kind.ENVIRONMENT and slots.get("service"):
        return f"Start or allow the service that is not reachable ({slots['service']}), then run the tests again."
    if kind is Kind.ENVIRONMENT and slots.get("missing"):
        return f"Provide {slots['missing']} on this machine, then run the tests again."
    return _ADVICE.get(kind, _ADVICE[Kind.UNKNOWN])
