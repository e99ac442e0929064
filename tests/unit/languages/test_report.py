"""The reader of the plugin's report, from lines alone."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from regreen.core.testing import CommandSpec, Ended, Place, RawRun, TestId, TestOutcome, TestRun
from regreen.core.workspace import Project
from regreen.languages.python.report import PytestReader

NONCE = "secret"
PROJECT = Project(".", "python", "x", "pip", "pytest", "/env/bin/python", (), ".", vendored=("third",))
PLACE = Place("/ws", "/ws", "/scratch")


def line(event: str, nonce: str = NONCE, **facts: Any) -> str:
    return json.dumps({"event": event, "nonce": nonce, **facts})


def report(name: str, outcome: str = "passed", when: str = "call", **facts: Any) -> str:
    usual = {"seconds": 0.1, "xfail": False, "subtest": "", "path": "test_a.py", "line": 3}
    more = {"exception": None, "text": "", "sections": []}
    return line("report", **{"id": name, "outcome": outcome, "when": when, **usual, **more, **facts})


def started(name: str) -> str:
    return line("test", id=name, path="test_a.py", line=3)


FINISH = line("finish", status=0, foreign=[])


def read(*lines: str, exit_code: int = 0, ended: Ended = Ended.EXITED, stderr: str = "") -> TestRun:
    spec = CommandSpec(("python",), "/ws")
    text = "".join(f"{one}\n" for one in lines)
    return PytestReader(PROJECT, PLACE, NONCE).finish(RawRun(spec, ended, exit_code, "", stderr, text, 1.0))


def outcomes(run: TestRun) -> list[tuple[str, str]]:
    return [(result.id.name, result.outcome.value) for result in run.results]


def test_a_test_that_ended_and_a_finish_make_a_complete_green_run() -> None:
    run = read(started("a"), report("a"), line("end", id="a"), FINISH)
    assert run.complete
    assert run.green_for((TestId(".", "a"),))


def test_results_come_out_with_the_line_that_ends_them() -> None:
    reader = PytestReader(PROJECT, PLACE, NONCE)
    assert reader.feed(started("a")) == ()
    assert [result.id.name for result in reader.feed(report("a"))] == ["a"]


def test_lines_that_were_fed_are_not_read_twice() -> None:
    reader = PytestReader(PROJECT, PLACE, NONCE)
    lines = [started("a"), report("a"), line("end", id="a"), FINISH]
    for one in lines[:2]:
        reader.feed(one)
    raw = RawRun(CommandSpec(("python",), "/ws"), Ended.EXITED, 0, "", "", "\n".join(lines) + "\n", 1.0)
    run = reader.finish(raw)
    assert outcomes(run) == [("a", "passed")]
    assert run.complete


def test_a_line_without_the_nonce_is_not_believed() -> None:
    forged = [
        line("report", nonce="guess", id="b"),
        line("finish", nonce="", status=0, foreign=[]),
        '{"event": "finish"}',
    ]
    run = read(started("a"), *forged)
    assert outcomes(run) == [("a", "unfinished")]
    assert not run.complete


def test_a_started_test_without_an_end_is_unfinished_whatever_the_exit_code() -> None:
    run = read(started("a"), report("a"), line("end", id="a"), started("b"))
    assert outcomes(run) == [("a", "passed"), ("b", "unfinished")]
    assert not run.green_for()


def test_a_test_that_passed_and_never_left_its_teardown_is_not_passed() -> None:
    run = read(started("a"), report("a"))
    assert outcomes(run) == [("a", "passed"), ("a", "unfinished")]
    assert run.passed_ids == frozenset()


def test_without_a_finish_no_run_is_complete() -> None:
    assert not read(started("a"), report("a"), line("end", id="a")).complete


def test_a_finish_that_says_red_before_an_exit_with_zero_is_not_complete() -> None:
    ended = (started("a"), report("a"), line("end", id="a"))
    assert not read(*ended, line("finish", status=1, foreign=[])).complete
    assert read(*ended, line("finish", status=1, foreign=[]), exit_code=1).complete


def test_outcomes_of_all_phases() -> None:
    run = read(
        report("skip", "skipped", "setup"),
        report("xfail", "skipped", xfail=True),
        report("xpass", xfail=True),
        report("setup", "failed", "setup"),
        report("call", "failed"),
        report("teardown", "failed", "teardown"),
        report("again", "rerun"),
    )
    assert outcomes(run) == [
        ("skip", "skipped"),
        ("xfail", "xfailed"),
        ("xpass", "xpassed"),
        ("setup", "error"),
        ("call", "failed"),
        ("teardown", "error"),
    ]


def test_a_failed_part_makes_its_test_fail_even_if_the_rest_passes() -> None:
    run = read(
        started("a"),
        report("a", subtest="(n=1)"),
        report("a", "failed", subtest="(n=2)"),
        report("a"),
        line("end", id="a"),
    )
    assert [(result.outcome, result.subtest) for result in run.results] == [
        (TestOutcome.FAILED, "(n=2)"),
        (TestOutcome.PASSED, ""),
    ]
    assert run.passed_ids == frozenset()


def test_a_test_that_only_counts_its_failed_parts_is_left_out() -> None:
    run = read(report("a", "failed", subtest="(n=2)"), report("a", "failed", text="contains 1 failed subtest"))
    assert [result.subtest for result in run.results] == ["(n=2)"]


def test_frames_are_inside_unless_installed_vendored_or_elsewhere() -> None:
    frames = [
        ["app.py", 1, "f", "x"],
        ["third/lib.py", 2, "g", "y"],
        [".venv/lib/python3.12/site-packages/lib.py", 3, "h", "z"],
        ["/usr/lib/python3.12/json/__init__.py", 4, "loads", ""],
        ["env/lib.py", 5, "i", ""],
        ["<frozen importlib._bootstrap>", 6, "_load", ""],
    ]
    facts = {"type": "KeyError", "lineage": ["KeyError"], "message": "'x'", "attributes": {"key": "'x'"}}
    exception = {**facts, "frames": frames, "cause": {**facts, "frames": [], "cause": None}}
    run = read(line("start", prefix="env", root="/ws"), report("a", "failed", exception=exception))
    found = run.results[0].exception
    assert found is not None
    assert [frame.inside for frame in found.frames] == [True, False, False, False, False, False]
    assert found.attribute("key") == "'x'"
    assert found.cause is not None


def test_the_stack_that_a_crash_prints_belongs_to_the_unfinished_test() -> None:
    stderr = (
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
        '  File "/ws/app.py", line 7 in inner\n  File "/ws/test_a.py", line 3 in test_a\n\nExtension modules: x\n'
    )
    run = read(started("a"), ended=Ended.SIGNALLED, exit_code=-11, stderr=stderr)
    found = run.results[0].exception
    assert found is not None
    assert [(frame.path, frame.line, frame.function) for frame in found.frames] == [
        ("test_a.py", 3, "test_a"),
        ("app.py", 7, "inner"),
    ]
    assert found.message == "Segmentation fault"


def test_a_process_that_ends_while_collecting_is_blamed_on_the_file() -> None:
    run = read(line("collecting", id="test_a.py", path="test_a.py"))
    assert outcomes(run) == [("test_a.py", "unfinished")]
    assert run.results[0].phase == "collect"


def test_modules_of_the_original_tree_are_handed_on() -> None:
    assert read(line("finish", status=0, foreign=["app"])).foreign == ("app",)


def test_a_report_that_was_cut_in_the_middle_is_read_as_far_as_it_goes() -> None:
    assert outcomes(read(started("a"), report("a")[:40])) == [("a", "unfinished")]


@given(st.lists(st.one_of(st.text(max_size=80), st.dictionaries(st.text(max_size=8), st.integers()).map(json.dumps))))
def test_no_line_of_somebody_else_makes_a_result(lines: list[str]) -> None:
    run = read(*[one.replace("\n", " ") for one in lines])
    assert run.results == ()
    assert not run.complete
