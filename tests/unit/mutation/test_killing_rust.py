"""Tests in Rust that would notice a mutant."""

from __future__ import annotations

from regreen.core.text import decode
from regreen.languages import REGISTRY
from regreen.mutation import PENS, Answer, Draft, Fact, How, Sheet, near

PEN = PENS["rust"]
TESTS = "\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn a() {\n        f(1);\n    }\n}\n"


def sheet_of(function: str, tests: str = TESTS, path: str = "src/lib.rs") -> Sheet:
    source = f"{function}\n{tests if path == 'src/lib.rs' else ''}"
    text = source if path == "src/lib.rs" else tests
    rust = REGISTRY["rust"]
    facts = rust.outline(path, decode(text.encode(), path))
    symbol = rust.outline("src/lib.rs", decode(source.encode(), "src/lib.rs")).symbols[0]
    taken = frozenset(case.name for case in facts.tests)
    return Sheet(path, text, facts, facts.tests[0].name, "src/lib.rs", source, symbol, taken)


def state(sheet: Sheet, call: tuple[str, ...], answer: str) -> Draft:
    reach = PEN.reach(sheet)
    assert reach is not None
    return PEN.state(sheet, reach, (Fact(call, Answer(How.GIVES, answer), "boundary"),))


def check_stated(kind: str, answer: str, expected: str) -> None:
    """Compare the body of the test that is added for a function of one number."""
    text = state(sheet_of(f"pub fn f(n: i32) -> {kind} {{ todo!() }}"), ("1",), answer).text
    body = text.partition("    fn f_boundary() {\n")[2].removesuffix("    }\n}\n")
    assert body.strip() == expected


def test_what_a_call_gives_is_compared() -> None:
    check_stated("i32", "2", "assert_eq!(f(1), 2);")
    check_stated("bool", "false", "assert!(!f(1));")
    check_stated("String", '"a".to_string()', 'assert_eq!(f(1), "a");')
    check_stated("Option<String>", 'Some("a".to_string())', 'assert_eq!(f(1), Some("a".to_string()));')
    check_stated("Vec<u8>", "vec![]", "assert!(f(1).is_empty());")
    check_stated("Vec<u8>", "vec![1]", "assert_eq!(f(1), vec![1]);")


def test_results_need_nothing_of_their_errors() -> None:
    check_stated("Result<i32, E>", "Ok(2)", "assert_eq!(f(1).ok(), Some(2));")
    check_stated("std::io::Result<()>", "Ok(())", "assert!(f(1).is_ok());")
    check_stated("Result<i32, E>", "Err", "assert!(f(1).is_err());")


def test_a_test_joins_the_module_of_the_others() -> None:
    sheet = sheet_of("pub fn f(n: i32) -> i32 { n }")
    draft = state(sheet, ("1",), "1")
    added = "\n    #[test]\n    fn f_boundary() {\n        assert_eq!(f(1), 1);\n    }\n}\n"
    assert draft.text == sheet.text.removesuffix("}\n") + added
    assert draft.tests == ("src/lib.rs::tests::f_boundary",)


def test_a_function_is_reached_the_way_that_the_tests_reach_it() -> None:
    f = "pub fn f(n: i32) -> i32 { n }"
    assert state(sheet_of(f, TESTS.replace("use super::*;", "")), ("1",), "1").text.count("super::f(1)") == 1
    outside = "use names::f;\n\n#[test]\nfn a() {\n    f(1);\n}\n"
    draft = state(sheet_of(f, outside, "tests/a.rs"), ("1",), "1")
    assert draft.text == f"{outside}\n#[test]\nfn f_boundary() {{\n    assert_eq!(f(1), 1);\n}}\n"
    qualified = sheet_of(f, "#[test]\nfn a() {\n    names::f(1);\n}\n", "tests/a.rs")
    assert "assert_eq!(names::f(1), 1);" in state(qualified, ("1",), "1").text


def test_what_cannot_be_written_down_is_not_reached() -> None:
    for function in (
        "fn f(p: Point) -> i32 { 1 }",
        "fn f<T: Ord>(values: &[T]) -> usize { 1 }",
        "fn f(values: &mut Vec<i32>) -> i32 { 1 }",
        "fn f(n: i32) -> impl Iterator<Item = i32> { 0..n }",
        "async fn f(n: i32) -> i32 { n }",
        "fn f() -> i32 { 1 }",
    ):
        assert PEN.reach(sheet_of(function)) is None


def test_numbers_fit_their_types() -> None:
    sheet = sheet_of("fn f(a: u8, b: &[i64], c: f64) -> i32 { 1 }")
    assert PEN.fits(sheet, ("1", "&[-1]", "1.0"))
    assert not PEN.fits(sheet, ("256", "&[]", "1.0"))
    assert not PEN.fits(sheet, ("-1", "&[]", "1.0"))
    assert not PEN.fits(sheet, ("1", "&[]", "1"))


def test_literals_near_others() -> None:
    literals = PEN.literals(sheet_of("fn f(a: i32) -> i32 { 1 }"))
    assert tuple(near(literals, "&[1]"))[:2] == ("&[]", "&[1, 1]")
    assert tuple(near(literals, "vec![1]"))[:2] == ("vec![]", "vec![1, 1]")
    assert tuple(near(literals, 'Some("ab".to_string())'))[:2] == ('Some("".to_string())', 'Some("a".to_string())')
