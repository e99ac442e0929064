"""Rooms and floors: imports go down, through doors, and every kind of effect has one home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import rules
from tests.support.workspace import lay

PACKAGE = Path(__file__).parents[2] / "server" / "regreen"
Rule = Callable[[Path], list[str]]
RULES: tuple[Rule, ...] = (
    rules.wrong_floors,
    rules.circles,
    rules.misplaced_packages,
    rules.misplaced_async,
    rules.blind_excepts,
    rules.bad_doors,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps(rule: Rule) -> None:
    assert rule(PACKAGE) == []


def check_finds(folder: Path, rule: Rule, files: str, *faults: str) -> None:
    assert rule(lay(folder, files) / "regreen") == list(faults)


def test_an_import_upwards_is_found(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/core/text.py --
from regreen.app import Session
""",
        "regreen.core.text:1 imports regreen.app: core is on floor 0, app on floor 6",
    )


def test_a_relative_import_upwards_inside_of_a_function_is_found(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/guard/gate.py --
def gate():
    from ..oracle import Oracle
    return Oracle
""",
        "regreen.guard.gate:2 imports regreen.oracle: guard is on floor 3, oracle on floor 4",
    )


def test_an_import_for_the_type_checker_counts(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/guard/gate.py --
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from regreen.analysis import classify
""",
        "regreen.guard.gate:3 imports regreen.analysis: guard is on floor 3, analysis on floor 3",
    )


def test_repair_may_not_import_what_it_meets_as_a_port(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/repair/loop.py --
from regreen.checkpoints import open_checkpoint
from regreen.guard import gate
from regreen.core.edit import Patch
""",
        "regreen.repair.loop:1 imports regreen.checkpoints: repair meets checkpoints as a port only",
    )


def test_walking_around_a_door_is_found(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/app/session.py --
from regreen.repair.loop import repair
from regreen.repair import loop
from regreen.core import edit
-- regreen/repair/loop.py --
-- regreen/core/edit.py --
""",
        "regreen.app.session:1 imports regreen.repair.loop: repair is entered by its door, regreen.repair",
        "regreen.app.session:2 imports regreen.repair.loop: repair is entered by its door, regreen.repair",
    )


def test_a_room_without_a_floor_is_found(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/utils/text.py --
""",
        "the room utils has no floor",
    )


def test_what_is_injected_stands_alone(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.wrong_floors,
        """
-- regreen/injected/plugin.py --
from regreen.core.text import LineIndex
-- regreen/languages/python.py --
from regreen.injected.plugin import run
""",
        "regreen.injected.plugin:1 imports regreen.core.text: injected stands alone",
        "regreen.languages.python:1 imports regreen.injected.plugin: injected stands alone",
    )


def test_a_circle_is_found_although_one_import_is_late(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.circles,
        """
-- regreen/core/a.py --
from .b import thing
-- regreen/core/b.py --
from . import c
-- regreen/core/c.py --
def late():
    from regreen.core.a import other
    return other
-- regreen/core/d.py --
from .a import thing
""",
        "regreen.core.a and regreen.core.b and regreen.core.c import each other",
    )


def test_a_module_that_comes_in_by_its_own_door_is_a_circle(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.circles,
        """
-- regreen/guard/__init__.py --
from .gate import gate
-- regreen/guard/gate.py --
from regreen.guard import other
""",
        "regreen.guard and regreen.guard.gate import each other",
    )


def test_a_package_in_the_wrong_room_is_found(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.misplaced_packages,
        """
-- regreen/syntax/grammars.py --
import tree_sitter
-- regreen/oracle/index.py --
import tree_sitter
import pathspec
import json
-- regreen/core/text.py --
from pydantic import BaseModel
-- regreen/app/session.py --
import requests.adapters
-- regreen/injected/worker.py --
import pytest, worker_task
-- regreen/injected/worker_task.py --
""",
        "regreen.app.session:1 imports requests.adapters, which only nobody may",
        "regreen.core.text:1 imports pydantic, which only app, journal, lsp, providers may",
        "regreen.oracle.index:1 imports tree_sitter, which only syntax may",
    )


def test_async_outside_of_the_editors_room_is_found(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.misplaced_async,
        """
-- regreen/lsp/server.py --
import asyncio
async def serve(): ...
-- regreen/app/jobs.py --
import asyncio
async def run(): ...
""",
        "regreen.app.jobs:2 is asynchronous; only lsp may be",
        "regreen.app.jobs:1 imports asyncio; only lsp is asynchronous",
    )


def test_catching_everything_is_found_outside_of_its_places(tmp_path: Path) -> None:
    blind = "try:\n    pass\nexcept (KeyError, Exception):\n    pass\ntry:\n    pass\nexcept:\n    pass"
    again = "try:\n    pass\nexcept BaseException:\n    close()\n    raise"
    check_finds(
        tmp_path,
        rules.blind_excepts,
        f"""
-- regreen/app/jobs.py --
{blind}
-- regreen/app/session.py --
{blind}
-- regreen/core/edit.py --
{again}
-- regreen/injected/plugin.py --
{blind}
""",
        "regreen.app.session:3 catches everything",
        "regreen.app.session:7 catches everything",
    )


def test_a_door_says_what_its_room_must_never_do(tmp_path: Path) -> None:
    check_finds(
        tmp_path,
        rules.bad_doors,
        """
-- regreen/guard/__init__.py --
'''Judges.'''
-- regreen/guard/gate.py --
x = 1
""",
        "regreen.guard.gate has no docstring",
        "the door of regreen.guard has no Invariant",
    )
