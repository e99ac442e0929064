"""Each limit is kept by the real repair: what a workspace narrows, what a person lifts, what models are told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.model_desk import GOOD, SHOP, Desk, asked, provider, saying
from tests.support.model_server import serving
from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
CALC = """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from calc import add

def test_add():
    assert add(1, 2) == 3
"""
STATE = """
[state_injection]
env_prefixes = ["SHOP_"]
[[state_injection.database]]
name = "shop"
url = "sqlite:///shop.db"
[[state_injection.auth_header]]
name = "X-Gateway"
env = "GATEWAY"
provider = "one"
"""


@pytest.fixture
def desk(tmp_path: Path, plain_venv: Path) -> Desk:
    (tmp_path / "home").mkdir()
    variables = {"SHOP_MODE": "test", "SHOP_TOKEN": "hunter2-hunter2-hunter2", "GATEWAY": "open-sesame-123456"}
    return Desk(Shell(tmp_path / "home", plain_venv), lay(tmp_path / "shop", SHOP), variables)


@pytest.fixture
def calc(tmp_path: Path, plain_venv: Path) -> Desk:
    (tmp_path / "home").mkdir()
    desk = Desk(Shell(tmp_path / "home", plain_venv), lay(tmp_path / "calc", CALC))
    desk.configure("")
    return desk


def test_a_model_is_told_of_the_running_system_and_no_secret(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.root / "shop.db")) as database:
        database.execute("CREATE TABLE rates(region TEXT PRIMARY KEY, percent INTEGER NOT NULL)")
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server) + STATE)
        said = desk.fix("--provider", "one")
    assert said.status == 0, said.err
    text = asked(server)["messages"][1]["content"]
    assert "SHOP_MODE = test" in text
    assert "SHOP_TOKEN is set; its value is not told" in text
    assert "table rates(region TEXT key, percent INTEGER required)" in text
    assert "header X-Gateway is put in when a request is sent" in text
    assert server.asked[0].headers["x-gateway"] == "open-sesame-123456"
    left = [said.out.encode(), said.err.encode(), server.asked[0].body, *tree(desk.shell.home / "state").values()]
    assert not any(secret in content for content in left for secret in (b"hunter2-hunter2", b"open-sesame"))


def test_a_workspace_can_keep_the_running_system_to_itself(desk: Desk) -> None:
    (desk.root / "regreen.toml").write_text("inject_state = false\n")
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server) + STATE)
        assert desk.fix("--provider", "one").status == 0
    assert "SHOP_" not in asked(server)["messages"][1]["content"]
    assert "x-gateway" not in server.asked[0].headers


@pytest.mark.parametrize(
    ("theirs", "status", "said"),
    [
        ('hosts = ["models.example"]\n', 3, "127.0.0.1 is not among the hosts"),
        ('profile = "production-data"\nhosts = ["localhost"]\n', 3, "not among the hosts"),
        ("max_calls = 0\n", 4, "0 calls"),
        ("max_tokens = 10\n", 4, "10 tokens"),
        ("max_money = 0.0000001\n", 4, ""),
    ],
)
def test_what_a_workspace_does_not_let_be_asked_is_not_asked(desk: Desk, theirs: str, status: int, said: str) -> None:
    (desk.root / "regreen.toml").write_text(theirs)
    with serving() as server:
        desk.configure(provider(server))
        answer = desk.fix("--provider", "one")
        assert server.asked == []
    assert answer.status in (status, 1), answer.err
    assert said in answer.out + answer.err


def refusals(desk: Desk, *arguments: str) -> list[str]:
    document = desk.fix(*arguments).document
    return [attempt["reason"] for attempt in document["attempts"] if attempt["verdict"] == "refused"]


def test_a_limit_of_the_workspace_refuses_and_a_person_lifts_it_for_one_run(calc: Desk) -> None:
    (calc.root / "regreen.toml").write_text('allowed = ["src/**"]\n')
    reasons = refusals(calc)
    assert "calc.py is not among the paths" in reasons[0]
    assert "regreen fix --allow path-outside" in reasons[0]
    assert calc.fix("--allow", "path-outside").status == 0
    assert "a + b" in (calc.root / "calc.py").read_text()


def test_a_dry_run_that_the_workspace_asks_for_changes_nothing(calc: Desk) -> None:
    (calc.root / "regreen.toml").write_text("dry_run = true\n")
    before = tree(calc.root)
    document = calc.fix().document
    assert (document["outcome"], "+    return a + b" in document["diff"]) == ("repaired-not-applied", True)
    assert tree(calc.root) == before


def test_attempts_without_a_sandbox_are_refused_where_that_is_not_allowed(calc: Desk) -> None:
    (calc.root / "regreen.toml").write_text("unconfined = false\n")
    said = calc.fix("--sandbox", "off")
    assert said.status == 3
    assert "without a sandbox" in said.err


def test_a_run_takes_no_longer_than_the_workspace_lets_it(calc: Desk) -> None:
    (calc.root / "test_calc.py").write_text("import time\n\ndef test_add():\n    time.sleep(300)\n")
    (calc.root / "regreen.toml").write_text("test_timeout = 1\n")
    said = calc.run("test", str(calc.root), "--json")
    assert said.status in (1, 4)
    assert {run["ended"] for run in said.document["runs"]} == {"timed-out"}


@pytest.mark.parametrize(
    "policy", ['commands = [["npm", "ci"]]', 'actions = ["edit"]', "commands = []", 'profile = "batch"']
)
def test_no_step_is_run_that_the_person_does_not_list(calc: Desk, policy: str) -> None:
    (calc.root / "requirements.txt").write_text("nothing-that-exists-anywhere==0\n")
    calc.configure(f"[policy]\n{policy}\n")
    before = tree(calc.root)
    said = calc.run("prepare", str(calc.root))
    assert said.status == 3, said.out + said.err
    assert "not among the commands that may be run" in said.err
    assert tree(calc.root) == before


def test_a_wrong_file_ends_what_needs_it_and_hides_nothing_else(calc: Desk) -> None:
    (calc.root / "regreen.toml").write_text('sandbox = "off"\n')
    for command in (("fix",), ("test",), ("prepare",), ("config", "--check")):
        said = calc.run(*command, str(calc.root))
        assert said.status == 2
        assert "regreen.toml:1: sandbox" in said.err
    assert calc.run("inspect", str(calc.root)).status == 0
