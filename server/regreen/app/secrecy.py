"""What a process knows to be secret, and the values that leave it without: for people, for the record, for a log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from regreen.core.edit import Patch
from regreen.core.events import Emit, Event
from regreen.core.ports import Journal
from regreen.core.repair import RepairReport
from regreen.core.trace import RunId, Trace
from regreen.guard import Redactor, recorded, redacted, secret_values, shown, unveiled

from .requests import Deliver

T = TypeVar("T")
_MOST_SHOWN = 100


class Secrets:
    """Grows with each key that is fetched. Invariant: shows nothing of what it knows."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._values = frozenset(secret_values(environment))
        self._redactor = Redactor(sorted(self._values))
        self._patches: dict[Patch, Patch] = {}  # as shown: a hover does not wait for it twice

    def __repr__(self) -> str:
        return "Secrets()"

    def add(self, *values: str) -> None:
        """Take values for secret from now on; "" is none."""
        with self._lock:
            if not {value for value in values if value} <= self._values:
                self._values |= {value for value in values if value}
                self._redactor = Redactor(sorted(self._values))
                self._patches = {}

    def clean(self, text: str) -> str:
        """Return a text without secrets."""
        return self._redactor.clean(text)

    def cleaned(self, value: T) -> T:
        """Return a value without secrets, but for the patches in it, which stay exact."""
        return redacted(value, self._redactor)

    def shown(self, value: T) -> T:
        """Return a value that was cleaned before as it may be shown: without secrets in its patches, too."""
        return redacted(value, self._redactor, self._shown_patch)

    def recorded(self, value: T) -> T:
        """Return a value as it may be kept: patches are exact only where they edit."""
        return recorded(value, self._redactor)

    def emitting(self, emit: Emit) -> Emit:
        """Return what passes events on without secrets."""
        return lambda event: emit(self.cleaned(event))

    def delivering(self, deliver: Deliver) -> Deliver:
        """Return what delivers a patch as it is, under a title without secrets."""
        return lambda cancel, patch, title: deliver(cancel, patch, self.clean(title))

    def _shown_patch(self, patch: Patch) -> Patch:
        if _MOST_SHOWN <= len(self._patches):
            self._patches = {}
        found = self._patches.get(patch)
        if found is None:
            found = self._patches[patch] = shown(patch, self._redactor)
        return found


@dataclass(frozen=True, slots=True)
class DiscreetJournal:
    """A journal in which no secret is written down."""

    journal: Journal
    secrets: Secrets

    def record(self, trace: Trace, event: Event) -> None:
        """Append one event."""
        self.journal.record(trace, self.secrets.recorded(event))

    def reports(self) -> tuple[RepairReport, ...]:
        """Return all repairs of this workspace, oldest first."""
        return self.journal.reports()

    def report(self, run_id: RunId) -> RepairReport | None:
        """Return one repair."""
        return self.journal.report(run_id)


class DiscreetFormatter(logging.Formatter):
    """Formats what is logged, stack included, without secrets."""

    def __init__(self, form: str, clean: Callable[[str], str]) -> None:
        super().__init__(form)
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines."""
        return self._clean(super().format(record))


def log_discreetly(form: str, clean: Callable[[str], str]) -> None:
    """Log warnings and worse to standard error, without secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter(form, clean))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def as_delivered(patch: Patch, texts: Mapping[str, str]) -> Patch:
    """Return a patch of the journal as it was, as far as the present texts show what was veiled in it."""
    return unveiled(patch, texts)
