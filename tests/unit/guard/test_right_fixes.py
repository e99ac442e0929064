"""Layers that refuse must not refuse what is right: the known fixes of the small bugs pass the guard, unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regreen.core.edit import Patch, diff, patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Proposal, RepairRequest
from regreen.core.testing import TestId
from regreen.core.text import SourceText
from regreen.core.workspace import Project, WorkspaceModel
from regreen.guard import admit, check_gate
from regreen.languages import REGISTRY
from tests.support.bugs import Bug, read_bugs

CURABLE = tuple(bug for bug in read_bugs() if bug.is_curable)
RUNNERS = {"python": "pytest", "go": "go test", "javascript": "node:test", "rust": "cargo test"}


def request_of(bug: Bug) -> tuple[RepairRequest, Patch]:
    """Return what a provider is asked about a bug, and the fix that is known to be right."""
    sources = {path: text for path, text in bug.files.items() if not path.startswith(("heldout/", "fix/"))}
    after = {path.removeprefix("fix/"): text for path, text in bug.files.items() if path.startswith("fix/")}
    patch = patch_between({path: sources[path] for path in after}, after)
    language = REGISTRY[bug.language]
    outlined = {path: text for path, text in sources.items() if path.endswith(language.suffixes)}
    project = Project(".", bug.language, "small", "none", RUNNERS[bug.language], "", (), ".")
    model = WorkspaceModel(
        "/w", 1, (project,), {path: language.outline(path, SourceText(text)) for path, text in outlined.items()}
    )
    first = patch.files[0]
    line = first.base.count("\n", 0, first.edits[0].start) + 1
    failure = Failure(FailureKind.ASSERTION, TestId(".", bug.head["red"]), first.path, line, "assert 1 == 2")
    return RepairRequest(failure, (failure.test,), (), project, model, sources, (), Policy()), patch


@pytest.mark.parametrize("bug", CURABLE, ids=lambda bug: f"{bug.language}-{bug.name}")
def test_the_right_fix_of_a_small_bug_is_let_through_and_not_asked_about(bug: Bug) -> None:
    request, patch = request_of(bug)
    assert check_gate(request.policy, request.failure, request.model) is None
    assert admit(request.policy, request, Proposal("right", bug.head["bug"], patch)) is patch, diff(patch)
    in_test = replace(request.failure, path=request.failure.test_path)
    assert check_gate(request.policy, in_test, request.model) is None


def test_there_are_fixes_in_every_language() -> None:
    counts = {language: sum(bug.language == language for bug in CURABLE) for language in RUNNERS}
    assert all(25 <= count for count in counts.values()), counts
    assert 170 <= len(CURABLE)
