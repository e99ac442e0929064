"""What a person can do about a Rust failure, in one sentence for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.failure import FailureKind as Kind
from regreen.core.workspace import Project

_ADVICE = {
    Kind.SYNTAX: "Correct the syntax at this line; nothing is built before that.",
    Kind.IMPORT_UNRESOLVED: "Correct the path of the module or the name that is taken from it, or make it public.",
    Kind.NAME_UNDEFINED: "Define the name, correct its spelling or bring it into scope with use.",
    Kind.MEMBER_MISSING: "Correct the name of the method or field, or add it to the type that is used here.",
    Kind.CALL_ARITY: "Make the call and the function's parameters agree.",
    Kind.TYPE_MISMATCH: "Convert the value, or correct the type that is declared.",
    Kind.BORROW_CHECK: "Borrow, clone or move the value so that it lives as long as it is used.",
    Kind.COMPILE_RULE: "Do what the compiler's rule asks for at this line.",
    Kind.NULL_DEREF: "Find out why this is None, or handle that case instead of unwrapping it.",
    Kind.INDEX_KEY: "Check the bounds or the key, or correct what fills the container.",
    Kind.INVALID_VALUE: "Check the value before it is used here, or correct where it comes from.",
    Kind.UNHANDLED_ERROR: "Handle the error, or correct the condition that leads to it.",
    Kind.ASSERTION: "Compare what was expected with what came out; the fault is usually in the code under test.",
    Kind.SNAPSHOT: "Look at the difference; accept the new snapshot yourself when the new output is right.",
    Kind.TIMEOUT: "Run the test again; when it hangs again, look for a loop that does not end or a lock held twice.",
    Kind.RESOURCE_EXHAUSTED: "Look for a recursion or an allocation without an end.",
    Kind.PROCESS_CRASH: "Find what ends the process: an exit or abort call, unsafe code, or a kill from outside.",
    Kind.CONCURRENCY: "Look at the panic in the other thread first, or at a cell that is borrowed twice.",
    Kind.TEST_SETUP: "Correct what the tests share; the test itself did not get that far.",
    Kind.RUNNER_CONFIG: "Correct the selection or the manifest that cargo names, then run the tests again.",
    Kind.DEPENDENCY_MISSING: "Fetch the dependencies: cargo fetch; then run the tests again.",
    Kind.ENVIRONMENT: "Provide what the machine lacks, then run the tests again; no edit of the code cures this.",
    Kind.FLAKY: "Run the test alone, in its file and in another order to find what it depends on.",
    Kind.UNKNOWN: "Read the output of the run; it says more than Regreen understands.",
}


def advice(kind: Kind, slots: Mapping[str, str], project: Project) -> str:
    """Return what to do next, as one sentence; it names the command where there is one."""
    missing = slots.get("missing", "")
    if kind is Kind.DEPENDENCY_MISSING and slots.get("package"):
        if slots.get("declared") == "yes":
            return "It is declared, so it was not fetched: run cargo fetch, then run the tests again."
        where = "" if project.path in (".", "") else f" in {project.path}"
        return f"Add it to the dependencies{where} when it is wanted: cargo add {slots['package']}."
    if slots.get("reason") == "lock":
        return "Bring Cargo.lock up to date with the manifests: cargo update --workspace."
    if kind is Kind.ENVIRONMENT and slots.get("toolchain"):
        return f"Install the toolchain that the project asks for: rustup toolchain install {slots['toolchain']}."
    if kind is Kind.ENVIRONMENT and slots.get("version"):
        return f"Use Rust {slots['version']} or later for this project: rustup update."
    if kind is Kind.ENVIRONMENT and missing in ("cargo-nextest", "nextest"):
        return "Install the runner: cargo install cargo-nextest --locked."
    if kind is Kind.ENVIRONMENT and missing == "cargo":
        return "Install Rust with rustup, and make sure that cargo is on the PATH."
    if kind is Kind.ENVIRONMENT and missing in ("cc", "ld", "link.exe"):
        return f"Install a C toolchain: the linker {missing} is not on this machine."
    if kind is Kind.ENVIRONMENT and missing:
        return f"Provide {missing} on this machine (install it or set the variable), then run the tests again."
    return _ADVICE.get(kind, _ADVICE[Kind.UNKNOWN])
