"""What is to be built and started, as it is handed from the near end to the far end: plain values in one file."""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as Fields
else:
    # What `typing` or a dataclass would import takes a fifth to a third of what a confined start costs.
    class Fields:
        def __init__(self, *values, **named):
            self.__dict__.update(zip(type(self).__annotations__, values, strict=False), **named)

        def __iter__(self):
            return (getattr(self, name) for name in type(self).__annotations__)


OF_NAMESPACES = ("bubblewrap", "namespaces")


class Order(Fields):
    """One confined start. All paths absolute, without links except where said.

    Folders come before what is in them. `made` are links to lay in hidden folders, as (path, target).
    """

    mode: str  # "bubblewrap", "namespaces", "landlock" or "none"
    argv: tuple[str, ...]
    cwd: str
    fds: tuple[int, ...]  # descriptors that the program inherits
    parent: int  # the process whose end ends everything
    network: str  # "none", "loopback" or "full"
    keeper: int = 0
    tree: str = ""
    root: str = ""
    hidden: tuple[str, ...] = ()  # folders that are empty and private inside
    made: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()  # read-only, from hidden folders
    inlaid: tuple[str, ...] = ()  # read-only, laid over the tree
    layered: tuple[str, ...] = ()  # caches: can be written, and what is written is gone afterwards
    writable: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()  # inside of the tree, read-only
    masked: tuple[str, ...] = ()  # nothing can be read there
    bubblewrap: str = ""
    python: str = ""  # this interpreter
    n_processes: int = 512
    file_size: int = 1 << 30
    n_files: int = 4096
    memory: int = 6 << 30  # bytes of all processes together
    tmpfs: int = 2 << 30  # bytes of each hidden folder


def pack(order: Order) -> bytes:
    """Return an order as bytes, for the same interpreter only."""
    return marshal.dumps(tuple(order))


def read_order(descriptor: int) -> Order:
    """Read an order from a file in memory; it may be read again."""
    return Order(*marshal.loads(os.pread(descriptor, os.fstat(descriptor).st_size, 0)))
