"""Where the processes of a run live, and what they may reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The place that a workbench gives to the processes that run in it. All paths absolute.

    `root` is the tree as those processes see it; `tree` is the path by which this process reaches the very same files
    (they differ when the tree is mounted in namespaces of its own, or is shown at the original's path).
    `keeper` is the process whose user and mount namespaces hold the tree, 0 when the tree lies in ours.
    `shown` are parts of the person's tree that are not in a copy (environments, installed packages) and are to be
    shown in it, read-only, at their own place.
    `upper` is the folder in which their writes land when the tree is made of layers, "" when they land in the tree;
    `lowers` are the layers below it, topmost first. Layers are for reading: whatever is written goes through `tree`.
    `own` says that the tree is the person's own: nobody writes or cleans up in it but its workbench.
    """

    root: str
    tree: str
    keeper: int = 0
    shown: tuple[str, ...] = ()
    upper: str = ""
    lowers: tuple[str, ...] = ()
    own: bool = False

    @classmethod
    def at(cls, path: str) -> Enclosure:
        """Return the place of a tree that is where it seems to be."""
        return cls(path, path)


class Network(StrEnum):
    """What a confined process may reach by network."""

    NONE = "none"
    LOOPBACK = "loopback"  # a loopback of its own: its own servers, never this machine's
    FULL = "full"


_BENCHES = {
    "overlay": "an overlay over the workspace",
    "copy": "a private copy of the workspace",
    "in-place": "the workspace itself",
}
_WEAK = " (weak)"


@dataclass(frozen=True, slots=True)
class Protection:
    """How attempts are kept apart from the person's files, as probed on this machine."""

    workbench: str  # "overlay", "copy" or "in-place"
    sandbox: str  # "bubblewrap", "namespaces", "landlock" (weak) or "none"
    network: Network = Network.LOOPBACK
    reasons: tuple[str, ...] = ()  # one sentence for each better way that is not there

    def __str__(self) -> str:
        """Return it in words for a person."""
        walls = f"confined by {self.sandbox}" if self.level else "not confined"
        return f"{_BENCHES.get(self.workbench, self.workbench)}, {walls}{_WEAK if self.sandbox == 'landlock' else ''}"

    @property
    def level(self) -> int:
        """Return 3 (overlay and sandbox), 2 (copy and sandbox), 1 (weak sandbox) or 0 (none)."""
        if self.sandbox == "none":
            return 0
        if self.sandbox == "landlock":
            return 1
        return 3 if self.workbench == "overlay" else 2
