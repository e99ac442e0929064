"""How a Go test run is started, and how its events are read."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from regreen.core.errors import ToolMissing
from regreen.core.testing import Ended, Place, RawRun, Selection, TestRun
from regreen.core.workspace import Project
from regreen.languages.go import Go
from regreen.languages.go.run import quoted

PROJECT = Project("api", "go", "example.com/api", "go", "go-test", "/bin/go", ("go", "test", "./..."), "api")
PLACE = Place("/copy", "/original", "/scratch")


def argv(selection: Selection, project: Project = PROJECT) -> tuple[str, ...]:
    return Go().command(project, selection, PLACE, 100).argv


def test_everything_is_run_as_events_without_the_cache() -> None:
    spec = Go().command(PROJECT, Selection(), PLACE, 100)
    assert spec.argv == ("/bin/go", "test", "-json", "-count=1", "-timeout=70000ms", "./...")
    assert (spec.cwd, spec.report_is_stdout) == ("/copy/api", True)
    assert dict(spec.env)["GOPROXY"] == "off"


def test_one_sub_test_is_named_level_by_level() -> None:
    assert argv(Selection(("pkg/x::TestAbs/minus_one/edge#01",)))[5:] == (
        "-run",
        "^TestAbs$/^minus_one$/^edge#01$",
        "./pkg/x",
    )


@pytest.mark.parametrize("name", ["TestA", "TestA/a.b(c)[d]{e}", "TestA/x|y$^", "TestA/a\\b+?*"])
def test_a_quoted_name_matches_itself_and_nothing_longer(name: str) -> None:
    for pattern, part in zip(quoted(name).split("/"), name.split("/"), strict=True):
        assert re.search(pattern, part)
        assert not re.search(pattern, f"{part}x")


def test_several_tests_of_several_packages_are_one_run() -> None:
    assert argv(Selection((".::TestA", "b::TestB", "b::TestC")))[5:] == ("-run", "^(TestA|TestB|TestC)$", ".", "./b")
    assert argv(Selection((".::TestA/x", "b::TestB")))[5:] == ("-run", "^TestA$/^x$|^TestB$", ".", "./b")


def test_a_package_among_what_is_wanted_is_run_whole() -> None:
    assert argv(Selection(("b",)))[5:] == ("./b",)


def test_files_are_run_as_their_package_and_folders_with_all_below() -> None:
    assert argv(Selection(paths=("b/x_test.go", "c", ".")))[5:] == ("./b", "./c/...", "./...")


def test_the_first_failure_stops_it_when_asked() -> None:
    assert "-failfast" in argv(Selection(stop_at_first=True))


def test_another_order_has_its_number() -> None:
    assert "-shuffle=7" in argv(Selection(seed=7))
    assert not any("shuffle" in each for each in argv(Selection()))


def test_tags_and_variables_of_the_project_are_used() -> None:
    project = replace(PROJECT, test_command=("go", "test", "-tags", "unit", "./..."), environment=(("GOWORK", "off"),))
    assert argv(Selection(), project)[5:] == ("-tags", "unit", "./...")
    assert ("GOWORK", "off") in Go().command(project, Selection(), PLACE, 1).env


def test_more_names_than_a_command_line_holds_become_packages() -> None:
    names = tuple(f"p{n % 3}::Test{'x' * 20}{n}" for n in range(10_000))
    assert argv(Selection(names))[5:] == ("./p0", "./p1", "./p2")


def test_a_machine_without_go_says_what_to_do() -> None:
    with pytest.raises(ToolMissing, match="Install Go"):
        Go().command(replace(PROJECT, interpreter=""), Selection(), PLACE, 1)


def test_there_is_no_warm_worker() -> None:
    assert Go().trials(PROJECT, PLACE) is None


def test_a_test_is_named_by_its_packages_folder_and_streamed_as_it_ends() -> None:
    lines = events("run b TestA", "pass b TestA", "run b TestB", "output b TestB     b_test.go:3: bad", "fail b TestB")
    reader = Go().reader(PROJECT, PLACE)
    told = [[(each.id.name, each.outcome.value) for each in reader.feed(line)] for line in lines]
    assert [each for each in told if each] == [[("b::TestA", "passed")], [("b::TestB", "failed")]]
    assert [test.name for test in reader.collected()] == ["b::TestA", "b::TestB"]


def test_a_failure_without_a_start_is_no_test() -> None:
    run = read("run b TestX", "output b TestX hello", "fail b TestY", "pass b TestX", "pass b")
    assert [(each.id.name, each.outcome.value) for each in run.results] == [("b::TestX", "passed")]
    assert run.green_for()


def test_a_failure_in_a_package_that_passed_is_no_failure() -> None:
    run = read("run b TestX", "fail b TestX", "pass b TestX", "run b TestY", "fail b TestY", "output b FAIL",
               "output b PASS", "pass b")  # fmt: skip
    assert [(each.id.name, each.outcome.value) for each in run.results] == [("b::TestX", "passed")]


def test_a_failure_that_a_test_main_keeps_to_itself_is_a_failure() -> None:
    run = read("run b TestX", "pass b TestX", "run b TestY", "output b TestY     b_test.go:3: bad", "fail b TestY",
               "output b FAIL", "pass b")  # fmt: skip
    assert [(each.id.name, each.outcome.value) for each in run.results] == [
        ("b::TestX", "passed"),
        ("b::TestY", "failed"),
    ]
    assert not run.green_for()


def test_a_test_that_never_ended_is_not_green_although_its_package_is() -> None:
    run = read("run b TestX", "run b TestY", "pass b TestX", "pass b")
    assert not run.complete
    assert not run.green_for()


def test_no_test_is_not_green() -> None:
    run = read("start b", "output b ok  \tb\t0.1s [no tests to run]", "pass b")
    assert run.results == ()
    assert not run.green_for()


def test_a_parent_that_failed_by_its_sub_tests_is_told_by_them() -> None:
    run = read("run b TestX", "run b TestX/a", "output b TestX/a     b_test.go:3: bad", "fail b TestX/a",
               "fail b TestX", "fail b", code=1)  # fmt: skip
    assert [each.id.name for each in run.results] == ["b::TestX/a"]


def test_what_a_killed_run_was_busy_with_is_unfinished() -> None:
    run = read("run b TestX", "run b TestX/a", code=0, ended=Ended.TIMED_OUT)
    assert [(each.id.name, each.outcome.value) for each in run.results] == [("b::TestX/a", "unfinished")]


def test_a_long_output_keeps_its_beginning_and_its_end() -> None:
    flood = [f"output b TestX line {n}" for n in range(40_000)]
    run = read("run b TestX", "output b TestX     b_test.go:3: first", *flood, "fail b TestX", "fail b", code=1)
    (failed,) = run.failed
    assert failed.exception is not None
    assert failed.exception.frames[0].path == "api/b/b_test.go"


def read(*words: str, code: int = 0, ended: Ended = Ended.EXITED) -> TestRun:
    reader = Go().reader(PROJECT, PLACE)
    text = "\n".join(events(*words)) + "\n"
    return reader.finish(RawRun(Go().command(PROJECT, Selection(), PLACE, 9), ended, code, text, "", "", 0.1))


def events(*words: str) -> list[str]:
    """Return events of "action package test output"."""
    found = []
    for word in words:
        action, package, *rest = word.split(" ", 3 if word.startswith("output") else 2)
        event = {"Action": action, "Package": f"example.com/api/{package}"}
        if action == "output" and not rest[0].startswith("Test"):
            event["Output"] = " ".join(rest) + "\n"
        else:
            event |= {"Test": rest[0]} if rest else {}
            event |= {"Output": rest[1] + "\n"} if 1 < len(rest) else {}
        found.append(json.dumps(event))
    return found
