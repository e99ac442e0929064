"""Outputs of less common runners, plugins and checkers, kept as they were printed: data/runners.jsonl.

Python 3.13 with plugins of pytest, Twisted's runner, nose2, mypy and ruff; Go 1.26 with gotestsum, Ginkgo and vet; Rust
1.95 with rstest, test-case and Clippy; Node 20 with Playwright, Jasmine, uvu, tape, ESLint, Bun and Deno.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.classify_corpus import failures_of

_LINES = (Path(__file__).parents[2] / "data" / "runners.jsonl").read_text(encoding="utf-8").splitlines()
CASES: dict[str, dict[str, Any]] = {case["case"]: case for case in map(json.loads, _LINES)}


@pytest.mark.parametrize("name", CASES)
def test_an_output_is_explained(name: str) -> None:
    label = CASES[name]["label"]
    found = failures_of(CASES[name])
    failure = next((each for each in found if each.test.name == (label["test_id"] or "")), found[0])
    assert failure.kind.label == label["category"]
    assert failure.test.name == (label["test_id"] or "")
    report = label["report"] or {"file": "", "line": 0}
    assert (failure.path, failure.line) == (report["file"], report["line"])
    assert {slot: failure.slot(slot).strip("'\"") for slot in label["slots"]} == label["slots"]


@pytest.mark.parametrize("name", CASES)
def test_an_output_that_is_cut_anywhere_never_breaks_the_classifier(name: str) -> None:
    case = CASES[name]
    lines = case["output"].splitlines(keepends=True)
    for end in range(0, len(lines), max(1, len(lines) // 12)):
        for failure in failures_of({**case, "output": "".join(lines[:end]), "results": {}}):
            assert failure.kind.code
