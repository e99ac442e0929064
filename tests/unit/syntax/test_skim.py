"""Parsing for definitions alone says what parsing the whole text says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.syntax import outline, parse, parse_definitions

GO = """package box

import "fmt"

type Box struct {
\tSize int
}

func (b *Box) Lid(
\tn int,
) (string, error) {
\tif n < b.Size {
\t\treturn fmt.Sprint("}", '{', n), nil
\t}
\treturn `BODY`, nil
}

var after = 1
"""
RUST = """use std::fmt;

pub struct Box { size: u32 }

impl Box {
    pub fn lid(&self, n: u32) -> u32 {
        let open = "{";
        BODY
    }
}

pub async fn free(
    n: u32,
) -> u32 {
    match n {
        0 => 1,
        _ => n,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn lids() {
        assert_eq!(1, 1);
    }
}
"""
PIECES = st.lists(
    st.sampled_from(["a", " ", "\n", "}", "{", "`", '"', "'", "/*", "*/", "//", "func f() {\n", "fn g() {\n", "\n}\n",
                     'r#"', '"#', "type T int", "use a::b;", "é"]),
    max_size=12,
).map("".join)  # fmt: skip


def check_same(text: str, language: str) -> None:
    """Check that nothing of the outline differs."""
    assert outline(parse_definitions(text, language)) == outline(parse(text, language))


@pytest.mark.parametrize(
    "body",
    [
        "plain",
        "`\n}\n`",  # the end of a raw string, at the place of the body's end
        "` + x + `\n}\n",
        "\nfunc inner() {\n\tx()\n}\n",
        "/*\n}\n*/",
        "`/*`",
    ],
)
def test_go_bodies_hide_nothing(body: str) -> None:
    check_same(GO.replace("BODY", body), "go")


@pytest.mark.parametrize(
    "body",
    [
        "n",
        "fn inner() -> u32 { 1 }\n        inner()",
        "struct Inner;\n        n",
        "use a::b;\n        n",
        'let text = r#"\n    }\n"#;\n        n',
        'let text = "\n    }\n";\n        n',
        "/*\n    }\n*/ n",
        "proptest! { #[test] fn wrapped() {} }\n        n",
    ],
)
def test_rust_bodies_hide_nothing(body: str) -> None:
    check_same(RUST.replace("BODY", body), "rust")


@given(PIECES)
def test_odd_bodies_of_a_right_text_hide_nothing(body: str) -> None:
    for text, language in ((GO, "go"), (RUST, "rust")):
        whole = text.replace("BODY", body)
        if not parse(whole, language).root.has_error:
            check_same(whole, language)


def test_a_body_is_blank_to_the_parser_and_there_for_everybody_else() -> None:
    parsed = parse_definitions(GO, "go")
    (function,) = [node for node in parsed.root.named_children if node.type == "method_declaration"]
    body = function.child_by_field_name("body")
    assert body is not None
    assert body.named_child_count == 0
    assert "fmt.Sprint" in parsed.text_of(function)


def test_a_text_with_errors_is_parsed_whole() -> None:
    text = GO.replace("var after = 1", "var after = = 1")
    assert outline(parse_definitions(text, "go")) == outline(parse(text, "go"))
    assert outline(parse_definitions(text, "go")).n_errors != 0


def test_other_languages_are_parsed_whole() -> None:
    text = "def f():\n    def g(): pass\n    self.x = 1\n"
    check_same(text, "python")
