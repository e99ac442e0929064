"""The whole gate: each rule in its place, and what passes is the proposal's own patch."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.edit import FileEdit, Patch, TextEdit, make_patch, patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Attempt, Proposal, RepairRequest, Verdict
from regreen.core.testing import TestId
from regreen.core.workspace import Project, WorkspaceModel
from regreen.guard import RULES, Refusal, admit

TEXT = "def f(a, b):\n    return a - b\n"
FIXED = TEXT.replace("-", "+")
SOURCES = {
    "m.py": TEXT,
    "n.py": TEXT,
    "o.py": TEXT,
    "p.py": TEXT,
    "test_m.py": "def test_f():\n    assert f(1, 2) == 3\n",
}


def request(policy: Policy, attempts: tuple[Attempt, ...] = (), sources: dict[str, str] | None = None) -> RepairRequest:
    project = Project(".", "python", "x", "pip", "pytest", "", (), ".")
    failure = Failure(FailureKind.ASSERTION, TestId(".", "test_m.py::test_f"), "m.py", 2, "assert -1 == 3")
    return RepairRequest(
        failure, (failure.test,), (), project, WorkspaceModel("/w"), sources or SOURCES, attempts, policy
    )


def attempt(patch: Patch | None) -> Attempt:
    return Attempt(1, "p", "h", patch, Verdict.STILL_RED, "r", None, 0.1)


def check_admit(
    rule: str | None, patch: Patch, policy: Policy | None = None, attempts: tuple[Attempt, ...] = (), **kwargs: object
) -> None:
    policy = policy or Policy()
    sources = kwargs.get("sources")
    answer = admit(policy, request(policy, attempts, sources), Proposal("p", "h", patch))  # type: ignore[arg-type]
    if rule is None:
        assert answer is patch
    else:
        assert isinstance(answer, Refusal)
        assert answer.rule == rule
        assert answer.next_step == RULES[rule]
        assert answer.message.endswith(".")


def between(after: dict[str, str]) -> Patch:
    return patch_between({path: SOURCES.get(path, TEXT) for path in after}, after)


def test_an_honest_patch_is_admitted() -> None:
    check_admit(None, between({"m.py": FIXED}))


def test_a_hostile_path_is_refused_first() -> None:
    check_admit("path-absolute", between({"/etc/passwd": FIXED}))


def test_a_test_is_refused() -> None:
    check_admit("protected-test", between({"test_m.py": "def test_f():\n    assert True\n"}))


def test_an_unknown_file_is_refused() -> None:
    check_admit("path-unknown", between({"new.py": FIXED}))


def test_too_many_files_are_refused() -> None:
    check_admit("blast-files", between(dict.fromkeys(("m.py", "n.py", "o.py", "p.py"), FIXED)))


def test_as_many_files_as_allowed_pass() -> None:
    check_admit(None, between(dict.fromkeys(("m.py", "n.py", "o.py"), FIXED)))


@pytest.mark.parametrize(("n_lines", "rule"), [(40, None), (41, "blast-lines")])
def test_the_number_of_lines_is_limited(n_lines: int, rule: str | None) -> None:
    check_admit(rule, between({"m.py": TEXT + "# x\n" * n_lines}))


def test_lines_that_look_like_diff_headers_count_too() -> None:
    sources = {"m.py": "-- x\n" * 30}
    patch = patch_between(sources, {"m.py": "++ x\n" * 30})
    check_admit("blast-lines", patch, sources=sources)


def test_a_large_file_is_refused() -> None:
    sources = {"m.py": "#" * 1_000_001 + "\n"}
    check_admit("file-too-large", patch_between(sources, {"m.py": "x\n"}), sources=sources)


def test_a_stale_base_is_refused() -> None:
    check_admit("base-changed", patch_between({"m.py": "old\n"}, {"m.py": "new\n"}))


def test_the_same_patch_twice_is_refused() -> None:
    patch = between({"m.py": FIXED})
    check_admit("tried-before", patch, attempts=(attempt(None), attempt(patch)))
    other = make_patch({"m.py": (TEXT, (TextEdit(0, len(TEXT), FIXED),))})
    check_admit("tried-before", other, attempts=(attempt(patch),))


def test_an_empty_patch_is_refused() -> None:
    check_admit("empty", Patch(()))
    check_admit("empty", make_patch({"m.py": (TEXT, (TextEdit(0, 3, "def"),))}))


@pytest.mark.parametrize(
    "edits",
    [
        (TextEdit(0, 5, ""), TextEdit(3, 7, "")),
        (TextEdit(-1, 2, "x"),),
        (TextEdit(5, 2, "x"),),
        (TextEdit(0, 10**9, "x"),),
        (TextEdit(9, 10, "x"), TextEdit(0, 1, "y")),
    ],
)
def test_edits_that_make_no_sense_are_refused(edits: tuple[TextEdit, ...]) -> None:
    check_admit("edit-invalid", Patch((FileEdit("m.py", TEXT, edits),)))


def test_one_file_twice_is_refused() -> None:
    file = between({"m.py": FIXED}).files[0]
    check_admit("path-collision", Patch((file, file)))


ALLOW = Policy(allow_tests=True)


def test_a_test_may_be_edited_when_a_person_says_so() -> None:
    check_admit(None, between({"test_m.py": "def test_f():\n    assert f(1, 2) == -1\n"}), ALLOW)


def test_an_assertion_may_not_go_even_then() -> None:
    check_admit("assertion-removed", between({"test_m.py": "def test_f():\n    f(1, 2)\n"}), ALLOW)


def test_a_test_may_not_go_even_then() -> None:
    check_admit("test-removed", between({"test_m.py": "def tset_f():\n    assert f(1, 2) == 3\n"}), ALLOW)


def test_a_test_may_not_be_skipped_even_then() -> None:
    text = "@pytest.mark.skip\n" + SOURCES["test_m.py"]
    check_admit("code-skip", between({"test_m.py": text}), ALLOW)


def test_a_trick_is_refused() -> None:
    check_admit("code-exit", between({"m.py": "import os\n" + TEXT.replace("return a - b", "os._exit(0)")}))


def test_a_refusal_says_why_what_else_and_whether_a_person_can_allow_it() -> None:
    answer = admit(Policy(), request(Policy()), Proposal("p", "h", Patch(())))
    assert (
        str(answer)
        == "The patch changes nothing. Propose a patch that changes something. Nothing lifts this rule (empty)."
    )


def test_the_policy_is_the_one_that_is_passed_not_the_requests() -> None:
    patch = between({"m.py": FIXED})
    wide = request(replace(Policy(), max_lines=100))
    answer = admit(Policy(max_lines=1), wide, Proposal("p", "h", patch))
    assert isinstance(answer, Refusal)
    assert answer.rule == "blast-lines"


def test_the_docs_list_exactly_the_rules() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guardrails.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == set(RULES)
