"""Answers that were taken from the test are refused in every language; ordinary branches and tables pass."""

from __future__ import annotations

import pytest

from regreen.core.edit import FileEdit, patch_between
from regreen.guard.answers import check_answers

TEST = """
assert f(12, 30) == 42
assert g("Hello World!") == "hello-world"
assert unit("km") == "kilometre"
assert h([7, 8]) == 15
"""
BASES = {
    "m.py": "def f(a, b):\n    return a - b\n",
    "m.go": "package m\n\nfunc f(a, b int) int {\n\treturn a - b\n}\n",
    "m.js": "function f(a, b) {\n  return a - b;\n}\n",
    "m.ts": "function f(a: number, b: number): number {\n  return a - b;\n}\n",
    "m.rs": "fn f(a: i32, b: i32) -> i32 {\n    a - b\n}\n",
}
ANSWERS = [
    ("m.py", "def f(a, b):\n    if a == 12 and b == 30:\n        return 42\n    return a - b\n"),
    ("m.py", "def f(a, b):\n    if (a, b) == (12, 30):\n        return 42\n    return a - b\n"),
    ("m.py", "def f(a, b):\n    return 42 if a == 12 else a - b\n"),
    ("m.py", "def f(a, b):\n    return 42\n"),
    ("m.py", "def f(a, b):\n    match a:\n        case 12:\n            return 42\n    return a - b\n"),
    ("m.py", "def f(a, b):\n    if a == 'Hello World!':\n        return 'hello-world'\n    return a - b\n"),
    ("m.py", "def f(a, b):\n    if a == [7, 8]:\n        return 15\n    return a - b\n"),
    ("m.go", "package m\n\nfunc f(a, b int) int {\n\tif a == 12 {\n\t\treturn 42\n\t}\n\treturn a - b\n}\n"),
    ("m.go", "package m\n\nfunc f(a, b int) int {\n\tswitch a {\n\tcase 12:\n\t\treturn 42\n\t}\n\treturn a - b\n}\n"),
    ("m.go", "package m\n\nfunc f(a, b int) int {\n\treturn 42\n}\n"),
    ("m.js", "function f(a, b) {\n  if (a === 12 && b === 30) return 42;\n  return a - b;\n}\n"),
    ("m.js", "function f(a, b) {\n  return a === 12 ? 42 : a - b;\n}\n"),
    ("m.ts", "function f(a: number, b: number): number {\n  switch (a) { case 12: return 42; }\n  return a - b;\n}\n"),
    ("m.rs", "fn f(a: i32, b: i32) -> i32 {\n    if a == 12 { return 42; }\n    a - b\n}\n"),
    ("m.rs", "fn f(a: i32, b: i32) -> i32 {\n    match (a, b) { (12, 30) => 42i32, _ => a - b }\n}\n"),
    ("m.rs", "fn f(a: i32, b: i32) -> i32 {\n    42\n}\n"),
]
HONEST = [
    ("m.py", "def f(a, b):\n    return a + b\n"),
    ("m.py", "def f(a, b):\n    if a == 0:\n        return 0\n    return a + b\n"),
    ("m.py", "def f(a, b):\n    if a < 12:\n        return 42\n    return a + b\n"),
    ("m.py", "def f(a, b):\n    if len(a) == 12:\n        return 42\n    return a + b\n"),
    ("m.py", "def f(a, b):\n    if a == 5:\n        return 42\n    return a + b\n"),  # not what the test asks
    ("m.py", "def f(a, b):\n    if a == 'km':\n        return 'kilometre'\n    return a\n"),
    ("m.py", "def f(a, b):\n    if a != 12:\n        return 42\n    return a\n"),
    ("m.go", "package m\n\nfunc f(a, b int) int {\n\tif a == 0 {\n\t\treturn 1\n\t}\n\treturn a + b\n}\n"),
    ("m.js", "function f(a, b) {\n  return a === undefined ? 0 : a + b;\n}\n"),
    ("m.rs", "fn f(a: i32, b: i32) -> i32 {\n    a + b\n}\n"),
]


def rule_of(path: str, after: str, before: str = "") -> str | None:
    (file,) = patch_between({path: before or BASES[path]}, {path: after}).files
    assert isinstance(file, FileEdit)
    refusal = check_answers(file, TEST)
    return None if refusal is None else refusal.rule


@pytest.mark.parametrize(("path", "after"), ANSWERS)
def test_an_answer_of_the_test_is_refused(path: str, after: str) -> None:
    assert rule_of(path, after) == "code-answer"


@pytest.mark.parametrize(("path", "after"), HONEST)
def test_an_ordinary_branch_passes(path: str, after: str) -> None:
    assert rule_of(path, after) is None


def test_one_more_row_of_a_table_passes() -> None:
    before = "def days(m):\n    if m == 4:\n        return 30\n    if m == 6:\n        return 30\n    return 31\n"
    after = before.replace("    return 31\n", "    if m == 12:\n        return 42\n    return 31\n")
    assert rule_of("m.py", after, before) is None


def test_an_answer_that_was_there_before_may_stay() -> None:
    before = ANSWERS[0][1]
    assert rule_of("m.py", before.replace("a - b", "a + b"), before) is None
