"""What today has cost, in one small file that all sessions of a person share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regreen.core.errors import CannotRun
from regreen.core.trace import Clock

from .budget import Amount, Cap
from .kept import Kept

_NAME = "spent-today.json"


class DayBook:
    """The file. A day ends at midnight where the person is.

    Raises:
        CannotRun: from all that it does, when the file or its folder cannot be read or written.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._kept = Kept(folder, _NAME)
        self._clock = clock

    def read(self) -> Amount:
        """Return what was spent today.

        Raises:
            CannotRun: the file is damaged.
        """
        try:
            return self._of(self._today())
        except _Damaged as damaged:
            raise self._unknown() from damaged

    def take(self, most: Amount, cap: Cap) -> str:
        """Count what a call may cost at most, for all processes at once; return which limit it would pass, "" if none.

        What would pass a limit is not counted.

        Raises:
            CannotRun: there is a limit, and the file is damaged: nobody knows whether it would be passed.
        """
        passed = ""

        def counted(before: Amount) -> Amount:
            nonlocal passed
            passed = cap.passed_by(before + most)
            return before if passed else before + most

        self._change(counted, is_limited=cap != Cap())
        return passed

    def correct(self, most: Amount, real: Amount) -> None:
        """Count what a call did cost in place of what it might have."""
        self._change(lambda before: (before + (real - most)).not_negative)

    def _change(self, change: Callable[[Amount], Amount], *, is_limited: bool = False) -> None:
        with self._kept.held():
            day = self._today()
            try:
                before = self._of(day)
            except _Damaged as damaged:
                if is_limited:
                    raise self._unknown() from damaged
                before = Amount()
            after = change(before)
            if after != before:
                row = {"day": day, "tokens": after.tokens, "money": after.money, "calls": after.calls}
                self._kept.write(row)

    def _of(self, day: str) -> Amount:
        """Return what the file says of a day.

        Raises:
            _Damaged: it cannot be understood.
        """
        try:
            return _amount(self._kept.read(), day)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise _Damaged from error

    def _today(self) -> str:
        return time.strftime("%Y-%m-%d", time.localtime(self._clock.now()))

    def _unknown(self) -> CannotRun:
        return CannotRun(
            f"{self._kept.path} is damaged: what today has cost is not known, so no limit of a day can be kept.",
            next_step="Remove the file, and today counts from nothing; or take the limit of a day away.",
        )


class _Damaged(Exception):
    """The file cannot be understood."""


def _amount(found: Any, day: str) -> Amount:
    if found is None:
        return Amount()
    amount = Amount(int(found["tokens"]), float(found["money"]), int(found["calls"]))
    if not math.isfinite(amount.money):
        raise ValueError("money without end")
    # A day that is yet to come was written by a clock that was wrong: what it counted is not forgotten.
    return amount.not_negative if day <= str(found["day"]) else Amount()
