"""The outline of a Python file, as text: one line a symbol."""

from __future__ import annotations

from textwrap import dedent

from regreen.core.workspace import Import
from regreen.syntax import Outline, outline, parse


def test_functions_classes_methods_and_variables_are_symbols() -> None:
    check_symbols(
        """
        LIMIT = 3
        LIMIT = 4
        a, (b, c) = 1, (2, 3)

        def free(x, y=1, *rest, key: int = 2, **more):
            local = 1
            def inner(): pass

        class Box:
            size: int = 0
            def __init__(self, size):
                self.size = size
                self.lid = self.key = None
                other.thing = 1
            @property
            def open(self): return self.lid

            class Part:
                pass
        """,
        """
        1 variable LIMIT
        3 variable a
        3 variable b
        3 variable c
        5 function free(x, y, *rest, key, **more)
        7 function free.inner()
        9 class Box
        10 attribute Box.size
        11 method Box.__init__(self, size)
        13 attribute Box.lid
        13 attribute Box.key
        16 method Box.open(self)
        18 class Box.Part
        """,
    )


def test_definitions_below_a_condition_count() -> None:
    check_symbols(
        """
        try:
            import fast
        except ImportError:
            fast = None
        if fast:
            async def go(a, /, b, *, c): pass
        """,
        """
        4 variable fast
        6 function go(a, b, c)
        """,
    )


def test_a_symbol_covers_its_decorators_and_counts_in_characters() -> None:
    text = 'S = "😀é"\n@mark\n@other(1)\ndef f():\n    return "😀"\n\nx = 1\n'
    symbol = outline(parse(text, "python")).symbols[1]
    assert text[symbol.span.start : symbol.span.end] == '@mark\n@other(1)\ndef f():\n    return "😀"'
    assert text[symbol.name_span.start : symbol.name_span.end] == "f"
    assert (symbol.line, symbol.end_line) == (4, 5)


def test_lines_end_as_the_editor_says() -> None:
    found = outline(parse("a = 1\r\nb = 2\r\n\x0c\r\nc = '\u2028'\r\nd = 3\r\n", "python"))
    assert [(symbol.name, symbol.line) for symbol in found.symbols] == [("a", 1), ("b", 2), ("c", 4), ("d", 5)]


def test_every_form_of_import_is_read() -> None:
    found = read(
        """
        from __future__ import annotations
        import os, a.b.c as d
        from . import x
        from ..y.z import (
            one as uno,
            two,
        )
        from w import *
        """
    )
    assert found.imports == (
        Import("__future__", "annotations", "", 1),
        Import("os", "", "", 2),
        Import("a.b.c", "", "d", 2),
        Import(".", "x", "", 3),
        Import("..y.z", "one", "uno", 5),
        Import("..y.z", "two", "", 6),
        Import("w", "*", "", 8),
    )


def test_bases_are_read_as_written() -> None:
    found = read("class A(unittest.TestCase, Mixin, metaclass=M): pass\nclass B: pass\nclass C(): pass\n")
    assert found.bases == (("A", ("unittest.TestCase", "Mixin")), ("C", ()))


def test_errors_are_counted_and_the_rest_is_still_read() -> None:
    found = read("def ok(): pass\nx = = 1\ndef also_ok(): pass\n")
    assert 1 <= found.n_errors
    assert [symbol.name for symbol in found.symbols if symbol.kind == "function"] == ["ok", "also_ok"]
    assert read("x = 1\n").n_errors == 0


def test_an_empty_file_has_an_empty_outline() -> None:
    assert read("") == Outline((), (), (), 0)


def read(text: str) -> Outline:
    return outline(parse(dedent(text).lstrip("\n"), "python"))


def check_symbols(text: str, expected: str) -> None:
    lines = [
        f"{symbol.line} {symbol.kind} {symbol.qualname}"
        + (f"({', '.join(symbol.parameters)})" if symbol.kind in ("function", "method") else "")
        for symbol in read(text).symbols
    ]
    assert lines == dedent(expected).strip().splitlines()
