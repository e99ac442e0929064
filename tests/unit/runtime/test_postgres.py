"""PostgreSQL at the port, where a fake connection answers as psycopg's would; no server takes part."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, ToolMissing
from regreen.runtime import psycopg_connect, schema_of_postgres
from regreen.runtime.postgres import OPTIONS, QUERY

ROWS = [
    ("public", "orders", False, "id", "bigint", True, True, ""),
    ("public", "orders", False, "customer", "bigint", False, False, "customers.id"),
    ("sales", "totals", True, "sum", "numeric", False, False, ""),
]


class FakeConnection:
    """Answers with rows, as many as it is asked for."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows, self.asked = rows, (("", ()))

    def execute(self, query: str, parameters: tuple[Any, ...]) -> FakeConnection:
        self.asked = (query, parameters)
        return self

    def fetchall(self) -> list[Any]:
        return self.rows[: self.asked[1][0]]


def told(rows: list[Any], max_rows: int = 100) -> str:
    connection = FakeConnection(rows)

    @contextlib.contextmanager
    def connect(url: str) -> Iterator[Any]:
        assert url == "postgresql://me@h/d"
        yield connection

    text = schema_of_postgres(Cancellation(), "shop", "postgresql://me@h/d", max_rows, connect)
    assert connection.asked == (QUERY, (max_rows + 1,))
    return text


def test_tables_are_told_with_their_schema_where_it_is_another() -> None:
    assert told(ROWS) == (
        "database shop:\n"
        "table orders(id bigint key required, customer bigint -> customers.id)\n"
        "view sales.totals(sum numeric)"
    )


def test_no_more_rows_are_read_than_allowed() -> None:
    assert (
        told(ROWS, 1) == "database shop:\ntable orders(id bigint key required)\n(more tables are there, and not told)"
    )


def test_a_server_that_does_not_answer_is_told_without_its_address() -> None:
    def connect(url: str) -> contextlib.AbstractContextManager[Any]:
        raise ConnectionError(f"no route to {url}")

    with pytest.raises(CannotRun, match="“shop” cannot be read: ConnectionError") as caught:
        schema_of_postgres(Cancellation(), "shop", "postgresql://me:pw@h/d", 10, connect)
    assert "pw@" not in str(caught.value)


def test_without_psycopg_it_is_told_what_to_install() -> None:
    assert importlib.util.find_spec("psycopg") is None
    with pytest.raises(ToolMissing, match="psycopg") as caught:
        psycopg_connect("postgresql://me@h/d")
    assert "psycopg[binary]" in caught.value.next_step


def test_the_query_reads_only_the_catalogue() -> None:
    words = QUERY.upper().split()
    assert words[0] == "SELECT"
    assert not {"INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "COPY", "DO", "CALL", "SET"} & set(words)
    assert "default_transaction_read_only=on" in OPTIONS
