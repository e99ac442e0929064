"""Many candidates of a JavaScript project in one process: a worker thread with modules of its own for each of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.batching import Batching, Order, driven

from .run import command, runner_of
from .switch import WRITING

_DRIVER = Path(__file__).resolve().parents[2] / "injected" / "javascript" / "regreen_batch.mjs"


def batch(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to run the candidates; None when other runners than Node's own are asked for.

    Raises:
        ToolMissing: the runner is not installed.
    """
    prefix = "" if project.cwd == "." else f"{project.cwd}/"
    names = (*order.wanted, *order.keep)
    files = sorted({name.partition("::")[0] for name in names})
    uses = {use.name: use for use in (runner_of(project, prefix + file) for file in files)}
    if list(uses) != ["node:test"] or any("::" not in name for name in order.wanted):
        return None
    spec = command(project, Selection(names=names), place, timeout)
    facts = {
        "files": [str(Path(spec.cwd, file)) for file in files],
        "options": [option for option in uses["node:test"].options if not option.startswith("--test")],
        "wanted": _titles(spec.cwd, order.wanted),
        "keep": _titles(spec.cwd, order.keep),
        "picks": order.picks,
        "switched": [str(Path(place.root, path)) for path in order.switched],
        "wall": order.wall,
        "memory": order.memory,
    }
    told = driven(spec, place, {})
    return replace(told, argv=(project.interpreter, str(_DRIVER), json.dumps(facts)))


def _titles(home: str, names: tuple[str, ...]) -> list[str]:
    return [f"{Path(home, name.partition('::')[0])}::{name.partition('::')[2]}" for name in names]


BATCHING = Batching(writings=dict.fromkeys(("javascript", "typescript", "tsx"), WRITING), command=batch)
