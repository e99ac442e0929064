"""Tests in Go that would notice a mutant."""

from __future__ import annotations

from regreen.core.text import decode
from regreen.languages import REGISTRY
from regreen.mutation import PENS, Answer, Draft, Fact, How, Sheet, near

PEN = PENS["go"]
HEAD = 'package names\n\nimport "testing"\n'
IMPORTS = 'import (\n\t"testing"\n\n\t"example.com/names"\n)\n'
OUTER = f"package names_test\n\n{IMPORTS}\nfunc TestA(t *testing.T) {{ names.F(1) }}\n"


def sheet_of(function: str, tests: str = HEAD, path: str = "names_test.go") -> Sheet:
    source = f"package names\n\n{function}\n"
    go = REGISTRY["go"]
    facts = go.outline(path, decode(tests.encode(), path))
    symbol = go.outline("names.go", decode(source.encode(), "names.go")).symbols[0]
    return Sheet(path, tests, facts, ".::TestA", "names.go", source, symbol, frozenset({".::TestA"}))


def state(sheet: Sheet, call: tuple[str, ...], *answers: str, about: str = "boundary") -> Draft:
    reach = PEN.reach(sheet)
    assert reach is not None
    return PEN.state(sheet, reach, (Fact(call, Answer(How.GIVES, "\x1f".join(answers)), about),))


def check_stated(function: str, call: tuple[str, ...], answers: tuple[str, ...], expected: str) -> None:
    """Compare the body of the test that is added."""
    text = state(sheet_of(function), call, *answers).text
    body = text.partition("func TestFBoundary(t *testing.T) {\n")[2].removesuffix("}\n")
    assert body.replace("\t", " ").strip() == expected.strip()


def test_what_a_call_gives_back_is_compared() -> None:
    one = "func F(n int) int { return n }"
    check_stated(one, ("1",), ("2",), 'if got := F(1); got != 2 {\n  t.Errorf("F(1) = %v, want 2", got)\n }')
    text = "func F(s string) bool { return true }"
    check_stated(
        text, ('"5%"',), ("true",), 'if got := F("5%"); !got {\n  t.Errorf(`F("5%%") = %v, want true`, got)\n }'
    )
    check_stated(text, ('"a"',), ("false",), 'if got := F("a"); got {\n  t.Errorf(`F("a") = %v, want false`, got)\n }')


def test_what_is_composed_is_compared_deeply() -> None:
    listed = "func F(n int) []P { return nil }"
    draft = state(sheet_of(listed), ("1",), "[]names.P{names.P{X:1}}")
    assert "; !reflect.DeepEqual(got, []P{P{X: 1}}) {" in draft.text
    assert 'import (\n\t"reflect"\n\t"testing"\n)\n' in draft.text
    check_stated(
        listed, ("1",), ("[]names.P(nil)",),
        'if got := F(1); got != nil {\n  t.Errorf("F(1) = %v, want []P(nil)", got)\n }',
    )  # fmt: skip


def test_errors_are_expected_or_not() -> None:
    parse = "func F(s string) (int, error) { return 0, nil }"
    check_stated(
        parse, ('"1"',), ("1", "nil"),
        'got, err := F("1")\n if got != 1 || err != nil {\n  t.Errorf(`F("1") = %v, %v, want 1, nil`, got, err)\n }',
    )  # fmt: skip
    fails = 'if _, err := F(""); err == nil {\n  t.Error(`F("") gives no error`)\n }'
    check_stated(parse, ('""',), ("0", "true"), fails)
    only = "func F(n int) error { return nil }"
    check_stated(only, ("1",), ("true",), 'if err := F(1); err == nil {\n  t.Error("F(1) gives no error")\n }')


def test_tests_outside_of_the_package_name_it() -> None:
    outer = sheet_of("func F(n int) P { return P{} }", OUTER)
    assert "if got := names.F(1); !reflect.DeepEqual(got, names.P{X: 1}) {" in state(outer, ("1",), "names.P{X:1}").text
    assert '\t"reflect"\n\t"testing"\n\n\t"example.com/names"\n' in state(outer, ("1",), "names.P{X:1}").text
    assert PEN.reach(sheet_of("func f(n int) int { return n }", OUTER)) is None
    assert PEN.reach(sheet_of("func f(n int) int { return n }")) is not None


def test_what_cannot_be_written_down_is_not_stated() -> None:
    for answer in ("NaN", "+Inf", "(*names.P)(0xc000012345)", "(func())(0x4a5b)", "other.T{A:1}"):
        assert state(sheet_of("func F(n int) any { return n }"), ("1",), answer).tests == ()


def test_a_name_is_given_once() -> None:
    sheet = sheet_of("func F(n int) int { return n }")
    reach = PEN.reach(sheet)
    assert reach is not None
    fact = Fact(("1",), Answer(How.GIVES, "2"), "early return")
    assert PEN.state(sheet, reach, (fact, fact)).tests == (".::TestFEarlyReturn", ".::TestFEarlyReturn2")


def test_numbers_fit_their_types() -> None:
    sheet = sheet_of("func F(b byte, n int, s []uint) int { return n }")
    assert PEN.fits(sheet, ("1", "-1", "[]uint{0x1}"))
    assert not PEN.fits(sheet, ("256", "1", "nil"))
    assert not PEN.fits(sheet, ("-1", "1", "nil"))
    assert not PEN.fits(sheet, ("1", "1", "[]uint{-1}"))


def test_literals_near_others() -> None:
    literals = PEN.literals(sheet_of("func F(n int) int { return n }"))
    assert tuple(near(literals, "0x5")) == ("0", "6", "-5", "4", "1", "10")
    assert tuple(near(literals, '[]string{"a"}'))[:2] == ("[]string{}", '[]string{"a", "a"}')
    assert tuple(near(literals, "P{X:1, Y:2}"))[:2] == ("P{X:0, Y:2}", "P{X:1, Y:0}")
