"""The demo, as a new user starts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.cli.demo.elsewhere import ALL
from tests.support.shell import Shell

pytestmark = pytest.mark.e2e


@pytest.mark.timeout(900)  # seven stories, each with its toolchain
def test_every_story_goes_as_it_should_and_nothing_is_left_behind(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    said = shell.regreen("demo", "--json", timeout=800)
    told = {story["story"]: story for story in said.document["stories"]}
    assert [story["wrong"] for story in told.values()] == [""] * len(ALL), said.err
    assert said.status == 0
    assert {name: story["code"] for name, story in told.items()} == {
        "shop": "RG301",
        "team": "RG201",
        "figures": "RG104",
        "remote": "RG103",
        "forest": "RG201",
        "ticker": "RG301",
        "label": "RG108",
    }
    assert said.document["skipped"] == []
    assert "-    cost = 0 if total > FREE_FROM else 5" in told["shop"]["diff"]
    assert "+    cost = 0 if total >= FREE_FROM else 5" in told["shop"]["diff"]
    assert "+import math" in told["figures"]["diff"]
    assert told["remote"]["diff"] == ""
    assert "+\tif node == nil {" in told["forest"]["diff"]
    assert "+  const each = await price(symbol);" in told["ticker"]["diff"]
    assert "+    let shown = frame(name.clone());" in told["label"]["diff"]


def test_the_story_reads_from_red_to_undo(tmp_path: Path) -> None:
    said = Shell(tmp_path).regreen("demo", "--only", "shop", timeout=280)
    order = ["RED", "Fix with agent", "attempt 1", "--- a/src/shop/shipping.py", "GREEN", "Hover", "Undo"]
    places = [said.out.find(word) for word in order]
    assert -1 not in places, said.out
    assert places == sorted(places)


def test_keep_leaves_the_workspaces(tmp_path: Path) -> None:
    said = Shell(tmp_path).regreen("demo", "--only", "figures", "--keep")
    folder = Path(said.out.partition("The workspaces are in ")[2].splitlines()[0])
    assert (folder / "figures" / "pyproject.toml").is_file()


def test_a_story_whose_tool_is_missing_is_not_told_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    said = Shell(tmp_path).regreen("demo", "--only", "forest", "--json")
    assert said.document["stories"] == []
    assert said.document["skipped"] == [{"story": "forest", "reason": "go does not run here."}]
    assert said.status == 0
