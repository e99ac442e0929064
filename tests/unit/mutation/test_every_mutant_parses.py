"""No mutant of a text that parses fails to parse: over made-up programs, and over the real ones that lie here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.core.edit import apply
from regreen.core.mutation import Mutant
from regreen.mutation import mutants_of
from regreen.syntax import grammar_of, parse
from tests.support.bugs import read_bugs

HERE = Path(__file__).parents[3]

NAMES = st.sampled_from(["a", "b.c", "d(1)", "e[0]", "len(f)", "ß"])
LITERALS = st.sampled_from(["0", "7", "1.5", '"x"', '""'])
COMPARISONS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
SUMS = st.sampled_from(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"])
# One a line; odd expressions of each language, and its statements around an expression {0} (⏎ is a line end).
ODD = {
    "python": """
        [1, a][0:2] | a[1::2] | a is None | a not in b | 1 < a <= 3 | g(a, k=1, *b) | lambda x: x + 1
        f'{a + 1}:{b!r:>3}' | [x for x in a if x if not b] | a if b else c | a.get(b, 1) | (n := g(a))
    """,
    "go": "a[1:b] | a[:n:m] | func() int { return 1 }() | []int{1, 2} | T{A: 1} | a.(T) | *p | &T{} | `x`",
    "javascript": """
        a.slice(1, b) | a ?? b | (x) => x + 1 | `a${b + 1}` | a ? b : c | a?.b(1) | [1, ...a] | a === b
        typeof a !== 'x' | (a, b) | a instanceof B | async () => { await a }
    """,
    "rust": """
        &a[1..b] | a[..=2] | 0..n | g(a)? | Some(1) | vec![1, 2] | a as u32 | *a | if a { 1 } else { 2 }
        match a { 1 if b => 2, _ => 3 } | a.expect("m") | 1u8
    """,
}
STATEMENTS = {
    "python": """
        x = {0} | a.b = {0} | x += {0} | g({0}) | return {0} | if {0}:⏎        g(1)⏎        h(2)⏎    else: pass
        while {0}:⏎        break | for x in {0}: continue | raise E({0}) | del a[{0}] | yield {0} | return
        try:⏎        g()⏎    except (A, B) as e:⏎        h({0}) | with {0} as x:⏎        return | x = y = {0}
        await g({0})
    """,
    "go": """
        x := {0} | x = {0} | x += {0} | g({0}) | return {0}, nil | if {0} {{ g(1); h(2) }} | for {0} {{ break }}
        for i := 0; i < {0}; i++ {{ continue }} | switch {{ case {0}: break }} | defer g({0}) | a[{0}]-- | go g()
        if x = {0}; x {{ g() }} | panic({0}) | return | ch <- {0}
    """,
    "javascript": """
        const x = {0}; | x.y = {0}; | x += {0}; | g({0}); | return {0}; | if ({0}) g(1); else h(2) | throw {0}; | return
        while ({0}) {{ break }} | for (let i = 0; i < ({0}); i++) {{ continue; }} | try {{ g() }} catch (e) {{ h({0}) }}
        do i--; while ({0}) | switch (x) {{ case 1: g({0}); break }} | const f = (x) => ({0}); | await g({0})
    """,
    "rust": """
        let x = {0}; | x = {0}; | x += {0}; | g({0}); | return {0}; | if {0} {{ g(1); h(2); }} | while {0} {{ break; }}
        for i in 0..g({0}) {{ continue; }} | g({0})?; | return; | if let Some(x) = y {{ }}
    """,
}
FRAMES = {
    "python": ("a.py", "async def f(p=1, *, q='x') -> int:\n    '''Doc.'''\n{}\n", "    {}"),
    "go": ("a.go", "package p\n\nfunc (t *T) f(p int) (int, error) {{\n{}\n}}\n", "\t{}"),
    "javascript": ("a.js", "async function f(p = 1) {{\n{}\n}}\n", "  {}"),
    "rust": ("a.rs", "impl T {{ fn f(&self, p: u32) -> Option<u32> {{\n{}\n None }} }}\n", "    {}"),
}


def listed(text: str) -> list[str]:
    """Return the entries of a table, which stand between bars."""
    found = [entry.strip() for line in text.strip().splitlines() for entry in line.split(" | ")]
    return [entry.replace("⏎", "\n") for entry in found]


def expressions(language: str) -> st.SearchStrategy[str]:
    """Return made-up expressions of a language; in Go and Rust they need not make sense, only parse."""
    both, either, no = ("and", "or", "not ") if language == "python" else ("&&", "||", "!")
    joined = COMPARISONS | SUMS | st.sampled_from([both, either])
    return st.recursive(
        NAMES | LITERALS | st.sampled_from(listed(ODD[language])),
        lambda inner: (
            st.tuples(inner, joined, inner).map(lambda three: f"({three[0]}) {three[1]} ({three[2]})")
            | inner.map(lambda one: f"{no}({one})")
            | inner.map(lambda one: f"-({one})")
            | inner.map(lambda one: f"g({one})")
        ),
        max_leaves=6,
    )


def texts_of(mutants: tuple[Mutant, ...], source: str) -> list[str]:
    return [apply(source, (mutant.edit,)) for mutant in mutants]


def check_all_parse(path: str, source: str) -> int:
    """Check every mutant of a text that parses; return how many there are."""
    grammar = grammar_of(path)
    if parse(source, grammar).root.has_error:
        return 0
    mutants = mutants_of(path, source)
    for mutant, changed in zip(mutants, texts_of(mutants, source), strict=True):
        assert source[mutant.edit.start : mutant.edit.end] == mutant.original
        assert changed != source
        assert not parse(changed, grammar).root.has_error, f"{mutant}\n{changed if len(changed) < 4000 else ''}"
    assert len(set(mutants)) == len(mutants)
    return len(mutants)


@pytest.mark.parametrize("language", sorted(FRAMES))
@settings(max_examples=60, deadline=None, derandomize=True)
@given(drawn=st.data())
def test_every_mutant_of_a_made_up_program_parses(language: str, drawn: st.DataObject) -> None:
    path, frame, line = FRAMES[language]
    statements = drawn.draw(st.lists(st.sampled_from(listed(STATEMENTS[language])), min_size=1, max_size=4))
    body = [line.format(one.format(drawn.draw(expressions(language)))) for one in statements]
    check_all_parse(path, frame.format("\n".join(body)))


@pytest.mark.parametrize("language", ["go", "javascript", "rust"])
def test_every_mutant_of_a_small_workspace_parses(language: str) -> None:
    files = [(path, text) for bug in read_bugs(language) for path, text in bug.files.items() if grammar_of(path)]
    assert 100 < sum(check_all_parse(path, text) for path, text in files)


def test_every_mutant_of_our_own_code_compiles() -> None:
    n_mutants = 0
    for path in sorted((HERE / "server/regreen/core").glob("*.py")):
        source = path.read_text("utf-8")
        for changed in texts_of(mutants_of(path.name, source), source):
            compile(changed, path.name, "exec", dont_inherit=True)
            n_mutants += 1
    assert 200 < n_mutants


def test_a_deep_and_a_broken_text_are_survived() -> None:
    deep = "x = " + " + ".join(["a"] * 5000) + "\n"
    assert 100 < len(mutants_of("a.py", f"def f(a):\n    {deep}"))
    assert mutants_of("a.py", "x = " + "(" * 5000 + ")" * 5000 + "\n") == ()
    mutants_of("a.py", "def f(:\n  return ==\n")
    mutants_of("a.go", "func {{{ return")
