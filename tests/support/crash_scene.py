"""A small workspace into which a patch of four files is delivered, and the judgement of what is left of it."""

from __future__ import annotations

import codecs
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from regreen.core.edit import Patch, patch_between
from regreen.core.text import decode

CONTENTS = {
    "a.py": b"def f(a, b):\n    return a - b\n",
    "pkg/b.py": codecs.BOM_UTF8 + "é = 1 - 2\r\nend".encode(),
    "pkg/c.py": b"# coding: latin-1\nx = '\xe9' # a - b\n",
    "pkg/deep/d.py": b"value = 3 - 1\n" * 400,
}
MODES = {"a.py": 0o644, "pkg/b.py": 0o600, "pkg/c.py": 0o755, "pkg/deep/d.py": 0o640}
BYSTANDER = ("other.py", b"not touched\n")
NAMES = frozenset({*CONTENTS, BYSTANDER[0]})
MTIME_NS = 1_600_000_000_123_456_789


def patch() -> Patch:
    """Return the patch that turns every minus into a plus."""
    texts = {path: decode(content, path).text for path, content in CONTENTS.items()}
    return patch_between(texts, {path: text.replace("-", "+") for path, text in texts.items()})


def new_content(path: str) -> bytes:
    """Return what a file becomes."""
    before = decode(CONTENTS[path], path)
    return before.encode({file.path: file.after for file in patch().files}[path])


NEW = {path: new_content(path) for path in CONTENTS}


@dataclass(frozen=True)
class Scene:
    """A workspace and its state folder, side by side."""

    home: Path

    @property
    def root(self) -> Path:
        """Return the workspace."""
        return self.home / "ws"

    @property
    def state(self) -> Path:
        """Return the state folder."""
        return self.home / "state"

    def lay(self) -> Scene:
        """Make both anew."""
        for folder in (self.root, self.state):
            shutil.rmtree(folder, ignore_errors=True)
        for path, content in [*CONTENTS.items(), BYSTANDER]:
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(MODES.get(path, 0o644))
            os.utime(file, ns=(MTIME_NS, MTIME_NS))
        self.state.mkdir(mode=0o700)
        return self

    @property
    def n_new(self) -> int:
        """Return how many files are new; between none and all is what a kill may leave until it is recovered."""
        return sum((self.root / path).read_bytes() == NEW[path] for path in CONTENTS)

    def judge(self) -> str:
        """Return "old" or "new" when everything is so; else say what is wrong."""
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()}
        if files != NAMES:
            return f"left over or lost in the tree: {sorted(files ^ NAMES)}"
        left = sorted(path.name for path in self.state.rglob("*") if path.name not in _AT_HOME and not _is_run(path))
        if left:
            return f"left over in the state folder: {left}"
        contents = {path: (self.root / path).read_bytes() for path in CONTENTS}
        if (self.root / BYSTANDER[0]).read_bytes() != BYSTANDER[1]:
            return "another file was touched"
        if contents == CONTENTS:
            return "old" if self._is_untouched() else "old texts with another mode or time"
        return "new" if contents == NEW and self._has_modes() else f"mixed: {contents}"

    def _has_modes(self) -> bool:
        return all(stat.S_IMODE((self.root / path).stat().st_mode) == mode for path, mode in MODES.items())

    def _is_untouched(self) -> bool:
        times = {(self.root / path).stat().st_mtime_ns for path in CONTENTS}
        links = {(self.root / path).stat().st_nlink for path in CONTENTS}
        return self._has_modes() and times == {MTIME_NS} and links == {1}


_AT_HOME = frozenset({"deliveries", "runs", "index.jsonl", "work.lock"})


def _is_run(path: Path) -> bool:
    return "runs" in path.parts and (path.is_dir() or path.suffix == ".jsonl")
