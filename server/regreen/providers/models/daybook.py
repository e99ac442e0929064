"""What today has cost, in one small file that all sessions of a person share."""

from __future__ import annotations

import fcntl
import json
import math
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from regreen.core.trace import Clock

from .budget import Amount, Cap

_NAME = "spent-today.json"


class DayBook:
    """The file. A day ends at midnight where the person is."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def read(self) -> Amount:
        """Return what was spent today."""
        return self._change(lambda amount: amount)

    def take(self, most: Amount, cap: Cap) -> str:
        """Count what a call may cost at most, for all processes at once; return which limit it would pass, "" if none.

        What would pass a limit is not counted.
        """
        passed = ""

        def counted(before: Amount) -> Amount:
            nonlocal passed
            passed = cap.passed_by(before + most)
            return before if passed else before + most

        self._change(counted)
        return passed

    def correct(self, most: Amount, real: Amount) -> None:
        """Count what a call did cost in place of what it might have."""
        self._change(lambda before: (before + (real - most)).not_negative)

    def _change(self, change: Callable[[Amount], Amount]) -> Amount:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self._folder / f".{_NAME}.lock", "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            day = time.strftime("%Y-%m-%d", time.localtime(self._clock.now()))
            before = self._of(day)
            after = change(before)
            if after != before:
                self._write(day, after)
            return after

    def _of(self, day: str) -> Amount:
        """Return what the file says of a day; a file that cannot be understood says nothing."""
        try:
            found = json.loads((self._folder / _NAME).read_text("utf-8"))
            amount = Amount(int(found["tokens"]), float(found["money"]), int(found["calls"]))
            # A day that is yet to come was written by a clock that was wrong: what it counted is not forgotten.
            if day <= str(found["day"]) and math.isfinite(amount.money):
                return amount.not_negative
        except (FileNotFoundError, ValueError, KeyError, TypeError, OverflowError):
            return Amount()
        return Amount()

    def _write(self, day: str, amount: Amount) -> None:
        staged = self._folder / f".{secrets.token_hex(6)}.tmp"
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as writer:
            row = {"day": day, "tokens": amount.tokens, "money": amount.money, "calls": amount.calls}
            json.dump(row, writer, sort_keys=True)
        staged.replace(self._folder / _NAME)
