"""The schema of a PostgreSQL database, in one transaction that can only read, by the optional package psycopg."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, ToolMissing

from .schema import Column, schema_text, tables_of

# Whatever the address says: every transaction is read-only, and nothing takes long.
OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=5000 -c lock_timeout=1000"
CONNECT_SECONDS = 5
QUERY = """\
SELECT c.table_schema, c.table_name, t.table_type = 'VIEW', c.column_name, c.data_type, c.is_nullable = 'NO',
       COALESCE(bool_or(k.constraint_type = 'PRIMARY KEY'), false),
       COALESCE(max(CASE WHEN k.constraint_type = 'FOREIGN KEY' THEN r.table_name || '.' || r.column_name END), '')
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
LEFT JOIN information_schema.key_column_usage u USING (table_schema, table_name, column_name)
LEFT JOIN information_schema.table_constraints k
       ON k.constraint_schema = u.constraint_schema AND k.constraint_name = u.constraint_name
LEFT JOIN information_schema.constraint_column_usage r
       ON r.constraint_schema = u.constraint_schema AND r.constraint_name = u.constraint_name
WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema')
GROUP BY 1, 2, 3, 4, 5, 6, c.ordinal_position
ORDER BY 1, 2, c.ordinal_position
LIMIT %s
"""
Connect = Callable[[str], AbstractContextManager[Any]]
"""Opens a connection by an address; its `execute(query, parameters)` answers with what has `fetchall()`."""


def schema_of_postgres(cancel: Cancellation, name: str, url: str, max_rows: int, connect: Connect) -> str:
    """Return the tables and their columns in words; at most `max_rows` rows of the catalogue are read.

    Raises:
        CannotRun: the database does not answer, or psycopg is not installed. No address is told.
        Cancelled: the token was set.
    """
    cancel.check()
    try:
        with connect(url) as connection:
            found = connection.execute(QUERY, (max_rows + 1,)).fetchall()
    except OSError as error:
        raise _cannot(name, type(error).__name__) from error
    cancel.check()
    rows = [
        (table if schema == "public" else f"{schema}.{table}", view, Column(column, of_type, required, key, to))
        for schema, table, view, column, of_type, required, key, to in found[:max_rows]
    ]
    return schema_text(name, tables_of(rows), complete=len(found) <= max_rows)


def psycopg_connect(url: str) -> AbstractContextManager[Any]:
    """Open a read-only connection with psycopg.

    Raises:
        ToolMissing: psycopg is not installed beside Regreen.
        OSError: the database does not answer, or does not let us in.
    """
    try:
        # Not named as an import: the package is an option of the person's.
        psycopg = importlib.import_module("psycopg")
    except ImportError as error:
        raise ToolMissing(
            "A PostgreSQL schema is read by the package psycopg, which is not installed.",
            next_step="Install psycopg[binary] beside Regreen, or take the database out of `[state_injection]`.",
        ) from error
    try:
        connection = psycopg.connect(url, connect_timeout=CONNECT_SECONDS, options=OPTIONS, autocommit=False)
        connection.read_only = True
    except psycopg.Error as error:
        # Its message may hold the address: only the kind of fault is told.
        raise ConnectionError(type(error).__name__) from None
    return _Reading(connection, psycopg.Error)


class _Reading(AbstractContextManager[Any]):
    """A connection whose faults come as OSError, and which ends without a commit."""

    def __init__(self, connection: Any, fault: type[Exception]) -> None:
        self._connection, self._fault = connection, fault

    def execute(self, query: str, parameters: tuple[object, ...]) -> Any:
        """Run a query.

        Raises:
            OSError: the database refused it.
        """
        try:
            return self._connection.execute(query, parameters)
        except self._fault as error:
            raise ConnectionError(type(error).__name__) from None

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()


def _cannot(name: str, why: str) -> CannotRun:
    return CannotRun(
        f"The schema of the database “{name}” cannot be read: {why}.",
        next_step="Start the database, correct `[[state_injection.database]]` in your config.toml, or take it out.",
    )
