"""Does what is to be killed, each time in a process of its own: forked from this one, which has imported everything.

Reads commands as lines of JSON from standard input and answers each with one line:
    {"do": "fork", "action": A, "home": H}    -> {"pid": P}: the child waits
    {"do": "go", "pid": P}                    -> {"status": S}: the child has run, S as `os.waitstatus_to_exitcode` says
    {"do": "run", "action": A, "home": H, "kill_at": N}
                                              -> {"status": S}: the child killed itself before its N-th writing call
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regreen.checkpoints import CopyCheckpoints, Delivery, Ending, Recovery, deliver, recover
from regreen.core.cancel import Cancellation
from regreen.core.errors import RegreenError
from regreen.core.events import RepairEnded
from regreen.core.repair import Outcome, RepairReport
from regreen.core.trace import RunId, Trace, TraceId
from regreen.journal import FileJournal
from tests.support.crash_scene import Scene, patch

RUN = Trace(TraceId("1" * 32), RunId("20260101-000000-abcdef"))
REFUSED = 3  # exit status when the action ended in an error that a person can act on
_PATCH = patch()
# Calls that write, as the interpreter names them, and ours that go past it.
_BUILT_IN = frozenset(
    {"open", "write", "pwrite", "fsync", "rename", "replace", "link", "unlink", "remove", "rmdir", "mkdir", "fchmod",
     "chmod", "fchown", "utime", "ftruncate", "setxattr", "flock"}
)  # fmt: skip
_OWN = frozenset({"exchange", "open_beneath"})


def report(outcome: Outcome) -> RepairReport:
    """Return the report of the run whose fix is delivered."""
    return RepairReport(RUN.run_id, RUN.trace_id, 1.0, 1.0, (), None, outcome, "", (), _PATCH)


def apply(scene: Scene) -> None:
    """Deliver."""
    deliver(str(scene.root), _PATCH, scene.state)


def apply_and_record(scene: Scene) -> None:
    """Deliver, and write down before and after what is true then."""
    journal = FileJournal(scene.state)
    journal.record(RUN, RepairEnded(report(Outcome.REPAIRED_NOT_APPLIED)))
    delivery = Delivery(str(scene.root), scene.state)
    name = delivery.apply(_PATCH, run_id=RUN.run_id, goal=Outcome.REPAIRED)
    journal.record(RUN, RepairEnded(report(Outcome.REPAIRED)))
    delivery.settle(name)


def recover_all(scene: Scene) -> None:
    """Recover."""
    recover(str(scene.root), scene.state)


def recover_and_record(scene: Scene) -> None:
    """Recover, and write down what has come true."""

    def told(recovery: Recovery) -> None:
        if recovery.ending is Ending.FINISHED:
            FileJournal(scene.state).record(RUN, RepairEnded(report(Outcome(recovery.goal))))

    recover(str(scene.root), scene.state, told)


def record(scene: Scene) -> None:
    """Write a report into the journal."""
    FileJournal(scene.state).record(RUN, RepairEnded(report(Outcome.REPAIRED)))


def attempt_in_a_copy(scene: Scene) -> None:
    """Open a workbench, work in it, put it back, and leave it."""
    with CopyCheckpoints(scene.root, scene.state, lambda _: False).open(Cancellation(), {}) as bench:
        bench.apply(_PATCH)
        Path(bench.enclosure.tree, "made by a test.txt").write_text("x")
        bench.reset()


ACTIONS: dict[str, Callable[[Scene], None]] = {
    each.__name__: each
    for each in (apply, apply_and_record, attempt_in_a_copy, recover_all, recover_and_record, record)
}


def main() -> None:
    """Serve until standard input ends."""
    waiting: dict[int, int] = {}
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "go":
            os.close(waiting.pop(command["pid"]))
            answer = {"status": _ended(command["pid"])}
        elif command["do"] == "fork":
            pid, gate = _fork_waiting(command)
            waiting[pid] = gate
            answer = {"pid": pid}
        else:
            answer = {"status": _ended(_fork(lambda command=command: _run(command)))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except RegreenError:
        os._exit(REFUSED)
    except BaseException as error:  # noqa: BLE001 - a child must never return into the loop of its parent
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
        os._exit(99)


def _fork_waiting(command: dict[str, Any]) -> tuple[int, int]:
    reader, writer = os.pipe()

    def work() -> None:
        os.close(writer)
        os.read(reader, 1)
        ACTIONS[command["action"]](Scene(Path(command["home"])))

    pid = _fork(work)
    os.close(reader)
    return pid, writer


def _run(command: dict[str, Any]) -> None:
    left = int(command["kill_at"])

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(frame: Any, event: str, argument: Any) -> None:
        name = argument.__name__ if event == "c_call" else frame.f_code.co_name
        if name in {"c_call": _BUILT_IN, "call": _OWN}.get(event, ()):
            count()

    sys.setprofile(watch)
    ACTIONS[command["action"]](Scene(Path(command["home"])))
    sys.setprofile(None)


def _ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
