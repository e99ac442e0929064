"""Paths and URIs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.lsp.uris import to_path, to_uri


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/a.py", "/w/a.py"),
        ("file:///w/a%20b.py", "/w/a b.py"),
        ("file:///w/a;b.py", "/w/a;b.py"),
        ("file:///w/a%3Bb.py", "/w/a;b.py"),
        ("file:///w/100%25.py", "/w/100%.py"),
        ("file:///w/%C3%A9.py", "/w/é.py"),
        ("file:///w/a%23b%3F.py", "/w/a#b?.py"),
        ("file://localhost/w/a.py", "/w/a.py"),
        ("file:///w/sub/../a.py", "/w/a.py"),
        ("file:///w/", "/w"),
    ],
)
def test_a_file_uri_names_a_path(uri: str, path: str) -> None:
    assert to_path(uri) == path


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "git:/w/a.py", "", "file:", "http://[", "file:///w/a%00b", "3"])
def test_anything_else_names_none(uri: str) -> None:
    assert to_path(uri) is None


@given(st.lists(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_a_path_comes_back_from_its_uri(parts: list[str]) -> None:
    clean = [part for part in parts if part not in (".", "..")]
    path = "/" + "/".join(clean)
    assert to_path(to_uri(path)) == (path if clean else "/")


def test_a_name_that_is_no_unicode_comes_back() -> None:
    assert to_path(to_uri("/w/\udcff.py")) == "/w/\udcff.py"
