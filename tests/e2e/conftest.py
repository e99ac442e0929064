"""What the end-to-end tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plain import make_plain_venv


@pytest.fixture(scope="session")
def plain_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a virtual environment with pytest and nothing else."""
    return make_plain_venv(tmp_path_factory.mktemp("plain") / "venv")
