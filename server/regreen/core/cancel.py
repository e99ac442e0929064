"""Cancellation: one token for each job, passed first, checked between steps."""

from __future__ import annotations

import threading
import time

_SLICE = 0.05  # seconds between two looks at the parents


class Cancelled(Exception):
    """The person cancelled; nothing is left behind."""


class Cancellation:
    """A token that a job checks and that anybody may set, once and for all.

    It may have a parent: a child is cancelled when its parent is, not the other way round.
    """

    def __init__(self, parent: Cancellation | None = None) -> None:
        self._event = threading.Event()
        self._parent = parent

    @property
    def cancelled(self) -> bool:
        """Tell whether this token or one of its parents was set."""
        return self._event.is_set() or (self._parent is not None and self._parent.cancelled)

    def cancel(self) -> None:
        """Set the token."""
        self._event.set()

    def check(self) -> None:
        """Raise if the token is set.

        Raises:
            Cancelled: the token or one of its parents was set.
        """
        if self.cancelled:
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, or until the token or one of its parents is set; then check it.

        Raises:
            Cancelled: the token or one of its parents was set.
        """
        deadline = time.monotonic() + seconds
        while not self.cancelled:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self._event.wait(left if self._parent is None else min(left, _SLICE))
        raise Cancelled
