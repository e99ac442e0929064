"""Saved output of many runners and versions, labelled by hand: data/failures_python.jsonl."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from regreen.analysis import classify_saved
from regreen.core.workspace import FileFacts, WorkspaceModel

_FILE = Path(__file__).parents[2] / "data" / "failures_python.jsonl"
CASES = [json.loads(line) for line in _FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_saved_output_is_explained(case: dict[str, Any]) -> None:
    label = case["label"]
    files = case["files"]
    facts = MappingProxyType({path: FileFacts(path, "python", "") for path in files})
    root = label["cwd"]
    found = classify_saved(
        case["output"], label["runner"], root, model=WorkspaceModel(root, files=facts), read=files.get
    )
    if label["category"] == "pass":
        assert found == ()
        return
    failure = next(failure for failure in found if failure.test.name == (label["test_id"] or ""))
    assert failure.kind.label in (label["category"], *label["also_accept"])
    report = label["report"] or {"file": "", "line": 0}
    assert (failure.path, failure.line) == (report["file"], report["line"])
    wanted = {name: value for name, value in label["slots"].items() if isinstance(value, str)}
    assert wanted == {name: failure.slot(name).strip("'") for name in wanted}


@pytest.mark.parametrize("root", ["", "/somewhere/else", "/ws"])
def test_a_log_of_another_folder_names_the_same_places(root: str) -> None:
    """A log that was written elsewhere is read by what it says of itself and by the files that the workspace has."""
    for case in CASES:
        label = case["label"]
        if label["report"] is None or label["report"]["file"] not in case["files"]:
            continue
        facts = MappingProxyType({path: FileFacts(path, "python", "") for path in case["files"]})
        model = WorkspaceModel(root, files=facts)
        found = classify_saved(case["output"], label["runner"], root, model=model, read=case["files"].get)
        places = {(failure.path, failure.line) for failure in found}
        assert (label["report"]["file"], label["report"]["line"]) in places, case["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_log_alone_gives_the_same_test_and_never_breaks(case: dict[str, Any]) -> None:
    label = case["label"]
    found = classify_saved(case["output"], label["runner"], "")
    if label["category"] == "pass":
        assert found == ()
    else:
        names = {failure.test.name for failure in found}
        assert (label["test_id"] or "") in names
