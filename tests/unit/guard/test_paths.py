"""Hostile path texts: every one is refused, and plain ones are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.edit import Patch, TextEdit, make_patch
from regreen.core.policy import Policy
from regreen.guard import RULES, check_paths, collision, path_refusal

HOSTILE = {
    "path-empty": ("", " ", "   "),
    "path-encoding": ("a\ud800.py", "\udcff/x.py"),
    "path-too-long": ("x" * 256, "a/" * 600 + "b.py", "é" * 128),
    "path-control": (
        "a\0.py",
        "src/a.py\0.txt",
        "a\nb.py",
        "a\rb.py",
        "a\tb.py",
        "\x1b[31ma.py",
        "a\x7f.py",
        "a\x85.py",
    ),
    "path-invisible": (
        "a\u200b.py",
        "a\u202eyp.exe",
        "\ufeffa.py",
        ".g\u200cit/config",
        ".gi\u200dt/hooks/x",
        "a\u00a0b.py",
        "a\u2028b.py",
        "a\U000e0041.py",
        "a\u2066b\u2069.py",
        "a\ufe0f.py",
    ),
    "path-backslash": (
        "src\\a.py",
        "..\\a.py",
        "\\\\server\\share\\a.py",
        "\\\\?\\C:\\a.py",
        "a\uff0fb.py",
        "..\uff0fa.py",
        "a\uff3cb",
        "a\u2215b.py",
        "a\u2044b.py",
    ),
    "path-absolute": ("/etc/passwd", "/", "//server/share", "/../a.py", "///a.py"),
    "path-colon": (
        "C:/Windows/a.py",
        "c:a.py",
        "a.py:stream",
        "a.py::$DATA",
        ".git::$INDEX_ALLOCATION/config",
        "file:///etc/passwd",
        "http://x/a.py",
        "a\uff1ab.py",
    ),
    "path-home": ("~/.ssh/config", "~root/.bashrc", "~"),
    "path-dots": (
        "..",
        ".",
        "../a.py",
        "src/../../a.py",
        "src/./a.py",
        "src//a.py",
        "src/",
        "./a.py",
        "a/..",
        "a/.../b.py",
        "a/. ./b.py",
        "a/ ../b.py",
        "\u2025/a.py",
    ),
    "path-git": (
        ".git/config",
        ".git",
        ".GIT/config",
        ".Git/hooks/pre-commit",
        "sub/.git/config",
        "sub/.gIt",
        ".git /config",
        ".git./config",
        ".git. . /config",
        "git~1/config",
        "GIT~2/hooks/x",
        "\uff0egit/config",
        ".g\uff49t/config",
        ".g\u0131t/config".replace("\u0131", "i"),
    ),
    "path-trailing": ("a.py ", "a.py.", "src /a.py", "src./a.py", " a.py"),
    "path-reserved": (
        "CON",
        "con.py",
        "src/aux.py",
        "nul",
        "NUL.tar.gz",
        "COM1",
        "com9.txt",
        "LPT1.py",
        "prn.d/a.py",
        "COM¹.py",
        "CONIN$",
    ),
}
FORMS = [(rule, path) for rule, paths in HOSTILE.items() for path in paths]
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
