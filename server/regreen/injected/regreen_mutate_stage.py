"""The process that has collected the tests, runs none of them itself, and forks for whoever is to run some.

Standard library and pytest only, Python 3.8 and later.
"""

import cProfile
import gc
import os
import select
import sys
import threading
import time
from typing import Any, Dict, List

from regreen_mutate_play import Play, chosen, default_signals  # type: ignore[import-not-found]
from regreen_mutate_several import Sittings  # type: ignore[import-not-found]
from regreen_mutate_swap import reached, read  # type: ignore[import-not-found]
from regreen_worker_ahead import Scout, open_files  # type: ignore[import-not-found]
from regreen_worker_children import (  # type: ignore[import-not-found]
    SLICE,
    Channel,
    Findings,
    adopt_orphans,
    end,
    foreign_modules,
    fork,
    has_ended,
)
from regreen_worker_code import loaded_files, packed  # type: ignore[import-not-found]
from regreen_worker_swap import CannotSwap, Early, Swaps  # type: ignore[import-not-found]
from regreen_worker_task import Task, bound  # type: ignore[import-not-found]

# Why pytest may end before any test is run, by its exit status.
ENDINGS = {
    4: "pytest does not know an option of the project, or a file is not there; run it once by hand, it says which",
    5: "there is no test",
}
LONGER = 120.0  # seconds that a process may take beyond its time as long as it is at work


class Called:
    """Notes which code runs while files are loaded, at the price of a profiler that is not written in Python."""

    def __init__(self):
        self.profiler = cProfile.Profile(subcalls=False, builtins=False)
        self.slowly = Early()

    def start(self):
        try:
            self.profiler.enable()
        except ValueError:  # Another profiler is at work, of which there can be one.
            self.slowly.start()

    def stop(self):
        """Return what has run, as `key_of` names it."""
        if self.slowly.before is not None or sys.getprofile() == self.slowly.on_event:
            return self.slowly.stop()
        self.profiler.disable()
        codes = [entry.code for entry in self.profiler.getstats() if not isinstance(entry.code, str)]
        real = {name: os.path.realpath(name) for name in {code.co_filename for code in codes}}
        return {(real[code.co_filename], code.co_name, code.co_firstlineno) for code in codes}


class Stage(Task):  # type: ignore[misc]
    """The child itself."""

    def __init__(self, line, order, root, note):
        self.early = Called()
        self.made: Dict[Any, Any] = {}  # what it compiled of the workspace
        self.open_before = open_files()
        super().__init__(dict(order, cpu=None, memory=0), -1)
        self.order = order
        # What bounds the children does not bound the collection.
        self.ours = {"root": order["root"], "scratch": order["scratch"], "names": order["names"], "inherits": True}
        self.channel = Channel(line)
        self.real_root = root
        self.note_of_test = note
        self.errors: List[str] = []
        self.items: List[Any] = []
        self.by_name: Dict[str, Any] = {}  # a fork that looked them up would have a copy of each page they are on
        self.swaps: Any = None
        self.playing: Any = None  # what a fork of this process does

    def is_wanted(self, _collector, _name):
        return True

    def choose(self, items):
        return chosen(items, self.order["names"])

    def collected(self, session):
        """Go on: what could not be collected is told by `serve`."""

    def note(self, report):
        self.playing.note(report)

    def write(self, message):
        """Say nothing: what a stage finds it answers on its line."""

    def finish(self, status):
        """Tell that pytest came to its end before the tests could be collected."""
        why = ENDINGS.get(int(status), "pytest ended before, with status %d" % status)
        self.channel.write({"fit": False, "items": [], "errors": self.errors or [why]})
        os._exit(0)

    def serve(self, session):
        """Answer orders until the other side is gone."""
        called_early = self.early.stop()
        self.items = list(session.items)
        self.by_name = {item.nodeid: item for item in self.items}
        why = unfit(self.open_before)
        modules = [] if 1 < threading.active_count() else foreign_modules(self.root)
        self.channel.write({
            "fit": not why, "why": why, "items": [item.nodeid for item in self.items], "errors": self.errors,
            "modules": modules, "files": loaded_files(self.root), "codes": packed(self.made),
            "cpu": time.process_time(),
        })  # fmt: skip
        self.made.clear()
        adopt_orphans()
        steps = {"measure": self.measure, "mutant": self.judge, "several": Sittings(self).hear}
        self.swaps = Swaps(self.real_root, called_early)
        bound(self.order)
        default_signals()
        gc.collect()
        gc.freeze()
        while True:
            order = self.channel.read()
            if order is None:
                os._exit(0)
            self.channel.write(steps[order["kind"]](order))

    def measure(self, order):
        return self.child(order, [])

    def judge(self, order):
        """Judge one mutant (or, without a path, the text as it is)."""
        pairs: List[Any] = []
        early = ""
        if order.get("path"):
            try:
                pairs, early = self.reached(order)
            except CannotSwap as error:
                return {"verdict": "unswappable", "detail": str(error)}
        reply = self.child(order, pairs) if order["tests"] else {"verdict": "idle"}
        return dict(reply, early=early)

    def reached(self, order):
        """Return the functions and codes of a mutant, and whether one ran while files were loaded.

        Raises:
            CannotSwap: a function is not there.
        """
        path = os.path.realpath(os.path.join(self.real_root, *order["path"].split("/")))
        return reached(self.swaps, path, read(order.pop("codes")))

    def child(self, order, pairs):
        return self.forked(order, lambda sink: self.play(order, pairs, sink))

    def forked(self, order, run):
        """Let a fork run something that ends its process; return what it said."""
        source, sink = os.pipe()
        pid = fork()
        if pid == 0:
            os.close(source)
            self.channel.close()
            run(sink)
        os.close(sink)
        return attend(pid, source, order["wall"], self.channel)

    def play(self, order, pairs, sink):
        self.playing = play = Play(dict(self.ours, **order), sink, self.note_of_test)
        try:
            for function, code in pairs:
                function.__code__ = code
        except ValueError as error:
            play.end({"verdict": "unswappable", "detail": str(error), "n": -1, "cpu": 0.0})
        play.perform(self.items, self.by_name)


class Eve(Scout):  # type: ignore[misc]
    """The process that waits right before the collection, and forks for what has to load the workspace's files."""

    def __init__(self, line, order, root, note):
        super().__init__(line, order, root)
        self.note_of_test = note
        self.errors: List[str] = []

    def serve(self):
        """Answer orders until a child returns what it does, or the other side is gone."""
        self.tell()
        gc.collect()
        gc.freeze()
        while True:
            order = self.channel.read()
            if order is None:
                os._exit(0)
            source, sink = os.pipe()
            pid = fork()
            if pid == 0:
                os.close(source)
                self.channel.close()
                return Play(order, sink, self.note_of_test)
            os.close(sink)
            self.channel.write(attend(pid, source, order["wall"], self.channel))


def unfit(open_before):
    """Return why this process cannot be forked for each mutant, "" when it can."""
    if 1 < threading.active_count():
        return "the workspace's files start threads when they are loaded"
    if any(name.startswith(("socket:", "pipe:")) for name in open_files() - open_before):
        return "the workspace's files open connections when they are loaded"
    return ""


def attend(pid, source, wall, channel):
    """Read what a forked child finds until it says its verdict, dies, or has had its time; it is gone then.

    A child that is at work when its time is up gets more: its processor time is limited anyway, and on a busy machine
    a second of wall says little.
    """
    begun = time.monotonic()
    deadline, used = begun + wall, -1.0
    found, pending, dead = Findings(), b"", False
    while found.reply is None:
        readable = select.select([source, channel], [], [], SLICE)[0]
        if channel in readable:
            end(pid)
            os._exit(0)  # Nobody speaks while a child runs: the other side is gone.
        chunk = os.read(source, 1 << 16) if source in readable else b""
        pending = found.take(pending + chunk)
        if chunk:
            deadline = max(deadline, time.monotonic() + wall)
            continue
        if dead:
            break
        if deadline < time.monotonic():
            before, used = used, time_of(pid)
            if used <= before or begun + wall + LONGER < time.monotonic():
                break
            deadline = time.monotonic() + 1.0
        # What a dead child has said is still in the pipe: it is read once more after its death was seen.
        dead = has_ended(pid)
        if source in readable and not dead:
            time.sleep(0.001)
    os.close(source)
    return found.result(end(pid), dead)


def time_of(pid):
    """Return the processor time that a process has used, in ticks of the system; 0 where that is not told."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rpartition(")")[2].split()
        return float(fields[11]) + float(fields[12])
    except (OSError, ValueError, IndexError):
        return 0.0
