"""On which line of a TOML text each key stands: the parser does not tell, and a person wants to know."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Key = tuple[str | int, ...]
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[^"\'#\n\[\]{}=]+|.|\n',
    re.DOTALL,
)
_OPENS, _CLOSES = frozenset("[{"), frozenset("]}")


def lines_of(text: str) -> Mapping[Key, int]:
    """Return the line (1-based) of each key of a valid text; tables of a list are counted from 0."""
    found: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    for line, head, is_table in _statements(text):
        path = _path(head)
        if not is_table:
            found.setdefault((*table, *path), line)
            continue
        table = _numbered(path, counts)
        if head.startswith("[["):
            counts[table] = counts.get(table, -1) + 1
            table = (*table, counts[table])
        found.setdefault(table, line)
    return found


def line_of(lines: Mapping[Key, int], key: Key) -> int:
    """Return the line of a key, else of the nearest one that holds it; 0 when there is none."""
    for length in range(len(key), 0, -1):
        for found in (key[:length], (*key[:length], 0)):
            if found in lines:
                return lines[found]
    return 0


def _statements(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the line, the head (the key, or the header in its brackets) and whether it is a header."""
    line, depth, head, start, in_head = 1, 0, "", 1, True
    for match in _TOKEN.finditer(text):
        token = match[0]
        ends = token == "\n" and (depth == 0 or head.startswith("["))
        if ends:
            if in_head and head.startswith("["):
                yield start, head, True
            head, in_head, depth = "", True, 0
        elif in_head and token == "=" and not head.startswith("["):
            yield start, head.strip(), False
            in_head = False
        elif in_head and not token.startswith("#") and token != "\n":
            if not head:
                start, token = line, token.lstrip()
            head += token
        elif not in_head:
            depth += (token in _OPENS) - (token in _CLOSES)
        line += match[0].count("\n")
    if in_head and head.startswith("["):
        yield start, head, True


def _path(head: str) -> tuple[str, ...]:
    """Read a dotted key by the parser itself."""
    plain = head.strip().strip("[]").strip() if head.startswith("[") else head
    found: Any = tomllib.loads(f"{plain} = 0")
    path: list[str] = []
    while isinstance(found, dict):
        name, found = next(iter(found.items()))
        path.append(name)
    return tuple(path)


def _numbered(path: tuple[str, ...], counts: Mapping[Key, int]) -> Key:
    """Put the number of its table into the path of what stands below a list of tables."""
    key: Key = ()
    for position, name in enumerate(path):
        key = (*key, name)
        if key in counts and position + 1 < len(path):
            key = (*key, counts[key])
    return key
