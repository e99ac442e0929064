"""The cases of a benchmark: folders, each a workspace with a failing test."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from regreen.core.errors import UsageError

NAME = "case.json"
_LEFT_OUT = frozenset({NAME, "__pycache__", ".pytest_cache"})
_HOW = "docs/bench.md tells what a case is."


class CaseFile(BaseModel):
    """What a case says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tests: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    held_out: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One case."""

    name: str
    folder: Path
    tests: tuple[str, ...] = ()  # to be repaired; () is every one that fails
    held_out: str = ""  # a folder of it that is laid over the repaired workspace, and not before

    def lay(self, root: Path) -> None:
        """Copy the workspace, without what is held out.

        Raises:
            UsageError: a file of it cannot be copied.
        """
        held_out = self.folder / self.held_out if self.held_out else None

        def left_out(folder: str, names: list[str]) -> set[str]:
            return {name for name in names if name in _LEFT_OUT or Path(folder, name) == held_out}

        try:
            shutil.copytree(self.folder, root, symlinks=True, ignore=left_out)
        except OSError as error:
            raise UsageError(
                f"The case {self.folder} cannot be copied: {error.strerror or error}.",
                next_step="Make its files readable, and leave sockets and devices out of it.",
            ) from error

    def lay_held_out(self, root: Path) -> None:
        """Copy what is held out over a workspace."""
        shutil.copytree(self.folder / self.held_out, root, symlinks=True, dirs_exist_ok=True)

    @property
    def digest(self) -> str:
        """Return a hash of all its files: the same case has the same one."""
        whole = hashlib.sha256()
        for path in _files(self.folder):
            name = path.relative_to(self.folder).as_posix()
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            whole.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
        return whole.hexdigest()


def read_cases(folder: Path, only: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return the cases of a folder, by name: each folder in it, or itself when it holds a case.json.

    Raises:
        UsageError: there are none, none of a chosen name, or one says what does not fit.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder at {folder}.", next_step=_HOW)
    if (folder / NAME).is_file():
        return (_read(folder),)
    folders = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    cases = tuple(_read(each) for each in folders if not only or each.name in only)
    unknown = sorted(set(only) - {case.name for case in cases})
    if unknown:
        raise UsageError(f"There is no case {unknown[0]} in {folder}.", next_step="Name folders that are in it.")
    if not cases:
        raise UsageError(f"There is no case in {folder}.", next_step=_HOW)
    return cases


def _read(folder: Path) -> Case:
    folder = folder.resolve()
    file = folder / NAME
    if not file.is_file():
        return Case(folder.name, folder)
    try:
        said = CaseFile.model_validate(json.loads(file.read_bytes()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{file}: {where}: {first['msg']}.", next_step=_HOW) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON: {error}.", next_step=_HOW) from error
    held_out = folder / said.held_out
    if said.held_out and (not held_out.is_dir() or folder not in held_out.resolve().parents):
        raise UsageError(f"{file}: held_out names no folder of the case.", next_step=_HOW)
    return Case(folder.name, folder, said.tests, said.held_out)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT - {NAME})
        files = (Path(place, name) for name in sorted(names))
        yield from (file for file in files if file.is_symlink() or file.is_file())  # not pipes: reading one never ends
