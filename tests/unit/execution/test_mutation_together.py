"""Mutants that share a process have the fates that they would have alone, whatever tests and mutants leave behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.core.mutation import Strength

from .test_mutation import KILLED, SURVIVED, TIMEOUT, judged

PURE = """
-- calc.py --
def clamp(x, low, high):
    if x < low:
        return low
    if high <= x:
        return high
    return x
-- test_calc.py --
import os
from calc import clamp

def test_all():
    with open(os.environ["PIDS"], "a") as file:
        file.write("%d\\n" % os.getpid())
    assert [clamp(n, 1, 3) for n in (0, 2, 4)] == [1, 2, 3]
"""


def fates(strength: Strength) -> list[str]:
    assert not strength.refused
    return [one.fate.value for one in sorted(strength.judged, key=lambda one: one.mutant.edit)]


def test_several_share_a_process_that_is_as_it_was(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    changes = (
        ("x < low", "x > low"), ("return low", "return x"), ("high <= x", "high < x"), ("return high", "return low"),
        ("    return x\n", "    return low\n"),
    )  # fmt: skip
    strength = judged(tmp_path / "ws", PURE, *changes, PIDS=str(pids))
    assert fates(strength) == ["Killed", "Killed", "Survived", "Killed", "Killed"]
    used = pids.read_text().split()
    # One process heard all of them, each killed one with a control: no other ran as many tests.
    assert 8 <= max(used.count(pid) for pid in set(used))


# What one mutant or its tests leave, and another one would stumble over or be saved by.
LEFT = {
    "a list of the module": (
        "SEEN = []\n\ndef f(x):\n    SEEN.append(x)\n    return len(SEEN) + x * 1\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "a cache": (
        "import functools\n\n@functools.lru_cache(None)\ndef f(x):\n    return 1 + x * 1\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "a cache of a library": (
        "import re\n\ndef f(x):\n    return len(re.sub('a', 'b' * x, 'a')) + 1\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "a counter": (
        "import itertools\n\nIDS = itertools.count(1)\n\ndef f(x):\n    return next(IDS) + x\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "an attribute of a class": (
        "class A:\n    n = 0\n\ndef f(x):\n    A.n += 1\n    return A.n + x\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "the environment": (
        "import os\n\ndef f(x):\n    os.environ['N'] = str(int(os.environ.get('N', 0)) + 1)\n"
        "    return int(os.environ['N']) + x\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "a fixture of the whole run": (
        "def f(x):\n    return x + 1\n",
        "import pytest\n\n@pytest.fixture(scope='session')\ndef made():\n    return f(2)\n\n"
        "def test_f(made):\n    assert made == 3\n",
    ),
    "garbage that complains": (
        "class Odd:\n    def __init__(self, x):\n        self.me, self.x = self, x\n\n    def __del__(self):\n"
        "        if self.x != 3:\n            raise ValueError(self.x)\n\ndef f(x):\n    return Odd(x + 1).x\n",
        "import pytest\n\npytestmark = pytest.mark.filterwarnings('error')\n\ndef test_f():\n    assert f(2) == 3\n",
    ),
    "a child process": (
        "import subprocess, sys\n\nKEPT = []\n\ndef f(x):\n    KEPT.append(subprocess.Popen(['sleep', '60']))\n"
        "    return len(KEPT) + x\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
    "a thread": (
        "import threading\n\ndef f(x):\n    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "    return threading.active_count() + x - 1\n",
        "def test_f():\n    assert f(2) == 3\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_one_leaves_behind_changes_nothing_for_the_next(tmp_path: Path, name: str) -> None:
    calc, test = LEFT[name]
    shown = calc.rstrip().rpartition("return ")[2]
    text = f"-- calc.py --\n{calc}-- test_calc.py --\nfrom calc import f\n\n{test}"
    changes = [(shown, f"({shown}){extra}") for extra in (" + 1", " + 0", " + 2", " * 1", " - 1")]
    strength = judged(tmp_path / "ws", text, *changes)
    found = {one.mutant.replacement[len(shown) + 2 :]: one.fate for one in strength.judged}
    assert found == {" + 1": KILLED, " + 0": SURVIVED, " + 2": KILLED, " * 1": SURVIVED, " - 1": KILLED}


def test_a_mutant_that_hangs_or_ends_the_process_takes_no_other_with_it(tmp_path: Path) -> None:
    text = """
-- calc.py --
def f(x):
    return x + 1
-- test_calc.py --
from calc import f

def test_f():
    assert f(2) == 3
"""
    changes = [
        ("return x + 1", f"return {after}")
        for after in (
            "x - 1", "len(list(iter(int, 1)))", "x + 1.0", "__import__('os')._exit(0)", "x + 2", "[0] * (1 << 60)",
            "exit()", "x + 3",
        )
    ]  # fmt: skip
    strength = judged(tmp_path / "ws", text, *changes)
    found = {one.mutant.replacement: one.fate for one in strength.judged}
    assert [found[after] for _, after in changes] == [
        KILLED, TIMEOUT, SURVIVED, KILLED, KILLED, KILLED, KILLED, KILLED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "seen",
    [
        "SEEN = []\n\ndef count():\n    SEEN.append(1)\n    return len(SEEN)\n",
        "SEEN = dict(n=0)\n\ndef count():\n    SEEN['n'] += 1\n    return SEEN['n']\n",
        "def count(seen=[]):\n    seen.append(1)\n    return len(seen)\n",
        "import itertools\n\nIDS = itertools.count(1)\n\ndef count():\n    return next(IDS)\n",
        "def count():\n    count.n = getattr(count, 'n', 0) + 1\n    return count.n\n",
        "import os\n\ndef count():\n    os.environ['N'] = str(int(os.environ.get('N', 0)) + 1)\n"
        "    return int(os.environ['N'])\n",
    ],
)
def test_what_only_an_older_process_would_fail_survives(tmp_path: Path, seen: str) -> None:
    """The untouched code passes in such a process, too: only its state tells that it is not a new one."""
    text = f"""
-- calc.py --
{seen}

def f(x):
    return x + 1 if count() < 100 else 0
-- test_calc.py --
from calc import f

def test_f():
    assert f(2) == 3
"""
    changes = (("x + 1 if", "x + 2 if"), ("x + 1 if", "x - 1 if"), ("< 100", "< 2"), ("< 100", "< 3"), ("< 100", "< 1"))
    strength = judged(tmp_path / "ws", text, *changes)
    found = {one.mutant.replacement: one.fate for one in strength.judged}
    assert found == {
        "x + 2 if": KILLED, "x - 1 if": KILLED, "< 2": SURVIVED, "< 3": SURVIVED, "< 1": KILLED,
    }  # fmt: skip
