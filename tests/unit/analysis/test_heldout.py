"""Outputs that the rules were not written from, labelled before they were classified: data/heldout*_python.jsonl.

They come from pytest 7.4, 8.4 and 9.2 with many options, and from unittest of 3.9 to 3.13.
"""

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

_DATA = Path(__file__).parents[2] / "data"
_LINES = [
    line
    for name in ("heldout_python.jsonl", "heldout2_python.jsonl")
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines()
]
CASES = {case["case"]: case for case in map(json.loads, _LINES)}
# Pytest cut the message off, and what it cut is printed nowhere else.
_CUT = ("attr-self-multi", "value-int")


def explained(case: dict[str, Any], output: str) -> tuple[Failure, ...]:
    files, label = case["files"], case["label"]
    model = WorkspaceModel(
        label["cwd"], files=MappingProxyType({path: FileFacts(path, "python", "") for path in files})
    )
    return classify_saved(output, label["runner"], label["cwd"], model=model, read=files.get, reports=case["results"])


def failure_of(case: dict[str, Any]) -> Failure:
    wanted = case["label"]["test_id"] or ""
    return next(failure for failure in explained(case, case["output"]) if failure.test.name == wanted)


@pytest.mark.parametrize("name", [name for name in CASES if name not in _CUT])
def test_an_unseen_output_is_explained(name: str) -> None:
    label = CASES[name]["label"]
    failure = failure_of(CASES[name])
    assert failure.kind.label in (label["category"], *label["also_accept"])
    report = label["report"] or {"file": "", "line": 0}
    assert (failure.path, failure.line) == (report["file"], report["line"])
    wanted = {slot: value.strip("'") for slot, value in label["slots"].items()}
    assert {slot: failure.slot(slot).strip("'") for slot in wanted} == wanted


@pytest.mark.parametrize("name", _CUT)
def test_a_summary_that_was_cut_off_still_gives_test_and_kind(name: str) -> None:
    assert failure_of(CASES[name]).kind.label == CASES[name]["label"]["category"]


_EDITS = st.lists(
    st.tuples(
        st.sampled_from(("drop", "double", "cut", "indent", "swap", "insert", "join")),
        st.floats(0, 1),
        st.floats(0, 1),
        st.text(alphabet="=_E>[]():-.!+| \t\"'\\\x1b\r\ufeff€0aF", max_size=12),
    ),
    min_size=1,
    max_size=5,
)


def damaged(output: str, edits: list[tuple[str, float, float, str]]) -> str:
    """Return a log with lines lost, doubled, swapped, cut and filled with odd characters."""
    lines = output.split("\n")
    for what, first, second, text in edits:
        start, end = sorted((int(first * len(lines)), int(second * len(lines))))
        at = min(start, len(lines) - 1)
        part = lines[start:end]
        if what in ("drop", "double", "swap"):
            lines[start:end] = {"drop": [], "double": part * 2, "swap": part[::-1]}[what]
        elif what == "indent":
            lines[start:end] = [text + line for line in part]
        elif what == "cut":
            lines = [*lines[:at], lines[at][: int(second * len(lines[at]))]]
        elif what == "insert":
            lines[at] = lines[at][: len(text)] + text + lines[at][len(text) :]
        else:
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
        lines = lines or [""]
    return "\n".join(lines)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(CASES)), _EDITS)
def test_a_damaged_log_never_breaks_the_classifier(name: str, edits: list[tuple[str, float, float, str]]) -> None:
    for failure in explained(CASES[name], damaged(CASES[name]["output"], edits)):
        assert failure.kind.code
        assert "\n" not in failure.message
        assert 0 <= failure.line
