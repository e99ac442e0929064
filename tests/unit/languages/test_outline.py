"""Which definitions of a file pytest would collect, and what the index says of a file."""

from __future__ import annotations

from textwrap import dedent

from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts
from regreen.languages.digest import digest_of
from regreen.languages.python.outline import outline_file, outline_parsed
from regreen.syntax import parse


def test_functions_and_methods_of_test_classes_are_tests() -> None:
    check_tests(
        """
        def test_one(): pass
        async def test_two(): pass
        def helper(): pass
        def tests_too(): pass

        class TestBox:
            def test_open(self): pass
            def closed(self): pass
            class TestLid:
                def test_shut(self): pass

        class Box:
            def test_no(self): pass
        """,
        "1 tests/test_a.py::test_one",
        "2 tests/test_a.py::test_two",
        "4 tests/test_a.py::tests_too",
        "7 tests/test_a.py::TestBox::test_open",
        "10 tests/test_a.py::TestBox::TestLid::test_shut",
    )


def test_a_test_case_counts_whatever_its_name() -> None:
    check_tests(
        """
        import unittest
        class Checks(unittest.TestCase):
            def __init__(self, *args): super().__init__(*args)
            def test_a(self): pass
        class More(Checks):
            def test_b(self): pass
        class Slow(IsolatedAsyncioTestCase):
            async def test_c(self): pass
        class Loop(Loop):
            def test_d(self): pass
        """,
        "4 tests/test_a.py::Checks::test_a",
        "6 tests/test_a.py::More::test_b",
        "8 tests/test_a.py::Slow::test_c",
    )


def test_a_test_class_with_a_constructor_is_not_collected() -> None:
    check_tests("class TestX:\n    def __init__(self): pass\n    def test_a(self): pass\n")


def test_a_function_inside_a_function_is_no_test() -> None:
    check_tests("def test_a():\n    def test_inner(): pass\n", "1 tests/test_a.py::test_a")


def test_a_decorated_or_conditional_test_counts() -> None:
    check_tests(
        "if True:\n    @mark.x\n    def test_a(): pass\n",
        "3 tests/test_a.py::test_a",
    )


def test_the_index_of_a_file_is_complete() -> None:
    text = "import os\ndef test_a(x): return os.path\n"
    facts = outline_file("a.py", SourceText(text))
    assert (facts.path, facts.language, facts.digest) == ("a.py", "python", digest_of(text))
    assert [symbol.qualname for symbol in facts.symbols] == ["test_a"]
    assert facts.imports[0].module == "os"
    assert (facts.n_errors, facts.problem) == (0, "")
    assert outline_parsed("a.py", parse(text, "python")) == facts


def outlined(text: str) -> FileFacts:
    return outline_file("tests/test_a.py", SourceText(dedent(text).lstrip("\n")))


def check_tests(text: str, *expected: str) -> None:
    assert [f"{test.line} {test.name}" for test in outlined(text).tests] == list(expected)
