"""Saved output of cargo and nextest, labelled by hand: data/*_rust.jsonl."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.analysis import classify_saved
from regreen.core.failure import Failure
from regreen.core.workspace import FileFacts, WorkspaceModel

_FOLDER = Path(__file__).parents[3] / "data"
CASES = [
    json.loads(line)
    for name in ("failures_rust.jsonl", "kinds_rust.jsonl", "heldout_rust.jsonl")
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()
]
_NAMES = [case["case"] for case in CASES]


def explain(case: dict[str, Any], root: str, *, reports: bool) -> tuple[Failure, ...]:
    files = case["files"]
    facts = MappingProxyType({path: FileFacts(path, "rust", "") for path in files})
    return classify_saved(
        case["output"],
        case["label"]["runner"],
        root,
        model=WorkspaceModel(root, files=facts),
        read=files.get,
        reports=(case["results"] or {}) if reports else {},
    )


@pytest.mark.parametrize("reports", [True, False], ids=["reports", "text"])
@pytest.mark.parametrize("case", CASES, ids=_NAMES)
def test_a_saved_output_is_explained(case: dict[str, Any], reports: bool) -> None:
    label = case["label"]
    found = explain(case, label["cwd"], reports=reports)
    if label["category"] == "pass":
        assert found == ()
        return
    failure = next(failure for failure in found if failure.test.name == (label["test_id"] or ""))
    assert failure.kind.label in (label["category"], *label["also_accept"])
    report = label["report"] or {"file": "", "line": 0}
    assert (failure.path, failure.line) == (report["file"], report["line"])
    wanted = {name: value for name, value in label["slots"].items() if isinstance(value, str)}
    assert wanted == {name: failure.slot(name).strip("'") for name in wanted}


@pytest.mark.parametrize("root", ["", "/somewhere/else"])
def test_a_log_of_another_folder_names_the_same_places(root: str) -> None:
    for case in CASES:
        label = case["label"]
        if label["report"] is not None:
            places = {(failure.path, failure.line) for failure in explain(case, root, reports=False)}
            assert (label["report"]["file"], label["report"]["line"]) in places, case["case"]


@given(st.text(max_size=400), st.sampled_from(["cargo-test", "nextest"]))
def test_no_text_breaks_it(text: str, runner: str) -> None:
    classify_saved(text, runner, "")


@given(st.data())
def test_no_damaged_log_breaks_it(data: st.DataObject) -> None:
    """Whole lines go missing, are doubled or cut, in the log and in its reports."""
    case = data.draw(st.sampled_from(CASES))
    lines = case["output"].splitlines()
    kept = [line[: data.draw(st.integers(0, 80))] if n % 7 == 3 else line for n, line in enumerate(lines)]
    first = data.draw(st.integers(0, len(kept)))
    reports = {name: text[data.draw(st.integers(0, 200)) :] for name, text in (case["results"] or {}).items()}
    classify_saved("\n".join(kept[first:] + kept[: first // 2]), case["label"]["runner"], "", reports=reports)
