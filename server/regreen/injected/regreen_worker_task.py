"""One task of the warm worker: what a child process does between its birth and its verdict.

Standard library only, Python 3.8 and later.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from typing import Any, Dict, List, Set, Tuple

from regreen_worker_children import foreign_modules, fork, watch  # type: ignore[import-not-found]
from regreen_worker_code import loaded_files  # type: ignore[import-not-found]
from regreen_worker_watch import Watch  # type: ignore[import-not-found]

N_STEPS = 300000  # lines of one test that are traced; a wanted test that runs more of them is taken to hang
TELLING = tuple(os.path.join("_pytest", *parts) for parts in (("assertion", "util.py"), ("_io", "saferepr.py")))
NO_CACHE = os.path.join(tempfile.gettempdir(), "regreen-no-bytecode-here")  # never made: nothing is read from it


class TooLong(BaseException):
    """Ends a traced test that does not end by itself; `except Exception` does not catch it."""


class Task:
    """What a child does, and its findings."""

    def __init__(self, order, sink):
        self.order = order
        self.sink = sink
        self.pid = os.getpid()
        self.root = order["root"] + os.sep
        self.outcomes: Dict[str, str] = {}  # test -> passed, failed or other
        self.missing: List[str] = []
        self.first: Any = None
        self.name = ""
        self.lines: Set[Tuple[str, int]] = set()
        self.steps = 0
        self.telling: Any = None  # the outermost frame in which pytest words a failure
        self.inside: Dict[
            str, str
        ] = {}  # file name of a code object -> its real path, "" when it is not the workspace's
        self.watch = Watch(order.get("places", ()), order["root"])
        isolate(order)

    def choose(self, items):
        """Return the items to run, in the order asked for, whatever other plugins made of it."""
        by_name: Dict[str, List[Any]] = {}
        for item in items:
            by_name.setdefault(item.nodeid, []).append(item)
        chosen: Dict[int, Any] = {}
        for wanted in self.order["wanted"] if self.order["kind"] == "probe" else self.order["names"]:
            found = [wanted] if wanted in by_name else [name for name in by_name if belongs(name, wanted)]
            if not found:
                self.missing.append(wanted)
            for name in found:
                chosen.update((id(item), item) for item in by_name[name])
        return list(chosen.values())

    def collected(self, session):
        if self.missing and self.first is None:
            self.first = {"detail": "not collected: " + self.missing[0], "path": "", "line": 0}
        if self.order["kind"] == "probe":
            self.write_modules()
        if self.order["kind"] == "try":
            session.config.option.maxfail = 1
            if self.missing:
                self.finish(0)

    def note(self, report):
        name = report.nodeid
        if report.failed:
            self.outcomes[name] = "failed"
        elif report.skipped or hasattr(report, "wasxfail"):
            self.outcomes.setdefault(name, "other")
        elif report.when == "call":
            self.outcomes.setdefault(name, "passed")

    def explain(self, excinfo):
        """Remember the first failure: what it says, and the deepest line of the workspace."""
        if self.first is not None or excinfo is None:
            return
        error = excinfo.value
        if type(error).__name__ == "CollectError" and error.__cause__ is not None:
            error = error.__cause__
        path, line = "", 0
        step = error.__traceback__
        while step is not None:
            filename = step.tb_frame.f_code.co_filename
            if self.is_inside(filename):
                path, line = self.relative(filename), step.tb_lineno
            step = step.tb_next
        if isinstance(error, SyntaxError) and self.is_inside(error.filename or ""):
            path, line = self.relative(error.filename), error.lineno or 0
        try:
            said = (str(error).splitlines() or [""])[0][:300]
        except Exception:
            said = ""
        self.first = {"detail": "%s: %s" % (type(error).__name__, said), "path": path, "line": line}

    def is_inside(self, filename):
        known = self.inside.get(filename)
        if known is None:
            real = os.path.realpath(filename) if os.path.isabs(filename) else ""
            known = real if real.startswith(self.root) and "site-packages" not in real else ""
            self.inside[filename] = known
        return bool(known)

    def relative(self, filename):
        return self.inside[filename][len(self.root) :].replace(os.sep, "/")

    def trace(self, nodeid):
        if self.order["kind"] == "watch":
            self.watch.start()
        if self.order["kind"] == "spectrum":
            self.name, self.lines, self.steps, self.telling = nodeid, set(), 0, None
            threading.settrace(self.on_call)
            sys.settrace(self.on_call)

    def on_call(self, frame, _event, _argument):
        if self.telling is not None:
            return None
        filename = frame.f_code.co_filename
        if filename.endswith(TELLING):
            # What pytest asks values for to tell of a failure is no part of the test.
            self.telling = frame
            return self.on_told
        return self.on_line if self.is_inside(filename) else None

    def on_told(self, frame, event, _argument):
        if event == "return" and frame is self.telling:
            self.telling = None
        return self.on_told

    def on_line(self, frame, event, _argument):
        if event == "line":
            self.steps += 1
            self.lines.add((frame.f_code.co_filename, frame.f_lineno))
            if N_STEPS < self.steps:
                sys.settrace(None)
                if any(self.name == wanted or belongs(self.name, wanted) for wanted in self.order["wanted"]):
                    raise TooLong
        return self.on_line

    def untrace(self, nodeid):
        if self.order["kind"] == "watch":
            self.write(dict(self.watch.stop(), test=nodeid, good=self.outcomes.get(nodeid) == "passed"))
        if self.order["kind"] != "spectrum":
            return
        sys.settrace(None)
        threading.settrace(None)
        lines: Dict[str, List[int]] = {}
        for filename, line in sorted(self.lines):
            lines.setdefault(self.relative(filename), []).append(line)
        self.write({"test": nodeid, "good": self.outcomes.get(nodeid) == "passed", "lines": lines})

    def finish(self, status):
        """Say what was found and end at once: nothing of this process is worth tearing down."""
        reply = dict(self.first or {"detail": "", "path": "", "line": 0}, verdict=self.verdict(int(status)))
        reply["cpu"] = time.process_time()
        if self.order["kind"] == "probe":
            self.write_modules()
        self.write(reply)
        os._exit(0)

    def write_modules(self):
        # Beside threads a fork is not safe: what may have started one is better loaded by each child itself.
        modules = [] if 1 < threading.active_count() else foreign_modules(self.root)
        self.write({"modules": modules, "files": loaded_files(self.root)})

    def verdict(self, status):
        if "failed" in self.outcomes.values():
            return "fails"
        if status not in (0, 5) or self.missing or not self.outcomes:
            return "crashes"
        return "passes" if set(self.outcomes.values()) == {"passed"} else "fails"

    def write(self, message):
        if os.getpid() != self.pid:
            return  # A process that a test forked, and that came back out of its test, speaks for nobody.
        line = json.dumps(message, sort_keys=True).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self.sink, line) :]


def run_forked(order, channel):
    """Run a task in a fork of this process: return (None, its reply) here, and (the task, None) there."""
    source, sink = os.pipe()
    pid = fork()
    if pid == 0:
        os.close(source)
        return Task(order, sink), None
    os.close(sink)
    return None, watch(pid, source, order["wall"], channel)


def belongs(name, wanted):
    """Tell whether a test is one of the cases of the wanted one, or inside of the wanted file or class."""
    return name.startswith((wanted + "[", wanted + "::"))


def read_task(path):
    """Return the order of a fresh process and the descriptor for its findings."""
    with open(path) as file:
        order = json.load(file)
    return order, os.open(order["answer"], os.O_WRONLY | os.O_APPEND)


def isolate(order):
    """Bound what this child may take, and separate it from the worker."""
    if os.name != "posix":
        return
    os.setpgid(0, 0)
    if order.get("inherits"):
        return  # The process that it was forked from is bound already.
    import resource

    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if order["cpu"]:
        # The kernel ends the process when it has used this much processor time, whatever it is doing.
        signal.setitimer(signal.ITIMER_PROF, order["cpu"])
    bound(order)


def bound(order):
    """Bound the memory that this process and its children may take beyond what it has (Linux)."""
    if order["memory"] and sys.platform.startswith("linux"):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wish = room() + order["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (wish if hard < 0 else min(wish, hard), hard))


def room():
    """Return the bytes of address space that this process has taken (Linux)."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
