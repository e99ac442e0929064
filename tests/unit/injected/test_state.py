"""What modules hold is compared without a look at values: what changed is seen, what was only looked at is not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.diskbench import INJECTED

CHECK = """
import sys, types
sys.path.insert(0, sys.argv[1])
from regreen_mutate_state import Closed, Held
one = types.ModuleType("one")
exec(compile(sys.argv[2], "one.py", "exec"), one.__dict__)
sys.modules["one"] = one
one.__file__ = "/somewhere/one.py"
try:
    held = Held([one])
except Closed as closed:
    print("closed:", closed)
    raise SystemExit
assert held.is_same()
exec(compile(sys.argv[3], "two.py", "exec"), dict(one=one))
print("same" if held.is_same() else "put back" if held.is_put_back() else "other")
"""


def said(text: str, then: str) -> str:
    command = [sys.executable, "-c", CHECK, str(INJECTED), text, then]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


CACHED = "import functools\n@functools.lru_cache(None)\ndef f(a): return a\n"
CLASS = "class A:\n    n = 0\n    def __init__(self):\n        self.parts = []\na = A()\n"
CHILD = "class Table(dict):\n    pass\ntable = Table()\n"
CLOSED_OVER = "def made():\n    n = 0\n    def f():\n        nonlocal n\n        n += 1\n    return f\nf = made()\n"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("n = 0", "one.n = 1"),
        ("n = 0", "one.m = 1"),
        ("parts = []", "one.parts.append(1)"),
        ("parts = [[0]]", "one.parts[0][0] = 1"),
        ("parts = ({},)", "one.parts[0]['a'] = 1"),
        ("parts = {1}", "one.parts.add(2)"),
        ("others = {'a%s' % n for n in range(50)}; parts = []", "one.parts.append(1)"),
        ("def f(a=[]): a.append(1)", "one.f()"),
        ("def f(): pass", "one.f.count = 1"),
        (CACHED, "one.f(1)"),
        ("import threading\nown = threading.local()", "one.own.n = 1"),
        (CLASS, "one.A.n = 1"),
        (CLASS, "one.A.m = 1"),
        (CLASS, "one.a.n = 1"),
        (CLASS, "one.a.parts.append(1)"),
    ],
)
def test_what_was_left_in_boxes_and_caches_is_put_back(text: str, then: str) -> None:
    assert said(text, then) == "put back"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("from collections import *\nparts = deque()", "one.parts.append(1)"),
        ("from collections import *\nparts = defaultdict(list)", "one.parts['a']"),
        (CLOSED_OVER, "one.f()"),
        (CHILD, "one.table['a'] = 1"),
        ("class A:\n    __slots__ = ('n',)\na = A()", "one.a.n = 1"),
        ("import itertools\nids = itertools.count()", "next(one.ids)"),
        ("import random\nchance = random.Random(1)", "one.chance.random()"),
        ("import contextvars\nn = contextvars.ContextVar('n')", "one.n.set(1)"),
        ("data = bytearray(2)", "one.data[0] = 1"),
        ("steps = iter([1, 2])", "next(one.steps)"),
        ("steps = zip('ab', [1, 2])", "next(one.steps)"),
        ("steps = (n for n in [1, 2])", "next(one.steps)"),
        ("steps = (n for n in [1, 2])\nnext(steps)", "list(one.steps)"),
        ("n = 0", "import os; os.environ['A_NEW_NAME'] = 'a'"),
        ("n = 0", "import os; os.chdir('/')"),
        ("n = 0", "import sys; sys.path.append('a')"),
        ("n = 0", "import os; one.keep = None; del one.keep; os.open('/dev/null', 0)"),
        ("n = 0", "import sys, types; sys.modules['one.part'] = types.ModuleType('one.part')"),
    ],
)
def test_what_was_left_is_seen(text: str, then: str) -> None:
    assert said(text, then) == "other"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("def f(a: int) -> int: return a", "vars(one.f); one.f.__annotations__; one.f(1)"),
        (CLASS, "vars(one.a); one.a.parts; one.A()"),
        (CACHED, "one.f"),
        ("import random\ndef f(): return random.random()", "one.f()"),
        ("import re\np = re.compile('a')", "one.p.match('a')"),
        ("def f():\n    import colorsys\n    return colorsys", "one.f()"),
        ("import enum\nclass E(enum.Enum):\n    A = 1", "one.E.A.name; one.E(1); list(one.E)"),
        ("import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass D:\n    a: int = 1", "one.D() == one.D(2)"),
        ("from typing import NamedTuple\nclass N(NamedTuple):\n    a: int", "one.N(1)._replace(a=2)"),
        ("import datetime, decimal\nd = datetime.date(2000, 1, 1)\nn = decimal.Decimal(1)", "one.d.year, one.n + 1"),
        ("import sys\nout = sys.stdout", "one.out.write('')"),
        ("import logging\nlog = logging.getLogger('one')", "one.log.debug('a')"),
    ],
)
def test_what_was_used_and_left_as_it_was_is_the_same(text: str, then: str) -> None:
    assert said(text, then) == "same"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("async def f(): pass\nlater = f()\nlater.close()", "coroutine"),
        ("import io\nfile = io.StringIO()", "StringIO"),
        ("many = [[n] for n in range(40000)]", "too much"),
    ],
)
def test_what_does_not_tell_its_state_is_said(text: str, what: str) -> None:
    assert said(text, "").startswith("closed: ")
    assert what in said(text, "")
