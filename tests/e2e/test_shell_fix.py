"""The whole road from the shell, with the real runner, on the demo's workspaces and on ones that must be left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.cli.demo.stories import STORIES, Story
from regreen.cli.demo.stories import lay as lay_story
from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
CURABLE = [story for story in STORIES if story.curable]


def by_name(story: Story) -> str:
    return story.name


@pytest.mark.parametrize("story", CURABLE, ids=by_name)
def test_a_demo_workspace_is_repaired_and_can_be_undone_and_redone(story: Story, shell: Shell, tmp_path: Path) -> None:
    root = lay_story(story, tmp_path)
    before = tree(root)
    said = shell.regreen("fix", root, "--json")
    document = said.document
    assert (said.status, document["outcome"], document["applied"]) == (0, "repaired", True), said.err
    assert document["attempts"][-1]["verdict"] == "green"
    changed = {path for path, content in tree(root).items() if before.get(path) != content}
    assert changed == {f"src/{story.name}/{story.files[2][0].rpartition('/')[2]}"}
    assert shell.regreen("test", root).status == 0
    repaired = tree(root)
    assert shell.regreen("undo", document["run_id"], root).status == 0
    assert tree(root) == before
    assert shell.regreen("undo", document["run_id"], root).status == 0
    assert tree(root) == repaired


def test_two_repairs_give_the_same_patch_byte_for_byte(shell: Shell, tmp_path: Path) -> None:
    diffs = set()
    for name in ("one", "two"):
        root = lay_story(CURABLE[0], tmp_path / name)
        diffs.add(shell.regreen("fix", root, "--dry-run", "--json").document["diff"])
    assert len(diffs) == 1
    assert diffs != {""}


def test_a_dry_run_shows_the_diff_and_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    root = lay_story(CURABLE[0], tmp_path)
    before = tree(root)
    said = shell.regreen("fix", root, "--dry-run", "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired-not-applied")
    assert said.document["diff"].startswith("--- a/src/")
    assert tree(root) == before


def test_a_missing_package_is_not_a_matter_of_code(shell: Shell, tmp_path: Path) -> None:
    root = lay_story(next(story for story in STORIES if not story.curable), tmp_path)
    before = tree(root)
    said = shell.regreen("fix", root, "--json")
    assert (said.status, said.document["outcome"]) == (4, "not-code")
    assert said.document["failure"]["code"] == "RG103"
    assert "pip install" in said.document["reason"]
    assert tree(root) == before


HOPELESS = """
-- pyproject.toml --
[project]
name = "hopeless"
version = "1"
-- poem.py --
def poem():
    return "roses are red"
-- test_poem.py --
from poem import poem


def test_poem():
    assert poem().count("\\n") == 13
"""


def test_what_cannot_be_repaired_leaves_every_byte(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", HOPELESS)
    before = tree(root)
    said = shell.regreen("fix", root, "--json")
    assert (said.status, said.document["outcome"]) == (1, "exhausted")
    assert tree(root) == before


MANY = """
-- pyproject.toml --
[project]
name = "many"
version = "1"
-- ranges.py --
def clamp(value, low, high):
    if value < low:
        return high
    if high < value:
        return high
    return value


def middle(items):
    return items[len(items) // 2 + 1]
-- test_ranges.py --
from ranges import clamp


def test_clamp_below():
    assert clamp(-3, 0, 9) == 0


def test_clamp_above():
    assert clamp(30, 0, 9) == 9


def test_clamp_inside():
    assert clamp(4, 0, 9) == 4
-- test_middle.py --
from ranges import middle


def test_middle_of_three():
    assert middle([1, 2, 3]) == 2


def test_middle_of_five():
    assert middle([5, 6, 7, 8, 9]) == 7
"""


def test_all_repairs_every_red_test(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", MANY)
    said = shell.regreen("fix", root, "--all", "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.out
    assert shell.regreen("test", root, "--json").document["outcome"] == "green"
    listed = shell.regreen("history", root, "--json").document["runs"]
    assert [run["outcome"] for run in listed] == ["repaired", "repaired"]
    shown = shell.regreen("show", listed[0]["run_id"], root)
    assert listed[0]["run_id"] in shown.out
    page = tmp_path / "page.html"
    assert shell.regreen("show", listed[0]["run_id"], root, "--html", page).status == 0
    assert "2 repairs: 2 proved green" in page.read_text("utf-8")
    nowhere = shell.regreen("show", listed[0]["run_id"], root, "--html", tmp_path / "no" / "page.html")
    assert nowhere.status == 2
    assert "Name a file in a folder that exists" in nowhere.err


def test_unittest_tests_are_repaired_too(shell: Shell, tmp_path: Path) -> None:
    root = lay(
        tmp_path / "ws",
        """
-- area.py --
def area(width, height):
    return width + height
-- test_area.py --
import unittest

from area import area


class AreaTest(unittest.TestCase):
    def test_a_square(self):
        self.assertEqual(area(3, 3), 9)

    def test_a_strip(self):
        self.assertEqual(area(1, 7), 7)
""",
    )
    said = shell.regreen("fix", root, "--json")
    assert said.document["outcome"] == "repaired", said.out
    assert "width * height" in (root / "area.py").read_text()


def test_line_ends_encoding_and_a_missing_last_newline_survive(shell: Shell, tmp_path: Path) -> None:
    root = lay(
        tmp_path / "ws",
        "-- test_price.py --\nfrom price import price\n\ndef test_price():\n    assert price(2) == '4 £'\n",
    )
    source = "# -*- coding: latin-1 -*-\r\ndef price(n):\r\n    return f'{n + n + 1} £'"
    (root / "price.py").write_bytes(source.encode("latin-1"))
    said = shell.regreen("fix", root, "--json")
    assert said.document["outcome"] == "repaired", said.out
    after = (root / "price.py").read_bytes()
    assert after.count(b"\r\n") == 2
    assert after.endswith(b"\xa3'")
    assert b"\n" not in after.replace(b"\r\n", b"")
