"""Who may change this workspace now, and what was left half done when somebody last did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from regreen.checkpoints import Delivery, Holder, Locks, Recovery, Told, recover
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.errors import Busy, RegreenError
from regreen.core.repair import Outcome
from regreen.core.trace import RunId

from .requests import Deliver, Delivered

_TAKES_OVER = "Repair there, or close it: this server takes over by itself."


class Custody:
    """The locks, the deliveries and the recovery of one workspace."""

    def __init__(self, root: str, state_dir: Path) -> None:
        self._root, self._state_dir = root, state_dir
        self._locks = Locks(state_dir)
        self._delivery = Delivery(root, state_dir)
        self._serves = False
        self._served = ExitStack()  # holds the server's lock when it is ours
        self._is_ours = False

    def serve(self) -> Holder | None:
        """Become the workspace's server until `close`; return who it is when there is another one."""
        self._serves = True
        if self._is_ours:
            return None
        stack = ExitStack()
        holder = stack.enter_context(self._locks.serving("server"))
        if holder is None:
            self._is_ours, self._served = True, stack
        return holder

    def close(self) -> None:
        """Let go of the server's lock."""
        self._serves = self._is_ours = False
        self._served.close()

    @contextmanager
    def working(self, title: str, told: Told) -> Iterator[tuple[Recovery, ...]]:
        """Hold the workspace for one piece of work; first, what was interrupted is brought to an end, and yielded.

        Raises:
            Busy: another process works on it, or another server looks after it; names it.
            CannotRun: a disk is full or fails.
        """
        if self._serves and (holder := self.serve()) is not None:
            raise Busy(f"Another server ({holder}) repairs in this workspace.", next_step=_TAKES_OVER)
        with self._locks.working(title):
            yield recover(self._root, self._state_dir, told)

    def to_files(self, run_id: RunId, goal: Outcome) -> Deliver:
        """Return a delivery that writes files, each only if it still is what the patch was made for.

        `goal` is what the run's outcome becomes when all are written.
        """

        def deliver(cancel: Cancellation, patch: Patch, label: str) -> Delivered:
            del label
            cancel.check()
            try:
                name = self._delivery.apply(patch, run_id=run_id, goal=goal)
            except RegreenError as problem:
                return Delivered(applied=False, reason=str(problem))
            return Delivered(applied=True, settle=partial(self._delivery.settle, name))

        return deliver


def read_only(holder: Holder) -> str:
    """Say why a second server repairs nothing."""
    return (
        f"Another server ({holder}) repairs in this workspace; here, tests run and nothing is repaired. {_TAKES_OVER}"
    )
