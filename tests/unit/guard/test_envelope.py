"""Globs, the allowed and the protected paths."""

from __future__ import annotations

import pytest

from regreen.core.edit import TextEdit, make_patch
from regreen.core.policy import Policy
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, TestCase, WorkspaceModel
from regreen.guard import check_paths, matches


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
        "pytest.ini", "tox.ini", "requirements-dev.txt", "sitecustomize.py", "x.pth", "uv.lock", "noxfile.py",
        "Makefile", ".gitignore", ".github/workflows/ci.yml", ".gitlab-ci.yml", ".vscode/settings.json",
        ".pre-commit-config.yaml", ".env", ".env.local", "a/.env", "regreen.toml", ".husky/pre-push",
    ],
)  # fmt: skip
def test_configuration_stays_protected_even_when_tests_may_be_edited(path: str) -> None:
    check_rule(Policy(), path, "path-protected")
    check_rule(Policy(allow_tests=True), path, "path-protected")


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
