"""The warm worker of mutation testing: runs in the workspace's interpreter and tells which mutants its tests notice.

Standard library and pytest only, Python 3.8 and later. The protocol (JSON lines over a private socket) is
docs/mutation-protocol.md.

pytest is started once and held before it loads anything of the workspace. One child goes on to the collection and is
forked for the measuring of the tests and for the mutants that can be swapped in; the worker itself is forked for those
that have to be there when their file is loaded. A process runs tests for a second mutant only if it is as it was.
"""

import gc
import linecache
import mmap
import os
import sys
import time
from typing import Any, Dict

# Found on the import path that the worker is started with, not by the name of a package.
import regreen_worker as worker  # type: ignore[import-not-found]
from regreen_mutate_judge import Judge  # type: ignore[import-not-found]
from regreen_mutate_play import Play  # type: ignore[import-not-found]
from regreen_mutate_stage import Eve, Stage, attend  # type: ignore[import-not-found]
from regreen_mutate_swap import Source, written  # type: ignore[import-not-found]
from regreen_worker_ahead import Ahead, answer, dismiss  # type: ignore[import-not-found]
from regreen_worker_children import (  # type: ignore[import-not-found]
    Channel,
    adopt_orphans,
    fork,
    loaded_inside,
    run_fresh,
    spared,
    warm_up,
)
from regreen_worker_code import distrust_bytecode, prepare, unpack, use  # type: ignore[import-not-found]
from regreen_worker_plugins import leave_out, neutralise  # type: ignore[import-not-found]
from regreen_worker_swap import CannotSwap  # type: ignore[import-not-found]
from regreen_worker_task import NO_CACHE, read_task  # type: ignore[import-not-found]

hook = worker.hook
LONG = 600.0  # seconds that collecting may take


class Born(BaseException):
    """Raised in a forked child, which goes on as pytest would."""

    def __init__(self, task):
        super().__init__()
        self.task = task


def main():
    worker.settle()
    if "REGREEN_WORKER_TASK" in os.environ:
        # The new interpreter of one task, where a fork is not possible.
        order, sink = read_task(os.environ.pop("REGREEN_WORKER_TASK"))
        server = Server(None, order)
        server.task = Play(order, sink)
        run_pytest(server, order)
    channel = worker.connect()
    request = channel.read()
    if request is None:
        return
    if not worker.HAS_PYTEST:
        channel.write({"op": "error", "what": "pytest", "message": "pytest is not installed for " + sys.executable})
        return
    status = run_pytest(Server(channel, request), request)
    channel.write({"op": "error", "what": "configuration", "message": "pytest ended with status %d" % status})


def run_pytest(server, order):
    ours = worker.arguments({"scratch": order["scratch"], "wanted": order["names"], "keep": []})
    if not order["explain"]:
        # What rewrites the tests' asserts costs more than all the rest of a start.
        ours.insert(0, "--assert=plain")
    # A whole suite is what the project's own options make of it.
    everything = [part for n, part in enumerate(ours) if part not in ("-k", "-m") and (part or not n)]
    status = worker.pytest.main(ours if order["names"] else everything, plugins=[server])
    if server.task is not None:
        server.task.finish(status)
    return int(status)


class Server(worker.Server):  # type: ignore[misc]
    """Answers requests at pytest's fork point; in a child, lets pytest go on with the child's task."""

    def __init__(self, channel, request):
        super().__init__(channel, dict(request, wanted=request["names"], keep=[]))
        self.task: Any = None  # what a child does; None in the worker
        self.config: Any = None
        self.names = request["names"]
        self.explain = request["explain"]
        self.texts: Dict[str, str] = {}
        self.sources: Dict[str, Source] = {}
        self.eve: Any = None  # what is held of the child that waits before the collection; False: it is of no use
        self.stage: Any = None  # what is held of the child that has collected the tests, while there is one
        self.facts: Dict[str, Any] = {}  # what that child found
        self.judge: Any = None
        self.remember = mmap.mmap(-1, 4096)

    def serve(self, config):
        adopt_orphans()
        try:
            self.answer_all(config)
        except Born as born:
            return born.task

    def answer_all(self, config):
        steps = {"measure": self.measure, "cover": self.cover, "judge": self.judge_all}
        self.loaded = loaded_inside(self.root)
        python = ".".join(str(part) for part in sys.version_info[:3])
        self.collect()
        self.channel.write({
            "op": "opened", "python": python, "pytest": worker.pytest.__version__, "forks": self.forks,
            "tests": self.facts["items"], "errors": self.facts["errors"], "why": self.facts.get("why", ""),
        })  # fmt: skip
        self.config = config
        while True:
            message = self.channel.read()
            if message is None or message["op"] == "end":
                os._exit(0)
            self.channel.write(steps[message["op"]](message))

    def collect(self):
        """Send the child that collects the tests, and see what it found."""
        if not self.forks:
            reply = self.fresh({"kind": "measure", "trace": [], "tests": [], "wall": LONG})
            self.facts = {"items": [], "errors": [], "why": "this system cannot fork", "cpu": reply["cpu"]}
            return
        near, far = worker.socket.socketpair()
        pid = fork()
        if pid == 0:
            near.close()
            self.channel.close()
            raise Born(Stage(far, self.order_of({}), self.root, self.remember))
        far.close()
        channel = Channel(near)
        spared.add(pid)
        facts = answer(channel, LONG, self.channel)
        self.facts = facts or {"items": [], "errors": ["the tests were not collected in time"], "fit": False}
        if self.facts["fit"]:
            self.stage = Ahead(pid, channel, frozenset())
        else:
            dismiss(pid, channel)

    def measure(self, message):
        """Run the tests on the untouched code, and say what each runs and takes."""
        self.texts = message["texts"]
        self.sources.clear()
        trace = sorted(self.texts) if message["trace"] else []
        order = {"kind": "measure", "trace": trace, "tests": message.get("tests"), "wall": message["wall"]}
        reply = self.play("swap", order)
        return {"op": "measured", "tests": reply["found"], "verdict": reply["verdict"], "detail": reply["detail"]}

    def cover(self, message):
        """Say which tests run each mutant, given what was measured of the tests."""
        if message.get("tests") is not None:
            self.judge = Judge(message["tests"], self.texts, self.play, self.last_test)
        return {"op": "covered", "covered": [self.judge.covering(mutant)[0] for mutant in message["mutants"]]}

    def judge_all(self, message):
        fates, begun = [], time.monotonic()
        known, hints = self.judge.judge_together(message["mutants"], self.changed) if self.stage else ({}, {})
        each = (time.monotonic() - begun) / max(1, len(message["mutants"]))
        for n, mutant in enumerate(message["mutants"]):
            begun = time.monotonic() - each
            found = known.get(n) or self.judge.judge(mutant, hints.get(n))
            fates.append(dict(found, seconds=time.monotonic() - begun))
            del fates[-1]["covered"]
        return {"op": "judged", "fates": fates}

    def last_test(self):
        return int.from_bytes(self.remember[0:4], "little")

    def play(self, road, order):
        """Run an order in a process of its own, and return its reply."""
        begun = time.monotonic()
        reply = None
        if self.stage is not None and (road == "swap" or not order.get("path")) and order["kind"] != "early":
            reply = self.swapped(order)
        if reply is None and road == "swap" and order.get("path"):
            return {"verdict": "unswappable", "detail": ""}
        if reply is None:
            reply = self.loaded_anew(order)
        reply["seconds"] = time.monotonic() - begun
        for said in (reply, *reply.get("said", {}).values()):
            if said.get("at"):
                # The assert itself is all that is known of what it saw.
                said["detail"] += linecache.getline(*said["at"]).strip()
        return reply

    def swapped(self, order):
        """Run an order in a fork of the stage, without which the reply is None.

        What a mutant changes is compiled here: what the stage touches costs a copy of the page for each fork.
        """
        if order.get("path") and "codes" not in order:
            changed = self.changed(order)
            if "verdict" in changed:
                return changed
            order = dict(order, **changed)
        reply = self.stage.run(order, self.channel, worker_time(order))
        self.stage = self.stage if reply is not None else None
        return reply

    def changed(self, order):
        """Return what a mutant changes, as far as that can be swapped in; else a verdict."""
        try:
            changes = self.source(order["path"]).changes(order["start"], order["end"], order["replacement"])
        except SyntaxError as error:
            return {"verdict": "syntax", "detail": str(error)}
        except (CannotSwap, ValueError, RecursionError, MemoryError) as error:
            return {"verdict": "unswappable", "detail": str(error)}
        return {"codes": written(changes)} if changes else {"verdict": "same"}

    def source(self, path):
        if path not in self.sources:
            real = os.path.realpath(os.path.join(self.root, *path.split("/")))
            self.sources[path] = Source(real, self.texts[path])
        return self.sources[path]

    def loaded_anew(self, order):
        """Run an order in a process that loads the workspace's files itself."""
        if order.get("path"):
            text = self.texts[order["path"]]
            order["text"] = text[: order["start"]] + order["replacement"] + text[order["end"] :]
            if "codes" not in order:
                order["codes"] = self.changed(order).get("codes")
        order["load"] = 2.0 + 10 * self.facts.get("cpu", 1.0)
        touched = {order.get("path"), *order.get("trace", ())}
        if self.forks:
            self.warm()
        if not self.forks or touched.intersection(self.loaded):
            return self.fresh(order)
        order = self.order_of(dict(order, wall=order["wall"] + order["load"]))
        if self.eve and not touched.intersection(self.eve.loaded):
            reply = self.eve.run(order, self.channel, worker_time(order))
            if reply is not None:
                return reply
            self.eve = False
        source, sink = os.pipe()
        pid = fork()
        if pid == 0:
            os.close(source)
            self.channel.close()
            raise Born(Play(order, sink, self.remember))
        os.close(sink)
        return attend(pid, source, order["wall"], self.channel)

    def fresh(self, order):
        return run_fresh(self.order_of(order), os.path.abspath(__file__))

    def order_of(self, order):
        names = [name for name, _ in order["tests"]] if order.get("kind") == "mutant" else self.names
        return dict(
            {"names": names, "root": self.root, "scratch": self.scratch, "memory": self.memory, "cpu": None,
             "kind": "stage", "wall": self.wall, "wanted": [], "keep": [], "explain": self.explain}, **order
        )  # fmt: skip

    def warm(self):
        """Load and compile, once, what every child would load and compile again; send one as far as all of them go."""
        if self.eve is not None:
            return
        warm_up(self.facts.get("modules", []))
        # A file of the workspace may have the name of an installed module.
        self.loaded = loaded_inside(self.root)
        unpack(self.facts.pop("codes", ""))
        prepare(self.facts.get("files", []), self.config)
        gc.collect()
        gc.freeze()
        near, far = worker.socket.socketpair()
        pid = fork()
        if pid == 0:
            near.close()
            self.channel.close()
            raise Born(Eve(far, self.order_of({}), self.root, self.remember))
        far.close()
        self.eve = Ahead.when_ready(pid, Channel(near), LONG, self.channel) or False

    # What follows runs in a child.

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config):
        neutralise(early_config.known_args_namespace)
        leave_out(early_config)
        if self.task is None:
            self.task = self.serve(early_config)
        use(self.root, getattr(self.task, "made", None))
        distrust_bytecode(self.root)
        if self.explain:
            sys.pycache_prefix = NO_CACHE
        if isinstance(self.task, Stage):
            self.task.early.start()
        yield

    @hook(tryfirst=True)
    def pytest_configure(self, config):
        neutralise(config.option)
        for name in ("benchmark_disable", "no_cov"):
            if hasattr(config.option, name):
                setattr(config.option, name, True)
        if self.task.order["names"]:
            config.args = worker.files_of(self.task.order["names"])

    def pytest_collectreport(self, report):
        if report.failed:
            said = str(report.longrepr).strip().splitlines()
            self.task.errors.append("%s: %s" % (report.nodeid, said[-1] if said else "it cannot be collected"))

    @hook(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector, name):
        return None if self.task.is_wanted(collector, name) else []

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_collection(self, session):
        if isinstance(self.task, Eve):
            self.task = self.task.serve()
            if self.task.order["names"]:
                session.config.args = worker.files_of(self.task.order["names"])
        yield

    @hook(tryfirst=True)
    def pytest_runtestloop(self, session):
        if isinstance(self.task, Stage):
            self.task.serve(session)
        self.task.perform(list(session.items))


def worker_time(order):
    """Return the seconds after which a child that attends another is taken to be gone."""
    return order["wall"] * (len(order.get("tests") or ()) + 1 if order["kind"] == "mutant" else 10000) + 300.0


if __name__ == "__main__":
    main()
