"""A repair that would touch authentication is a question in the shell, and an option answers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shell import Shell, tree
from tests.support.site import SITE
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e


def test_nothing_is_tried_before_a_person_has_answered(tmp_path: Path, plain_venv: Path) -> None:
    home, root = tmp_path / "home", lay(tmp_path / "site", SITE)
    home.mkdir()
    shell, before = Shell(home, plain_venv), tree(root)
    asked = shell.regreen("fix", root)
    assert (asked.status, tree(root)) == (3, before)
    assert "Question: This repair would touch authentication (auth/token.py:1). Go on?" in asked.out
    assert "--allow security-scope" in asked.out
    shown = shell.regreen("show", "", root, "--json").document
    assert (shown["outcome"], shown["attempts"], shown["inquiry"]["rule"]) == ("refused", [], "security-scope")
    answered = shell.regreen("fix", root, "--allow", "security-scope", "--json")
    assert (answered.status, answered.document["outcome"]) == (0, "repaired"), answered.err
