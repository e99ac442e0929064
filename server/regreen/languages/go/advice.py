"""What a person can do about a Go failure, in one sentence for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.failure import FailureKind as Kind
from regreen.core.workspace import Project

_ADVICE = {
    Kind.SYNTAX: "Correct the syntax at this line; the package and everything that imports it run again after that.",
    Kind.IMPORT_UNRESOLVED: "Correct the import path, or move what two packages need from each other into a third one.",
    Kind.NAME_UNDEFINED: "Define the name, correct its spelling or import its package.",
    Kind.MEMBER_MISSING: "Correct the name of the field, method or function, or add it to the type or package.",
    Kind.CALL_ARITY: "Make the number of values agree: of arguments and parameters, or of results and variables.",
    Kind.TYPE_MISMATCH: "Convert the value, or correct the type that is declared for it.",
    Kind.COMPILE_RULE: "Follow the rule that the compiler names: use or remove what is unused, return on every path.",
    Kind.NULL_DEREF: "Find out why this is nil: a lookup without a result, an ignored error, a map never made.",
    Kind.INDEX_KEY: "Check the bounds before this index or slice, or correct what fills it.",
    Kind.INVALID_VALUE: "Check the value before it is used here, or correct where it comes from.",
    Kind.UNHANDLED_ERROR: "Return or handle the error, or correct the condition that raises it.",
    Kind.ASSERTION: "Compare what was expected with what came out; the fault is usually in the code under test.",
    Kind.SNAPSHOT: "Look at the difference; update the golden file yourself when the new output is right.",
    Kind.TIMEOUT: "Run the test again; when it hangs again, look for a channel, a lock or a loop without end.",
    Kind.RESOURCE_EXHAUSTED: "Look for a recursion or an allocation without an end.",
    Kind.PROCESS_CRASH: "Find what ends the process: os.Exit, log.Fatal, native code, or a kill from outside.",
    Kind.CONCURRENCY: "Guard what goroutines share with a mutex or a channel, and wait for them before the test ends.",
    Kind.TEST_SETUP: "Correct TestMain, the set-up or the initialisation of the package; no test of it ran.",
    Kind.RUNNER_CONFIG: "Correct what go test was asked for: the selection, its flags, go.mod or go.work.",
    Kind.ENVIRONMENT: "Provide what the machine lacks, then run the tests again; no edit of the code cures this.",
    Kind.FLAKY: "Run the test alone and with -shuffle=on to find what it depends on.",
    Kind.UNKNOWN: "Read the output of the run; it says more than Regreen understands.",
}


def advice(kind: Kind, slots: Mapping[str, str], project: Project) -> str:
    """Return what to do next, as one sentence; it names the command where there is one."""
    if kind is Kind.DEPENDENCY_MISSING:
        return _dependency(slots, project)
    if kind is Kind.ENVIRONMENT:
        return _environment(slots)
    if kind is Kind.IMPORT_UNRESOLVED and slots.get("suggest"):
        return f"Import {slots['suggest']} instead."
    if kind is Kind.RUNNER_CONFIG and slots.get("reason") == "no-tests":
        return "Add a test (a function TestXxx in a file that ends with _test.go), or correct the selection."
    if kind is Kind.RUNNER_CONFIG and slots.get("symbol") and slots.get("expected"):
        return f"Give {slots['symbol']} the signature that the runner expects: {slots['expected']}."
    return _ADVICE.get(kind, _ADVICE[Kind.UNKNOWN])


def _dependency(slots: Mapping[str, str], project: Project) -> str:
    where = "" if project.cwd in (".", "") else f" in {project.cwd}"
    if any(path.endswith("vendor") for path in project.vendored) or slots.get("reason") == "vendor":
        return f"Bring the vendor folder up to date{where}: go mod vendor."
    package = slots.get("package", "")
    if package and not slots.get("declared"):
        return f"Add the module that provides it{where}: go get {package}."
    return f"Bring go.mod and go.sum up to date{where}: go mod tidy."


def _environment(slots: Mapping[str, str]) -> str:
    missing = slots.get("missing", "")
    if slots.get("version"):
        return f"Install Go {slots['version'].removeprefix('go')} or later, then run the tests again."
    if missing == "go":
        return "Install Go and put its bin folder on the PATH, then run the tests again."
    if slots.get("reason") == "not-downloaded" or ("." in missing.partition("/")[0] and "/" in missing):
        return "Fetch the modules that are not on this machine yet: go mod download."
    if missing:
        return f"Provide {missing} on this machine (install it or set the variable), then run the tests again."
    if slots.get("service"):
        return f"Start the service that the test needs ({slots['service']}), then run the tests again."
    return _ADVICE[Kind.ENVIRONMENT]
