"""The outline of Rust files: symbols, scopes, attributes, imports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regreen.core.workspace import Import
from regreen.syntax import Outline, outline, parse

_WORDS = [
    "fn",
    "mod",
    "impl",
    "{",
    "}",
    "(",
    ")",
    "#[test]",
    "#[",
    "use",
    "::",
    ",",
    ";",
    "a",
    "é",
    "🎉",
    "\n",
    '"',
    "'",
    "m!",
]


def read(text: str) -> Outline:
    return outline(parse(text, "rust"))


def check_symbols(text: str, *expected: str) -> None:
    assert tuple(f"{symbol.kind.value} {symbol.qualname} {symbol.line}" for symbol in read(text).symbols) == expected


def check_imports(text: str, *expected: tuple[str, str, str]) -> None:
    assert read(text).imports == tuple(Import(*names, 1) for names in expected)


def test_functions_types_and_values_are_symbols() -> None:
    check_symbols(
        "fn a() {}\nstruct B { c: i32 }\nenum D { E, F(i32) }\nconst G: i32 = 1;\nstatic H: i32 = 1;\n"
        "trait I { fn j(&self); }\ntype K = B;\nunion L { m: i32 }\nmacro_rules! n { () => {} }\n",
        "function a 1", "class B 2", "attribute B.c 2", "class D 3", "attribute D.E 3", "attribute D.F 3",
        "variable G 4", "variable H 5", "class I 6", "method I.j 6", "class K 7", "class L 8", "attribute L.m 8",
        "function n 9",
    )  # fmt: skip


def test_methods_belong_to_the_type_of_their_block() -> None:
    check_symbols(
        "impl<T> a::Stack<T> {\n    fn push(&mut self) {}\n}\n"
        "impl Iterator for &Stack<u8> {\n    fn next(&mut self) {}\n}\n",
        "method Stack.push 2",
        "method Stack.next 5",
    )


def test_the_trait_of_a_block_is_a_base_of_its_type() -> None:
    assert read("impl fmt::Display for Point<T> {}").bases == (("Point", ("Display",)),)


def test_modules_are_scopes_and_no_symbols() -> None:
    check_symbols(
        "mod a {\n    mod b {\n        fn c() {}\n    }\n}\nfn d() { fn e() {} }\n",
        "function a.b.c 3",
        "function d 6",
        "function d.e 6",
    )


def test_parameters_are_named_without_their_types() -> None:
    (symbol,) = read("fn f(&self, mut a: i32, (b, c): (u8, u8), _: u8) {}").symbols
    assert symbol.parameters == ("self", "a", "(b, c)", "_")


def test_the_span_begins_with_the_attributes() -> None:
    text = "fn z() {}\n#[inline]\n// why\n#[must_use]\npub fn a() -> u8 { 1 }\n"
    symbol = read(text).symbols[1]
    assert text[symbol.span.start : symbol.span.end] == text.partition("\n")[2].rstrip("\n")
    assert symbol.line == 5


def test_attributes_belong_to_the_definition_behind_them() -> None:
    found = read(
        '#![allow(x)]\n#[test]\n#[should_panic(expected = "a")]\nfn a() {\n'
        "    #[cfg(x)]\n    let b = 1;\n}\nfn c() {}\n"
    )
    names = {symbol.name_span.start: symbol.name for symbol in found.symbols}
    assert [(names[start], each) for start, each in found.attributes] == [
        ("a", ("test", 'should_panic(expected = "a")'))
    ]


def test_a_test_inside_of_a_macro_is_found_with_its_body() -> None:
    text = "mod tests {\n    proptest! {\n"
    text += "        #[test]\n        fn holds(n in 0..9) { prop_assert!(n < 9); }\n    }\n}\n"
    (symbol,) = read(text).symbols
    assert (symbol.qualname, symbol.line, symbol.end_line) == ("tests.holds", 4, 4)
    assert read(text).attributes == ((symbol.name_span.start, ("test",)),)


def test_a_test_in_a_comment_or_a_string_is_none() -> None:
    check_symbols('// #[test] fn a() {}\nconst B: &str = "#[test] fn c() {}";\n', "variable B 2")


def test_every_path_of_a_use_is_an_import() -> None:
    check_imports(
        "use std::{io::{self, Read as R}, fmt::*};",
        ("std::io", "self", ""),
        ("std::io", "Read", "R"),
        ("std::fmt", "*", ""),
    )
    check_imports("pub use crate::a::B;", ("crate::a", "B", ""))
    check_imports("use anyhow;", ("anyhow", "", ""))
    check_imports("extern crate alloc as a;", ("alloc", "", "a"))


def test_a_module_in_another_file_is_an_import_with_its_path() -> None:
    check_imports("mod util;", ("self::util", "", ""))
    found = read('#[path = "x/y.rs"]\nmod z;').imports
    assert found == (Import("self::z", "", "x/y.rs", 2),)


def test_broken_code_has_errors_and_still_its_symbols() -> None:
    found = read("fn a() {}\nfn b( {\n")
    assert found.symbols[0].name == "a"
    assert 0 < found.n_errors


@given(st.lists(st.sampled_from(_WORDS)))
def test_no_text_breaks_it(words: list[str]) -> None:
    text = " ".join(words)
    for symbol in read(text).symbols:
        assert text[symbol.name_span.start : symbol.name_span.end].removeprefix("r#") == symbol.name
