"""The child of the warm worker that goes on past the collection, and judges candidates by the batch.

It has loaded the workspace's files and swaps functions of theirs for those of a candidate; many candidates share one
forked process as long as none leaves anything to the next. What cannot be judged so is said to be "unsure".
Standard library and pytest only, Python 3.8 and later.
"""

import gc
import json
import os
import threading
import time
from typing import Any, List

import regreen_worker_state as state  # type: ignore[import-not-found]
from regreen_mutate_state import Closed, Held, system  # type: ignore[import-not-found]
from regreen_worker_ahead import open_files  # type: ignore[import-not-found]
from regreen_worker_answers import answers, recorded  # type: ignore[import-not-found]
from regreen_worker_children import Channel, adopt_orphans, fork, watch  # type: ignore[import-not-found]
from regreen_worker_items import Clock, Excinfo, is_plain, is_torn_down, run_item  # type: ignore[import-not-found]
from regreen_worker_swap import CannotSwap, Early, Swaps  # type: ignore[import-not-found]
from regreen_worker_task import Task, isolate  # type: ignore[import-not-found]

UNSURE = "unsure"
SPARE = 0.03  # seconds of processor time that a test may take in any case
TIMES = 4  # how much longer than now it may take
QUICK = 0.01  # tests that take less are as good as each other


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
        self.held: Any = None  # what the workspace's modules hold before any test has run; None where it is not told
        self.plan: List[Any] = []  # (test, its limit), in the order in which they are run

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
        self.hold()
        self.channel.write({"fit": fit, "loaded": []})
        adopt_orphans()
        steps = {"many": self.judge, "look": self.look}
        while True:
            order = self.channel.read()
            if order is None:
                os._exit(0)
            self.channel.write(steps.get(order["kind"], self.ask)(order))

    def hold(self):
        """Note all that a candidate could leave to the next one, and spare the children from copying it."""
        try:
            self.held = Held(self.swaps.modules)
        except Closed:
            self.held = None
        gc.collect()
        gc.freeze()

    # What follows happens once for each batch, in the bench.

    def look(self, order):
        """Measure each test as it is now, and say how the first of them fails, and the first of the plan.

        The quickest failing test comes first: what is no good is mostly seen there. A test that hangs now may take as
        long as the longest of the others.
        """
        entries = [entry for entry in self.child(order)["found"] if "test" in entry]
        longest = max([entry["cpu"] for entry in entries if entry["verdict"] != "hangs"], default=0.0)
        ranked = []
        for n, item in enumerate(self.items):
            entry = entries[n] if n < len(entries) else dict(verdict("", ""), cpu=longest)
            hangs = entry["verdict"] == "hangs"
            cpu = longest if hangs else entry["cpu"]
            # Hardly different times must not make another order each time.
            kind = (entry["verdict"] != "fails", hangs, int(cpu / QUICK).bit_length(), n)
            ranked.append((kind, (item, SPARE + TIMES * cpu), entry))
        ranked.sort(key=lambda row: row[0])
        self.plan = [planned for _, planned, _ in ranked]
        failing = [entry for entry in entries if entry["verdict"] != "passes"]
        planned = [entry for _, _, entry in ranked if entry["verdict"] not in ("passes", "")]
        limit = max([limit for _, limit in self.plan], default=SPARE)
        return {"first": failing[:1], "planned": planned[:1], "cpu": limit}

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
        self.clock = Clock(self.watchman)
        self.state = state.State(bench.swaps.modules, bench.own_root)
        if bench.held is not None:
            bench.held.system = system()  # of this process, which has other files open
        self.is_clean = True

    def run(self):
        steps = {
            "calls": lambda: recorded(self.bench, self.order, self.say, self.clock),
            "probe": lambda: answers(self.bench, self.order, self.say, self.clock),
            "many": self.judge, "look": self.look,
        }  # fmt: skip
        steps[self.order["kind"]]()
        self.say({"verdict": "done", "detail": "", "path": "", "line": 0, "cpu": time.process_time()})

    def look(self):
        """Run each test alone, as long as there is time for it after the first that fails."""
        left = self.order["cpu"]
        for item in self.bench.items:
            found = self.tests([(item, self.order["cpu"])])
            self.say(dict(found, test=item.nodeid))
            left -= found["cpu"]
            if left < 0.0 or not self.is_clean:
                return

    def judge(self):
        last = self.order["batch"][-1]
        before = None if self.bench.held else self.signature()
        for n in self.order["batch"]:
            self.say(dict(self.candidate(self.order["texts"][n]), case=n))
            # What is left behind would be found by the next one: it gets another process.
            if n != last and (self.watchman.seen or not self.is_clean or not self.is_as_before(before)):
                return
        reference = self.order.get("reference")
        if 1 < len(self.order["batch"]) and reference is not None:
            seen = self.tests(self.bench.plan)
            if {key: seen[key] for key in reference} != reference:
                self.say(dict(seen, verdict="spoiled", cpu=0.0))

    def is_as_before(self, before):
        """Tell whether no candidate has left anything, or it could be taken away."""
        held = self.bench.held
        if held is not None:
            return held.is_same() or held.is_put_back()
        return before is not None and self.signature() == before

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
            return self.tests(self.planned())
        except ValueError as error:
            return verdict(UNSURE, str(error))
        finally:
            for function, code in before:
                function.__code__ = code

    def planned(self):
        """Return the tests with their limits: more time for a candidate that is asked about again."""
        again = self.order.get("cpu") or 0.0
        return [(item, max(limit, again)) for item, limit in self.bench.plan]

    def tests(self, plan):
        """Run tests up to the first that fails or hangs."""
        self.state.put_back()
        if self.bench.held is None:
            self.bench.swaps.clear_caches()
        self.bench.first = None
        found, begun = verdict("passes", ""), time.process_time()
        for n, (item, limit) in enumerate(plan):
            following = plan[n + 1][0] if n + 1 < len(plan) else None
            error = self.run_within(item, following, limit)
            if self.clock.is_late:
                found = verdict("hangs", "did not end in time")
            elif error is not None:
                self.bench.explain(Excinfo(error))
                found = dict(self.bench.first, verdict="fails")
            if found["verdict"] != "passes":
                break
        found = verdict(UNSURE, self.watchman.seen) if self.watchman.seen else found
        return dict(found, cpu=time.process_time() - begun)

    def run_within(self, item, following, limit):
        params = dict(item.callspec.params) if hasattr(item, "callspec") else None
        if params is not None:
            item.callspec.params.update(state.copied(params))
        error = None
        with self.clock.of(limit):
            error = run_item(item, following)
        if params is not None:
            item.callspec.params.update(params)
        if self.clock.is_late:
            self.is_clean = is_torn_down(item)
        return error

    def say(self, message):
        if os.getpid() != self.pid:
            os._exit(0)
        line = json.dumps(message, sort_keys=True).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self.sink, line) :]


def verdict(what, detail, path="", line=0):
    return {"verdict": what, "detail": detail, "path": path, "line": line}
