"""Emacs with eglot, in batch, against the real server. Eglot asks before edits that come from a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.editors.scene import FIXED, SCRIPTS, play, set_up

pytestmark = pytest.mark.e2e


def test_a_fix_that_the_person_refuses_is_kept_and_offered_again(tmp_path: Path) -> None:
    set_up_file, script = set_up(tmp_path, "elisp"), SCRIPTS / "emacs.el"
    seen = play(tmp_path, "emacs", "--batch", "--load", str(set_up_file), "--load", str(script))
    assert "RG301" in seen["diagnostic"]
    assert "test_add" in seen["diagnostic"]
    assert seen["actions"][:2] == ["Fix with agent", "Fix with agent (dry run)"]
    assert seen["untouched"] is True
    assert seen["fixed"] == FIXED
    assert "Attempt 1" in seen["hover"]
    assert "+    return a + b" in seen["hover"]
    assert seen["ended"] is True
