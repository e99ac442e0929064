"""Many candidates stand in one text behind a switch, and each of its lines is known to belong to one of them."""

from __future__ import annotations

import pytest

from regreen.core.edit import TextEdit
from regreen.languages import REGISTRY, Switched, Variant, batching_for, switch_text
from regreen.syntax import parse

GO = "package it\n\n// F adds.\nfunc F(a, b int) int {\n\tc := a - b\n\treturn c\n}\n\nfunc g(a int) { println(a) }\n"
JAVASCRIPT = "'use strict';\nfunction f(a, b) {\n  return a - b;\n}\nconst g = (a) => a + 1;\n"
RUST = "pub fn f(a: i32, b: i32) -> i32 {\n    a - b\n}\n\nconst fn g(a: i32) -> i32 {\n    a - 1\n}\n"
TEXTS = {"go": ("it.go", GO), "javascript": ("it.js", JAVASCRIPT), "rust": ("src/lib.rs", RUST)}


def switch(language: str, *changes: tuple[str, str]) -> Switched:
    path, text = TEXTS[language]
    found = (text.index(old) for old, _ in changes)
    variants = tuple(
        Variant(pick, (TextEdit(at, at + len(old), new),))
        for pick, (at, (old, new)) in enumerate(zip(found, changes, strict=True), 1)
    )
    batching = batching_for(language)
    assert batching is not None
    return switch_text(path, text, language, variants, batching.writings)


def lines_of(held: Switched, pick: int) -> str:
    rows = held.text.split("\n")
    return "\n".join(
        "\n".join(rows[stretch.first - 1 : stretch.last]) for stretch in held.stretches if stretch.pick == pick
    )


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_every_variant_stands_in_its_own_lines(language: str) -> None:
    held = switch(language, ("a - b", "a + b"), ("a - b", "b - a"))
    assert held.picks == (1, 2)
    assert "a + b" in lines_of(held, 1)
    assert "b - a" not in lines_of(held, 1)
    assert "b - a" in lines_of(held, 2)
    assert not parse(held.text, language).root.has_error


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_without_variants_a_text_stays_as_it_is(language: str) -> None:
    assert switch(language).text == TEXTS[language][1]


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [("go", "a, b int", "b, a int"), ("go", "package it", "package other"), ("rust", "a - 1", "a + 1"),
     ("rust", "b: i32", "b: i64"), ("javascript", "f(a, b)", "f(b, a)"), ("javascript", "const g", "let g")],
)  # fmt: skip
def test_what_no_switch_can_hold_is_left_out(language: str, old: str, new: str) -> None:
    held = switch(language, (old, new))
    assert held.picks == ()
    assert held.text == TEXTS[language][1]


def test_an_arrow_function_without_braces_chooses_by_a_chain() -> None:
    held = switch("javascript", ("a + 1", "a - 1"), ("a + 1", "a"))
    assert ", __regreenPick ===\n1 ? (a - 1\n) : __regreenPick ===\n2 ? (a\n) : (a + 1));" in held.text
    assert not parse(held.text, "javascript").root.has_error


@pytest.mark.parametrize(
    ("grammar", "text", "old"),
    [
        ("javascript", "const limit = 100;\n", "100"),
        ("javascript", "export let limit = 100, other;\n", "100"),
        ("javascript", "function f(a = 100) {}\n", "100"),
        ("typescript", "const f = (a: number = 100): number => a;\n", "100"),
        ("javascript", "class A {\n  b = 100;\n  static c = 1;\n}\n", "100"),
        ("typescript", "class A {\n  private b: number = 100;\n}\n", "100"),
    ],
)
def test_what_runs_when_a_module_of_javascript_is_loaded_chooses_by_a_chain(grammar: str, text: str, old: str) -> None:
    batching = batching_for("javascript")
    assert batching is not None
    edit = TextEdit(text.index(old), text.index(old) + len(old), "7")
    held = switch_text("it.js", text, grammar, (Variant(1, (edit,)),), batching.writings)
    assert "__regreenPick ===\n1 ? (7\n) : (100))" in held.text
    assert not parse(held.text, grammar).root.has_error
    assert [pick for pick, _ in held.homes] == [1]


def test_a_directive_stays_first() -> None:
    assert switch("javascript", ("a - b", "a + b")).text.startswith("'use strict';\nvar __regreenPick")


def test_a_line_of_a_variant_leads_back_to_the_function() -> None:
    held = switch("go", ("a - b", "a + b"))
    row = held.text.split("\n").index("\tc := a + b") + 1
    stretch = held.at(row)
    assert stretch is not None
    assert stretch.origin + row - stretch.first == 5
    assert held.at(1) is None


def test_a_function_without_results_never_runs_on_into_the_text_as_it_was() -> None:
    assert "{ print(a) \n}\nreturn\n}" in switch("go", ("println(a)", "print(a)")).text


def test_each_variant_of_a_function_with_labels_has_labels_of_its_own() -> None:
    text = (
        "package it\n\nfunc F(outer map[string]int) {\nouter:\n\tfor {\n\t\tbreak outer\n\t}\n"
        "\t_ = `\nouter:`\n\touter[`outer`] = 1\n}\n"
    )
    batching = batching_for("go")
    assert batching is not None
    at = text.index("break")
    edits = (TextEdit(at, at + 5, "continue"),)
    held = switch_text("it.go", text, "go", (Variant(1, edits), Variant(2, edits)), batching.writings)
    assert not parse(held.text, "go").root.has_error
    for pick in (1, 2):
        lines = lines_of(held, pick)
        assert f"\nouterRegreen{pick}:\n\tfor {{\n\t\tcontinue outerRegreen{pick}\n" in lines
        assert "`\nouter:`\n\touter[`outer`] = 1" in lines


def test_the_languages_without_a_warm_worker_try_in_batches() -> None:
    assert [name for name in sorted(REGISTRY) if batching_for(name) is not None] == [
        "go",
        "javascript",
        "rust",
        "typescript",
    ]
