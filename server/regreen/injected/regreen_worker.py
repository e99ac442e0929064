"""The warm worker: runs in the workspace's interpreter and tries candidates out, one forked child each.

Standard library and pytest only, Python 3.8 and later. The protocol (JSON lines over a private socket) is
docs/worker-protocol.md.

pytest is started once and held just before it loads the first conftest: up to there everything is installed code,
from there on it is the workspace's. Each request forks at that point, so every child reads the files as they are.
One child goes ahead to the collection and is forked instead, for candidates that edit nothing of what it has loaded.
"""

import gc
import importlib.util
import os
import socket
import sys
import time
from typing import Any, Dict, FrozenSet, List

# Found on the import path that the worker is started with, not by the name of a package.
from regreen_worker_ahead import Ahead, Scout  # type: ignore[import-not-found]
from regreen_worker_answers import ENDLESS  # type: ignore[import-not-found]
from regreen_worker_bench import Bench  # type: ignore[import-not-found]
from regreen_worker_children import (  # type: ignore[import-not-found]
    Channel,
    adopt_orphans,
    fork,
    loaded_inside,
    run_fresh,
    warm_up,
)
from regreen_worker_code import prepare, use  # type: ignore[import-not-found]
from regreen_worker_plugins import end_quietly, leave_out, neutralise  # type: ignore[import-not-found]
from regreen_worker_task import NO_CACHE, Task, read_task, run_forked  # type: ignore[import-not-found]
from regreen_worker_watch import Kept  # type: ignore[import-not-found]

HAS_PYTEST = importlib.util.find_spec("pytest") is not None
if HAS_PYTEST:
    import pytest

VERSION = 1
N_ALL_KEPT = 200  # with at most as many tests to keep, all of them are run, not only those that run an edited file
OPENING = 2.0  # seconds of processor time after which the tests as they are now are taken to hang
HUNG = 0.3  # the same, when it was seen that one of them hangs
AGAIN = 8  # how much longer than usual a candidate of a batch may take that is asked about again
N_TRACED = 400  # tests to keep that are traced


def hook(**options):
    """Mark a hook of pytest; without pytest nothing is ever called."""
    return pytest.hookimpl(**options) if HAS_PYTEST else lambda function: function


def main():
    settle()
    if "REGREEN_WORKER_TASK" in os.environ:
        # The new interpreter of one task, where a fork is not possible.
        order, sink = read_task(os.environ.pop("REGREEN_WORKER_TASK"))
        server = Server(None, order)
        server.task = Task(order, sink)
        run_pytest(server, order)
    channel = connect()
    request = channel.read()
    if request is None:
        return
    if not HAS_PYTEST:
        channel.write({"op": "error", "what": "pytest", "message": "pytest is not installed for " + sys.executable})
        return
    status = run_pytest(Server(channel, request), request)
    # Only a start that failed comes here: a child ends in `finish`, the worker itself at the end of its requests.
    channel.write({"op": "error", "what": "configuration", "message": "pytest ended with status %d" % status})


def settle():
    """Make this process look like `python -m pytest`, and never write bytecode."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.path[0] = os.getcwd()
    sys.argv[:] = ["pytest"]


def connect():
    """Open the private socket: a path, a port of this machine where such sockets are not known, or one end at hand."""
    address = os.environ.pop("REGREEN_WORKER_SOCKET")
    token = os.environ.pop("REGREEN_WORKER_TOKEN")
    if address.startswith("fd:"):
        line = socket.socket(fileno=int(address[3:]))
        line.set_inheritable(False)
    elif address.isdigit():
        line = socket.create_connection(("127.0.0.1", int(address)))
    else:
        line = socket.socket(socket.AF_UNIX)
        line.connect(address)
    channel = Channel(line)
    channel.write({"op": "hello", "version": VERSION, "token": token})
    return channel


def run_pytest(server, order):
    status = pytest.main(arguments(order), plugins=[server])
    if server.task is not None:
        server.task.finish(status)
    return int(status)


def arguments(order):
    """Return pytest's arguments: the same for every child, so that they can be read before the fork."""
    scratch = order["scratch"]
    ours = [
        "-q", "--rootdir=" + os.getcwd(), "--color=no", "--tb=no", "--capture=no", "--maxfail=0",
        "--basetemp=" + os.path.join(scratch, "tmp"), "-o", "cache_dir=" + os.path.join(scratch, "cache"),
        "-k", "", "-m", "",  # a test that is asked for by name is meant, whatever the project's own options leave out
    ]  # fmt: skip
    return ours + files_of(order["wanted"] + order["keep"])


def files_of(names):
    return list(dict.fromkeys(name.partition("::")[0] for name in names))


class Server:
    """Answers requests at pytest's fork point; in a child, lets pytest go on with the child's task."""

    def __init__(self, channel, request):
        self.channel = channel
        self.root = os.path.realpath(request["root"])
        self.scratch = request["scratch"]
        self.wanted = request["wanted"]
        self.keep = request["keep"]
        self.wall = request["wall"]
        self.memory = request["memory"]
        self.task: Any = None  # what a child does; None in the worker
        self.quick: Dict[str, float] = {}  # the limits of a candidate, from what the tests take now
        self.kept = Kept(request["keep"])
        self.loaded: FrozenSet[str] = frozenset()  # files of the workspace that are loaded before the fork
        self.ahead: Any = None  # the child that went ahead, while there is one
        self.bench: Any = None  # the child that judges batches, while there is one; False when there can be none
        self.reference: Any = None  # how the wanted tests fail there now
        self.found: Any = None  # the same, as the worker's own child found it
        self.batch_cpu = 0.0
        self.only_asks = False  # the wanted tests pass: there is nothing to judge, and their calls can be told
        self.forks = hasattr(os, "fork") and not os.environ.get("REGREEN_WORKER_NO_FORK")

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config):
        neutralise(early_config.known_args_namespace)
        leave_out(early_config)
        if self.task is None:
            self.task = self.serve(early_config)
        use()
        if isinstance(self.task, Bench):
            self.task.early.start()
        # Bytecode is trusted by time and size alone, and a candidate may have those of another one.
        sys.pycache_prefix = NO_CACHE
        yield

    # What follows runs in the worker. Each step returns None there, and in a child the child's task.

    def serve(self, config):
        adopt_orphans()
        steps = {
            "spectrum": self.spectrum, "try": self.try_out, "many": self.many, "calls": self.calls,
            "probe": self.probe, "watch": self.watch,
        }  # fmt: skip
        task = self.open(config)
        while task is None:
            message = self.channel.read()
            if message is None or message["op"] == "end":
                os._exit(0)
            task = steps[message["op"]](message)
        return task

    def open(self, config):
        reply = self.child("probe", self.wanted + self.keep, {"wall": self.wall})
        if isinstance(reply, Task):
            return reply
        self.loaded = loaded_inside(self.root)
        if self.forks:
            warm_up([name for entry in reply["found"] for name in entry["modules"]])
            prepare(reply["found"][-1]["files"] if reply["found"] else [], config)
            gc.collect()
            gc.freeze()
            scout = self.send_ahead()
            if scout is not None:
                return scout
        if reply["verdict"] != "hangs":
            reply = self.child("try", self.wanted, {"wall": self.wall, "cpu": OPENING})
            if isinstance(reply, Task):
                return reply
        cpu, wall = (0.3, 0.3) if reply["verdict"] == "hangs" else (reply["cpu"], reply["seconds"])
        self.found = reply
        self.quick = {"cpu": 0.5 + 5 * cpu, "wall": min(self.wall, 2.0 + 10 * wall)}
        python = ".".join(str(part) for part in sys.version_info[:3])
        self.channel.write(dict(reply, op="opened", python=python, pytest=pytest.__version__, forks=self.forks))
        return None

    def send_ahead(self):
        """Let a child go on to the collection: return None here, and the scout there."""
        scout, self.ahead = self.send(Scout, {"names": self.wanted + self.keep})
        return scout

    def send(self, role, order):
        """Send a child: return (None, what is held of it) here, and (the child's role, None) there."""
        near, far = socket.socketpair()
        pid = fork()
        if pid == 0:
            near.close()
            self.channel.close()
            return role(far, order, self.root), None
        far.close()
        return None, Ahead.when_ready(pid, Channel(near), self.wall, self.channel)

    def spectrum(self, message):
        reply = self.child("spectrum", self.wanted + self.keep[:N_TRACED], {"wall": message["wall"]})
        if isinstance(reply, Task):
            return reply
        self.kept.note(reply["found"])
        complete = reply["verdict"] not in ("hangs", "crashes")
        self.channel.write({"op": "spectrum", "tests": reply["found"], "complete": complete})
        return None

    def try_out(self, message):
        again = {"wall": self.wall, "cpu": OPENING + 4 * self.quick["cpu"]}
        limits = again if message.get("generous") else self.quick
        paths = message["paths"]
        reply = self.child("try", message.get("names", self.wanted), limits, paths)
        if isinstance(reply, Task):
            return reply
        kept = [] if "names" in message else self.kept.of_files(paths, N_ALL_KEPT)
        if reply["verdict"] == "passes" and kept:
            reply = self.child("try", kept, {"wall": 3 * self.wall}, paths)
            if isinstance(reply, Task):
                return reply
            reply["verdict"] = "passes" if reply["verdict"] == "passes" else "breaks"
        self.channel.write(dict(reply, op="tried"))
        return None

    def watch(self, message):
        """Tell what functions answer in tests to keep that run them."""
        names = self.kept.of_spans([(path, first, last) for path, _, first, last in message["places"]])
        limits = {"wall": self.wall, "places": [place[:3] for place in message["places"]]}
        reply = self.child("watch", names, limits, message["paths"]) if names else {"found": []}
        if isinstance(reply, Task):
            return reply
        self.channel.write({"op": "watched", "tests": reply["found"]})
        return None

    def many(self, message):
        """Judge a batch of candidates, whose files are not written."""
        task = self.open_bench()
        if task is not None:
            return task
        texts, reply = message["texts"], None
        if self.bench and not self.only_asks:
            order = {"kind": "many", "texts": texts, "reference": self.reference, "wall": self.quick["wall"]}
            order["cpu"] = AGAIN * self.batch_cpu if message.get("generous") else None
            reply = self.bench.run(order, self.channel, self.wall * (1 + len(texts)))
            self.bench = self.bench if reply is not None else False
        unsure = {"verdict": "unsure", "detail": "", "path": "", "line": 0}
        verdicts = [unsure] * len(texts) if reply is None else reply["verdicts"]
        self.channel.write({"op": "judged", "verdicts": verdicts})
        return None

    def calls(self, message):
        return self.ask(message, "called")

    def probe(self, message):
        return self.ask(message, "answered")

    def ask(self, message, op):
        task = self.open_bench()
        if task is not None:
            return task
        entries: List[Any] = []
        told: Dict[int, str] = {}
        while self.bench:
            endless = sum(answer == ENDLESS for answer in told.values())
            order = dict(message, kind=message["op"], told=sorted(told), endless=endless, cpu=self.batch_cpu)
            reply = self.bench.run(dict(order, wall=self.quick["wall"]), self.channel, 4 * self.wall)
            if reply is None:
                self.bench = False
                break
            entries += reply["entries"]
            # A call that ends the process is told; the others are asked in another process.
            begun = {entry["n"]: entry["answer"] for entry in reply["entries"] if "n" in entry}
            told.update(begun)
            if not begun or len(told) == len(message.get("calls", ())):
                break
        self.channel.write({"op": op, "entries": entries})
        return None

    def open_bench(self):
        """Send the child that judges batches, when there is none yet: return None here, and the child there."""
        if self.bench is not None or not self.forks:
            return None
        order = {
            "names": self.wanted, "wanted": self.wanted, "keep": self.keep, "root": self.root, "cpu": None,
            "memory": self.memory,
        }  # fmt: skip
        task, self.bench = self.send(Bench, order)
        if task is not None:
            return task
        self.bench = self.bench or False
        if self.bench:
            self.measure()
        return None

    def measure(self):
        """Let the bench see the tests as they are: if they do not fail the same way there, it judges nothing."""
        hung = self.found["verdict"] == "hangs"
        order = {"kind": "look", "cpu": HUNG if hung else self.quick["cpu"], "wall": self.quick["wall"]}
        reply = self.bench.run(order, self.channel, self.wall) or {"first": [], "planned": []}
        keys = ("verdict", "path", "line")
        same = all(seen[key] == self.found[key] for seen in reply["first"] for key in keys[: 1 if hung else 3])
        if self.found["verdict"] == "passes" and not reply["first"] and "cpu" in reply:
            self.batch_cpu, self.reference, self.only_asks = reply["cpu"], None, True
            return
        if not reply["first"] or not same:
            self.bench = False
            return
        self.batch_cpu = reply["cpu"]
        planned = {key: reply["planned"][0][key] for key in keys}
        self.reference = None if planned["verdict"] == "hangs" else planned

    def child(self, kind, names, limits, paths=()):
        """Run a task in a process of its own: return its reply here, and its task there."""
        order = {
            "kind": kind, "names": names, "root": self.root, "scratch": self.scratch, "memory": self.memory,
            "wanted": self.wanted, "keep": self.keep, "cpu": limits.get("cpu"), "wall": limits["wall"],
            "places": limits.get("places", []),
        }  # fmt: skip
        started = time.monotonic()
        reply = None
        if not self.forks or self.loaded.intersection(paths):
            reply = run_fresh(order, os.path.abspath(__file__))
        elif self.ahead is not None and not self.ahead.loaded.intersection(paths):
            reply = self.ahead.run(order, self.channel, order["wall"] + 10.0)
            if reply is None:
                self.ahead = None
        if reply is None:
            task, reply = run_forked(order, self.channel)
            if task is not None:
                self.channel.close()
                return task
        reply["seconds"] = time.monotonic() - started
        return reply

    # What follows runs in a child.

    @hook(tryfirst=True)
    def pytest_cmdline_main(self, config):
        neutralise(config.option)

    @hook(tryfirst=True)
    def pytest_configure(self, config):
        neutralise(config.option)
        config.args = files_of(self.task.order["names"])

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_collection(self, session):
        if isinstance(self.task, Scout):
            self.task = self.task.serve()
            session.config.args = files_of(self.task.order["names"])
        yield

    @hook(trylast=True)
    def pytest_collection_modifyitems(self, items):
        items[:] = self.task.choose(items)

    def pytest_collection_finish(self, session):
        self.task.collected(session)

    @hook(tryfirst=True)
    def pytest_runtestloop(self, session):
        if isinstance(self.task, Bench):
            self.task.serve(session)

    def pytest_runtest_logstart(self, nodeid):
        self.task.trace(nodeid)

    def pytest_runtest_logfinish(self, nodeid):
        self.task.untrace(nodeid)

    def pytest_runtest_logreport(self, report):
        self.task.note(report)

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session):
        end_quietly(session.config)
        yield

    def pytest_exception_interact(self, call):
        self.task.explain(call.excinfo)


if __name__ == "__main__":
    main()
