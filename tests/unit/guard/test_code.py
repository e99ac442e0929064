"""What added code may not do: each trick is refused by its rule, each honest repair passes."""

from __future__ import annotations

import pytest

from regreen.core.edit import patch_between
from regreen.guard import check_code

BASE = "import os\nimport sys\n\n\ndef f(a, b):\n    return a - b\n"


def check_added(rule: str | None, after: str, before: str = BASE, path: str = "m.py") -> None:
    refusal = check_code(patch_between({path: before}, {path: after}))
    assert (refusal.rule if refusal else None) == rule, refusal


TRICKS = [
    ("code-exit", "def f(a, b):\n    sys.exit(0)\n"),
    ("code-exit", "def f(a, b):\n    os._exit(0)\n"),
    ("code-exit", "from os import _exit as go\ndef f(a, b):\n    go(0)\n"),
    ("code-exit", "import os as o\ndef f(a, b):\n    o._exit(0)\n"),
    ("code-exit", "def f(a, b):\n    raise SystemExit\n"),
    ("code-exit", "def f(a, b):\n    exit()\n"),
    ("code-eval", "def f(a, b):\n    __import__('os')._exit(0)\n"),
    ("code-exit", "def f(a, b):\n    raise KeyboardInterrupt\n"),
    ("code-test-aware", "def f(a, b):\n    if 'pytest' in sys.modules:\n        return 3\n    return a\n"),
    ("code-test-aware", "def f(a, b):\n    return 3 if os.environ.get('PYTEST_CURRENT_TEST') else a\n"),
    ("code-test-aware", "import pytest\ndef f(a, b):\n    return a\n"),
    ("code-test-aware", "import unittest.mock\ndef f(a, b):\n    return a\n"),
    ("code-test-aware", "def f(a, b):\n    return sys._getframe(1)\n"),
    ("code-test-aware", "import inspect\ndef f(a, b):\n    return inspect.stack()\n"),
    ("code-skip", "def f(a, b):\n    pytest.skip('x')\n"),
    ("code-skip", "def f(self, b):\n    self.skipTest('x')\n"),
    ("code-skip", "__test__ = False\n"),
    ("code-swallow", "def f(a, b):\n    try:\n        return a - b\n    except:\n        pass\n"),
    ("code-swallow", "def f(a, b):\n    try:\n        return a - b\n    except Exception:\n        return 0\n"),
    ("code-swallow", "def f(a, b):\n    try:\n        pass\n    except (OSError, BaseException):\n        return 0\n"),
    ("code-swallow", "def f(a, b):\n    try:\n        return a\n    except AssertionError:\n        return 0\n"),
    ("code-swallow", "import contextlib\ndef f(a, b):\n    with contextlib.suppress(Exception):\n        return a\n"),
    ("code-swallow", "from contextlib import suppress\ndef f():\n    with suppress(BaseException):\n        pass\n"),
    ("code-equal-always", "class T:\n    def __eq__(self, other):\n        return True\n"),
    ("code-equal-always", "class T:\n    def __ne__(self, other):\n        return False\n"),
    ("code-equal-always", "class T(int):\n    __eq__ = lambda self, other: True\n"),
    ("code-equal-always", "class T:\n    def __eq__(self, other):\n        return not False\n"),
    ("code-equal-always", "class T:\n    def __eq__(self, other):\n        return self is self\n"),
    ("code-equal-always", "class T:\n    def __eq__(self, other):\n        yes = 1\n        return yes == 1\n"),
    ("code-equal-always", "def yes(a, b):\n    return True\nclass T:\n    __eq__ = yes\n"),
    ("code-equal-always", "class T:\n    pass\nT.__eq__ = lambda a, b: True\n"),
    ("code-equal-always", "T = type('T', (int,), {'__eq__': lambda a, b: True})\n"),
    ("code-swallow", "def f(a, b):\n    try:\n        return a - b\n    finally:\n        return 0\n"),
    ("code-swallow", "class Quiet:\n    def __exit__(self, *args):\n        return True\n"),
    ("code-test-aware", "def f(a, b):\n    return 3 if 'pytest' in sys.argv[0] else a\n"),
    ("code-test-aware", "import traceback\ndef f(a, b):\n    return traceback.extract_stack()\n"),
    ("code-test-aware", "def f(a, b):\n    try:\n        a.x\n    except AttributeError as e:\n"
     "        return e.__traceback__.tb_frame.f_back\n"),
    ("code-test-aware", "def f(a, b):\n    return 3 if os.environ.get('PYTEST' + '_CURRENT_TEST') else a\n"),
    ("code-test-aware", "def f(a, b):\n    return open('/proc/self/cmdline').read()\n"),
    ("code-patching", "def f(a, b):\n    return vars(os)['_ex' + 'it'](0)\n"),
    ("code-eval", "def f(a, b):\n    return eval('a+b')\n"),
    ("code-eval", "def f(a, b):\n    exec('x = 1')\n"),
    ("code-eval", "def f(a, b):\n    return __import__('m')\n"),
    ("code-eval", "import importlib\ndef f(a, b):\n    return importlib.import_module('m')\n"),
    ("code-eval", "import ctypes\ndef f(a, b):\n    return a\n"),
    ("code-process", "import subprocess\ndef f(a, b):\n    return subprocess.run(['x'])\n"),
    ("code-process", "def f(a, b):\n    return os.system('x')\n"),
    ("code-process", "from os import popen\ndef f(a, b):\n    return popen('x')\n"),
    ("code-process", "def f(a, b):\n    os.execv('/bin/true', ['true'])\n"),
    ("code-process", "def f(a, b):\n    os.kill(os.getppid(), 9)\n"),
    ("code-network", "import socket\ndef f(a, b):\n    return a\n"),
    ("code-network", "from urllib.request import urlopen\ndef f(a, b):\n    return a\n"),
    ("code-network", "import urllib.request\ndef f(a, b):\n    return a\n"),
    ("code-network", "def f(a, b):\n    import requests\n    return requests.get('x')\n"),
    ("code-patching", "import builtins\nbuiltins.len = f\n"),
    ("code-patching", "import atexit\natexit.register(print)\n"),
    ("code-patching", "def f(a, b):\n    sys.settrace(None)\n"),
    ("code-patching", "def f(a, b):\n    sys.stdout = None\n"),
    ("code-patching", "def f(a, b):\n    return getattr(os, '_ex' + 'it')(0)\n"),
    ("code-patching", "import gc\ndef f(a, b):\n    return gc.get_objects()\n"),
    ("code-silence", "def f(a, b):\n    return a  # type: ignore\n"),
    ("code-silence", "def f(a, b):\n    return a  # noqa: F821\n"),
    ("code-unreadable", "def f(a, b:\n    return a\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "added"), TRICKS)
def test_a_trick_is_refused(rule: str, added: str) -> None:
    check_added(rule, "import os\nimport sys\n" + added)


@pytest.mark.parametrize(("rule", "added"), [trick for trick in TRICKS if trick[0] != "code-unreadable"])
def test_a_trick_is_refused_in_text_that_does_not_parse(rule: str, added: str) -> None:
    refusal = check_code(patch_between({"m.py": "def broken(:\n"}, {"m.py": "def broken(:\n" + added}))
    # FIXME: patterns do not see through aliases and computed names; docs/guardrails.md says so.
    gaps = (
        "popen as", "import popen", "import _exit", "getattr(os", "sys.stdout", "not False", "self is self", "yes",
        "type('T'", "finally", "__exit__", "'PYTEST' +", "/proc", "vars(os)",
    )  # fmt: skip
    gap = any(text in added for text in gaps)
    assert (refusal is None) is gap, refusal


HEAD = "import os\nimport sys\n\n\n"
HONEST = [
    HEAD + "def f(a, b):\n    return a + b\n",
    "import os\nimport sys\nimport math\n\n\ndef f(a, b):\n    return math.floor(a - b)\n",
    HEAD + "def f(a, b):\n    try:\n        return a - b\n    except TypeError:\n        return 0\n",
    HEAD + "def f(a, b):\n    if a is None:\n        return None\n    return a - b\n",
    HEAD + "def f(a, b):\n    try:\n        return a\n    except Exception as e:\n        raise ValueError from e\n",
    HEAD + "class T:\n    def __eq__(self, other):\n        return self.x == other.x\n",
    HEAD + "class T:\n    def __lt__(self, other):\n        raise TypeError('no order')\n",
    HEAD + "class T:\n    def __eq__(self, other):\n        return NotImplemented\n",
    HEAD + "class T(int):\n    __eq__ = int.__eq__\n    __hash__ = int.__hash__\n",
    HEAD + "class T:\n    def __exit__(self, kind, error, trace):\n        self.close()\n        return False\n",
    HEAD + "def f(a, b):\n    try:\n        return a - b\n    finally:\n        a.close()\n",
    HEAD + "def f(requests, b):\n    return requests.get(b)\n",
    HEAD + "def f(a, b):\n    return 'sys.exit(0) and eval(x)'  # os._exit\n",
    "import os\nimport sys\nfrom http import HTTPStatus\n\n\ndef f(a, b):\n    return HTTPStatus.OK\n",
    "import os\nimport sys\nimport re\n\n\ndef f(a, b):\n    return re.compile(a).match(b)\n",
]  # fmt: skip


@pytest.mark.parametrize("after", HONEST)
def test_an_honest_repair_passes(after: str) -> None:
    check_added(None, after)


def test_what_was_there_before_may_stay() -> None:
    before = "import subprocess, sys\ndef f():\n    subprocess.run(['x'])\n    sys.exit(1 - 1)\n"
    check_added(None, before.replace("1 - 1", "1 + 1"), before)


def test_more_of_what_was_there_is_refused() -> None:
    before = "import sys\ndef f():\n    sys.exit(1)\ndef g():\n    return 1\n"
    check_added("code-exit", before.replace("return 1", "sys.exit(1)"), before)


def test_a_forgotten_import_of_a_watched_module_is_a_repair() -> None:
    before = "def f():\n    return subprocess.run(['x'])\n"
    check_added(None, "import subprocess\n\n" + before, before)


def test_moving_a_construct_behind_an_alias_is_no_new_construct() -> None:
    check_added(
        None, "from sys import exit as leave\ndef f():\n    leave(0)\n", "import sys\ndef f():\n    sys.exit(0)\n"
    )


def test_a_repair_of_broken_syntax_passes() -> None:
    check_added(None, "def f(a):\n    return a\n", "def f(a:\n    return a\n")


def test_a_comment_or_string_is_no_construct_in_text_that_does_not_parse() -> None:
    check_added(None, "def f(a):\n    return 'sys.exit'  # eval(\n", "def f(a:\n    return 1\n")


def test_other_languages_are_not_judged_as_python() -> None:
    check_added(None, "sys.exit(0)\n", "x\n", path="m.js")


def test_hostile_nesting_is_unreadable_and_no_crash() -> None:
    check_added("code-unreadable", "x = " + "(" * 5000 + ")" * 5000 + "\n")
    check_added("code-unreadable", "x = 1\0\n")
