"""What one process does for mutation testing between its birth and its verdict: measure tests, or judge one mutant.

Standard library and pytest only, Python 3.8 and later.
"""

import contextlib
import os
import random
import signal
import sys
import time
import unittest
from typing import Any, List

from regreen_mutate_lines import lines_of  # type: ignore[import-not-found]
from regreen_mutate_swap import plant, read  # type: ignore[import-not-found]
from regreen_worker_items import run_item  # type: ignore[import-not-found]
from regreen_worker_task import NO_CACHE, Task  # type: ignore[import-not-found]

HAS_TIMER = hasattr(signal, "setitimer")
UNUSABLE = ("Skipped", "XFailed")  # exceptions by which a test says that it neither passed nor failed


class Play(Task):  # type: ignore[misc]
    """A process of its own. `note` is a piece of memory, shared with whoever watches it: the number of its test."""

    def __init__(self, order, sink, note=None):
        super().__init__(order, sink)
        self.remember = note
        self.errors: List[str] = []  # what could not be collected
        self.clock = Limits(order)
        random.seed(0)
        self.tracer = None
        if order["kind"] == "early":
            self.tracer = self.tracer_of(order["trace"])
            self.tracer.start()
        if order.get("text") is not None:
            # All that it loads is loaded from sources, or what is planted would not be read.
            sys.dont_write_bytecode, sys.pycache_prefix = True, NO_CACHE
            path = os.path.join(order["root"], *order["path"].split("/"))
            try:
                plant(path, order["text"], read(order.get("codes")))
            except (SyntaxError, ValueError) as error:
                self.end({"verdict": "syntax", "detail": str(error), "n": -1, "cpu": 0.0})
            self.clock.set(order["load"])

    def is_wanted(self, collector, name):
        """Tell whether something in a file, or in a class of one, may be a test that is asked for."""
        if not self.order.get("only"):
            return True
        prefix = collector.nodeid + "::"
        rest = self.order["only"][len(prefix) :] if self.order["only"].startswith(prefix) else name
        return name == rest.partition("::")[0].partition("[")[0]

    def choose(self, items):
        """Return the items that are asked for, in the order in which they were collected."""
        return chosen(items, self.order["names"])

    def collected(self, session):
        """Go on: what was not collected is found missing when it is to be run."""

    def perform(self, items, by_name=None):
        """Do what was ordered, and end; `by_name` are the items, where somebody has looked them up already."""
        by_name = by_name or {item.nodeid: item for item in items}
        if self.tracer is not None:
            self.end({"verdict": "done", "n": -1, "cpu": 0.0, "detail": "", "lines": self.named(self.tracer.stop())})
        if self.order["kind"] == "measure":
            self.measure(items, by_name)
        self.judge(by_name)

    def finish(self, _status):
        """End: pytest came to its end before any test was run."""
        detail = self.errors[0] if self.errors else "the tests could not be collected"
        self.end({"verdict": "fails", "detail": detail, "n": -1, "cpu": time.process_time()})

    def measure(self, items, by_name):
        """Run tests one after the other, and say for each how it ended, what it took and which lines it ran."""
        lines = self.tracer_of(self.order["trace"])
        order = self.order.get("tests")
        plan = items if order is None else [by_name[name] for name in order if name in by_name]
        for n, item in enumerate(plan):
            following = plan[n + 1] if n + 1 < len(plan) else None
            if self.order["trace"]:
                lines.start()
            begun, cpu = time.monotonic(), time.process_time()
            error = self.run_test(item, following)
            took = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - begun}
            ran = lines.stop() if self.order["trace"] else {}
            entry = {"test": item.nodeid, "outcome": outcome(item, error), "lines": self.named(ran)}
            self.write(dict(entry, detail=said_by(error), **took))
        self.end({"verdict": "done", "n": -1, "detail": "", "cpu": time.process_time()})

    def judge(self, by_name):
        """Run the tests that are to notice, up to the first that does."""
        begun = time.process_time()
        plan = self.order["tests"]
        for n, (name, limit) in enumerate(plan):
            item = by_name.get(name)
            following = by_name.get(plan[n + 1][0]) if n + 1 < len(plan) else None
            if self.remember is not None:
                self.remember[0:4] = n.to_bytes(4, "little")
            if item is None:
                detail = self.errors[0] if self.errors else "the test is not collected any more"
                self.end({"verdict": "fails", "n": n, "detail": detail, "cpu": time.process_time() - begun})
            self.clock.set(limit)
            error = self.run_test(item, following)
            if error is not None and not is_unusable(error):
                self.clock.set(0)
                cpu = time.process_time() - begun
                self.end({"verdict": "fails", "n": n, "detail": said_by(error), "at": place_of(error), "cpu": cpu})
        self.clock.set(0)
        self.end({"verdict": "passes", "n": -1, "detail": "", "cpu": time.process_time() - begun})

    def tracer_of(self, paths):
        return lines_of(os.path.join(self.order["root"], *path.split("/")) for path in paths)

    def run_test(self, item, following):
        """Run one test as pytest would; return what it raised."""
        self.outcomes.clear()
        with warnings_of(item):
            error = run_item(item, following)
        if error is None and "failed" in self.outcomes.values():
            # A part of it that has a report of its own.
            return AssertionError("a part of the test failed")
        return error

    def named(self, lines):
        return {os.path.relpath(path, self.root).replace(os.sep, "/"): found for path, found in lines.items()}

    def end(self, reply):
        """Say the verdict and end at once: nothing of this process is worth tearing down."""
        self.write(reply)
        os._exit(0)


class Limits:
    """Ends the process when a test takes too much processor time; the kernel does, whatever runs then."""

    def __init__(self, order):
        if not order.get("inherits"):
            default_signals()

    def set(self, seconds):
        if HAS_TIMER:
            signal.setitimer(signal.ITIMER_PROF, seconds)


def default_signals():
    """Let the end of a test's time be the end of its process."""
    if HAS_TIMER:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)


def said_by(error):
    """Return in one line what a test said when it failed."""
    if error is None:
        return ""
    try:
        said = str(error).splitlines() or [""]
    except Exception:
        said = [""]
    return "%s: %s" % (type(error).__name__, said[0][:300])


def place_of(error):
    """Return the file and the line of an assert that says nothing itself; None for all else."""
    step = error.__traceback__
    if type(error) is not AssertionError or error.args or step is None:
        return None
    while step.tb_next is not None:
        step = step.tb_next
    return [step.tb_frame.f_code.co_filename, step.tb_lineno]


def chosen(items, names):
    """Return the items of these tests, cases of them or what is inside of them; all, when none is named."""
    wanted = frozenset(name.rstrip("/") for name in names)
    return [item for item in items if not wanted or not wanted.isdisjoint(holders(item.nodeid))]


def holders(name):
    """Return all that a test is named by: itself, its definition, its class, its file, the folders that it is in."""
    path, _, rest = name.partition("::")
    found = [name, path]
    for sign, text, start in (("::", rest.partition("[")[0], path + "::"), ("/", path, "")):
        parts = text.split(sign)
        found += [start + sign.join(parts[:n]) for n in range(1, len(parts) + 1)]
    return found


def outcome(item, error):
    marked = getattr(item, "get_closest_marker", None)
    if marked is not None and marked("xfail"):
        return "other"
    if error is None:
        return "passed"
    return "other" if is_unusable(error) else "failed"


def is_unusable(error):
    """Tell whether a test said that it cannot tell."""
    known = sys.modules.get("_pytest.outcomes")
    kinds = [getattr(known, name, unittest.SkipTest) for name in UNUSABLE]
    return isinstance(error, (unittest.SkipTest, *kinds))


def warnings_of(item):
    """Return the context in which a test's warnings become what its project says, such as errors."""
    catch: Any = getattr(sys.modules.get("_pytest.warnings"), "catch_warnings_for_item", None)
    if catch is None or not hasattr(item, "ihook"):
        return contextlib.nullcontext()
    return catch(config=item.config, ihook=item.ihook, when="runtest", item=item)
