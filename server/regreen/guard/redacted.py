"""Whole values without their secrets: reports, runs, events. What a repair edits is told apart from what it says.

Names of tests and paths are never touched, since they are how things are found again.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeVar, cast

from regreen.core.edit import FileEdit, Patch, patch_between
from regreen.core.testing import TestId
from regreen.core.workspace import Project, WorkspaceModel

from .redaction import VEIL, Redactor

T = TypeVar("T")
OfPatch = Callable[[Patch], Patch]
_WHOLE = (int, float, bytes, Enum, TestId, Project, WorkspaceModel)
_NAMES = frozenset({"path", "test_path", "project", "run_id", "trace_id", "provider"})


def redacted(value: T, redactor: Redactor, of_patch: OfPatch | None = None) -> T:
    """Return a value with every text in it cleaned; patches stay exact unless `of_patch` says what to make of them."""
    return cast(T, _cleaned(value, redactor, of_patch or _exact))


def shown(value: T, redactor: Redactor) -> T:
    """Return a value as it may be shown: patches are cleaned too, and fit no file any more."""
    return redacted(value, redactor, lambda patch: _shown_patch(patch, redactor))


def recorded(value: T, redactor: Redactor) -> T:
    """Return a value as it may be kept: in patches, secrets around the edits are veiled, sign by sign.

    What an edit itself takes out or puts in stays exact, since it must be possible to take it back.
    """
    return redacted(value, redactor, lambda patch: _veiled_patch(patch, redactor))


def unveiled(patch: Patch, texts: Mapping[str, str]) -> Patch:
    """Return a recorded patch with what was veiled filled in from the present texts, where they still show it."""
    return Patch(tuple(_unveiled(file, texts.get(file.path, "")) for file in patch.files))


def _exact(patch: Patch) -> Patch:
    return patch


def _cleaned(value: Any, redactor: Redactor, of_patch: OfPatch) -> Any:
    if type(value) is str:
        return redactor.clean(value)
    if value is None or isinstance(value, _WHOLE):
        return value
    if isinstance(value, Patch):
        return of_patch(value)
    if isinstance(value, tuple):
        return _tuple(value, redactor, of_patch)
    if isinstance(value, Mapping):
        found = {key: _cleaned(each, redactor, of_patch) for key, each in value.items()}
        same = all(found[key] is value[key] for key in value)
        return value if same else found if isinstance(value, dict) else MappingProxyType(found)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value, redactor, of_patch)
    return value


def _tuple(value: tuple[Any, ...], redactor: Redactor, of_patch: OfPatch) -> tuple[Any, ...]:
    found = tuple(_cleaned(each, redactor, of_patch) for each in value)
    return value if all(new is old for new, old in zip(found, value, strict=True)) else found


def _dataclass(value: Any, redactor: Redactor, of_patch: OfPatch) -> Any:
    """Clean the fields; a value in which nothing changes stays the one it is."""
    changes = {}
    for name in _fields(type(value)):
        old = getattr(value, name)
        new = _cleaned(old, redactor, of_patch)
        if new is not old and new != old:
            changes[name] = new
    return dataclasses.replace(value, **changes) if changes else value


def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.init and field.name not in _NAMES)


def _shown_patch(patch: Patch, redactor: Redactor) -> Patch:
    before = {file.path: redactor.clean(file.base) for file in patch.files}
    after = {file.path: redactor.clean(file.after) for file in patch.files}
    if all(before[file.path] == file.base and after[file.path] == file.after for file in patch.files):
        return patch
    return patch_between(before, after)


def _veiled_patch(patch: Patch, redactor: Redactor) -> Patch:
    return Patch(tuple(_veiled_file(file, redactor) for file in patch.files))


def _veiled_file(file: FileEdit, redactor: Redactor) -> FileEdit:
    if redactor.veil(file.base) == file.base:
        return file
    # As few lines as possible are edits, and so exact.
    narrow = patch_between({file.path: file.base}, {file.path: file.after}).files
    edits = narrow[0].edits if narrow else file.edits
    veiled = list(redactor.veil(file.base))
    for edit in edits:
        veiled[edit.start : edit.end] = file.base[edit.start : edit.end]
    return FileEdit(file.path, "".join(veiled), edits)


def _unveiled(file: FileEdit, present: str) -> FileEdit:
    if VEIL not in file.base:
        return file
    lines = [_found(line, present) if VEIL in line else line for line in file.base.splitlines(keepends=True)]
    return FileEdit(file.path, "".join(lines), file.edits)


def _found(line: str, present: str) -> str:
    """Return the one line of the present text that a veiled line can be; itself when there is none, or a choice."""
    pattern = "".join("." if char == VEIL else re.escape(char) for char in line)
    fitting = set(re.findall(f"^{pattern}", present, re.MULTILINE))
    return fitting.pop() if len(fitting) == 1 else line
