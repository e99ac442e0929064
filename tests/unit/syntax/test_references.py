"""Identifiers are what the code of a text uses: not its comments, strings and keywords."""

from __future__ import annotations

import pytest

from regreen.syntax import references

TEXTS = [
    ("python", "b(a.c, b)\n# comment\n'text'\n", "a b c"),
    ("python", 'f\'{a + b!r:>{width}} {{no}} {c["d"]:%Y}\' + rb\'no\' + """no\n\'no\'"""\n1e5', "a b c width"),
    ("go", "package a\n\n// comment\nfunc F() { use(`raw`, \"text\", 'r') /* more */ }\n", "F a use"),
    ("rust", "fn a<'life>(x: &'life str) { /* no */ b(\"no\", 'n', r#\"no\"#); // no\n}", "a b str x"),
    ("javascript", "const a = b('c'); // d\n/* e */ return f.$g;", "$g a b f"),
    ("typescript", "const a: T = `{b}`", "T a b"),
    ("tsx", "<Box lid={größe} />", "Box größe lid"),
]


@pytest.mark.parametrize(("language", "text", "expected"), TEXTS)
def test_references_are_sorted_distinct_names_in_code(language: str, text: str, expected: str) -> None:
    assert references(text, language) == tuple(expected.split())
