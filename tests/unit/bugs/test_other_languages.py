"""The bugs of Go, JavaScript and Rust are well-formed, and the guard lets their right fixes pass."""

from __future__ import annotations

from collections import Counter

import pytest

from regreen.core.edit import patch_between
from regreen.core.policy import Policy
from regreen.guard import check_blast, check_code, check_inline_tests, check_paths
from tests.support.bugs import Bug, read_bugs

LANGUAGES = ("go", "javascript", "rust")
BUGS = read_bugs(*LANGUAGES)
TO_REFUSE = frozenset(["environment", "missing-dependency", "wrong-test"])
FEWEST = {"fixed": 31, "refused": 2}
FEWEST_OF_ALL = {"fixed": 190, "refused": 26}


def by_name(bug: Bug) -> str:
    return f"{bug.language} {bug.name}"


@pytest.mark.parametrize("bug", BUGS, ids=by_name)
def test_a_bug_is_complete(bug: Bug) -> None:
    assert tuple(bug.head) == ("bug", "kind", "expect", "red")
    assert bug.is_curable == (bug.head["kind"] not in TO_REFUSE)
    place, _, name = bug.head["red"].partition("::")
    held = [text for path, text in bug.files.items() if path == place or path.rpartition("/")[0] == place.strip(".")]
    assert any(name.rpartition("::")[2] in text for text in held)
    own = {path.partition("/")[0] for path in bug.files} & {"fix", "heldout"}
    assert own == ({"fix", "heldout"} if bug.is_curable else set())


@pytest.mark.parametrize("bug", [bug for bug in BUGS if bug.is_curable], ids=by_name)
def test_the_right_fix_is_one_that_the_guard_admits(bug: Bug) -> None:
    fixed = {path.removeprefix("fix/"): text for path, text in bug.files.items() if path.startswith("fix/")}
    patch = patch_between({path: bug.files[path] for path in fixed}, fixed)
    checks = (check_paths(Policy(), patch), check_inline_tests(Policy(), patch), check_blast(Policy(), patch))
    assert [refusal for refusal in (*checks, check_code(patch)) if refusal is not None] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_bugs(language: str) -> None:
    counts = Counter(bug.head["expect"] for bug in BUGS if bug.language == language)
    assert all(fewest <= counts[expect] for expect, fewest in FEWEST.items())


def test_the_whole_set_is_large_enough() -> None:
    counts = Counter(bug.head["expect"] for bug in read_bugs())
    assert all(fewest <= counts[expect] for expect, fewest in FEWEST_OF_ALL.items()), counts
