"""Saved output of go test, labelled by hand: data/*_go.jsonl, and of assertion libraries."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.analysis import classify_saved
from regreen.core.failure import Failure
from regreen.core.workspace import FileFacts, WorkspaceModel

_DATA = Path(__file__).parents[3] / "data"
CASES = [
    json.loads(line)
    for name in ("failures_go.jsonl", "heldout_go.jsonl")
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines()
]
LIBRARIES = json.loads((_DATA / "libraries_go.json").read_text(encoding="utf-8"))
# What only the events tell: which test was running, which ones passed, what a test merely printed.
_NEED_EVENTS = frozenset(
    ["go-flaky-maporder", "go-goroutine-panic", "go-log-fatal", "own-go-ass-verbose-logs", "own-go-cra-exit2",
     "own-go-cra-kill", "own-go-con-map"]
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_saved_run_is_explained(case: dict[str, Any]) -> None:
    check(case, case["results"])


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_its_text_alone_says_the_same(case: dict[str, Any]) -> None:
    if case["case"] in _NEED_EVENTS:
        assert explained(case, {})
    else:
        check(case, {})


def test_assertion_libraries_say_what_they_compared() -> None:
    label = {"runner": "go-test", "cwd": "/ws/ext"}
    found = {failure.test.name: failure for failure in explained({**LIBRARIES, "label": label}, LIBRARIES["results"])}
    shown = [
        f"{name} {each.kind.code} {each.path}:{each.line} {each.slot('expected')} {each.slot('actual')}"
        for name, each in sorted(found.items())
    ]
    assert shown == [
        "TestB RG501 tf/tf_test.go:33 1 2",
        "TestCmp RG301 cmp/cmp_test.go:13 Y: 2 Y: 3",
        "TestContains RG301 tf/tf_test.go:20  ",
        'TestDiff RG301 tf/tf_test.go:22 map[string]int{"a":1} map[string]int{"a":2}',
        "TestEqual RG301 tf/tf_test.go:14 3 4",
        "TestG RG301 gt/gt_test.go:11 3 2",
        "TestGomega RG301 gom/gom_test.go:11 3 2",
        "TestLen RG301 tf/tf_test.go:21  ",
        "TestNoErr RG204 tf/tf_test.go:18  ",
        "TestParse RG203 tf/tf_test.go:19  ",
        "TestQ RG301 qt/qt_test.go:11 int(3) int(2)",
        'TestS/TestOne RG301 tf/tf_test.go:27 "a" "b"',
        "TestS/TestPanics RG201 tf/tf_test.go:28  ",
        "TestSuite RG301 gom/suite_test.go:16  ",
    ]


def test_a_log_that_stops_in_a_test_blames_that_test() -> None:
    output = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\nworking\n"
    (failure,) = classify_saved(output, "go-test", "")
    assert (failure.test.name, failure.kind.label) == ("TestB", "timeout")


def test_gotestsum_names_package_and_test() -> None:
    output = """
✖  b (3ms)

=== Failed
=== FAIL: b TestB (0.00s)
    b_test.go:6: got 1, want 2

DONE 2 tests, 1 failure in 0.5s
"""
    model = WorkspaceModel("", files=MappingProxyType({"b/b_test.go": FileFacts("b/b_test.go", "go", "")}))
    (failure,) = classify_saved(output, "gotestsum/1.13", "", model=model, read={"b/b_test.go": ""}.get)
    assert (failure.test.name, failure.path, failure.line) == ("TestB", "b/b_test.go", 6)


_LINES = sorted({line for case in CASES for line in case["output"].splitlines() if line})
_EVENTS = sorted({line for case in CASES for text in case["results"].values() for line in text.splitlines() if line})


@given(st.lists(st.one_of(st.sampled_from(_LINES), st.sampled_from(_EVENTS), st.text(max_size=40)), max_size=25))
@settings(max_examples=200, deadline=None)
def test_no_log_breaks_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    for failure in classify_saved(text, "go-test", "/ws", reports={"result.json": text}):
        assert failure.message.count("\n") == 0
        assert failure.advice


def check(case: dict[str, Any], reports: dict[str, str]) -> None:
    label = case["label"]
    found = explained(case, reports)
    if label["category"] == "pass":
        assert found == ()
        return
    failure = next(failure for failure in found if failure.test.name == (label["test_id"] or ""))
    assert failure.kind.label in (label["category"], *label["also_accept"])
    report = label["report"] or {"file": "", "line": 0}
    assert (failure.path, failure.line) == (report["file"], report["line"])
    wanted = {name: value for name, value in label["slots"].items() if isinstance(value, str)}
    assert wanted == {name: failure.slot(name) for name in wanted}
    several = label["slots"].get("all_tests")
    assert several is None or {each.test.name for each in found} == set(several)


def explained(case: dict[str, Any], reports: dict[str, str]) -> tuple[Failure, ...]:
    files = case["files"]
    root = case["label"]["cwd"]
    facts = MappingProxyType({path: FileFacts(path, "go", "") for path in files})
    model = WorkspaceModel(root, files=facts)
    return classify_saved(case["output"], case["label"]["runner"], root, model=model, read=files.get, reports=reports)
