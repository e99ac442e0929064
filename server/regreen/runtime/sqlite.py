"""The schema of an SQLite file, through a connection that can write nothing and reads nothing but the catalogue."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun

from .schema import Column, schema_text, tables_of

_TABLES = """\
SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name
"""
_STEPS = 10_000  # of the virtual machine, between two looks at the token
_SECONDS = 2.0
_CATALOGUE = frozenset({"sqlite_master", "sqlite_schema"})
_PRAGMAS = frozenset({"table_info", "foreign_key_list"})
_MAY = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION})


def schema_of_sqlite(cancel: Cancellation, name: str, file: Path, max_rows: int) -> str:
    """Return the tables and their columns in words; at most `max_rows` rows of the catalogue are read.

    Raises:
        CannotRun: the file is not there or is no database.
        Cancelled: the token was set.
    """
    cancel.check()
    if not file.is_file():
        raise _cannot(name, f"there is no file at {file}")
    try:
        with contextlib.closing(sqlite3.connect(_address(file), uri=True, timeout=_SECONDS)) as connection:
            connection.set_progress_handler(lambda: int(cancel.cancelled), _STEPS)
            connection.set_authorizer(_may)
            rows: list[tuple[str, bool, Column]] = []
            for row in _columns(connection):
                if max_rows <= len(rows):
                    return schema_text(name, tables_of(rows), complete=False)
                rows.append(row)
            return schema_text(name, tables_of(rows))
    except sqlite3.Error as error:
        cancel.check()
        raise _cannot(name, str(error)) from error


def _address(file: Path) -> str:
    # Without a companion that is open elsewhere, nothing is locked and no file is made beside it.
    in_use = file.with_name(f"{file.name}-wal").exists() and file.with_name(f"{file.name}-shm").exists()
    return f"file:{quote(str(file.resolve()))}?mode=ro{'' if in_use else '&immutable=1'}"


def _columns(connection: sqlite3.Connection) -> Iterator[tuple[str, bool, Column]]:
    for table, kind in connection.execute(_TABLES):
        references = {row[3]: f"{row[2]}.{row[4] or 'key'}" for row in _pragma(connection, "foreign_key_list", table)}
        for _, column, of_type, required, _, key in _pragma(connection, "table_info", table):
            yield table, kind == "view", Column(column, of_type, bool(required), bool(key), references.get(column, ""))


def _pragma(connection: sqlite3.Connection, pragma: str, table: str) -> list[tuple[Any, ...]]:
    quoted = table.replace('"', '""')
    return connection.execute(f'PRAGMA {pragma}("{quoted}")').fetchall()


def _may(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Allow the catalogue, and nothing else: not even the rows of a table."""
    del second
    reads_catalogue = action == sqlite3.SQLITE_READ and first in _CATALOGUE
    asks_shape = action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS
    return sqlite3.SQLITE_OK if action in _MAY or reads_catalogue or asks_shape else sqlite3.SQLITE_DENY


def _cannot(name: str, why: str) -> CannotRun:
    return CannotRun(
        f"The schema of the database “{name}” cannot be read: {why}.",
        next_step="Correct `[[state_injection.database]]` in your config.toml, or take it out.",
    )
