"""Reading the workspace's files: what is no file is no text, and nothing is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.oracle.files import FilesTree, read_bytes


def test_a_pipe_in_a_files_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "calc.py")
    with pytest.raises(OSError, match="it is no file"):
        read_bytes(tmp_path / "calc.py")
    assert FilesTree(str(tmp_path), ("calc.py",), {}).read("calc.py") is None
