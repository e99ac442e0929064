"""Mutants of suites that no warm worker can run: each gets an ordinary run of the tests, and that is said."""

from __future__ import annotations

import venv
from pathlib import Path

import pytest

from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e

AREA = """
-- area.py --
def area(width, height):
    if width < 0:
        raise ValueError(width)
    return width * height
-- test_area.py --
import unittest

from area import area


class AreaTest(unittest.TestCase):
    def test_area(self):
        self.assertEqual(area(2, 3), 6)

    def test_nothing(self):
        self.assertEqual(area(0, 3), 0)
"""


def laid(tmp_path: Path, text: str) -> Path:
    """Lay a workspace whose own interpreter has no pytest."""
    root = tmp_path / "work"
    lay(root, text)
    venv.create(root / ".venv", with_pip=False, symlinks=True)
    return root


def test_a_unittest_suite_without_pytest_gets_a_run_for_each_mutant(shell: Shell, tmp_path: Path) -> None:
    said = shell.regreen("mutate", laid(tmp_path, AREA), "--json")
    document = said.document
    assert said.status == 0, said.err
    assert "Each mutant got a run of all tests" in document["note"]
    assert (document["killed"], document["survived"], document["complete"]) == (4, 2, True)
    assert {(one["line"], one["operator"]) for one in document["survivors"]} == {(2, "comparison"), (3, "raise")}


def test_a_unittest_suite_that_is_red_is_no_measure(shell: Shell, tmp_path: Path) -> None:
    said = shell.regreen("mutate", laid(tmp_path, AREA.replace("), 6)", "), 7)")), "--json")
    assert said.status == 4
    assert "test_area fails on the untouched code." in said.document["refused"]
