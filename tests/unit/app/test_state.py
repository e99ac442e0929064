"""What a request may tell of the running system: gathered by name, narrowed by the policy, told when it fails."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from regreen.app.injection import StateTable
from regreen.app.state import RunningState
from regreen.core.cancel import Cancellation
from regreen.core.errors import ToolMissing
from regreen.core.policy import Policy

TABLE = {
    "env_prefixes": ["APP_"],
    "database": [{"name": "shop", "url": "sqlite:///var/shop.db"}],
    "auth_header": [{"name": "X-Gateway", "env": "GATEWAY", "provider": "one"}],
}
ENVIRONMENT = {"APP_MODE": "test", "GATEWAY": "hunter2hunter2", "HOME": "/me"}
WHOLE = """\
APP_MODE = test
header X-Gateway is put in when a request is sent; its value is not told
database shop:
table items(id INTEGER key)"""


def made(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE items(id INTEGER PRIMARY KEY)")
    return file


def gathered(
    root: Path, table: dict[str, Any], policy: Policy | None = None, **environment: str
) -> tuple[str, list[str]]:
    told: list[str] = []

    def connect(url: str) -> contextlib.AbstractContextManager[Any]:
        raise ToolMissing("There is no psycopg.", next_step="Install it.")

    state = RunningState(str(root), {**ENVIRONMENT, **environment}, told.append, connect)
    return state.gather(Cancellation(), StateTable.model_validate(table), policy or Policy()), told


def test_variables_headers_and_schemas_are_gathered(tmp_path: Path) -> None:
    made(tmp_path / "var" / "shop.db")
    assert gathered(tmp_path, TABLE) == (WHOLE, [])


@pytest.mark.parametrize("policy", [Policy(inject_state=False), Policy(trusted=False)])
def test_a_policy_that_forbids_it_gathers_nothing(tmp_path: Path, policy: Policy) -> None:
    assert gathered(tmp_path, TABLE, policy) == ("", [])


def test_without_rows_no_database_is_opened(tmp_path: Path) -> None:
    text, told = gathered(tmp_path, TABLE, Policy(max_rows=0))
    assert (text, told) == ("\n".join(WHOLE.splitlines()[:2]), [])


def test_an_address_may_stand_in_a_variable(tmp_path: Path) -> None:
    file = made(tmp_path / "far" / "a b.db")
    table = {"database": [{"name": "shop", "env": "SHOP_DB"}]}
    text, told = gathered(tmp_path / "w", table, SHOP_DB=f"sqlite:///{file}".replace(" ", "%20"))
    assert (text.splitlines()[0], told) == ("database shop:", [])


@pytest.mark.parametrize(
    ("database", "environment", "said"),
    [
        ({"url": "sqlite:///none.db"}, {}, "there is no file"),
        ({"env": "NONE"}, {}, "it is not set"),
        ({"env": "ODD"}, {"ODD": "mysql://me:hunter3@h/d"}, "holds no sqlite:/// or postgresql://"),
        ({"url": "postgresql://me@h/d"}, {}, "There is no psycopg"),
        ({"url": "sqlite:///../x.db"}, {}, "outside of the workspace"),
        ({"url": "sqlite:///link.db"}, {}, "outside of the workspace"),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(
    tmp_path: Path, database: dict[str, str], environment: dict[str, str], said: str
) -> None:
    root = tmp_path / "w"
    root.mkdir()
    made(tmp_path / "x.db")
    (root / "link.db").symlink_to(tmp_path / "x.db")
    text, told = gathered(root, {"database": [{"name": "shop", **database}]}, **environment)
    assert text == ""
    assert len(told) == 1
    assert said in told[0]
    assert "hunter3" not in told[0]
