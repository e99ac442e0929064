"""What a test leaves behind in its process, and what it does to the world: told by looking, to be put right by a fork.

Standard library only, Python 3.8 and later.
"""

import collections
import os
import random
import sys
import threading
import types
from typing import Any, Dict, List

MOST = 4000  # values that are looked at; with more of them, each candidate gets a process of its own
BOXES = (dict, list, set, frozenset, tuple, bytearray, collections.deque)
PLAIN = (int, float, complex, str, bytes, bool, type(None))
SKIPPED = ("__builtins__", "__cached__", "__spec__", "__loader__")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What a process of its own, laid over by the candidate's files, has to see.
WORLD = frozenset({
    "subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec", "os.spawn", "pty.spawn",
    "socket.connect", "socket.bind", "sqlite3.connect",
})  # fmt: skip
CHANGES = frozenset({
    "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.utime",
    "shutil.rmtree", "shutil.move", "shutil.copyfile", "shutil.copytree",
})  # fmt: skip


class TooMuch(Exception):
    """There is more state than is worth looking at."""


class Watchman:
    """Notes whether anything reaches beyond the process: other programs, sources, files of the workspace."""

    def __init__(self, root):
        self.root = root
        self.is_on = False
        self.seen = ""
        sys.addaudithook(self.on_event)

    def on_event(self, event, arguments):
        if not self.is_on or self.seen:
            return
        if event in WORLD:
            self.seen = event
        elif event == "open":
            self.on_open(*arguments[:3])
        elif event in CHANGES and any(self.is_inside(path) for path in arguments[:2]):
            self.seen = event

    def on_open(self, path, mode, flags):
        writes = bool(flags & WRITES) if isinstance(flags, int) else bool(set(str(mode)) & set("wax+"))
        if (writes or str(path).endswith(".py")) and self.is_inside(path):
            self.seen = "open " + str(path)

    def is_inside(self, path):
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, (str, os.PathLike)):
            return False
        return os.path.realpath(path).startswith(self.root + os.sep)


class State:
    """What of the process one candidate could leave to the next."""

    def __init__(self, modules, root):
        self.modules = modules
        self.root = root
        self.random = random.getstate()

    def put_back(self):
        random.setstate(self.random)

    def signature(self):
        """Return a value that is another one when something was left.

        Raises:
            TooMuch: there is more than is worth looking at.
        """
        look = Look()
        for module in self.modules:
            for name, value in sorted(vars(module).items(), key=lambda item: str(item[0])):
                if name not in SKIPPED:
                    look.at(name)
                    look.at(value)
        return (
            tuple(look.found), os.getcwd(), hash(frozenset(os.environ.items())),
            sys.getrecursionlimit(), threading.active_count(), len(sys.path), sys.gettrace() is None,
        )  # fmt: skip


class Look:
    """Walks through values; each box once."""

    def __init__(self):
        self.found: List[Any] = []
        self.known: Dict[int, int] = {}
        self.held: List[Any] = []  # made on the way; an id says nothing of what is gone

    def at(self, first):
        waiting = [first]
        while waiting:
            value = waiting.pop()
            kind = type(value)
            if kind in PLAIN:
                self.found.append((kind, value if kind is not float else repr(value)))
                continue
            if id(value) in self.known:
                self.found.append(self.known[id(value)])
                continue
            self.known[id(value)] = len(self.known)
            self.held.append(value)
            if MOST < len(self.known):
                raise TooMuch
            self.found.append((kind, id(value)) if not isinstance(value, BOXES) else kind)
            waiting += reversed(self.inside(value))

    def inside(self, value):
        if isinstance(value, dict):
            return [part for pair in list(value.items()) for part in pair]
        if isinstance(value, (set, frozenset)):
            return sorted(value, key=lambda part: (str(type(part)), hash(part)))
        if isinstance(value, bytearray):
            return [bytes(value)]
        if isinstance(value, BOXES):
            return list(value)
        if isinstance(value, types.FunctionType):
            cells = [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
            return [value.__defaults__, value.__kwdefaults__, vars(value), *cells]
        if isinstance(value, type):
            # Classes of libraries are not what a candidate changes.
            return list(vars(value).items()) if getattr(value, "__module__", "") in OWN else []
        if isinstance(value, (types.ModuleType, types.BuiltinFunctionType)):
            return []
        return own_attributes(value) if getattr(type(value), "__module__", "") in OWN else []


OWN: Any = frozenset()  # names of the workspace's modules


def own_attributes(value):
    found = [vars(value)] if hasattr(value, "__dict__") else []
    for owner in type(value).__mro__:
        slots = owner.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                found.append(getattr(value, name))
    return found


def copied(value):
    """Return a value whose boxes are copies, all the way down; everything else in it is the very same."""
    kind = type(value)
    if kind is dict:
        return {key: copied(part) for key, part in value.items()}
    if kind in (list, set, bytearray):
        return kind(value) if kind is not list else [copied(part) for part in value]
    if kind is tuple:
        parts = tuple(copied(part) for part in value)
        return parts if any(part is not value[n] for n, part in enumerate(parts)) else value
    return value
