"""Globs, the allowed and the protected paths."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regreen.core.edit import TextEdit, make_patch, patch_between
from regreen.core.policy import Action, Policy
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, TestCase, WorkspaceModel
from regreen.guard import LIFTABLE, check_actions, check_paths, glob_fault, matches


def check_rule(policy: Policy, path: str, rule: str | None, model: WorkspaceModel | None = None) -> None:
    refusal = check_paths(policy, make_patch({path: ("a\n", (TextEdit(0, 1, "b"),))}), model)
    assert (refusal.rule if refusal else None) == rule


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**", "a.py", True),
        ("**", "a/b/c.py", True),
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "a/b/c.py", True),
        ("src/**", "src/a/b.py", True),
        ("src/**", "src", False),
        ("src/**", "lib/src/a.py", False),
        ("**/tests/**", "tests/a.py", True),
        ("**/tests/**", "a/tests/b/c.py", True),
        ("**/tests/**", "mytests/a.py", False),
        ("a/**/b.py", "a/b.py", True),
        ("a/**/b.py", "a/x/y/b.py", True),
        ("a?.py", "ab.py", True),
        ("a?.py", "a/.py", False),
        ("[ab].py", "a.py", True),
        ("[!ab].py", "a.py", False),
        ("[!ab].py", "c.py", True),
        ("[!a]b", "/b", False),
        ("[a-c].py", "b.py", True),
        ("a+b.py", "a+b.py", True),
        ("a.py", "aXpy", False),
        ("**.py", "a/b.py", False),
        ("[", "[", True),
        ("a\n", "a", False),
    ],
)
def test_a_glob_matches_whole_paths(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py", "a/conftest.py", "tests/conftest.py", "Conftest.PY", "pyproject.toml", "setup.py", "setup.cfg",
        "pytest.ini", "tox.ini", "requirements-dev.txt", "uv.lock", "noxfile.py", "Makefile",
        ".github/workflows/ci.yml",
    ],
)  # fmt: skip
def test_configuration_stays_protected_even_when_tests_may_be_edited(path: str) -> None:
    check_rule(Policy(), path, "path-protected")
    check_rule(Policy(allow_tests=True), path, "path-protected")
    lifted = Policy(lifted=frozenset({"path-protected"}))
    check_rule(lifted, path, "protected-test" if path.startswith("tests/") else None)


@pytest.mark.parametrize(
    "path",
    [
        ".vscode/settings.json", ".pre-commit-config.yaml", ".env", ".env.local", "a/.env", "regreen.toml",
        "a/ReGreen.TOML", ".husky/pre-push", ".gitignore", ".gitlab-ci.yml", "sitecustomize.py", "x.pth",
        ".idea/x.xml", ".devcontainer/devcontainer.json", "ｒegreen.toml",
    ],
)  # fmt: skip
def test_what_holds_secrets_or_limits_us_is_protected_whatever_is_lifted(path: str) -> None:
    check_rule(Policy(), path, "path-sacred")
    check_rule(Policy(protected=(), allow_tests=True, lifted=LIFTABLE), path, "path-sacred")


@pytest.mark.parametrize("spelling", ["Secret/a.py", "SECRET/A.PY", "ｓecret/a.py", "\u0073ecret/a.py"])
def test_a_protected_path_is_protected_in_every_spelling(spelling: str) -> None:
    check_rule(Policy(protected=("secret/**",)), spelling, "path-protected")
    check_rule(Policy(protected=("caf\u00e9/**",)), "cafe\u0301/a.py", "path-protected")


def test_each_further_set_of_globs_must_match_too() -> None:
    policy = Policy(allowed=("src/**",), within=(("**/*.py",), ("src/app/**", "src/lib/**")))
    check_rule(policy, "src/app/a.py", None)
    check_rule(policy, "src/app/a.txt", "path-outside")
    check_rule(policy, "src/other/a.py", "path-outside")
    check_rule(policy, "lib/app/a.py", "path-outside")
    check_rule(replace(policy, lifted=frozenset({"path-outside"})), "lib/app/a.txt", None)


@pytest.mark.parametrize(
    "glob",
    [
        "", " ", "!src/**", "src\\a", "/etc/**", "~/x", "../x", "a/../b", "./a", "a//b", "$HOME/**", "%TEMP%/a",
        "src/{a,b}.py", "a\u200bb", "a\nb", "a*b*c*d*e", "**/a/**/b/**/c/**", "x" * 201,
    ],
)  # fmt: skip
def test_a_glob_that_would_match_nothing_is_told(glob: str) -> None:
    assert glob_fault(glob).startswith("should ")


@pytest.mark.parametrize("glob", ["**", "src/**", "**/*.py", "a/[ab]?.py", "*_test_*.py", "**/migrations/**", "a b/c"])
def test_a_glob_with_a_meaning_has_no_fault(glob: str) -> None:
    assert glob_fault(glob) == ""


@pytest.mark.parametrize(
    ("after", "actions", "rule"),
    [
        ("b\n", {Action.EDIT}, None),
        ("", {Action.EDIT}, "action-delete"),
        (" \n\n", {Action.EDIT}, "action-delete"),
        ("", {Action.EDIT, Action.DELETE}, None),
        ("b\n", {Action.DELETE}, "action-edit"),
        ("b\n", set(), "action-edit"),
    ],
)
def test_only_listed_actions_are_done(after: str, actions: set[Action], rule: str | None) -> None:
    refusal = check_actions(Policy(actions=frozenset(actions)), patch_between({"a.py": "a\n"}, {"a.py": after}))
    assert (refusal.rule if refusal else None) == rule


@pytest.mark.parametrize("path", ["test_a.py", "a/b_test.py", "tests/x.py", "pkg/tests/deep/y.py", "TESTS/X.PY"])
def test_a_test_is_protected_until_a_person_lifts_it(path: str) -> None:
    check_rule(Policy(), path, "protected-test")
    check_rule(Policy(allow_tests=True), path, None)


def test_a_file_in_which_the_model_knows_tests_is_a_test() -> None:
    case = TestCase("checks.py::test_a", ".", "checks.py", 1, Span(0, 1), Span(0, 1))
    model = WorkspaceModel("/w", files={"checks.py": FileFacts("checks.py", "python", "", tests=(case,))})
    check_rule(Policy(), "checks.py", "protected-test", model)
    check_rule(Policy(allow_tests=True), "checks.py", None, model)
    check_rule(Policy(), "checks.py", None)


def test_a_persons_own_protection_is_not_lifted_with_the_tests() -> None:
    policy = Policy(allow_tests=True, protected=("specs/**", "**/tests/**"))
    check_rule(policy, "specs/a.py", "path-protected")
    check_rule(policy, "tests/a.py", None)


def test_only_allowed_paths_may_be_edited() -> None:
    policy = Policy(allowed=("src/**",))
    check_rule(policy, "src/a.py", None)
    check_rule(policy, "lib/a.py", "path-outside")
    check_rule(Policy(allowed=()), "src/a.py", "path-outside")


def test_protection_wins_over_permission() -> None:
    check_rule(Policy(allowed=("setup.py",)), "setup.py", "path-protected")
