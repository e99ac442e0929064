"""Saved output of many runners and versions, labelled by hand: data/failures_javascript.jsonl."""

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
from regreen.languages import language_for

_FOLDER = Path(__file__).parents[3] / "data"
CASES = [
    json.loads(line)
    for name in ("failures_javascript.jsonl", "kinds_javascript.jsonl", "heldout_javascript.jsonl")
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()
]
IDS = [case["case"] for case in CASES]
RUNNERS = ("ava", "bun", "deno", "jest", "mocha", "node:test", "npm", "tsc", "vitest")


def explain(case: dict[str, Any], root: str, *, reports: bool = True, files: bool = True) -> tuple[Failure, ...]:
    texts = case["files"] if files else {}
    facts = {path: FileFacts(path, getattr(language_for(path), "name", ""), "") for path in texts}
    return classify_saved(
        case["output"],
        case["label"]["runner"],
        root,
        model=WorkspaceModel(root, files=MappingProxyType(facts)),
        read=texts.get,
        reports=case["results"] if reports else {},
    )


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_saved_output_is_explained(case: dict[str, Any]) -> None:
    label = case["label"]
    found = explain(case, label["cwd"])
    if label["category"] == "pass":
        assert found == ()
        return
    failure = next(failure for failure in found if failure.test.name == (label["test_id"] or ""))
    assert failure.kind.label in (label["category"], *label["also_accept"])
    report = label["report"] or {"file": "", "line": 0}
    assert (failure.path, failure.line) == (report["file"], report["line"])
    wanted = {name: str(value) for name, value in label["slots"].items()}
    assert wanted == {name: failure.slot(name).strip("'") for name in wanted}


_NEED_SOURCES = ("concurrency", "flaky", "process-crash", "timeout", "test-setup", "resource-exhausted", "syntax")


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_without_reports_and_sources_a_log_still_has_its_kind(case: dict[str, Any]) -> None:
    label = case["label"]
    found = explain(case, "", reports=False, files=False)
    if label["category"] == "pass":
        assert found == ()
    elif label["category"] not in _NEED_SOURCES and not case["case"].endswith(("imp-name", "import-name")):
        # The others need a report, or the sources: a hook looks like any other function.
        kinds = {failure.kind.label for failure in found}
        assert kinds & {label["category"], "import-unresolved", "dependency-missing", *label["also_accept"]}


_WORDS = st.sampled_from(
    [
        " FAIL  a.test.ts > b\n",
        "FAIL ./a.test.js\n",
        "  ● a › b\n",
        "✖ failing tests:\n",
        "test at a.js:1:1\n",
        "✖ a (1ms)\n",
        "  1) a:\n",
        "1 failing\n",
        "not ok 1 - a\n",
        "  ---\n",
        "  ...\n",
        "TAP version 13\n",
        "bun test v1\n",
        "a.test.ts:\n",
        "error: x\n",
        "ERRORS\n",
        "a => ./a.ts:1:1\n",
        "src/a.ts(1,2): error TS2322: x\n",
        "    at f (/w/a.js:1:2)\n",
        "⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯\n",
        " ❯ a.ts:1:1\n",
        "TypeError: x\n",
        "- Expected\n",
        "+ Received\n",
        "Test Suites: 1 failed\n",
        "=== run 1 ===\n",
        "\x1b[31m",
        "é\n",
        "Caused by: \n",
        'Error: thrown: "x"\n',
        "Cannot find module './x'\n",
        "Node.js v20.0.0\n",
        "file:///w/a.js:2\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=30), st.sampled_from(RUNNERS))
def test_no_output_breaks_it(words: list[str], runner: str) -> None:
    facts = MappingProxyType({"a.test.js": FileFacts("a.test.js", "javascript", "")})
    read = {"a.test.js": "test('a', () => {\n  for (;;) process.exit(1);\n"}.get
    classify_saved("".join(words), runner, "/w", model=WorkspaceModel("/w", files=facts), read=read)


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300), st.sampled_from(RUNNERS), st.sampled_from(["result.json", "a.jsonl", "junit.xml", "a.tap"])
)
def test_no_report_breaks_it(text: str, runner: str, name: str) -> None:
    classify_saved(text, runner, "/w", reports={name: text})


@pytest.mark.parametrize(
    "document",
    [
        '{"testResults": null}',
        '{"testResults": [{"assertionResults": [{"status": "failed", "failureDetails": [null]}]}]}',
        '{"testResults": [1]}',
        '{"stats": 1, "failures": [{"err": null}]}',
        "[]",
        '{"type": "test:fail", "data": {"details": {"error": {"cause": 3}}}}',
        '{"type": "test:fail", "data": null}',
        "<testsuites><testsuite><testcase><failure/></testcase></testsuite></testsuites>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
)
@pytest.mark.parametrize("name", ["result.json", "result.jsonl", "junit.xml"])
def test_strange_reports_are_survived(document: str, name: str) -> None:
    for runner in RUNNERS:
        classify_saved("", runner, "/w", reports={name: document})
