"""A test of pytest's that is run several times in one process says the same each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.diskbench import INJECTED

TWICE = """
import sys
sys.path.insert(0, sys.argv[1])
import pytest
from regreen_worker_items import run_item

class Twice:
    def pytest_runtestloop(self, session):
        for item in session.items:
            print("said", *[type(run_item(item, None)).__name__ for _ in range(2)])
        return True

pytest.main(["-q", "-p", "no:cacheprovider", "test_it.py"], plugins=[Twice()])
"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("def test_it():\n    assert False", "AssertionError AssertionError"),
        ("def test_it():\n    pass", "NoneType NoneType"),
        (
            "import unittest\nclass Test(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(1, 2)",
            "AssertionError AssertionError",
        ),
        (
            "import unittest\nclass Test(unittest.TestCase):\n    def setUp(self): self.a\n    def test_it(self): pass",
            "AttributeError AttributeError",
        ),
    ],
)
def test_a_test_fails_in_the_same_way_when_it_is_run_again(tmp_path: Path, text: str, wanted: str) -> None:
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-c", TWICE, str(INJECTED)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert f"said {wanted}" in done.stdout, done.stdout + done.stderr
