"""Which mutants are made of a text: each operator in each language that has it, and what is left alone."""

from __future__ import annotations

import pytest

from regreen.core.edit import apply
from regreen.mutation import identified, mutants_of
from regreen.syntax import grammar_of, parse


def check_mutants(path: str, source: str, expected: str) -> None:
    """Compare the mutants of a text with lines of `line operator: original -> replacement`."""
    mutants = mutants_of(path, source)
    for mutant in mutants:
        changed = apply(source, (mutant.edit,))
        assert not parse(changed, grammar_of(path)).root.has_error, changed
    shown = [f"{m.line} {m.operator}: {m.original} -> {m.replacement}".rstrip() for m in mutants]
    assert sorted(shown) == sorted(line.strip() for line in expected.strip().splitlines())


def check_python(statement: str, expected: str) -> None:
    """Check the mutants of statements inside of a Python function; the first one is on line 2."""
    body = "\n".join(f"    {line}" for line in statement.splitlines())
    check_mutants("a.py", f"def f(a, b):\n{body}\n", expected)


def test_an_order_has_its_boundary_and_two_others() -> None:
    check_python("x = a < b", "2 comparison: a < b -> False\n2 comparison: < -> !=\n2 boundary: < -> <=")
    check_python("x = a <= b", "2 comparison: a <= b -> True\n2 comparison: <= -> ==\n2 boundary: <= -> <")


def test_equality_has_three_others() -> None:
    check_python("x = a == b", "2 comparison: a == b -> False\n2 comparison: a == b -> True\n2 comparison: == -> !=")
    check_python("x = a == 3", "2 comparison: a == 3 -> False\n2 comparison: == -> <=\n2 comparison: == -> >=")


def test_nothing_is_below_nought_where_nobody_says_that_it_may_be() -> None:
    check_python("x = a == 0", "2 comparison: a == 0 -> False\n2 comparison: == -> >=")
    check_python("x = a > 0", "2 comparison: a > 0 -> False\n2 boundary: > -> >=")
    check_python(
        "x = (a == 0, a == 1)",
        "2 comparison: a == 0 -> False\n2 comparison: == -> >=\n2 comparison: a == 1 -> False\n2 comparison: == -> >=",
    )
    check_python(
        "x = (a == 0, a < 0)",
        "2 comparison: a == 0 -> False\n2 comparison: == -> <=\n2 comparison: == -> >=\n"
        "2 comparison: a < 0 -> False\n2 comparison: < -> !=\n2 boundary: < -> <=",
    )


def test_of_a_long_table_the_first_entry_is_changed() -> None:
    rest = ", ".join(f"'{letter}': {n}" for n, letter in enumerate("bcdefgh", 2))
    check_mutants("a.py", f"T = {{'a': 1, {rest}}}\n", "1 text: 'a' -> ''\n1 number: 1 -> 2")
    check_mutants(
        "a.py", "T = {'a': 1, 'b': 2}\n", "1 text: 'a' -> ''\n1 number: 1 -> 2\n1 text: 'b' -> ''\n1 number: 2 -> 3"
    )


def test_what_stands_in_the_entries_of_a_long_table_is_left_alone_behind_the_first() -> None:
    rest = ", ".join(f"{letter}=[({n}, lambda x=0: None, ('y',))]" for n, letter in enumerate("bcdefgh", 2))
    first = "1 text: 'y' -> ''\n1 number: 1 -> 2\n1 default: 0 -> 1"
    check_mutants("a.py", f"T = dict(a=[(1, lambda x=0: None, ('y',))], {rest})\n", first)
    check_mutants("a.py", "T = other(a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1)\n", "\n".join(["1 number: 1 -> 2"] * 8))


def test_a_random_number_stands_at_no_boundary() -> None:
    check_python(
        "x = random.random() < a",
        "2 comparison: random.random() < a -> False\n2 comparison: < -> !=",
    )
    check_mutants(
        "a.js", "const f = () => Math.random() < a;\n",
        "1 comparison: Math.random() < a -> false\n1 comparison: < -> !=",
    )  # fmt: skip


def test_a_name_that_is_only_forgotten_may_stay() -> None:
    check_python("del a\ndel a, b\ndel a[b]", "2 early return:  -> return\n4 statement: del a[b] -> pass")


def test_a_name_that_a_thing_is_told_of_itself_is_left_alone() -> None:
    check_mutants("a.py", "size = make('size', 'b')\n", "1 text: 'b' -> ''")
    check_mutants("a.py", "size = make(name='size')\n", "")
    check_mutants("a.py", "TYPE_CHECKING = False\n", "")


def test_what_is_multiplied_with_one_is_left_alone() -> None:
    check_python("x = a * 1.0", "2 number: 1.0 -> 2.0")


def test_membership_and_identity_are_always_or_never() -> None:
    check_python("x = a is None", "2 comparison: a is None -> False\n2 comparison: a is None -> True")
    check_python("x = a not in b", "2 comparison: a not in b -> False\n2 comparison: a not in b -> True")


def test_a_chain_is_changed_link_by_link() -> None:
    check_python(
        "x = 0 < a <= b",
        "2 comparison: < -> !=\n2 boundary: < -> <=\n2 comparison: <= -> ==\n2 boundary: <= -> <",
    )


def test_a_size_is_never_below_nought() -> None:
    check_python("x = len(a) > 0", "2 comparison: len(a) > 0 -> False\n2 boundary: > -> >=")
    check_mutants(
        "a.ts",
        "const f = (a: X) => { g(a.length === 0 ? b : c) }\n",
        """
        1 statement: g(a.length === 0 ? b : c) -> ;
        1 comparison: a.length === 0 -> false
        1 comparison: === -> >=
        """,
    )


def test_the_larger_of_two_has_no_boundary() -> None:
    check_python("x = a if a > b else b", "2 comparison: a > b -> False\n2 comparison: > -> !=")


def test_joined_conditions_are_joined_the_other_way_and_left_out() -> None:
    check_python(
        "x = a and b",
        "2 logical: a and b -> a\n2 logical: a and b -> b\n2 logical: and -> or",
    )


def test_what_decides_both_sides_is_asked_once() -> None:
    check_python(
        "x = a == 'p' and b == 'q'",
        """
        2 comparison: a == 'p' -> False
        2 comparison: a == 'p' -> True
        2 comparison: == -> !=
        2 logical: and -> or
        2 comparison: b == 'q' -> True
        2 comparison: == -> !=
        """,
    )


def test_a_plain_condition_is_negated_and_settled() -> None:
    check_python(
        "if a:\n    return",
        """
        2 condition: a -> False
        2 condition: a -> True
        2 negation: a -> not a
        3 early return: return -> pass
        """,
    )
    check_python("x = not a", "2 negation: not a -> a")


def test_a_loop_is_not_made_endless() -> None:
    check_python("while a:\n    g()", "2 condition: a -> False\n2 negation: a -> not a\n3 statement: g() -> pass")
    check_mutants(
        "a.go",
        "package p\n\nfunc f(n int) {\n\tfor i := 0; i < n; i++ {\n\t\tg(i)\n\t}\n}\n",
        """
        4 number: 0 -> 1
        4 comparison: i < n -> false
        4 boundary: < -> <=
        5 statement: g(i) ->
        """,
    )


def test_numbers_are_computed_another_way() -> None:
    check_python("x = a + b", "2 arithmetic: + -> -")
    check_python("x = a // 2", "2 arithmetic: // -> *\n2 number: 2 -> 3")
    check_python("x = -a", "2 sign: -a -> a")
    check_python("a += 1", "2 assignment: += -> -=\n2 assignment: += -> =")


def test_texts_and_lists_are_not_subtracted() -> None:
    check_python("x = a + b + 'c'", "2 text: 'c' -> ''")
    check_python("x = [a] * b", "")


def test_constants_are_other_ones() -> None:
    check_python("x = g(7, 1.5, True, '', b'x')", "2 number: 7 -> 8\n2 number: 1.5 -> 2.5\n2 boolean: True -> False\n"
                 "2 text: '' -> 'regreen'\n2 text: b'x' -> b''")  # fmt: skip


def test_defaults_belong_to_whoever_defines_the_function() -> None:
    source = "def f(a=1, b='x', *, c: bool = False, d=None):\n    return a\n"
    check_mutants(
        "a.py", source, "1 default: 1 -> 2\n1 default: 'x' -> ''\n1 default: False -> True\n2 return: a -> None"
    )
    assert [mutant.function for mutant in mutants_of("a.py", source)] == ["", "", "", "f"]


def test_what_stands_in_is_left_out() -> None:
    check_python("x = a.get(b, 0)", "2 fallback: , 0 ->\n2 number: 0 -> 1")
    check_python("x = a.get(b, None)", "")


def test_a_value_is_not_given_back() -> None:
    check_python("return g(a)", "2 return: g(a) -> None")
    check_mutants("a.py", "def f(a) -> int:\n    return g(a)\n", "2 return: g(a) -> 0")
    check_mutants("a.py", "def f(a) -> bool:\n    return g(a)\n", "2 return: g(a) -> not g(a)")
    check_python("return []", "")
    check_python("return None", "")
    check_python("return", "2 early return: return -> pass")


def test_statements_are_left_out() -> None:
    check_python(
        "a.append(b)\na.x = b\ndel a[b]\nc = b",
        """
        2 early return:  -> return
        2 statement: a.append(b) -> pass
        3 statement: a.x = b -> pass
        4 statement: del a[b] -> pass
        """,
    )
    check_python(
        "a = b\nreturn", "2 early return:  -> return\n2 statement: a = b -> pass\n3 early return: return -> pass"
    )


def test_slices_are_left_open() -> None:
    check_python("x = a[1:b:2]", "2 slice: 1 ->\n2 number: 1 -> 2\n2 slice: b ->\n2 slice: 2 ->\n2 number: 2 -> 3")
    check_python("x = a[0:len(a):1]", "2 number: 0 -> 1\n2 number: 1 -> 2")


def test_errors_are_not_raised_and_not_caught() -> None:
    check_python(
        "try:\n    g()\nexcept (A, B):\n    h()\nexcept C:\n    raise D('m') from None",
        """
        3 statement: g() -> pass
        4 except: (A, B) -> A
        4 except: (A, B) -> B
        5 except: h() -> raise
        5 statement: h() -> pass
        7 raise: raise D('m') from None -> pass
        """,
    )


def test_loops_are_left_the_other_way() -> None:
    check_python("for x in a:\n    break", "3 loop: break -> continue")
    check_mutants("a.js", "for (const x of a) { switch (x) { case y: break } continue }\n", "1 loop: continue -> break")


def test_go() -> None:
    check_mutants(
        "a.go",
        """package p

func (t *T) Find(key string, n int) (int, error) {
	if err := t.load(); err != nil {
		return 0, err
	}
	t.n = n
	t.seen[key]++
	log.Printf("%d", n+1)
	return t.list[1:n], nil
}
""",
        """
        4 comparison: err != nil -> false
        4 comparison: err != nil -> true
        4 comparison: != -> ==
        5 return: return 0, err -> return 0, nil
        5 number: 0 -> 1
        7 statement: t.n = n ->
        8 step: ++ -> --
        10 return: return t.list[1:n], nil -> return 0, nil
        10 slice: 1 ->
        10 number: 1 -> 2
        10 slice: n ->
        """,
    )


def test_go_keeps_in_use_what_it_would_not_build_without() -> None:
    source = "package p\n\nfunc f(a int, b bool) int {\n\tif a == 1 && b {\n\t\tg(a)\n\t}\n\treturn a\n}\n"
    assert [m.edit.text for m in mutants_of("a.go", source) if m.edit.text != m.replacement] == [
        "((a == 1) && false)",
        "a == 1 && ((b) || true)",
        "if false { g(a) }",
        "{ _ = a; return 0 }",
    ]


def test_javascript() -> None:
    check_mutants(
        "a.js",
        """class Cart {
  total(items, rate = 2) {
    if (!items) throw new Error('none');
    for (let i = 0; i < items.length; i++) this.sum += items[i];
    console.log('sum', this.sum + 1);
    return items.slice(1, rate) ?? this.sum;
  }
}
const twice = (x) => x * 2;
const later = async (x) => { try { await g(x) } catch (e) { return `a${x}` } };
""",
        """
        2 default: 2 -> 3
        3 condition: !items -> false
        3 condition: !items -> true
        3 negation: !items -> items
        3 raise: throw new Error('none'); -> ;
        4 number: 0 -> 1
        4 comparison: i < items.length -> false
        4 boundary: < -> <=
        4 assignment: += -> -=
        4 assignment: += -> =
        6 logical: items.slice(1, rate) ?? this.sum -> items.slice(1, rate)
        6 logical: items.slice(1, rate) ?? this.sum -> this.sum
        6 slice: 1 -> 0
        6 number: 1 -> 2
        6 slice: , rate ->
        6 logical: ?? -> &&
        9 return: x * 2 -> undefined
        9 arithmetic: * -> /
        9 number: 2 -> 3
        10 statement: await g(x) -> ;
        10 except: { return `a${x}` } -> { throw e; }
        10 text: `a${x}` -> ``
        """,
    )


def test_typescript_is_given_values_that_its_types_allow() -> None:
    source = "export function f(a: 'x' | 1): string { return g(a as 'y') }\n"
    (mutant,) = mutants_of("a.ts", source)
    assert (mutant.edit.text, mutant.replacement) == ("undefined!", "undefined")


def test_rust() -> None:
    check_mutants(
        "a.rs",
        """impl Cart {
    fn total(&mut self, n: usize) -> Result<u32, E> {
        let x = self.load()?;
        self.push(x);
        if x.is_empty() { return Err(E::None); }
        for i in 0..n { self.sum += &v[1..i]; }
        Ok(x)
    }
    fn name(&self) -> &str { self.name.expect("no name") }
    fn full(&self) -> bool { self.list.is_full() }
}
#[cfg(test)]
mod tests { #[test] fn t() { assert!(1 == 2); let x = 1 + 1; } }
""",
        """
        3 raise: ? -> .unwrap()
        4 statement: self.push(x); ->
        5 condition: x.is_empty() -> false
        5 condition: x.is_empty() -> true
        5 negation: x.is_empty() -> !x.is_empty()
        5 return: Err(E::None) -> Ok(Default::default())
        6 number: 0 -> 1
        6 boundary: .. -> ..=
        6 assignment: += -> -=
        6 assignment: += -> =
        6 slice: 1 ->
        6 number: 1 -> 2
        6 boundary: .. -> ..=
        6 slice: ..i -> ..
        7 return: Ok(x) -> Ok(Default::default())
        9 return: self.name.expect("no name") -> ""
        10 return: self.list.is_full() -> !self.list.is_full()
        """,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "'''What it does.'''",
        "raise ValueError(f'{a + 1} is not {b == 2}')",
        "logger.info('%s', a + 1)",
        "self.log.debug('x')",
        "print(a + b)",
        "warnings.warn('old', stacklevel=2)",
        "assert a == b, 'no'",
        "import os",
        "x: 'Literal[1, 2]'",
        "x = g(a, timeout=5, help='how')",
        "x = a == b  # pragma: no mutate",
        "# regreen: ignore mutation\nx = a == b",
        "if a == b:  # pragma: no cover\n    g(1)\nelse:\n    h(2)",
        "if TYPE_CHECKING:\n    from x import y\n    z = 1",
        "x = _('Usage')",
        "x = P_('0 (male)', 'th')",
        "x = ngettext_lazy('one', 'many')",
    ],
    ids=lambda statement: statement.splitlines()[0],
)
def test_what_no_test_should_have_to_notice_is_left_alone(statement: str) -> None:
    found = [m for m in mutants_of("a.py", f"def f(a, b):\n{_indented(statement)}\n") if m.operator != "raise"]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.py", "__all__ = ['a']\n__slots__ = ('b',)\n"),
        ("a.py", "if __name__ == '__main__':\n    main(1)\n"),
        ("a.py", "class A:\n    def __repr__(self):\n        return f'{self.a + 1}'\n"),
        ("a.py", "class A:\n    def __str__(self):\n        return 'a'\n"),
        ("a.py", "@overload\ndef f(a: int = 1) -> int: ...\n"),
        ("a.go", "// Code generated by x. DO NOT EDIT.\npackage p\n\nvar a = 1\n"),
        ("a.go", 'package p\n\ntype T struct {\n\tA [3]int `json:"a"`\n}\n'),
        ("a.go", 'package p\n\nvar errNone = errors.New("none")\n'),
        ("a.ts", "type A = 'x' | 1; import x from 'y'; export * from 'z';\n"),
        ("a.js", "'use strict';\nconst a = require('a');\n"),
        ("a.rs", "#[derive(Debug)]\nstruct A { a: [u8; 3] }\nimpl Hash for A { fn hash(&self) -> u32 { 1 + 2 } }\n"),
        ("a.txt", "a == b"),
    ],
)
def test_what_is_not_run_or_for_people_is_left_alone(path: str, source: str) -> None:
    assert mutants_of(path, source) == ()


def test_lines_and_functions_narrow_it_down() -> None:
    source = "class A:\n    def f(self):\n        return g(1)\n\n    def h(self):\n        return g(2)\n\n\nx = g(3)\n"
    assert {m.line for m in mutants_of("a.py", source)} == {3, 6, 9}
    assert {m.line for m in mutants_of("a.py", source, lines=frozenset({6, 9}))} == {6, 9}
    assert {m.line for m in mutants_of("a.py", source, function="A.f")} == {3}
    assert {m.line for m in mutants_of("a.py", source, function="A")} == {3, 6}
    assert mutants_of("a.py", source, function="A.") == ()


def test_code_that_runs_when_a_module_is_loaded_is_static() -> None:
    source = "@g(1)\nclass A:\n    b = 2\n    def f(self, c=3):\n        def inner():\n            return 4\n"
    assert [(m.line, m.function, m.is_static) for m in mutants_of("a.py", source)] == [
        (1, "", True),
        (3, "", True),
        (4, "", True),
        (6, "A.f.inner", False),
    ]


def test_an_id_stays_when_lines_come_and_go() -> None:
    source = "def f(a):\n    g(1)\n    g(1)\n    return a\n"
    before, after = (identified(mutants_of("a.py", text)) for text in (source, f"import x\n\n{source}"))
    assert list(before) == list(after)
    assert len(before) == len(mutants_of("a.py", source))


def _indented(statement: str) -> str:
    return "\n".join(f"    {line}" for line in statement.splitlines())


def test_what_only_another_system_or_version_runs_is_left_alone() -> None:
    check_python(
        "if sys.version_info >= (3, 14):\n    g(1)\nelse:\n    h(2)", "5 statement: h(2) -> pass\n5 number: 2 -> 3"
    )
    check_python("if PY3 and a:\n    return 1", "3 number: 1 -> 2\n2 logical: PY3 and a -> PY3\n"
                 "2 logical: PY3 and a -> a\n2 logical: and -> or")  # fmt: skip
    check_python("if IS_WINDOWS:\n    g()", "")
    check_python("x = sys.platform == 'win32'", "")
    check_python("x = hasattr(os, 'fork')", "")
    check_mutants(
        "a.go",
        'package p\n\nfunc f() {\n\tif runtime.GOOS == "windows" {\n\t\tg()\n\t}\n\th()\n}\n',
        "4 early return:  -> return\n7 statement: h() ->",
    )


def test_names_and_texts_of_functions_are_for_people() -> None:
    check_mutants("a.py", "g.__doc__ = 'what it does'\nh.__name__ = g.__name__\n", "")


def test_what_a_generator_gives_back_is_left_alone() -> None:
    check_python("yield a\nreturn b", "2 return: a -> None")
