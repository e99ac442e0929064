"""The schema of a real SQLite file: what is told, what never is, and that the file keeps every byte."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import CannotRun
from regreen.runtime import schema_of_sqlite

SCHEMA = """
CREATE TABLE customers(id INTEGER PRIMARY KEY, mail TEXT NOT NULL DEFAULT 's3cret-default');
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id), total REAL CHECK (total < 7e7));
CREATE VIEW big AS SELECT total FROM orders WHERE 's3cret-view' <> '';
CREATE INDEX by_mail ON customers(mail);
INSERT INTO customers VALUES (1, 's3cret-row');
"""
TOLD = """\
database shop:
view big(total REAL)
table customers(id INTEGER key, mail TEXT required)
table orders(id INTEGER key, customer INTEGER -> customers.id, total REAL)"""


def made(file: Path, script: str = SCHEMA) -> Path:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)
    return file


def told(file: Path, max_rows: int = 100) -> str:
    return schema_of_sqlite(Cancellation(), "shop", file, max_rows)


def test_tables_views_columns_keys_and_references_are_told(tmp_path: Path) -> None:
    assert told(made(tmp_path / "a b?#%.db")) == TOLD


def test_no_row_and_no_default_is_told(tmp_path: Path) -> None:
    assert "s3cret" not in told(made(tmp_path / "a.db"))


def test_the_file_keeps_every_byte_and_nothing_is_made_beside_it(tmp_path: Path) -> None:
    file = made(tmp_path / "a.db")
    before, stamp = file.read_bytes(), file.stat().st_mtime_ns
    told(file)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, stamp)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_may_not_be_written_is_read(tmp_path: Path) -> None:
    file = made(tmp_path / "a.db")
    file.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert told(file) == TOLD
    finally:
        tmp_path.chmod(0o755)


def test_a_database_that_is_in_use_is_read_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE fresh(id INTEGER)")
        other.execute("BEGIN IMMEDIATE")
        assert told(file) == "database shop:\ntable fresh(id INTEGER)"
        other.execute("ROLLBACK")


def test_what_another_process_left_in_its_journal_is_left_there(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE fresh(id INTEGER)")
        for name in ("a.db", "a.db-wal"):
            (tmp_path / "copy").mkdir(exist_ok=True)
            (tmp_path / "copy" / name).write_bytes((tmp_path / name).read_bytes())
    told(tmp_path / "copy" / "a.db")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["a.db", "a.db-wal"]


@pytest.mark.parametrize(("max_rows", "lines"), [(1, 3), (2, 4), (5, 5), (6, 4)])
def test_no_more_rows_of_the_catalogue_are_read_than_allowed(tmp_path: Path, max_rows: int, lines: int) -> None:
    text = told(made(tmp_path / "a.db"), max_rows)
    assert len(text.splitlines()) == lines
    assert ("not told" in text) is (max_rows < 6)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 200])
def test_what_is_no_database_is_told_or_empty(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(content)
    if not content:
        assert told(file) == "database shop:"
        return
    with pytest.raises(CannotRun, match="“shop” cannot be read") as caught:
        told(file)
    assert "config.toml" in caught.value.next_step


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="there is no file"):
        told(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []


def test_names_with_marks_are_told(tmp_path: Path) -> None:
    script = 'CREATE TABLE "odd "" name; DROP TABLE x"("a b" TEXT, "select" INTEGER);'
    assert told(made(tmp_path / "a.db", script)) == (
        'database shop:\ntable odd " name; DROP TABLE x(a b TEXT, select INTEGER)'
    )


def test_a_cancel_is_heard(tmp_path: Path) -> None:
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled):
        schema_of_sqlite(cancel, "shop", made(tmp_path / "a.db"), 100)
