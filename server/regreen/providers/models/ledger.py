"""Which services are out, and until when: one small file that outlives restarts and is shared between processes.

A service that is out is not asked. One that was overloaded is asked again after a pause that doubles with each failure
in a row, and by one request at a time until it answers (circuit breaker, half open; Nygard: “Release It!”, 2007).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import OUT, Fault, FaultKind
from .kept import Kept
from .resets import LONGEST

_NAME = "services.json"
_VERSION = 1
_BREAKS = frozenset({FaultKind.OVERLOADED, FaultKind.NETWORK})
_LONGEST_PAUSE = 600.0  # seconds
_KINDS = frozenset(kind.value for kind in FaultKind)
_PROBE = 120.0  # seconds in which the one request that tries a service again may answer


@dataclass(frozen=True, slots=True)
class Standing:
    """How a service stands. Free when `until` is 0."""

    until: float = 0.0  # epoch seconds
    kind: str = ""
    message: str = ""

    @property
    def is_out(self) -> bool:
        """Tell whether it may not be asked now."""
        return bool(self.until)


class Ledger:
    """The file, in a folder that is private to the person.

    Raises:
        CannotRun: from all that it does, when the file or its folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._kept = Kept(folder, _NAME)

    def claim(self, service: str, key: str, now: float) -> Standing:
        """Say how a service stands; when it was out and its time is up, let this caller alone try it again.

        `key` is only compared, as a hash: with another one a service that refused the old one is free.
        """
        with self._rows() as rows:
            row = rows.get(service)
            if row is None or row["key"] != _print(key):
                return Standing()
            if _is_out(row, now):
                return Standing(row["until"], row["kind"], row["message"])
            row["until"] = now + _PROBE
            return Standing()

    def standing(self, service: str, key: str, now: float) -> Standing:
        """Say how a service stands, and change nothing."""
        row = self._read().get(service)
        if row is None or row["key"] != _print(key) or not _is_out(row, now):
            return Standing()
        return Standing(row["until"], row["kind"], row["message"])

    def failed(self, service: str, key: str, fault: Fault, now: float) -> None:
        """Remember a fault, unless it concerns one request only or is waited for."""
        if fault.kind not in OUT | _BREAKS:
            return
        with self._rows() as rows:
            before = rows.get(service, {}).get("failures", 0)
            failures = before + 1 if fault.kind in _BREAKS else 0
            pause = min(fault.wait * 2 ** (failures - 1), _LONGEST_PAUSE) if failures else fault.wait
            rows[service] = {
                "key": _print(key),
                "until": now + max(pause, fault.wait if fault.said else 0.0),
                "kind": fault.kind.value,
                "message": fault.message,
                "failures": failures,
            }

    def answered(self, service: str) -> None:
        """Forget what was wrong with a service."""
        with self._rows() as rows:
            rows.pop(service, None)

    @contextlib.contextmanager
    def _rows(self) -> Iterator[dict[str, dict[str, Any]]]:
        """Hold the lock, hand out the rows, and write what has changed of them."""
        with self._kept.held():
            rows = self._read()
            before = json.dumps(rows, sort_keys=True)
            yield rows
            if json.dumps(rows, sort_keys=True) != before:
                self._kept.write({"version": _VERSION, "rows": rows})

    def _read(self) -> dict[str, dict[str, Any]]:
        """Read the rows; what cannot be understood is forgotten, which costs one request that fails."""
        try:
            found = self._kept.read()
            rows = found["rows"] if found["version"] == _VERSION else {}
            return {name: row for name, row in rows.items() if _is_row(row)}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}


def _is_row(row: object) -> bool:
    kinds = {"key": str, "until": float | int, "kind": str, "message": str, "failures": int}
    whole = isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in kinds.items())
    return whole and math.isfinite(row["until"]) and row["kind"] in _KINDS  # type: ignore[index]


def _is_out(row: dict[str, Any], now: float) -> bool:
    """Tell whether a row holds now. Nothing is out for longer than the longest wait: a clock was wrong."""
    return bool(now < row["until"] <= now + LONGEST)


def _print(key: str) -> str:
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8, person=b"regreen-key").hexdigest()
