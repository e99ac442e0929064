"""The child of the warm worker that goes on past the collection, and judges candidates by the batch.

It has loaded the workspace's files and swaps functions of theirs for those of a candidate; many candidates share one
forked process as long as none leaves anything to the next. What cannot be judged so is said to be "unsure".
Standard library and pytest only, Python 3.8 and later.
"""

import json
import os
import signal
import threading
import time
from typing import Any, List

import regreen_worker_state as state  # type: ignore[import-not-found]
from regreen_worker_ahead import open_files  # type: ignore[import-not-found]
from regreen_worker_answers import answers, recorded  # type: ignore[import-not-found]
from regreen_worker_children import Channel, adopt_orphans, fork, watch  # type: ignore[import-not-found]
from regreen_worker_swap import CannotSwap, Early, Swaps  # type: ignore[import-not-found]
from regreen_worker_task import Task, isolate  # type: ignore[import-not-found]

UNSURE = "unsure"


class Bench(Task):  # type: ignore[misc]
    """The child itself: collects like any other task, then answers orders."""

    def __init__(self, line, order, root):
        self.early = Early()
        self.open_before = open_files()
        super().__init__(dict(order, kind="bench"), -1)
        self.channel = Channel(line)
        self.own_root = root
        self.items: List[Any] = []
        self.swaps: Any = None
        self.watchman: Any = None

    def write(self, message):
        """Say nothing: what a bench finds it answers on its line."""

    def finish(self, _status):
        os._exit(0)

    def serve(self, session):
        """Answer orders until the other side is gone."""
        called_early = self.early.stop()
        items = {item.nodeid: item for item in session.items}
        fit = not self.missing and threading.active_count() < 2 and open_files() <= self.open_before
        self.items = [item for item in items.values() if is_plain(item)]
        fit = fit and 0 < len(self.items) == len(items)
        self.swaps = Swaps(self.own_root, called_early)
        state.OWN = frozenset(module.__name__ for module in self.swaps.modules)
        self.channel.write({"fit": fit, "loaded": []})
        adopt_orphans()
        while True:
            order = self.channel.read()
            if order is None:
                os._exit(0)
            self.channel.write(self.judge(order) if order["kind"] == "many" else self.ask(order))

    # What follows happens once for each batch, in the bench.

    def judge(self, order):
        """Return a verdict for each candidate."""
        verdicts: List[Any] = [None] * len(order["texts"])
        alone = False  # after a batch that was spoiled, one process each
        while None in verdicts:
            left = [n for n, verdict in enumerate(verdicts) if verdict is None]
            batch = left[:1] if alone else left
            reply = self.child(dict(order, batch=batch))
            told = [entry for entry in reply["found"] if "case" in entry]
            if reply["verdict"] == "spoiled" and 1 < len(told):
                alone = True
                continue
            for entry in told:
                verdicts[entry.pop("case")] = entry
            if reply["verdict"] in ("hangs", "crashes"):
                rest = [n for n in batch if verdicts[n] is None]
                blamed = {key: reply[key] for key in ("verdict", "detail", "path", "line")}
                verdicts[rest[0] if rest else batch[-1]] = blamed
        return {"verdicts": verdicts}

    def ask(self, order):
        """Return what a child finds out about calls."""
        reply = self.child(order)
        return {"entries": [entry for entry in reply["found"] if "answer" in entry or "call" in entry]}

    def child(self, order):
        source, sink = os.pipe()
        pid = fork()
        if pid == 0:
            os.close(source)
            self.channel.close()
            isolate(dict(self.order, cpu=None, memory=self.order["memory"]))
            Batch(self, order, sink).run()
            os._exit(0)
        os.close(sink)
        return watch(pid, source, order["wall"], self.channel, renewed=True)


class Batch:
    """A forked process, in which candidates are tried one after the other."""

    def __init__(self, bench, order, sink):
        self.bench = bench
        self.order = order
        self.sink = sink
        self.pid = os.getpid()
        self.watchman = state.Watchman(bench.own_root)
        self.state = state.State(bench.swaps.modules, bench.own_root)
        self.params = [dict(item.callspec.params) if hasattr(item, "callspec") else None for item in bench.items]

    def run(self):
        if self.order["kind"] == "calls":
            recorded(self.bench, self.order, self.say, self.watched)
        elif self.order["kind"] == "probe":
            answers(self.bench, self.order, self.say, self.watched)
        else:
            self.judge()
        self.say({"verdict": "done", "detail": "", "path": "", "line": 0, "cpu": time.process_time()})

    def judge(self):
        last = self.order["batch"][-1]
        before = self.signature()
        for n in self.order["batch"]:
            self.say(dict(self.candidate(self.order["texts"][n]), case=n))
            # What is left behind would be found by the next one: it gets another process.
            if n != last and (before is None or self.watchman.seen or self.signature() != before):
                return
        reference = self.order.get("reference")
        if 1 < len(self.order["batch"]) and reference is not None:
            seen = self.tests()
            if {key: seen[key] for key in reference} != reference:
                self.say(dict(seen, verdict="spoiled", cpu=0.0))

    def signature(self):
        try:
            return self.state.signature()
        except state.TooMuch:
            return None

    def candidate(self, texts):
        try:
            pairs = self.bench.swaps.prepare(texts)
        except SyntaxError as error:
            return verdict("crashes", "SyntaxError: %s" % error.msg, line=error.lineno or 0)
        except (CannotSwap, ValueError, OSError, RecursionError, MemoryError) as error:
            return verdict(UNSURE, str(error))
        before = [(function, function.__code__) for function, _ in pairs]
        try:
            for function, code in pairs:
                function.__code__ = code
            return self.tests()
        except ValueError as error:
            return verdict(UNSURE, str(error))
        finally:
            for function, code in before:
                function.__code__ = code

    def tests(self):
        """Run the wanted tests up to the first that fails."""
        self.state.put_back()
        self.bench.swaps.clear_caches()
        self.bench.first = None
        found, begun = verdict("passes", ""), time.process_time()
        with self.watched():
            items = self.bench.items
            for n, item in enumerate(items):
                if self.params[n] is not None:
                    item.callspec.params.update(state.copied(self.params[n]))
                error = run_item(item, items[n + 1] if n + 1 < len(items) else None)
                if error is not None:
                    self.bench.explain(Excinfo(error))
                    found = dict(self.bench.first, verdict="fails")
                    break
        found = verdict(UNSURE, self.watchman.seen) if self.watchman.seen else found
        return dict(found, cpu=time.process_time() - begun)

    def watched(self):
        return Watched(self.watchman, self.order["cpu"])

    def say(self, message):
        if os.getpid() != self.pid:
            os._exit(0)
        line = json.dumps(message, sort_keys=True).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self.sink, line) :]


class Watched:
    """A time in which the processor is counted and what reaches beyond the process is noted."""

    def __init__(self, watchman, cpu):
        self.watchman = watchman
        self.cpu = cpu

    def __enter__(self):
        signal.setitimer(signal.ITIMER_PROF, self.cpu)
        self.watchman.is_on = True

    def __exit__(self, *_error):
        self.watchman.is_on = False
        signal.setitimer(signal.ITIMER_PROF, 0)


class Excinfo:
    """What `Task.explain` reads."""

    def __init__(self, value):
        self.value = value


def run_item(item, following):
    """Run one test with its fixtures; return what it raised, None when it passed."""
    if hasattr(item, "_initrequest"):
        item._initrequest()
    hook, error = item.ihook, None
    try:
        hook.pytest_runtest_setup(item=item)
        hook.pytest_runtest_call(item=item)
    except BaseException as raised:
        error = raised
    # unittest's cases say what they met here instead of raising it.
    met = getattr(item, "_excinfo", None)
    if error is None and met:
        error = met[0].value
    if met:
        item._excinfo = None
    try:
        hook.pytest_runtest_teardown(item=item, nextitem=following if error is None else None)
    except BaseException as raised:
        error = error or raised
    return error


def is_plain(item):
    """Tell whether a test ends in nothing but passing or raising."""
    marked = any(item.get_closest_marker(name) for name in ("xfail", "skip", "skipif", "usefixtures"))
    return hasattr(item, "runtest") and not marked and "subtests" not in getattr(item, "fixturenames", ())


def verdict(what, detail, path="", line=0):
    return {"verdict": what, "detail": detail, "path": path, "line": line}
