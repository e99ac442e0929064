"""Failures that a sandbox causes are told from those that the code causes; with real confined runs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.analysis.confined import ADVICE, sandbox_cause, sandbox_end
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import (
    Ended,
    ExceptionFacts,
    Frame,
    Selection,
    TestId,
    TestOutcome,
    TestResult,
    TestRun,
)
from regreen.execution import LocalExecutor, Sandbox
from regreen.execution.sandbox import Limits
from regreen.languages import languages
from tests.support.runs import failures_of, project_of
from tests.support.sandboxes import OF_NAMESPACES
from tests.support.workspace import lay

# Each test says in its name what is to be said of it; "code" means that the sandbox is not to blame.
WORKSPACE = """
-- app.py --
import errno, os, socket

def save(path):
    with open(path, "w") as stream:
        stream.write("x")

def load(path):
    with open(path) as stream:
        return stream.read()

def make_up():
    raise OSError(errno.EROFS, "made up", "/etc/x")

-- test_app.py --
import os, socket, urllib.request
import pytest
import app

def test_read_only_write():
    app.save("/usr/share/regreen-probe")

def test_read_only_git():
    app.save(".git/config")

def test_network_lookup():
    socket.getaddrinfo("regreen.invalid", 80)

def test_network_connect():
    socket.create_connection(("192.0.2.1", 80), 5)

def test_network_through_a_library():
    urllib.request.urlopen("http://192.0.2.1/", timeout=5)

def test_network_to_a_service_of_this_machine():
    socket.create_connection(("127.0.0.1", 5432), 5)

def test_hidden_file():
    app.load("HIDDEN")

def test_refused_namespace():
    if hasattr(os, "unshare"):
        os.unshare(os.CLONE_NEWUSER)
    else:
        os.setuid(12345)

def test_code_missing_file():
    app.load("/nowhere/at/all")

def test_code_missing_file_of_the_tree():
    app.load("missing.txt")

def test_code_made_up():
    app.make_up()

def test_code_assertion():
    try:
        app.save("/usr/share/regreen-probe")
    except OSError:
        assert False

def test_code_plain_assertion():
    assert "network is unreachable" == "read-only file system"

def test_code_raises():
    with pytest.raises(ValueError):
        int("1")

def test_code_value():
    int("x")
"""


def run_confined(sandbox: Sandbox, root: Path) -> TestRun:
    runner = ToolRunner(
        lambda name: {each.name: each for each in languages()}[name],
        LocalExecutor(sandbox=sandbox),
        str(root),
        lambda: 60.0,
        lambda: True,
    )
    return runner.run(Cancellation(), project_of(), Selection(), Enclosure.at(str(root)))


def blamed(failure: Failure) -> str:
    return failure.slot("sandbox") or "code"


@pytest.mark.parametrize("kind", OF_NAMESPACES)
def test_each_failure_is_blamed_on_what_caused_it(kind: str, tmp_path: Path) -> None:
    (tmp_path / "hidden").write_text("there")
    root = lay(tmp_path / "ws", WORKSPACE.replace("HIDDEN", str(tmp_path / "hidden")))
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("")
    failures = failures_of(root, run_confined(Sandbox(kind), root))
    found = {failure.test.name.partition("::")[2]: failure for failure in failures}
    assert len(found) == WORKSPACE.count("def test_")
    for name, failure in found.items():
        wanted = re.split(r"_", name)[1].replace("read", "read-only")
        assert blamed(failure) == wanted, (name, failure)
        assert (failure.advice == ADVICE) == (wanted != "code")
        if wanted != "code":
            assert failure.kind is FailureKind.ENVIRONMENT
            assert not failure.kind.editable


def test_a_run_that_took_too_much_memory_says_so(tmp_path: Path) -> None:
    root = lay(
        tmp_path, "-- test_a.py --\ndef test_a():\n    held = [bytearray(b'x') * (1 << 20) for _ in range(8192)]\n"
    )
    run = run_confined(Sandbox("namespaces", limits=Limits(memory=512 << 20)), root)
    [failure] = failures_of(root, run)
    assert failure.kind is FailureKind.RESOURCE_EXHAUSTED
    assert failure.message == "The run was ended: it took more than 512 MiB of memory."


def result_of(facts: ExceptionFacts | None) -> TestResult:
    return TestResult(TestId(".", "test_a.py::test_a"), TestOutcome.FAILED, "test_a.py", 1, exception=facts)


def run_of(result: TestResult, output: str = "") -> TestRun:
    return TestRun(".", (result,), (), 1, Ended.EXITED, 0.1, True, output, confined=True, hidden=("/home/me/data",))


@pytest.mark.parametrize(
    ("type_", "message", "expected"),
    [
        ("Error", "EROFS: read-only file system, open '/etc/x'", "read-only"),
        ("Error", "getaddrinfo EAI_AGAIN registry.example", "network"),
        ("Error", "connect ENETUNREACH 192.0.2.1:80 - Local (0.0.0.0:0)", "network"),
        ("panic", "open /etc/x: read-only file system", "read-only"),
        ("error", 'Get "http://x": dial tcp: lookup x: Temporary failure in name resolution', "network"),
        ("error", "dial tcp 192.0.2.1:80: connect: network is unreachable", "network"),
        ("panic", 'Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }', "read-only"),
        ("AssertionError", "EROFS: read-only file system", None),
        ("Error", "the network is fine", None),
        ("Error", "a read-only field", None),
    ],
)
def test_other_languages_say_it_in_words(type_: str, message: str, expected: str | None) -> None:
    result = result_of(ExceptionFacts(type_, (type_,), message))
    verdict = sandbox_cause(run_of(result), result)
    assert (None if verdict is None else verdict.slots["sandbox"]) == expected


def test_nothing_is_blamed_on_a_sandbox_that_was_not_there() -> None:
    facts = ExceptionFacts("OSError", ("OSError", "Exception", "BaseException"), "", (("errno", "30"),))
    result = result_of(facts)
    assert sandbox_cause(run_of(result), result) is not None
    assert sandbox_cause(replace(run_of(result), confined=False), result) is None
    ended = "regreen: the sandbox ended this run: it had more than 512 processes."
    assert sandbox_end(run_of(result, ended)) == "it had more than 512 processes"
    assert sandbox_end(replace(run_of(result, ended), confined=False)) == ""


texts = st.text(max_size=20)
frames = st.builds(Frame, texts, st.integers(0, 9), texts, texts, st.booleans())
attributes = st.tuples(st.sampled_from(["errno", "filename", "filename2", "name"]), texts | st.integers().map(str))
facts_of_all_kinds = st.recursive(
    st.none(),
    lambda inner: st.builds(
        ExceptionFacts,
        texts | st.sampled_from(["OSError", "socket.gaierror"]),
        st.lists(texts | st.just("OSError"), max_size=3).map(tuple),
        texts,
        st.lists(attributes, max_size=4).map(tuple),
        st.lists(frames, max_size=2).map(tuple),
        inner,
    ),
    max_leaves=4,
)


@given(facts_of_all_kinds, texts)
def test_no_exception_is_too_strange_to_be_judged(facts: ExceptionFacts | None, output: str) -> None:
    result = result_of(facts)
    verdict = sandbox_cause(run_of(result, output), result)
    assert verdict is None or verdict.kind is FailureKind.ENVIRONMENT
    sandbox_end(run_of(result, output))
