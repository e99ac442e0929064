"""Neovim's own language client, driven headless, against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.editors.scene import FIXED, SCRIPTS, play, set_up

pytestmark = pytest.mark.e2e


def test_a_red_test_is_fixed_from_the_code_action_and_told_in_the_hover(tmp_path: Path) -> None:
    set_up_file, script = set_up(tmp_path, "lua"), SCRIPTS / "neovim.lua"
    seen = play(tmp_path, "nvim", "--headless", "--clean", "-c", f"luafile {set_up_file}", "-c", f"luafile {script}")
    assert seen["root"] == str(tmp_path / "workspace")
    assert seen["diagnostic"]["code"] == "RG301"
    assert "test_add" in seen["diagnostic"]["message"]
    assert seen["actions"][:2] == ["Fix with agent", "Fix with agent (dry run)"]
    assert seen["fixed"] == FIXED.splitlines()
    assert (seen["undone"], seen["redone"]) == (True, True)  # one step back, one step forth
    assert "Attempt 1" in seen["hover"]
    assert "+    return a + b" in seen["hover"]
    assert "Fix with agent" in seen["progress"]
