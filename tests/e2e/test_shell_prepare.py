"""regreen prepare, with a package manager of our own making that builds a real environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
WORKSPACE = """
-- uv.lock --
-- pyproject.toml --
[project]
name = "box"
[dependency-groups]
test = ["pytest"]
-- test_box.py --
def test_box():
    assert True
"""


def uv(folder: Path, script: str) -> Path:
    lay(folder, f"-- uv --\n#!/bin/sh\n{script}\n")
    (folder / "uv").chmod(0o755)
    return folder


def test_an_environment_is_made_streamed_and_used_at_once(tmp_path: Path, plain_venv: Path) -> None:
    script = f'echo "syncing $*" >&2\nmkdir -p .venv/bin\nln -s {plain_venv}/bin/python .venv/bin/python\n'
    script += f"cp {plain_venv}/pyvenv.cfg .venv/\nln -s {plain_venv}/lib .venv/lib"
    shell = Shell(tmp_path, plain_venv, uv(tmp_path / "tools", script))
    root = lay(tmp_path / "box", WORKSPACE)
    before = tree(root)
    shown = shell.regreen("prepare", root, "--dry-run", "--json")
    assert (shown.status, shown.document["outcome"]) == (0, "dry-run")
    assert shown.document["projects"][0]["steps"][0]["argv"] == ["uv", "sync", "--group", "test"]
    assert tree(root) == before
    said = shell.regreen("prepare", root, "--json")
    assert (said.status, said.document["outcome"]) == (0, "prepared"), said.err
    assert "  syncing sync --group test\n" in said.err
    assert said.document["projects"][0]["steps"][0]["tail"] == "syncing sync --group test"
    found = shell.regreen("inspect", root, "--json").document["projects"][0]
    assert found["interpreter"] == str(root / ".venv/bin/python")
    assert shell.regreen("test", root).status == 0


def test_a_step_that_fails_is_status_4_with_its_last_words(tmp_path: Path, plain_venv: Path) -> None:
    shell = Shell(tmp_path, plain_venv, uv(tmp_path / "tools", "echo no such index\nexit 2"))
    root = lay(tmp_path / "box", WORKSPACE)
    said = shell.regreen("prepare", root)
    assert said.status == 4
    assert said.out == "Project .\n  uv sync --group test  (in .): failed with status 2\n    no such index\n"
    assert shell.regreen("prepare", root, "--project", "web").status == 2


def test_where_nothing_needs_to_be_prepared_that_is_said(tmp_path: Path, plain_venv: Path) -> None:
    root = lay(tmp_path / "empty", "-- notes.txt --\nnothing\n")
    said = Shell(tmp_path, plain_venv).regreen("prepare", root, "--json")
    assert (said.status, said.document) == (0, {"version": 1, "outcome": "nothing-to-do", "projects": []})
