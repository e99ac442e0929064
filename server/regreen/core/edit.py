"""Edits as values: make them, apply them, take them back, show them, move them onto a changed text."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from .errors import Conflict
from .text import split_lines


@dataclass(frozen=True, slots=True, order=True)
class TextEdit:
    """Replace a half-open range of code-point offsets."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class FileEdit:
    """All edits of one file. Invariant: edits sorted and not overlapping, offsets into `base`."""

    path: str
    base: str  # the text that the offsets refer to
    edits: tuple[TextEdit, ...]

    @property
    def after(self) -> str:
        """Return the text with the edits made."""
        return apply(self.base, self.edits)


@dataclass(frozen=True, slots=True)
class Patch:
    """Edits of existing files. Invariant: sorted by path, one entry a file."""

    files: tuple[FileEdit, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the files it touches."""
        return tuple(file.path for file in self.files)

    @property
    def n_lines(self) -> int:
        """Return how many lines it adds and removes, added up."""
        return sum(_n_lines(file) for file in self.files)

    @property
    def digest(self) -> str:
        """Return a hash of the resulting texts: the same change has the same digest."""
        parts = [part for file in self.files for part in (file.path, file.after)]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def make_patch(edits: Mapping[str, tuple[str, tuple[TextEdit, ...]]]) -> Patch:
    """Build a patch from path -> (base text, edits).

    Raises:
        ValueError: edits of one file overlap or lie outside of it.
    """
    files = tuple(FileEdit(path, base, tuple(sorted(found))) for path, (base, found) in sorted(edits.items()) if found)
    for file in files:
        apply(file.base, file.edits)
    return Patch(files)


def patch_between(before: Mapping[str, str], after: Mapping[str, str]) -> Patch:
    """Build the patch that turns the texts `before` into `after`, line by line; same keys on both sides."""
    return make_patch({path: (text, _line_edits(text, after[path])) for path, text in before.items()})


def apply(text: str, edits: tuple[TextEdit, ...]) -> str:
    """Make sorted edits.

    Raises:
        ValueError: they overlap or lie outside of the text.
    """
    pieces = []
    at = 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edit {edit} overlaps another or lies outside of the text")
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def invert(patch: Patch) -> Patch:
    """Return the patch that takes this one back."""
    return Patch(tuple(_inverted(file) for file in patch.files))


def rebase(patch: Patch, current: Mapping[str, str]) -> Patch:
    """Move a patch onto texts that somebody changed meanwhile (three-way, by lines).

    Raises:
        Conflict: an edit touches lines that changed, or a file is gone.
    """
    gone = tuple(file.path for file in patch.files if file.path not in current)
    moved = {file.path: _moved(file, current[file.path]) for file in patch.files if file.path in current}
    clashing = gone + tuple(path for path, edits in moved.items() if edits is None)
    if clashing:
        raise Conflict(
            f"{', '.join(clashing)} changed while the repair ran, in the lines that the repair edits.",
            next_step="Nothing was overwritten; run the fix again on the present text.",
            paths=clashing,
        )
    return make_patch({path: (current[path], edits or ()) for path, edits in moved.items()})


def diff(patch: Patch, *, context: int = 3) -> str:
    """Render a unified diff with a/ and b/ prefixes; empty for an empty patch."""
    return "".join(_file_diff(file, context) for file in patch.files)


def _file_diff(file: FileEdit, context: int) -> str:
    before, after = split_lines(file.base), split_lines(file.after)
    lines = difflib.unified_diff(before, after, f"a/{file.path}", f"b/{file.path}", n=context)
    ended = (line if line.endswith(("\n", "\r")) else line + "\n\\ No newline at end of file\n" for line in lines)
    return "".join(ended)


def _n_lines(file: FileEdit) -> int:
    changes = _matcher(split_lines(file.base), split_lines(file.after)).get_opcodes()
    return sum((i2 - i1) + (j2 - j1) for tag, i1, i2, j1, j2 in changes if tag != "equal")


def _inverted(file: FileEdit) -> FileEdit:
    edits = []
    shift = 0
    for edit in file.edits:
        start = edit.start + shift
        edits.append(TextEdit(start, start + len(edit.text), file.base[edit.start : edit.end]))
        shift += len(edit.text) - (edit.end - edit.start)
    return FileEdit(file.path, file.after, tuple(edits))


def _line_edits(before: str, after: str) -> tuple[TextEdit, ...]:
    old, new = split_lines(before), split_lines(after)
    old_starts, new_starts = _starts(old), _starts(new)
    return tuple(
        TextEdit(old_starts[i1], old_starts[i2], after[new_starts[j1] : new_starts[j2]])
        for tag, i1, i2, j1, j2 in _matcher(old, new).get_opcodes()
        if tag != "equal"
    )


def _moved(file: FileEdit, current: str) -> tuple[TextEdit, ...] | None:
    """Return the edits as offsets into `current`, or None when they touch lines that changed."""
    if file.base == current:
        return file.edits
    old, new = split_lines(file.base), split_lines(current)
    old_starts, new_starts = _starts(old), _starts(new)
    blocks = [
        (old_starts[block.a], old_starts[block.a + block.size], new_starts[block.b])
        for block in _matcher(old, new).get_matching_blocks()
        if block.size
    ]
    moved = []
    for edit in file.edits:
        # An edit at the very edge of a block may stand next to a changed line: that is a conflict, unless the
        # edge is the edge of the file on both sides.
        home = next((block for block in blocks if block[0] <= edit.start and edit.end <= block[1]), None)
        if home is None or not _clear_of_edges(edit, home, len(file.base), len(current)):
            return None
        shift = home[2] - home[0]
        moved.append(TextEdit(edit.start + shift, edit.end + shift, edit.text))
    return tuple(moved)


def _clear_of_edges(edit: TextEdit, block: tuple[int, int, int], n_old: int, n_new: int) -> bool:
    start, end, new_start = block
    at_head = edit.start == start and not (start == 0 and new_start == 0)
    at_tail = edit.end == end and not (end == n_old and new_start + (end - start) == n_new)
    return not (at_head and edit.start == edit.end) and not (at_tail and edit.start == edit.end)


def _starts(lines: list[str]) -> list[int]:
    return [0, *accumulate(len(line) for line in lines)]


def _matcher(old: list[str], new: list[str]) -> difflib.SequenceMatcher[str]:
    return difflib.SequenceMatcher(None, old, new, autojunk=False)
