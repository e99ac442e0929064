"""A server in the middle of a confined run in an overlay; started as a program, to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from regreen.checkpoints import OverlayCheckpoints
from regreen.core.cancel import Cancellation
from regreen.core.testing import CommandSpec
from regreen.execution import LocalExecutor, Sandbox

# Processes that left session and group, with an environment of their own.
FOREST = """
import os, sys, time
for n in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os.setpgid(0, 0)
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)", sys.argv[1]], {})
print("planted", flush=True)
time.sleep(600)
"""


def main(kind: str, base: str, mark: str) -> None:
    """Run until killed; a mark in the arguments names everything that is started."""
    workspace, state = Path(base, "workspace"), Path(base, "state")
    with OverlayCheckpoints(workspace, state, lambda path: False).open(Cancellation(), {}) as bench:
        spec = CommandSpec(
            (sys.executable, "-I", "-S", "-c", FOREST, mark),
            str(workspace),
            (("PROBE_MARK", mark),),
            enclosure=bench.enclosure,
        )
        LocalExecutor(sandbox=Sandbox(kind)).run(Cancellation(), spec)


if __name__ == "__main__":
    main(*sys.argv[1:])
