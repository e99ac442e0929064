"""Variables by prefix: values where nothing calls them secret."""

from __future__ import annotations

import pytest

from regreen.runtime import told_variables


def test_only_what_begins_with_a_prefix_is_told_in_order() -> None:
    environment = {"APP_MODE": "test", "APP_B": "1", "HOME": "/me", "MY_APP_X": "2", "DB_SIZE": "3", "app_c": "4"}
    assert told_variables(environment, ("APP_", "DB_")) == ("APP_B = 1", "APP_MODE = test", "DB_SIZE = 3")


@pytest.mark.parametrize("prefixes", [(), ("",), ("", "X_")])
def test_no_prefix_tells_nothing(prefixes: tuple[str, ...]) -> None:
    assert told_variables({"APP_MODE": "test"}, prefixes) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_SECRET", "x"), ("APP_TOKEN", "x"), ("APP_API_KEY", "x"), ("APP_PASSWORD", "x"), ("APP_PASS", "x"),
        ("APP_DATABASE_URL", "x"), ("APP_DSN", "x"), ("APP_CREDENTIALS", "x"), ("APP_AUTH", "x"), ("APP_jwt", "x"),
        ("APP_PRIVATE", "x"), ("APP_COOKIE", "x"), ("APP_SALT", "x"), ("APP_PLACE", "postgres://me:pw@h/d"),
        ("APP_PLACE", "see redis://:hunter2@cache"), ("APP_ID", "0123456789abcdef01234567"),
        ("APP_NAME", "c2VjcmV0LXNlY3JldC1zZWNyZXQ="),
    ],
)  # fmt: skip
def test_of_what_may_be_secret_only_that_it_is_set(name: str, value: str) -> None:
    assert told_variables({name: value}, ("APP_",)) == (f"{name} is set; its value is not told",)


def test_values_are_one_short_line() -> None:
    (line,) = told_variables({"APP_TEXT": "a\nb\x1b[31m\tc " + "word " * 100}, ("APP_",))
    assert line.startswith("APP_TEXT = a b [31m c word")
    assert len(line) < 220


def test_an_empty_value_and_too_many_are_told() -> None:
    assert told_variables({"APP_X": ""}, ("APP_",)) == ("APP_X is set to nothing",)
    many = told_variables({f"APP_{n:03}": "1" for n in range(60)}, ("APP_",))
    assert (len(many), many[-1]) == (51, "(10 more are not told)")
