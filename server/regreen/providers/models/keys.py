"""Where a model's key comes from: the environment, the keyring, the editor's secret storage, or a command.

Invariant: a key is held in memory only, is never written, logged, or passed on a command line, and no file of a
repository names where it comes from.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import ProviderDown
from regreen.core.trace import Clock

AskEditor = Callable[[Cancellation, str], str | None]
_COMMAND_SECONDS = 10.0
_LONGEST = 65_536  # bytes that a command may say
_SLICE = 0.05
_EARLY = 30.0  # seconds before its end at which a token is not used any more
_KEPT = 300.0  # seconds that a token is kept when its command does not say how long it lives


class NoKey(ProviderDown):
    """There is no key to ask a model with."""


class KeySource(Protocol):
    """Fetches one key."""

    def fetch(self, cancel: Cancellation) -> str:
        """Return the key, "" where none is needed.

        Raises:
            NoKey: there is none.
            Cancelled: the token was set.
        """

    def known(self) -> str:
        """Return the key if it is at hand without asking anybody, else ""."""


class Keyless:
    """For a server that wants no key."""

    def fetch(self, cancel: Cancellation) -> str:
        """Return nothing."""
        del cancel
        return ""

    def known(self) -> str:
        """Return nothing."""
        return ""


class EnvironmentKey:
    """The value of an environment variable."""

    def __init__(self, provider: str, variable: str, environment: Mapping[str, str]) -> None:
        self._provider = provider
        self._variable = variable
        self._environment = environment

    def fetch(self, cancel: Cancellation) -> str:
        """Return it. Raises: NoKey: it is not set."""
        del cancel
        if not self.known():
            raise NoKey(
                f"{self._provider} has no key: the environment variable {self._variable} is not set.",
                next_step=f"Set {self._variable} where the editor or the shell is started.",
            )
        return self.known()

    def known(self) -> str:
        """Return it, or ""."""
        return self._environment.get(self._variable, "").strip()


class KeyringKey:
    """A password in the operating system's keyring, by way of the package `keyring` where it is installed."""

    def __init__(self, provider: str, service: str, user: str, load: Callable[[str], Any] | None = None) -> None:
        self._provider = provider
        self._service = service
        self._user = user
        self._load = load or importlib.import_module

    def fetch(self, cancel: Cancellation) -> str:
        """Return it. Raises: NoKey: the package or the password is not there."""
        cancel.check()
        try:
            found = self._load("keyring").get_password(self._service, self._user)
        except ImportError as error:
            raise NoKey(
                f"The key of {self._provider} is to come from the keyring, and the package keyring is not installed.",
                next_step="Install keyring beside Regreen, or take the key from an environment variable.",
            ) from error
        except RuntimeError as error:  # What all errors of that package are.
            raise NoKey(
                f"The keyring did not hand out the key of {self._provider} ({type(error).__name__}).",
                next_step="Unlock the keyring, or take the key from an environment variable.",
            ) from error
        if not found:
            raise NoKey(
                f"The keyring has no key for {self._provider}.",
                next_step=f"Store it: keyring set {self._service} {self._user}",
            )
        return str(found).strip()

    def known(self) -> str:
        """Return nothing: asking may open a window."""
        return ""


class EditorKey:
    """What the editor keeps in its secret storage."""

    def __init__(self, provider: str, ask: AskEditor | None) -> None:
        self._provider = provider
        self._ask = ask

    def fetch(self, cancel: Cancellation) -> str:
        """Return it. Raises: NoKey: there is no editor, or it has none."""
        found = self._ask(cancel, self._provider) if self._ask is not None else None
        if found:
            return found.strip()
        step = "Run “Regreen: Set API Key” in the editor."
        if self._ask is None:
            step = "Name an environment variable or a command for it in config.toml to use it from the shell."
        raise NoKey(f"The editor has no key for {self._provider}.", next_step=step)

    def known(self) -> str:
        """Return nothing: only the editor knows."""
        return ""


class CommandKey:
    """What a command prints: a token, or JSON {"status": {"token", "expirationTimestamp"}} as credential plugins do."""

    def __init__(self, provider: str, argv: tuple[str, ...], clock: Clock) -> None:
        self._provider = provider
        self._argv = argv
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def __repr__(self) -> str:
        return f"CommandKey({self._argv[0]!r})"

    def fetch(self, cancel: Cancellation) -> str:
        """Return the token, from memory as long as it lives. Raises: NoKey: the command fails."""
        with self._lock:
            if not self.known():
                self._token, self._until = self._read(self._run(cancel))
            return self._token

    def known(self) -> str:
        """Return the token while it lives."""
        return self._token if self._clock.now() < self._until - _EARLY else ""

    def _run(self, cancel: Cancellation) -> bytes:
        try:
            process = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise self._failed(f"cannot be started ({error.strerror})") from error
        deadline = time.monotonic() + _COMMAND_SECONDS
        try:
            while True:
                cancel.check()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    said, _ = process.communicate(timeout=_SLICE)
                    break
                if deadline <= time.monotonic():
                    raise self._failed(f"did not end within {_COMMAND_SECONDS:g} s")
        except (Cancelled, NoKey):
            _end(process)
            raise
        if process.returncode:
            raise self._failed(f"ended with status {process.returncode}")
        return said[:_LONGEST]

    def _read(self, said: bytes) -> tuple[str, float]:
        text: Any = said.decode("utf-8", "replace").strip()
        until = self._clock.now() + _KEPT
        if text.startswith("{"):
            try:
                status = json.loads(text)["status"]
                text, end = status["token"], status.get("expirationTimestamp")
                until = until if end is None else _moment(end)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise self._failed("printed JSON without status.token") from error
        if not isinstance(text, str) or not text or any(char.isspace() for char in text):
            raise self._failed("printed no token")
        return text, until

    def _failed(self, what: str) -> NoKey:
        return NoKey(
            f"The command for the key of {self._provider} {what}.",
            next_step=f"Run {self._argv[0]} in a terminal and correct it, or name another command in config.toml.",
        )


def _moment(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
