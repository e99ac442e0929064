"""Reads a TOML file, or says what is wrong with it: the file, the line, the key, what would fit."""

from __future__ import annotations

import difflib
import errno
import os
import stat
import tomllib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from regreen.core.errors import UsageError

from .toml_lines import Key, line_of, lines_of

MOST = 64_000  # bytes
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What a file says, and where. `page` documents it."""

    path: Path
    page: str
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Key, int] = field(default_factory=dict)
    is_there: bool = False

    def as_(self, model: type[M]) -> M:
        """Return its values in the form of a model.

        Raises:
            UsageError: they have another one; the message names file, line and key.
        """
        try:
            return model.model_validate(self.values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            self.refuse(first["loc"], f"{_why_not(model, first)}.")

    def refuse(self, key: Key, why: str) -> NoReturn:
        """Say that a key cannot stay as it is.

        Raises:
            UsageError: always.
        """
        line = line_of(self.lines, key)
        where = f"{self.path}:{line}" if line else str(self.path)
        raise UsageError(
            f"{where}: {self._named(key)}: {why}", next_step=f"Correct it; {self.page} lists what each key accepts."
        )

    def line(self, key: Key) -> int:
        """Return the line of a key, 0 when it is not there."""
        return line_of(self.lines, key)

    def _named(self, key: Key) -> str:
        """Name a key as a person would look for it: a table of a list by its name, not by its number."""
        shown: list[str] = []
        found: Any = self.values
        for part in key:
            found = _inside(found, part)
            name = found.get("name") if isinstance(part, int) and isinstance(found, dict) else None
            if isinstance(part, int) and shown:
                shown[-1] += f" “{name}”" if isinstance(name, str) else f" number {part + 1}"
            else:
                shown.append(str(part))
        return ".".join(shown) or "the file"


def read_toml(path: Path, page: str, *, foreign: bool = False) -> TomlFile:
    """Read a file; one that is not there says nothing. A `foreign` one came with a workspace: no link is followed.

    Raises:
        UsageError: it cannot be read, or is no TOML.
    """
    try:
        content = _content(path, foreign=foreign)
    except (FileNotFoundError, NotADirectoryError):
        return TomlFile(path, page)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {_why(error, foreign=foreign)}.",
            next_step="Make it a regular file that you may read, or remove it.",
        ) from error
    if MOST < len(content):
        raise UsageError(f"{path} is larger than {MOST} bytes.", next_step=f"Shorten it; {page} tells what it is for.")
    try:
        # Some editors begin a file with a byte order mark.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{path} is no TOML: {said}.", next_step=f"Correct it; {page} shows how it looks.") from error
    return TomlFile(path, page, values, lines_of(text), is_there=True)


def _content(path: Path, *, foreign: bool) -> bytes:
    # Neither a pipe nor a device may keep us waiting.
    no_follow = getattr(os, "O_NOFOLLOW", 0) if foreign else 0
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | no_follow)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read(MOST + 1)


def _why(error: OSError, *, foreign: bool) -> str:
    if foreign and error.errno == errno.ELOOP:
        return "it is a symbolic link, which is not followed"
    return error.strerror or str(error)


def _inside(found: Any, part: str | int) -> Any:
    if isinstance(found, dict):
        return found.get(part)
    return found[part] if isinstance(found, list) and isinstance(part, int) and part < len(found) else None


def _why_not(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    if error["type"] != "extra_forbidden":
        return str(error["msg"]).removeprefix("Value error, ")
    key = str(error["loc"][-1])
    table = _model_at(model, error["loc"][:-1])
    special: Mapping[str, str] = getattr(table, "NOT_HERE", {})
    if key in special:
        return special[key]
    near = difflib.get_close_matches(key, table.model_fields if table else (), 1)
    return "there is no such key" + (f"; is “{near[0]}” meant?" if near else "")


def _model_at(model: type[BaseModel] | None, place: Key) -> type[BaseModel] | None:
    """Return the model of a table within a model."""
    for part in place:
        if isinstance(part, str) and model is not None:
            found = model.model_fields.get(part)
            model = None if found is None else next(_models_in(found.annotation), None)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models_in(inner)
