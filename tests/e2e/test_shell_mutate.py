"""`regreen mutate` from the shell, and what a repair says of the tests; with the real worker in the real sandbox."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e

PRICES = """
-- pyproject.toml --
[project]
name = "prices"
version = "1"
-- prices.py --
RATE = 2


def total(prices, discount):
    result = 0
    for price in prices:
        result += price
    if 100 < result:
        result -= discount
    return result


def taxed(price):
    return price * RATE
-- test_prices.py --
from prices import taxed, total


def test_total():
    assert total([1, 2], 0) == 3


def test_discount():
    assert total([100, 20], 5) == 115


def test_taxed():
    assert taxed(5) == 10
"""


def laid(tmp_path: Path, text: str = PRICES) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    lay(root, text)
    return root


def test_what_no_test_notices_is_told_and_nothing_is_changed(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path)
    before = tree(root)
    said = shell.regreen("mutate", root, "--json", "--report", tmp_path / "report")
    document = said.document
    assert said.status == 0, said.err
    assert (document["outcome"], document["complete"], document["refused"]) == ("measured", True, "")
    assert {(one["line"], one["function"]) for one in document["survivors"]} == {(8, "total")}
    assert all("100 < result" in one["diff"] for one in document["survivors"])
    assert document["killed"] + document["survived"] == round(document["survived"] / (1 - document["score"]))
    assert json.loads((tmp_path / "report" / "mutation.json").read_text())["schemaVersion"] == "2"
    assert tree(root) == before


def test_the_status_tells_of_a_score_below_the_threshold(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path)
    below = shell.regreen("mutate", root, "--min-score", "99")
    assert below.status == 1
    assert "The score is below the 99 % that --min-score asks for." in below.out
    said = shell.regreen("mutate", root, "--function", "taxed", "--min-score", "99")
    assert said.status == 0, said.out
    assert "The tests notice" in said.out
    assert "not that the code is right" in said.out


def test_only_what_is_new_since_a_revision_is_mutated(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path)
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "one")):
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", *who, *command], cwd=root, env=shell.environment, check=True, capture_output=True)
    (root / "prices.py").write_text((root / "prices.py").read_text().replace("price * RATE", "price * RATE + 0"))
    document = shell.regreen("mutate", root, "--since", "HEAD", "--json").document
    assert document["killed"] + document["survived"] != 0
    assert {one["line"] for one in document["survivors"]} <= {14}
    assert shell.regreen("mutate", root, "--since", "no-such-revision").status == 2


def test_red_tests_judge_nothing(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path, PRICES.replace("== 10", "== 11"))
    said = shell.regreen("mutate", root, "--json")
    assert said.status == 4
    assert "test_taxed fails on the untouched code" in said.document["refused"]


def test_what_is_not_there_is_wrong_use(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path)
    assert shell.regreen("mutate", root, "--file", "nothing.py").status == 2
    assert shell.regreen("mutate", root, "--function", "nothing").status == 2
    assert shell.regreen("mutate", root, "--min-score", "101").status == 2


def test_what_was_found_is_remembered(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path)
    first = shell.regreen("mutate", root, "--json").document
    (store,) = shell.home.rglob("mutants.json")
    kept = json.loads(store.read_text())["fates"]
    assert len(kept) == first["killed"] + first["survived"]
    told = {key: {**fate, "fate": "Timeout"} for key, fate in kept.items()}
    store.write_text(json.dumps({"version": 1, "fates": told}))
    again = shell.regreen("mutate", root, "--json").document
    assert (again["killed"], again["timeout"]) == (0, len(kept))
    changed = (root / "prices.py").read_text().replace("return price * RATE", "return RATE * price")
    (root / "prices.py").write_text(changed)
    third = shell.regreen("mutate", root, "--function", "taxed", "--json").document
    assert (third["timeout"], third["killed"] != 0) == (0, True)


def test_a_repair_tells_whether_the_tests_would_notice_the_bug_again(shell: Shell, tmp_path: Path) -> None:
    root = laid(tmp_path, PRICES.replace("result += price", "result -= price"))
    document = shell.regreen("fix", root, "--json").document
    assert document["outcome"] == "repaired"
    assert document["mutation"]["refused"] == ""
    assert document["mutation"]["killed"] != 0
    assert {one["line"] for one in document["mutation"]["survivors"]} == {8}
    shown = shell.regreen("show", document["run_id"], root).out
    assert "Tests weak here" in shown
    page = tmp_path / "page.html"
    shell.regreen("show", document["run_id"], root, "--html", page)
    assert "Would the tests notice?" in page.read_text()
