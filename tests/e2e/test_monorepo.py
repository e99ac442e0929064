"""One workspace that holds all four languages, nested: found, run, shown and repaired, each in its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.cli.demo.editor import Editor
from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e

WORKSPACE = """
-- README.md --
# Four things in one place
-- pyproject.toml --
[project]
name = "prices"
version = "1"
-- prices.py --
def total(cents, count):
    return cents + count
-- test_prices.py --
from prices import total


def test_three_of_a_kind():
    assert total(250, 3) == 750
-- services/fares/go.mod --
module example.com/fares

go 1.21
-- services/fares/fare/fare.go --
package fare

// Discounted takes a tenth off for rides of ten kilometres and more.
func Discounted(kilometres, cents int) int {
	if kilometres > 10 {
		return cents - cents/10
	}
	return cents
}
-- services/fares/fare/fare_test.go --
package fare

import "testing"

func TestDiscountFromTen(t *testing.T) {
	if got := Discounted(10, 1000); got != 900 {
		t.Errorf("got %d, want 900", got)
	}
}
-- services/fares/web/package.json --
{
  "name": "fares-web",
  "version": "1.0.0",
  "type": "module",
  "scripts": { "test": "node --test" }
}
-- services/fares/web/src/volume.js --
export function startVolume(settings) {
  return settings.volume || 50;
}
-- services/fares/web/test/volume.test.js --
import assert from "node:assert/strict";
import { test } from "node:test";
import { startVolume } from "../src/volume.js";

test("silence is a volume", () => {
  assert.equal(startVolume({ volume: 0 }), 0);
});

test("nothing was set", () => {
  assert.equal(startVolume({}), 50);
});
-- tools/pool/Cargo.toml --
[package]
name = "pool"
version = "0.1.0"
edition = "2021"
-- tools/pool/Cargo.lock --
version = 3

[[package]]
name = "pool"
version = "0.1.0"
-- tools/pool/src/lib.rs --
/// Tells whether there is a place left.
pub fn is_free(places: u32, taken: u32) -> bool {
    taken <= places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_pool_is_full() {
        assert!(!is_free(3, 3));
    }
}
"""
PROJECTS = {
    ".": "python",
    "services/fares": "go",
    "services/fares/web": "javascript",
    "tools/pool": "rust",
}
FIXED = {
    "prices.py": "return cents * count",
    "services/fares/fare/fare.go": "if kilometres >= 10 {",
    "services/fares/web/src/volume.js": "return settings.volume ?? 50;",
    "tools/pool/src/lib.rs": "taken < places",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay(tmp_path / "ws", WORKSPACE)


def test_every_project_is_found_in_its_language(shell: Shell, root: Path) -> None:
    found = shell.regreen("inspect", root, "--json").document["projects"]
    assert {project["path"]: project["language"] for project in found} == PROJECTS


def test_every_red_test_is_found_and_repaired_in_its_language(shell: Shell, root: Path) -> None:
    red = shell.regreen("test", root, "--json").document["failures"]
    assert sorted(failure["project"] for failure in red) == sorted(PROJECTS)
    said = shell.regreen("fix", root, "--all", "--json", timeout=400)
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.err
    assert [path for path, text in FIXED.items() if text not in (root / path).read_text("utf-8")] == []
    assert shell.regreen("test", root, "--json").document["outcome"] == "green"


def test_an_editor_shows_a_diagnostic_in_every_language(root: Path, tmp_path: Path, plain_venv: Path) -> None:
    path = os.pathsep.join([str(plain_venv / "bin"), os.environ["PATH"]])
    own = {"VIRTUAL_ENV": str(plain_venv), "PATH": path, "REGREEN_STATE_DIR": str(tmp_path / "state")}
    editor = Editor(root, {**os.environ, **own}, lambda _message: None)
    try:
        editor.initialize()
        editor.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": [{}]})
        editor.until(lambda: len(shown(editor)) == len(PROJECTS), "a diagnostic in every language")
        assert editor.close() == 0
    finally:
        editor.kill()
    assert {path.rpartition(".")[2] for path in shown(editor)} == {"py", "go", "js", "rs"}


def shown(editor: Editor) -> set[str]:
    """Return the files that have a diagnostic."""
    return {path for path, items in editor.diagnostics.items() if items}
