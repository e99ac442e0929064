"""What is known of a database's tables, as values and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `to` is what it refers to, e.g. "customers.id"."""

    name: str
    type: str
    required: bool = False
    key: bool = False
    to: str = ""

    def __str__(self) -> str:
        words = (self.name, self.type, "key" if self.key else "", "required" if self.required else "")
        arrow = f"-> {self.to}" if self.to else ""
        return " ".join(word for word in (*words, arrow) if word)


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view. Invariant: columns in their own order."""

    name: str
    columns: tuple[Column, ...]
    is_view: bool = False


def schema_text(name: str, tables: Iterable[Table], *, complete: bool = True) -> str:
    """Return a schema as lines: one for each table, sorted by name."""
    lines = [f"database {name}:", *(_line(table) for table in sorted(tables, key=lambda table: table.name))]
    if not complete:
        lines.append("(more tables are there, and not told)")
    return "\n".join(lines)


def tables_of(rows: Iterable[tuple[str, bool, Column]]) -> Iterator[Table]:
    """Join rows (table, whether it is a view, column) that stand in the order of tables."""
    for (name, is_view), group in groupby(rows, key=lambda row: row[:2]):
        yield Table(name, tuple(column for _, _, column in group), is_view)


def _line(table: Table) -> str:
    what = "view" if table.is_view else "table"
    return f"{what} {table.name}({', '.join(map(str, table.columns))})"
