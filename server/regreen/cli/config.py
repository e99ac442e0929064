"""regreen config: what may be done in a workspace, and who says so."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.app import Authority, Origin, Ruling, Settings, TomlFile, told_values, workspace_root, workspace_schema
from regreen.core.errors import ExitStatus

from .documents import VERSION, dump
from .workspace import add_path, add_profile, add_trust

_LONGEST = 60
_BELOW = "policy"


@dataclass(frozen=True, slots=True)
class Row:
    """One key, its value, and who decided it."""

    key: str
    value: object
    origins: tuple[Origin, ...]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_trust(parser)
    add_profile(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--show", action="store_true", help="each value and where it comes from (the default)")
    what.add_argument("--check", action="store_true", help="only whether the files are good, and what they say in vain")
    what.add_argument("--schema", action="store_true", help="the JSON schema of regreen.toml, for editors")


def run(options: argparse.Namespace) -> int:
    """Show, check, or print the schema."""
    if options.schema:
        print(json.dumps(workspace_schema(), indent=2, ensure_ascii=False))
        return ExitStatus.DONE
    root = str(workspace_root(options.path))
    authority = Authority(root, os.environ)
    trusted = not options.untrusted and authority.trusts()
    ruling = authority.ruling(Settings(profile=options.profile), trusted=trusted, said_by="option")
    rows = () if options.check else tuple(_rows(ruling))
    if options.json:
        dump(_document(root, ruling, rows))
    else:
        print("\n".join(_lines(ruling, rows)))
    return ExitStatus.DONE


def _rows(ruling: Ruling) -> Iterator[Row]:
    for key, value in told_values(ruling.policy).items():
        yield Row(key, value, ruling.resolved.origins[key])
    yield Row("trusted", ruling.policy.trusted, (Origin("default"),))
    own = ruling.own
    for place, value in _leaves(own.values, ()):
        if place[0] != _BELOW:
            yield Row(".".join(map(str, place)), value, (Origin("user", f"{own.path}:{own.line(place)}"),))


def _leaves(value: object, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Yield what is no table, with its place; a list of words is one value."""
    if isinstance(value, dict):
        inner: Iterator[tuple[str | int, object]] = iter(value.items())
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        inner = iter(enumerate(value))
    else:
        yield place, value
        return
    for key, below in inner:
        yield from _leaves(below, (*place, key))


def _document(root: str, ruling: Ruling, rows: tuple[Row, ...]) -> dict[str, object]:
    return {
        "version": VERSION,
        "root": root,
        "trusted": ruling.policy.trusted,
        "files": [{"path": str(file.path), "there": file.is_there} for file in (ruling.own, ruling.workspace)],
        "values": [
            {
                "key": row.key,
                "value": row.value,
                "origins": [{"layer": origin.layer, "place": origin.place} for origin in row.origins],
            }
            for row in rows
        ],
        "hints": list(ruling.hints),
    }


def _lines(ruling: Ruling, rows: tuple[Row, ...]) -> Iterator[str]:
    for file in (ruling.own, ruling.workspace):
        yield f"{file.path}: {_state(file)}"
    if not ruling.policy.trusted:
        yield "This workspace is not trusted: its file has no say, and nothing of it is executed."
    width = max((len(row.key) for row in rows), default=0)
    for row in rows:
        yield f"{row.key:<{width}}  {_shown(row.value)}  [{', '.join(map(str, row.origins))}]"
    yield from ruling.hints


def _state(file: TomlFile) -> str:
    return "good" if file.is_there else "not there"


def _shown(value: object) -> str:
    if value is None:
        return "no limit"
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and _LONGEST < len(text):
        return f"{len(value)} of them; --json lists them"
    return text
