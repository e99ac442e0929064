"""The outline of a Go file, as text: one line a symbol."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.core.workspace import Import
from regreen.syntax import Outline, outline, parse


def test_functions_types_fields_methods_and_variables_are_symbols() -> None:
    check_symbols(
        """
        package app

        const A, B = 1, 2

        var (
            z int
            q = 3
        )

        type Sq struct {
            *Base
            W, H int
        }

        type Shape interface {
            Area(k int) float64
            fmt.Stringer
        }

        func (s *Sq) Area(k int) float64 { local := 1; return local }
        func (g Gen[T]) Get(a, b int, rest ...string) {}
        func Free[T any](a T, _ int, func()) {
        }
        """,
        """
        4 variable A()
        4 variable B()
        7 variable z()
        8 variable q()
        11 class Sq()
        13 attribute Sq.W()
        13 attribute Sq.H()
        16 class Shape()
        17 method Shape.Area(k)
        21 method Sq.Area(k)
        22 method Gen.Get(a, b, ...rest)
        23 function Free(a, _, _)
        """,
    )


def test_a_lone_type_spans_its_declaration_and_a_grouped_one_only_itself() -> None:
    text = "package a\n\ntype A struct{ X int }\n\ntype (\n\tB int\n\tC string\n)\n"
    spans = {found.qualname: text[found.span.start : found.span.end] for found in read(text).symbols}
    assert spans["A"] == "type A struct{ X int }"
    assert spans["B"] == "B int"


def test_imports_have_their_alias() -> None:
    text = 'package a\n\nimport "fmt"\nimport (\n\tm "math/rand"\n\t. "strings"\n\t_ "embed"\n)\n'
    assert read(text).imports == (
        Import("fmt", "", "", 3),
        Import("math/rand", "", "m", 5),
        Import("strings", "", ".", 6),
        Import("embed", "", "_", 7),
    )


def test_embedded_types_are_bases() -> None:
    text = "package a\n\ntype A struct {\n\t*Base\n\tpkg.Other\n}\n\ntype I interface{ fmt.Stringer }\n"
    assert read(text).bases == (("A", ("Base", "pkg.Other")), ("I", ("fmt.Stringer",)))


def test_broken_code_still_has_the_rest_of_its_outline() -> None:
    found = read("package a\n\nfunc Good() {}\n\nfunc Bad( {\n\nfunc Other() {}\n")
    assert 0 < found.n_errors
    assert "Good" in {symbol.name for symbol in found.symbols}


def test_spans_count_characters() -> None:
    text = 'package a\n\nvar é = "日本"\n\nfunc F() {}\n'
    found = next(symbol for symbol in read(text).symbols if symbol.name == "F")
    assert text[found.name_span.start : found.name_span.end] == "F"


@given(st.text(alphabet="func type(){}[]*.,\n \"`'/x:=é", max_size=80))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_it(text: str) -> None:
    read(f"package a\n{text}")


def read(text: str) -> Outline:
    return outline(parse(text, "go"))


def check_symbols(text: str, expected: str) -> None:
    lines = [
        f"{symbol.line} {symbol.kind.value} {symbol.qualname}({', '.join(symbol.parameters)})"
        for symbol in read(dedent(text)).symbols
    ]
    assert lines == dedent(expected).strip().splitlines()
