"""The manifests and files of a tree, with quick answers about what lies below a folder."""

from __future__ import annotations

from bisect import bisect_left

from regreen.core.ports import Tree
from regreen.languages.python.manifest import Manifest, Manifests

MANIFEST = "Cargo.toml"


class CargoFiles(Manifests):
    """Reads the manifests of one tree, each of them once."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self._sorted = tuple(sorted(tree.files))

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
        return self.get(folder, MANIFEST)
