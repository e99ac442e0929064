"""The children of the warm worker: how they are watched and ended, and what they need not load again.

Standard library only, Python 3.8 and later.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import warnings
from typing import Any, Dict, List, Set

SLICE = 0.05  # seconds between looks at a child that says nothing
spared: Set[int] = set()  # children that outlive a task
KINDS = frozenset({"modules", "test", "case", "call", "answer"})  # what an entry is told by
OUT_OF_TIME = {getattr(signal, name, 0) for name in ("SIGPROF", "SIGVTALRM", "SIGXCPU")}
ended: Dict[int, int] = {}  # children that were waited for: process id -> exit code, or the negated signal


class Channel:
    """JSON lines over a socket."""

    def __init__(self, line):
        self.line = line
        self.pending = b""

    def fileno(self):
        return self.line.fileno()

    def read(self):
        """Return the next message, or None when the other side is gone."""
        while b"\n" not in self.pending:
            try:
                chunk = self.line.recv(1 << 20)
            except OSError:
                chunk = b""
            if not chunk:
                return None
            self.pending += chunk
        message, _, self.pending = self.pending.partition(b"\n")
        return json.loads(message.decode("utf-8"))

    def write(self, message):
        self.line.sendall(json.dumps(message, sort_keys=True).encode("ascii") + b"\n")

    def close(self):
        self.line.close()


def fork():
    """Fork; newer interpreters warn of a fork beside threads, which an installed module may have started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def watch(pid, source, wall, channel, renewed=False):
    """Read what a forked child finds until it says its verdict, dies, or has had its time; it is gone then.

    Renewed: each thing that it finds gives it the same time anew.
    """
    deadline = time.monotonic() + wall
    found, pending, dead = Findings(), b"", False
    while found.reply is None:
        readable = select.select([source, channel], [], [], SLICE)[0]
        if channel in readable:
            end(pid)
            os._exit(0)  # Nobody speaks while a child runs: the other side is gone.
        chunk = os.read(source, 1 << 16) if source in readable else b""
        pending = found.take(pending + chunk)
        if chunk:
            deadline = time.monotonic() + wall if renewed else deadline
            continue
        # What a dead child has said is still in the pipe: it is read once more after its death was seen.
        if dead or deadline < time.monotonic():
            break
        dead = has_ended(pid)
        if source in readable and not dead:
            time.sleep(0.001)
    os.close(source)
    return found.result(end(pid), dead)


def run_fresh(order, program):
    """Run a task in a new interpreter: where there is no fork, and for files that are loaded before it."""
    spare = 10.0  # seconds that a new interpreter needs to come up on a busy machine
    order = dict(order, cpu=order["cpu"] and order["cpu"] + spare)
    path, answer = (os.path.join(order["scratch"], name) for name in ("task.json", "answer.jsonl"))
    with open(path, "w") as file:
        json.dump(dict(order, answer=answer), file)
    with open(answer, "wb"):
        pass
    nowhere = subprocess.DEVNULL
    environment = dict(os.environ, REGREEN_WORKER_TASK=path)
    process = subprocess.Popen(
        [sys.executable, program], env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )
    deadline = time.monotonic() + order["wall"] + spare
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(SLICE / 5)
    dead = process.poll() is not None
    if os.name == "posix":
        kill(os.killpg, process.pid)
    process.kill()
    status = process.wait()
    reap_adopted()
    found = Findings()
    with open(answer, "rb") as file:
        found.take(file.read())
    return found.result(status, dead)


class Findings:
    """What a child said: entries, and a reply when it came to its verdict."""

    def __init__(self):
        self.entries: List[Any] = []
        self.reply: Any = None

    def take(self, text):
        """Take the full lines, return the rest."""
        *lines, rest = text.split(b"\n")
        for line in lines:
            try:
                entry = json.loads(line.decode("utf-8"))
            except ValueError:
                continue  # A test that writes to every descriptor it finds wrote this.
            if not isinstance(entry, dict):
                continue
            if KINDS.intersection(entry):
                self.entries.append(entry)
            elif "verdict" in entry:
                self.reply = entry
        return rest

    def result(self, status, dead):
        """Return the reply, or one that says how the child ended without any."""
        if self.reply is not None:
            return dict(self.reply, found=self.entries)
        late = not dead or -status in OUT_OF_TIME
        return {
            "verdict": "hangs" if late else "crashes",
            "detail": "did not end in time" if late else "the process ended with %d" % status,
            "path": "", "line": 0, "cpu": 0.0, "found": self.entries,
        }  # fmt: skip


def has_ended(pid):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        ended[pid] = exit_code(status)
    return bool(done)


def end(pid):
    """Kill a child with everything that it started, and return how it ended."""
    kill(os.killpg, pid)
    kill(os.kill, pid)
    if pid not in ended:
        ended[pid] = exit_code(os.waitpid(pid, 0)[1])
    reap_adopted()
    return ended.pop(pid)


def exit_code(status):
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def kill(how, pid):
    try:
        how(pid, signal.SIGKILL)
    except OSError:
        pass


def adopt_orphans():
    """Become the parent of processes that outlive a child, so that they can be found (Linux)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    except Exception:
        pass


def reap_adopted():
    """Kill what a child left behind in other process groups: no child of ours is wanted when this is called."""
    while True:
        try:
            with open("/proc/self/task/%d/children" % os.getpid()) as file:
                left = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        left = [pid for pid in left if pid not in spared]
        if not left:
            return
        for pid in left:
            kill(os.kill, pid)
            try:
                os.waitpid(pid, 0)
            except OSError:
                pass


def foreign_modules(root):
    """Return the loaded modules that are not the workspace's, in the order in which they were loaded."""
    found = []
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        # A module whose asserts pytest rewrites must be loaded by pytest alone, or it warns.
        rewritten = type(getattr(module, "__loader__", None)).__name__ == "AssertionRewritingHook"
        if not isinstance(path, str) or rewritten or name == "__main__":
            continue
        if not os.path.realpath(path).startswith(root) or "site-packages" in path:
            found.append(name)
    return found


def warm_up(modules):
    """Import what every child would import again."""
    for name in modules:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except BaseException:
                pass


def loaded_inside(root):
    """Return the files of the workspace that are loaded here, relative: a fork would not read them again."""
    paths = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    real = (os.path.realpath(path) for path in paths if isinstance(path, str))
    return frozenset(path[len(root) + 1 :].replace(os.sep, "/") for path in real if path.startswith(root + os.sep))
