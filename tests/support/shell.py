"""Runs the real command line, as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Where toolchains lie, and what they built already: the same for every home folder.
_TOOLS = ("GOCACHE", "GOPATH", "CARGO_HOME", "RUSTUP_HOME", "npm_config_cache")


@dataclass(frozen=True)
class Said:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return the one JSON document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """A shell with its own home and state folder, and an active environment in which the tests of workspaces run."""

    home: Path
    venv: Path = Path(sys.prefix)
    tools: Path | None = None  # a folder of programs that come first on the PATH
    more: Mapping[str, str] = field(default_factory=dict)  # further variables

    def regreen(self, *arguments: str | Path, cwd: Path | None = None, stdin: str = "", timeout: float = 240) -> Said:
        """Run `regreen` and return what it said."""
        command = [sys.executable, "-m", "regreen", *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=cwd or self.home,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str]:
        """Return a clean environment."""
        first = [] if self.tools is None else [str(self.tools)]
        path = os.pathsep.join([*first, str(self.venv / "bin"), os.environ.get("PATH", os.defpath)])
        tools = {name: os.environ[name] for name in _TOOLS if name in os.environ}
        return {
            **tools,
            "PATH": path,
            "HOME": str(self.home),
            "VIRTUAL_ENV": str(self.venv),
            "REGREEN_STATE_DIR": str(self.home / "state"),
            "LANG": "C.UTF-8",
            **self.more,
        }


def tree(root: Path) -> dict[str, bytes]:
    """Return every file of a tree with its bytes; caches that running tests leaves are left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
