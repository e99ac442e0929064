"""Hostile path texts: every one is refused, and plain ones are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.edit import Patch, TextEdit, make_patch
from regreen.core.policy import Policy
from regreen.guard import RULES, check_paths, collision, path_refusal
from tests.support.hostile_paths import FORMS

PLAIN = (
    "a.py",
    "src/pkg/mod.py",
    ".hidden/x.py",
    "..a/b.py",
    "a..b/c.py",
    "con_text.py",
    "console.py",
    "auxiliary.py",
    "gitlab/x.py",
    "my git/x.py",
    "naïve/é.py",
    "日本語.py",
    "a b/c d.py",
    "x~1.py",
    "[1]/{2}.py",
    "%2e%2e/a.py",
    "-rf",
    "$HOME/a.py",
    "digit~.py",
)


def check_refused(rule: str, path: str) -> None:
    refusal = path_refusal(path)
    assert refusal is not None
    assert refusal.rule == rule
    assert refusal.next_step == RULES[rule]
    assert refusal.message.isprintable()
    assert refusal.message.isascii()
    patch = make_patch({path: ("a\n", (TextEdit(0, 1, "b"),))})
    assert check_paths(Policy(allowed=("**", "*", "/**"), protected=()), patch) == refusal


def test_there_are_more_than_sixty_hostile_forms() -> None:
    assert 60 <= len({path for _, path in FORMS})


@pytest.mark.parametrize(("rule", "path"), FORMS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(FORMS)])
def test_a_hostile_path_is_refused(rule: str, path: str) -> None:
    check_refused(rule, path)


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_path_passes(path: str) -> None:
    assert path_refusal(path) is None


@pytest.mark.parametrize(
    "paths", [("a.py", "A.py"), ("é.py", "e\u0301.py"), ("ﬁ.py", "fi.py"), ("straße.py", "STRASSE.py")]
)
def test_two_names_of_one_file_are_refused(paths: tuple[str, str]) -> None:
    refusal = collision(paths)
    assert refusal is not None
    assert refusal.rule == "path-collision"


def test_different_names_do_not_collide() -> None:
    assert collision(("a.py", "b.py", "a/b.py")) is None


@given(st.text(st.sampled_from("./\\ :~aG.itgIT\0\u200b\uff0e\uff0f"), max_size=16))
def test_what_passes_stays_below_the_root_and_out_of_git(path: str) -> None:
    if path_refusal(path) is not None:
        return
    parts = path.split("/")
    assert all(part not in ("", ".", "..") for part in parts)
    assert all(part.casefold().rstrip(". ") != ".git" for part in parts)
    assert not path.startswith(("/", "~"))
    assert not set(path) & set("\\:\0")


def test_an_empty_patch_names_nothing_hostile() -> None:
    assert check_paths(Policy(), Patch(())) is None
