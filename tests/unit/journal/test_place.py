"""Each workspace has one private state folder, outside of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regreen.core.errors import CannotRun
from regreen.journal import state_dir_for


def place(tmp_path: Path, root: Path) -> Path:
    return state_dir_for(root, {"REGREEN_STATE_DIR": str(tmp_path / "state")})


def test_a_folder_names_its_workspace_and_is_private(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    root.mkdir()
    folder = place(tmp_path, root)
    assert folder.parent == tmp_path / "state"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "workspace.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((folder / "workspace.json").read_text()) == {"version": 1, "root": str(root)}
    assert [path.name for path in folder.iterdir()] == ["workspace.json"]


def test_all_spellings_of_a_root_have_one_folder(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    root.mkdir()
    (tmp_path / "link").symlink_to(root)
    spellings = [root, tmp_path / "link", root / ".." / "ws"]
    assert len({place(tmp_path, spelling) for spelling in spellings}) == 1
    assert place(tmp_path, tmp_path) != place(tmp_path, root)


def test_a_torn_name_is_written_again(tmp_path: Path) -> None:
    folder = place(tmp_path, tmp_path)
    (folder / "workspace.json").write_bytes(b'{"ver')
    assert place(tmp_path, tmp_path) == folder
    assert json.loads((folder / "workspace.json").read_text())["root"] == str(tmp_path)


def test_the_folder_of_another_workspace_is_not_taken(tmp_path: Path) -> None:
    folder = place(tmp_path, tmp_path)
    (folder / "workspace.json").write_text('{"version": 1, "root": "/other"}')
    with pytest.raises(CannotRun, match="belongs to /other"):
        place(tmp_path, tmp_path)


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"a file")
    with pytest.raises(CannotRun, match="cannot be used") as caught:
        place(tmp_path, tmp_path)
    assert "REGREEN_STATE_DIR" in caught.value.next_step


def test_a_root_that_is_not_unicode_has_a_folder(tmp_path: Path) -> None:
    import os

    root = tmp_path / os.fsdecode(b"caf\xe9")
    root.mkdir()
    assert place(tmp_path, root) == place(tmp_path, root)
