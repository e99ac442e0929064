"""What the outlines of JavaScript and TypeScript files say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.syntax import Outline, outline, parse

GRAMMARS = ("javascript", "typescript", "tsx")


def read(text: str, grammar: str = "javascript") -> Outline:
    return outline(parse(text, grammar))


def check_symbols(text: str, expected: str, grammar: str = "javascript") -> None:
    found = [
        f"{symbol.line} {symbol.kind} {symbol.qualname}({', '.join(symbol.parameters)})"
        for symbol in read(text, grammar).symbols
    ]
    assert found == expected.strip().splitlines()


def check_tests(text: str, expected: str, grammar: str = "javascript") -> None:
    found = [f"{block.line} {' > '.join(block.titles)}" for block in read(text, grammar).blocks]
    assert found == expected.strip().splitlines()


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_functions_classes_and_values_are_symbols(grammar: str) -> None:
    check_symbols(
        """export function add(a, b = 1, ...rest) {
  function inner() {}
}
const double = (x) => x * 2, LIMIT = 3;
class Box extends Base {
  size = 1;
  open(key, { force }) {}
}
exports.close = async function (box) {};
Box.prototype.shut = function () {};
""",
        """1 function add(a, b, ...rest)
2 function add.inner()
4 function double(x)
4 variable LIMIT()
5 class Box()
6 attribute Box.size()
7 method Box.open(key, _)
9 function close(box)
10 method Box.shut()""",
        grammar,
    )


@pytest.mark.parametrize("grammar", GRAMMARS[1:])
def test_types_are_symbols(grammar: str) -> None:
    check_symbols(
        """interface Shape { area(scale: number): number; name: string }
type Id = string;
enum Colour { Red }
export abstract class Base<T> { abstract run(input: T): void; constructor(private x: number) {} }
""",
        """1 class Shape()
1 method Shape.area(scale)
1 attribute Shape.name()
2 class Id()
3 class Colour()
4 class Base()
4 method Base.run(input)
4 method Base.constructor(x)""",
        grammar,
    )


def test_bases_are_named() -> None:
    assert read("class A extends b.C {}").bases == (("A", ("b.C",)),)


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_all_forms_of_imports_are_known(grammar: str) -> None:
    found = read(
        """import a, { b as c, d } from './m';
import * as all from "n";
import 'side';
export { e } from './o';
const f = require('./p');
const { g, h: i } = require('q');
await import('./late');
""",
        grammar,
    )
    assert [(each.module, each.name, each.alias, each.line) for each in found.imports] == [
        ("./m", "b", "c", 1),
        ("./m", "d", "", 1),
        ("./m", "default", "a", 1),
        ("n", "*", "all", 2),
        ("side", "", "", 3),
        ("./o", "e", "", 4),
        ("./p", "*", "f", 5),
        ("q", "g", "", 6),
        ("q", "h", "i", 6),
        ("./late", "", "", 7),
    ]


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_tests_are_named_with_their_suites(grammar: str) -> None:
    check_tests(
        """describe('math', () => {
  beforeEach(() => {});
  it('adds', () => { helper('no test') });
  describe.skip("deep", function () {
    test.only(`multiplies ${x}`, async () => {});
  });
  test.each([1, 2])('doubles %i', (n) => {});
  it.each`a | b
  ${1} | ${2}`('table $a', () => {});
});
it('says \\'hi\\'', () => {});
""",
        """3 math > adds
5 math > deep > multiplies ${x}
7 math > doubles %i
8 math > table $a
11 says 'hi'""",
        grammar,
    )


def test_sub_tests_of_a_test_are_tests() -> None:
    check_tests(
        """test('outer', async (t) => {
  await t.test('inner', () => {});
  t.equal('no', 'test');
});
""",
        """1 outer
2 outer > inner""",
    )


def test_tests_in_loops_and_conditions_are_found() -> None:
    check_tests(
        """for (const name of names) {
  test(`has ${name}`, () => {});
}
if (linux) { it('runs on Linux', () => {}) } else it('runs elsewhere', () => {});
cases.forEach((one) => { test('each', () => {}); });
""",
        """2 has ${name}
4 runs on Linux
4 runs elsewhere
5 each""",
    )


def test_other_runners_write_tests_in_their_own_way() -> None:
    check_tests(
        """Deno.test('one', () => {});
Deno.test({ name: 'two', fn() {} });
Deno.test(function three() {});
test.describe('suite', () => { test('four', () => {}); });
test.serial('five', (t) => {});
test.before(() => {});
test.beforeEach('not one', () => {});
""",
        """1 one
2 two
3 three
4 suite > four
5 five""",
    )


def test_a_file_without_tests_has_none() -> None:
    check_tests("export const it = 1; items.forEach((item) => test(item));", "")


def test_offsets_count_characters() -> None:
    text = "// déjà vu 😀\nit('größe', () => {});\n"
    (block,) = read(text).blocks
    assert text[block.name_span.start : block.name_span.end] == "'größe'"
    assert text[block.span.start : block.span.end] == "it('größe', () => {})"


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_broken_code_still_has_an_outline(grammar: str) -> None:
    found = read("export function ok() {}\nfunction broken( {\nit('x', () => {", grammar)
    assert found.n_errors
    assert found.symbols[0].name == "ok"


_PIECES = st.lists(
    st.sampled_from(
        ["describe(", "it(", "'a'", "`b${", "}`", "() => {", "})", "class A {", "=", ";", "\n", "x", "[", "é", "<div>"]
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(_PIECES, st.sampled_from(GRAMMARS))
def test_no_text_breaks_it(pieces: list[str], grammar: str) -> None:
    read(" ".join(pieces), grammar)


def test_deep_nesting_ends() -> None:
    read("describe('a', () => {" * 300 + "it('b', () => {})" + "})" * 300)
