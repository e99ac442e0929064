"""Words for displays without markup: code stands in quotation marks, and nothing else changes."""

from __future__ import annotations

import pytest

from regreen.lsp.plain import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`<` should be `<=`.", "“<” should be “<=”."),
        ("Attempt 1: green. `value` should be `values`", "Attempt 1: green. “value” should be “values”"),
        ("``a`b`` stands alone", "“a`b” stands alone"),
        ("one ` alone", "one ` alone"),
        ("nothing to do", "nothing to do"),
        ("`", "`"),
        ("", ""),
    ],
)
def test_code_comes_in_quotation_marks(text: str, shown: str) -> None:
    assert plain(text) == shown
