"""What the end-to-end tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plain import make_plain_venv
from tests.support.shell import Shell


@pytest.fixture(scope="session")
def plain_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a virtual environment with pytest and nothing else."""
    return make_plain_venv(tmp_path_factory.mktemp("plain") / "venv")


@pytest.fixture
def shell(tmp_path: Path, plain_venv: Path) -> Shell:
    """Return the shell command with a home of its own and an interpreter that has pytest."""
    home = tmp_path / "home"
    home.mkdir()
    return Shell(home, plain_venv)
