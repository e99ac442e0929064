"""A saved output tells which runner wrote it, by what only that runner prints."""

from __future__ import annotations

import pytest

from regreen.core.errors import UsageError
from regreen.languages import guess_runner, language_of_runner

CASES = {
    "pytest": "=========== test session starts ===========\nrootdir: /w\ncollected 1 item\n\ntest_a.py F\n",
    "unittest": "test_a (t.T.test_a) ... FAIL\n\n======\nFAIL: test_a (t.T.test_a)\nRan 1 test in 0.001s\n",
    "go-test": "--- FAIL: TestAdd (0.00s)\n    add_test.go:7: got 1\nFAIL\nFAIL\texample.com/a\t0.002s\n",
    "cargo-test": "running 1 test\ntest t::adds ... FAILED\n\nthread 't::adds' (7) panicked at src/lib.rs:3:5:\n",
    "nextest": "        FAIL [   0.003s] (1/1) app t::adds\n     Summary [   0.003s] 1 test run: 1 failed\n",
    "vitest": " RUN  v4.1.12 /w\n\n ❯ a.test.ts (1 test | 1 failed)\n\n Test Files  1 failed (1)\n",
    "jest": "FAIL ./a.test.js\n  ● adds\n\nTest Suites: 1 failed, 1 total\n",
    "mocha": "\n  add\n    1) adds\n\n  0 passing (3ms)\n  1 failing\n",
    "node-test": "✖ adds (1.2ms)\nℹ tests 1\nℹ fail 1\n\n✖ failing tests:\n\ntest at a.test.js:3:1\n",
    "ava": "  ✘ [fail]: adds\n  ─\n\n  adds\n\n  1 test failed\n",
    "bun": "bun test v1.4.5 (abc)\n\na.test.ts:\n(fail) adds [0.1ms]\n\n 0 pass\n 1 fail\nRan 1 test across 1 file.\n",
    "deno": "running 1 test from ./a_test.ts\nadds ... FAILED (3ms)\n\nFAILED | 0 passed | 1 failed (5ms)\n",
    "tsc": "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\n",
    "npm": 'npm error Missing script: "test"\n',
}


@pytest.mark.parametrize(("runner", "text"), CASES.items(), ids=CASES)
def test_each_runner_is_known_by_what_it_prints(runner: str, text: str) -> None:
    assert guess_runner(text) == runner
    assert language_of_runner(runner)


@pytest.mark.parametrize(
    ("report", "runner"),
    [
        ('<testsuites><testsuite name="pytest" tests="1"><testcase/></testsuite></testsuites>', "pytest"),
        ('<testsuites name="jest tests" tests="1"/>', "jest"),
        ('<testsuites name="vitest tests" tests="1"/>', "vitest"),
        ('<testsuites name="nextest-run" tests="1"/>', "nextest"),
        ('{"Action":"fail","Package":"a","Test":"TestA"}\n', "go-test"),
        ('{ "type": "suite", "event": "started", "test_count": 1 }\n', "cargo-test"),
    ],
)
def test_a_report_alone_tells_it_too(report: str, runner: str) -> None:
    assert guess_runner(report) == runner


def test_what_looks_like_no_runner_is_an_error_that_lists_them() -> None:
    with pytest.raises(UsageError) as error:
        guess_runner("make: Nothing to be done.\n")
    assert error.value.next_step.startswith("Name the runner with --runner: pytest, unittest, nextest, ")


def test_what_looks_like_two_languages_is_an_error_that_names_both() -> None:
    with pytest.raises(UsageError) as error:
        guess_runner("npm error code 1\n--- FAIL: TestAdd\n")
    assert error.value.message == "This output may be that of go-test or npm."


def test_the_ends_of_a_huge_output_are_enough() -> None:
    assert guess_runner("x" * 3_000_000 + "\n--- FAIL: TestAdd (0.00s)\n") == "go-test"
