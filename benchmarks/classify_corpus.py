"""Measures the classifier on labelled, saved runner output.

    python benchmarks/classify_corpus.py FILE.jsonl [--language go] [--wrong]

Prints one JSON line for each case, then one with the scores. A case's own files are known to the classifier, as they
are when `regreen classify --root` names the workspace.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from regreen.analysis import classify_saved
from regreen.core.failure import Failure
from regreen.core.workspace import FileFacts, WorkspaceModel
from regreen.languages import language_for

_NAMES = ("category", "report", "test_id", "slots")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", default="", help="only the cases of this language")
    parser.add_argument("--wrong", action="store_true", help="print only the cases that miss something")
    options = parser.parse_args()
    cases = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    chosen = [case for case in cases if options.language in ("", case["label"]["language"])]
    scores = [score(case, options.wrong) for case in chosen]
    totals = {name: _share([found[name] for found in scores]) for name in _NAMES}
    print(json.dumps({"n": len(chosen), **totals}))
    return 0


def failures_of(case: Mapping[str, Any]) -> tuple[Failure, ...]:
    """Classify the saved output of one case."""
    files: dict[str, str] = case["files"] or {}
    facts = {path: FileFacts(path, getattr(language_for(path), "name", ""), "") for path in files}
    root = case["label"].get("cwd") or ""
    model = WorkspaceModel(root, files=MappingProxyType(facts))
    reports: dict[str, str] = case["results"] or {}
    return classify_saved(case["output"], case["label"]["runner"], root, model=model, read=files.get, reports=reports)


def score(case: Mapping[str, Any], only_wrong: bool) -> dict[str, float | None]:
    """Print one case and return its scores; None where the label asks for nothing."""
    label = case["label"]
    failures = failures_of(case)
    failure = next((found for found in failures if found.test.name == label["test_id"]), next(iter(failures), None))
    said = {
        "case": case["case"],
        "category": failure.kind.label if failure else "pass",
        "code": failure.kind.code if failure else "RG000",
        "path": failure.path if failure else "",
        "line": failure.line if failure else 0,
        "test_id": failure.test.name if failure else "",
        "slots": dict(failure.slots) if failure else {},
    }
    report = label["report"] or {"file": "", "line": 0}
    result: dict[str, float | None] = {
        "category": float(said["category"] in (label["category"], *label["also_accept"])),
        "report": float((said["path"], said["line"]) == (report["file"], report["line"])),
        "test_id": float(said["test_id"] == (label["test_id"] or "")),
        "slots": _slots(label["slots"], said["slots"], failures),
    }
    if not only_wrong or any(value is not None and value < 1 for value in result.values()):
        print(json.dumps({**said, "scores": result, **({"label": label} if only_wrong else {})}))
    return result


def _slots(wanted: Mapping[str, Any], found: Mapping[str, str], failures: tuple[Failure, ...]) -> float | None:
    if not wanted:
        return None
    return sum(_same(name, value, found, failures) for name, value in wanted.items()) / len(wanted)


def _same(name: str, wanted: Any, found: Mapping[str, str], failures: tuple[Failure, ...]) -> bool:
    if name == "all_tests":
        return {failure.test.name for failure in failures} == set(wanted)
    if isinstance(wanted, list):
        return found.get(name, "").split(", ") == wanted
    return found.get(name, "").strip("'\"") == str(wanted).strip("'\"")


def _share(values: list[float | None]) -> float:
    counted = [value for value in values if value is not None]
    return round(sum(counted) / len(counted), 4) if counted else 1.0


if __name__ == "__main__":
    sys.exit(main())
