"""Projects beside each other: what ails one does not keep the others from running, and none is green for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
GO = """
-- go/go.mod --
module example.com/calc

go 1.22
-- go/calc.go --
package calc

func Add(a, b int) int { return a + b }
-- go/calc_test.go --
package calc

import "testing"

func TestAdd(t *testing.T) {
	if Add(1, 2) != 3 {
		t.Error("wrong")
	}
}
"""
TOOLS = """
-- tools/go.mod --
module example.com/tools

go 1.22
-- tools/main.go --
package main

func main() {}
"""


def test_a_project_without_tests_is_neither_red_nor_green(shell: Shell, tmp_path: Path) -> None:
    said = shell.regreen("test", lay(tmp_path / "ws", GO + TOOLS), "--json")
    assert (said.status, said.document["outcome"], said.document["failures"]) == (0, "green", []), said.out
    assert said.document["counts"]["passed"] == 1
    assert "tools) has no tests" in said.err


def test_projects_without_any_test_are_not_green(shell: Shell, tmp_path: Path) -> None:
    tools = lay(tmp_path / "ws", TOOLS + TOOLS.replace("tools", "more"))
    said = shell.regreen("test", tools, "--json")
    assert (said.status, said.document["outcome"]) == (4, "red"), said.out


def test_the_only_project_without_tests_says_so(shell: Shell, tmp_path: Path) -> None:
    said = shell.regreen("test", lay(tmp_path / "ws", TOOLS), "--json")
    assert (said.status, said.document["outcome"]) == (4, "red")
    assert said.document["failures"][0]["code"] == "RG502"
