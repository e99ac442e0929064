"""A function is found by what it compiles to, though only its own statement is compiled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.diskbench import INJECTED

CHECK = """
import sys
sys.path.insert(0, sys.argv[1])
import regreen_mutate_swap as swap
text = open(sys.argv[2]).read()
whole = compile(text, sys.argv[2], "exec", dont_inherit=True)
source = swap.Source(sys.argv[2], text)
start = text.index("MARK")
((old, new, is_own, at_load),) = source.changes(start, start + 4, "CHANGED")
assert old in whole.co_consts and old != new and is_own and at_load
"""
TEXTS = (
    "import collections\n\n\ndef f():\n    return collections.Counter('MARK')\n",
    "try:\n    import json as j\nexcept ImportError:\n    j = None\n\n\ndef f():\n    return j.dumps('MARK')\n",
    "from os import *\n\n\ndef f(a):\n    return a.b('MARK')\n",
    "def f(a):\n    import json\n    return json.dumps('MARK')\n",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_function_is_compiled_as_its_file_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "calc.py"
    file.write_text(text)
    command = [sys.executable, "-c", CHECK, str(INJECTED), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
