"""Keys: from the environment, the keyring, the editor or a command; held in memory only, and never told."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.providers.models.keys import CommandKey, EditorKey, EnvironmentKey, KeyringKey, NoKey
from tests.support.fakes import FakeClock

CANCEL = Cancellation()


def command(script: str, clock: FakeClock | None = None) -> CommandKey:
    return CommandKey("one", (sys.executable, "-S", "-c", script), clock or FakeClock())


def test_a_variable_is_read_when_it_is_needed() -> None:
    environment: dict[str, str] = {}
    key = EnvironmentKey("one", "K", environment)
    with pytest.raises(NoKey, match="K is not set"):
        key.fetch(CANCEL)
    environment["K"] = " secret-1 "
    assert key.fetch(CANCEL) == "secret-1"


@pytest.mark.parametrize(
    ("script", "token"),
    [
        ("print('plain-token')", "plain-token"),
        ("""print('{"status": {"token": "t-1"}}')""", "t-1"),
        ("""print('{"status": {"token": "t-2", "expirationTimestamp": "1970-01-01T01:00:00Z"}}')""", "t-2"),
    ],
)
def test_a_command_prints_a_token(script: str, token: str) -> None:
    key = command(script)
    assert key.known() == ""
    assert (key.fetch(CANCEL), key.known()) == (token, token)
    assert token not in repr(key)


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    clock = FakeClock()
    said = '{"status": {"token": "t%d", "expirationTimestamp": "1970-01-01T00:20:00Z"}}'
    script = f"import os; print({said!r} % os.getpid())"
    key = command(script, clock)
    first = key.fetch(CANCEL)
    clock.time = 1150.0
    assert key.fetch(CANCEL) == first
    clock.time = 1171.0
    assert key.fetch(CANCEL) != first


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit(3)", "ended with status 3"),
        ("pass", "printed no token"),
        ("print('two words')", "printed no token"),
        ("print('{}')", "without status.token"),
        ("print('{')", "without status.token"),
        ("""print('{"status": {"token": 7}}')""", "printed no token"),
        ("""print('{"status": {"token": "t", "expirationTimestamp": "soon"}}')""", "without status.token"),
    ],
)
def test_a_command_that_gives_no_token_is_told_without_what_it_printed(script: str, said: str) -> None:
    with pytest.raises(NoKey, match=said) as caught:
        command(script).fetch(CANCEL)
    assert "two words" not in str(caught.value)


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(NoKey, match="cannot be started"):
        CommandKey("one", ("/no/such/program",), FakeClock()).fetch(CANCEL)


def test_a_cancel_ends_the_command() -> None:
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled):
        command("import time; time.sleep(60)").fetch(cancel)


def test_the_editor_is_asked_by_the_providers_name() -> None:
    asked: list[str] = []

    def answer(_: Cancellation, name: str) -> str | None:
        asked.append(name)
        return "from-the-editor" if name == "one" else None

    assert EditorKey("one", answer).fetch(CANCEL) == "from-the-editor"
    with pytest.raises(NoKey, match="no key for two"):
        EditorKey("two", answer).fetch(CANCEL)
    with pytest.raises(NoKey) as caught:
        EditorKey("two", None).fetch(CANCEL)
    assert "shell" in caught.value.next_step
    assert asked == ["one", "two"]


def test_the_keyring_is_asked_where_it_is_installed() -> None:
    ring = SimpleNamespace(get_password=lambda service, user: "pw" if (service, user) == ("s", "one") else None)

    def missing(_: str) -> Any:
        raise ImportError

    assert KeyringKey("one", "s", "one", lambda _: ring).fetch(CANCEL) == "pw"
    with pytest.raises(NoKey, match="has no key for two"):
        KeyringKey("two", "s", "two", lambda _: ring).fetch(CANCEL)
    with pytest.raises(NoKey, match="not installed"):
        KeyringKey("one", "s", "one", missing).fetch(CANCEL)
