"""Every way to keep attempts apart, from the shell: the repair is the same, and nothing but the fix is left."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
RED = """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from pathlib import Path

from calc import add


def test_add():
    Path("left-behind.txt").write_text("by a test")
    assert add(1, 2) == 3
"""


@pytest.mark.parametrize(
    ("options", "workbench"),
    [
        ((), "an overlay over the workspace, confined by bubblewrap"),
        (("--copy",), "a private copy of the workspace, confined by bubblewrap"),
        (("--in-place",), "the workspace itself, confined by bubblewrap"),
        (("--sandbox", "off"), "an overlay over the workspace, not confined"),
        (("--copy", "--sandbox", "off"), "a private copy of the workspace, not confined"),
    ],
)  # fmt: skip
def test_a_fix_is_all_that_is_left(options: tuple[str, ...], workbench: str, shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    before = tree(root)
    said = shell.regreen("fix", root, "--test", "test_add", *options, "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.err
    assert said.document["workbench"] == workbench
    assert tree(root) == {**before, "calc.py": before["calc.py"].replace(b"a - b", b"a + b")}


@pytest.mark.parametrize("options", [(), ("--copy",)])
def test_tests_see_the_workspace_at_its_own_path(options: tuple[str, ...], shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    path = (root / "calc.py").as_posix()
    (root / "test_calc.py").write_text(f"""
def test_add():
    space = {{}}
    exec(open({path!r}).read(), space)
    assert space["add"](1, 2) == 3
""")
    said = shell.regreen("fix", root, "--test", "test_add", *options, "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.document["reason"]
    assert (root / "calc.py").read_bytes() == b"def add(a, b):\n    return a + b\n"


def test_a_failure_that_only_the_sandbox_causes_is_not_repaired(shell: Shell, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        root = lay(
            tmp_path / "ws",
            f"""
-- client.py --
import socket


def ask():
    with socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 5):
        return "yes"
-- test_client.py --
from client import ask


def test_ask():
    assert ask() == "no"
""",
        )
        before = tree(root)
        said = shell.regreen("fix", root, "--test", "test_ask", "--json")
    assert (said.status, said.document["outcome"]) == (4, "not-code"), said.document
    assert said.document["attempts"] == []
    assert "--sandbox off" in said.document["failure"]["advice"]
    assert tree(root) == before
