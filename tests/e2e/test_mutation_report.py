"""The written report passes the schema's own check, and its page holds the viewer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from regreen.app.mutation_report import write_report
from regreen.core.mutation import Fate, Judged, Strength
from regreen.core.testing import TestId
from regreen.mutation import mutants_of, report_document

pytestmark = pytest.mark.e2e
CLIENT = Path(__file__).parents[2] / "vscode-client"
CHECK = """
const Ajv = require("ajv");
const { schema } = require("mutation-testing-report-schema");
const document = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
const check = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
if (!check(document)) { console.error(JSON.stringify(check.errors, null, 1)); process.exit(1); }
"""
SOURCES = {
    "cart.py": "class Cart:\n    def total(self, n=1):\n        if n < 2 and self.sum:\n            self.sum -= n\n",
    "cart.go": "package cart\n\nfunc Total(n int) int {\n\tif n < 2 {\n\t\tn++\n\t}\n\treturn n\n}\n",
    "cart.ts": "export const total = (n: number) => { if (!n) { f(n); g() } };\n",
    "cart.rs": "fn total(n: u32) -> u32 { if n < 2 { f(n)? } n + 1 }\n",
}


def test_a_report_of_every_fate_and_language_passes_the_schemas_check(tmp_path: Path) -> None:
    fates = list(Fate)
    test = TestId(".", "tests/test_cart.py::test_total")
    mutants = [mutant for path, source in SOURCES.items() for mutant in mutants_of(path, source)]
    judged = [
        Judged(mutant, fates[number % len(fates)], killed_by=(test,), covered_by=(test,), seconds=0.01, why="Because.")
        for number, mutant in enumerate(mutants)
    ]
    document, page = write_report(tmp_path / "report", report_document(Strength(tuple(judged)), SOURCES))
    done = subprocess.run(["node", "-e", CHECK, str(document)], cwd=CLIENT, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.returncode == 0
    assert {
        one["status"] for file in json.loads(document.read_text())["files"].values() for one in file["mutants"]
    } == {fate.value for fate in Fate}
    text = page.read_text("utf-8")
    assert "mutation-test-report-app" in text
    assert 200_000 < len(text)
