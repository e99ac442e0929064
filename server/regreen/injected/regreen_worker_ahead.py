"""The child of the warm worker that goes ahead: its fork is spared what pytest does before it collects.

Up to there a project's conftests are loaded, with what they import: candidates that edit such a file are not for it.
Standard library only, Python 3.8 and later.
"""

import os
import select
import threading
import time

from regreen_worker_children import (  # type: ignore[import-not-found]
    Channel,
    adopt_orphans,
    end,
    kill,
    loaded_inside,
    spared,
)
from regreen_worker_task import run_forked  # type: ignore[import-not-found]


class Scout:
    """The child itself: waits before the collection, and forks for each task."""

    def __init__(self, line, order, root):
        self.channel = Channel(line)
        self.order = order
        self.root = root
        self.open_before = open_files()

    def tell(self):
        """Say whether this process can be forked, and what it has loaded."""
        # Neither threads nor open connections survive a fork in a state that one child may leave to the next.
        unfit = 1 < threading.active_count() or not open_files() <= self.open_before
        self.channel.write({"fit": not unfit, "loaded": sorted(loaded_inside(self.root))})
        adopt_orphans()

    def serve(self):
        """Answer orders until a child returns its task, or the other side is gone."""
        self.tell()
        while True:
            order = self.channel.read()
            if order is None:
                os._exit(0)
            task, reply = run_forked(order, self.channel)
            if task is not None:
                self.channel.close()
                return task
            self.channel.write(reply)

    def finish(self, _status):
        """End: pytest came to its end without a collection."""
        os._exit(0)


class Ahead:
    """What the worker holds of the child that went ahead."""

    def __init__(self, pid, channel, loaded):
        self.pid = pid
        self.channel = channel
        self.loaded = loaded

    @classmethod
    def when_ready(cls, pid, channel, wall, control):
        """Wait for the child; return None when it cannot be used, and end it."""
        spared.add(pid)
        ready = answer(channel, wall, control)
        if ready is not None and ready["fit"]:
            return cls(pid, channel, frozenset(ready["loaded"]))
        dismiss(pid, channel)
        return None

    def run(self, order, control, seconds):
        """Return the reply to an order, or None when the child is of no use any more, which ends it."""
        self.channel.write(order)
        reply = answer(self.channel, seconds, control)
        if reply is None:
            dismiss(self.pid, self.channel)
        return reply


def answer(channel, wall, control):
    """Return the next message, or None when there is none in time; end when the worker's own line is closed."""
    deadline = time.monotonic() + wall
    while time.monotonic() < deadline:
        readable = select.select([channel, control], [], [], 0.05)[0]
        if control in readable:
            os._exit(0)  # The other side is gone: so is our line to the child, which ends with all it started.
        if channel in readable:
            return channel.read()
    return None


def dismiss(pid, channel):
    channel.close()
    spared.discard(pid)
    kill(os.kill, pid)
    end(pid)


def open_files():
    """Return what this process has open, as far as the system tells."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            found.add(os.readlink("/proc/self/fd/" + descriptor))
        except OSError:
            continue
    return found
