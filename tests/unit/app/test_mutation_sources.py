"""What is mutated of a workspace: its code, wherever the tests stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.app import Settings, open_session
from regreen.app.mutating import sources
from tests.support.workspace import lay

_TEST = "import {0}\ndef test_a():\n    assert {0}\n"


def check(tmp_path: Path, text: str, *expected: str) -> None:
    session = open_session(str(lay(tmp_path / "ws", text)), Settings(), lambda _event: None)
    try:
        session.refresh()
        assert sources(session.model, ()) == expected
    finally:
        session.close()


@pytest.mark.parametrize("beside", ["", "shop/"])
def test_code_beside_its_tests(tmp_path: Path, beside: str) -> None:
    code, tests = f"-- {beside}cart.py --\nx = 1\n", f"-- {beside}test_cart.py --\n{_TEST.format('cart')}"
    check(tmp_path, f"{code}{tests}-- {beside}conftest.py --\n", f"{beside}cart.py")


def test_no_file_of_a_folder_of_tests(tmp_path: Path) -> None:
    text = f"-- cart.py --\nx = 1\n-- tests/test_cart.py --\n{_TEST.format('cart')}-- tests/builders.py --\ny = 2\n"
    check(tmp_path, text, "cart.py")
