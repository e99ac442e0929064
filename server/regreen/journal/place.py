"""Where Regreen keeps what belongs to a workspace: in the platform's state folder, never in the workspace."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from regreen.core.errors import CannotRun

VARIABLE = "REGREEN_STATE_DIR"
_NAME = "workspace.json"


def state_dir_for(root: str | Path, environment: Mapping[str, str] | None = None) -> Path:
    """Return the private state folder of a workspace, made if need be; all spellings of a root have the same.

    Raises:
        CannotRun: it cannot be made, or belongs to another workspace.
    """
    real = os.path.realpath(root)
    name = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    folder = _home(os.environ if environment is None else environment) / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        owner = _owner(folder / _NAME)
        if owner is None:
            _write(folder / _NAME, {"version": 1, "root": real})
            return folder
    except OSError as error:
        raise CannotRun(
            f"The state folder {folder} cannot be used: {error.strerror}.",
            next_step=f"Set {VARIABLE} to a folder in which you may write.",
        ) from error
    if owner != real:
        raise CannotRun(
            f"The state folder {folder} belongs to {owner}.",
            next_step=f"Set {VARIABLE} to another folder for {real}.",
        )
    return folder


def _home(environment: Mapping[str, str]) -> Path:
    given = environment.get(VARIABLE, "")
    if given:
        return Path(os.path.abspath(Path(given).expanduser()))  # noqa: PTH100 - keeps links, as the person wrote it
    return platformdirs.user_state_path("regreen", appauthor=False)


def _owner(file: Path) -> str | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):  # Not there, or torn while it was first written.
        return None
    root = found.get("root") if isinstance(found, dict) else None
    return root if isinstance(root, str) else None


def _write(file: Path, content: dict[str, object]) -> None:
    staged = file.with_name(f".{secrets.token_hex(6)}.tmp")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as writer:
        writer.write(json.dumps(content, indent=2).encode("ascii") + b"\n")
    staged.replace(file)
