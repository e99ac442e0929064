"""The manifests and files of a tree, with quick answers about what lies below a folder."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from regreen.core.ports import Tree
from regreen.languages.manifest import Manifest, Manifests, parse_manifest

MANIFEST = "Cargo.toml"
_TOKEN = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|.', re.DOTALL)


class CargoFiles(Manifests):
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self._sorted = tuple(sorted(tree.files))
        self._mended: dict[str, Manifest] = {}

    def below(self, prefix: str) -> tuple[str, ...]:
        """Return the files whose path begins so, sorted; "" is everything."""
        first = bisect_left(self._sorted, prefix)
        last = bisect_left(self._sorted, prefix + "\U0010ffff")
        return self._sorted[first:last]

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the files in a folder and below it, sorted."""
        return self.below("" if folder == "." else f"{folder}/")

    def cargo(self, folder: str) -> Manifest | None:
        """Return the Cargo.toml of a folder, or None."""
        found = self.get(folder, MANIFEST)
        if found is None or not found.problem:
            return found
        if found.path not in self._mended:
            mended = parse_manifest(found.path, _in_one_line(found.text))
            self._mended[found.path] = found if mended.problem else replace(mended, text=found.text)
        return self._mended[found.path]


def _in_one_line(text: str) -> str:
    """Return TOML whose inline tables stand in one line: Cargo reads newer TOML than Python does."""
    pieces: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        depth += (token == "{") - (token == "}")
        if token == "}":
            while pieces and pieces[-1].strip() in ("", ","):
                pieces.pop()
        if 0 < depth and (token.startswith("#") or token == "\n"):
            token = " "
        pieces.append(token)
    return "".join(pieces)
