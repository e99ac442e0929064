"""Where the benchmarks repair the project's own small bugs: a folder, and in it an environment with pytest alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.plain import make_plain_venv


class Workplace(NamedTuple):
    """A folder that goes afterwards, and the environment in it that repairs find."""

    folder: Path
    venv: Path


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Make one, and let this process and what it starts use it from now on."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        venv = make_plain_venv(base / "venv")
        os.environ["VIRTUAL_ENV"] = str(venv)
        os.environ["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
        os.environ["REGREEN_STATE_DIR"] = str(base / "state")
        yield Workplace(base, venv)
