"""Is this path inside the policy?"""

from __future__ import annotations

from regreen.core.edit import Patch
from regreen.core.errors import UnreadableSource
from regreen.core.policy import SACRED, TESTS, Action, Policy
from regreen.core.workspace import WorkspaceModel
from regreen.syntax import grammar_of, parse

from .globs import first_match
from .inline import test_spans
from .paths import collision, path_refusal
from .refusal import Refusal, refuse


def check_paths(policy: Policy, patch: Patch, model: WorkspaceModel | None = None) -> Refusal | None:
    """Refuse a patch that names a hostile, foreign or protected path; files in which `model` knows tests are tests."""
    for path in patch.paths:
        refusal = path_refusal(path) or _outside(policy, path) or _protected(policy, path, model)
        if refusal is not None:
            return refusal
    return collision(patch.paths)


def check_actions(policy: Policy, patch: Patch) -> Refusal | None:
    """Refuse a patch that does what the policy does not list: edit a file, or leave nothing in one."""
    for file in patch.files:
        action = Action.EDIT if file.after.strip() or not file.base.strip() else Action.DELETE
        if action not in policy.actions and f"action-{action}" not in policy.lifted:
            return refuse(f"action-{action}", f"The patch would {_DOES[action]} {file.path}.", file.path)
    return None


def check_inline_tests(policy: Policy, patch: Patch) -> Refusal | None:
    """Refuse a patch that changes tests which stand beside the code that they test."""
    if policy.allow_tests:
        return None
    for file in patch.files:
        if file.path.endswith(".rs") and _inline_tests(file.path, file.base) != _inline_tests(file.path, file.after):
            return refuse("protected-test", f"The patch changes tests in {file.path}.", file.path)
    return None


def is_test(path: str, model: WorkspaceModel | None = None) -> bool:
    """Tell whether a path is a test file: by its name, or because the model knows a test in it."""
    if first_match(TESTS, path, ignore_case=True) is not None:
        return True
    # Rust keeps tests beside the code: there `test_spans` says which part of a file is one.
    return model is not None and not path.endswith(".rs") and bool(model.tests_in(path))


_DOES = {Action.EDIT: "edit", Action.DELETE: "leave nothing in"}


def _inline_tests(path: str, text: str) -> list[str] | None:
    try:
        spans = test_spans(parse(text, grammar_of(path)))
    except UnreadableSource:
        return None
    return [text[span.start : span.end] for span in spans]


def _outside(policy: Policy, path: str) -> Refusal | None:
    if "path-outside" in policy.lifted:
        return None
    if all(first_match(globs, path) is not None for globs in (policy.allowed, *policy.within)):
        return None
    return refuse("path-outside", f"{path} is not among the paths that may be edited.", path)


def _protected(policy: Policy, path: str, model: WorkspaceModel | None) -> Refusal | None:
    # Case is ignored here: on macOS and Windows Conftest.PY is conftest.py.
    sacred = first_match(SACRED, path, ignore_case=True)
    if sacred is not None:
        return refuse("path-sacred", f"{path} is protected for good ({sacred}).", path)
    hits = [pattern for pattern in policy.protected if first_match((pattern,), path, ignore_case=True) is not None]
    others = [pattern for pattern in hits if pattern not in TESTS]
    if others and "path-protected" not in policy.lifted:
        return refuse("path-protected", f"{path} is protected ({others[0]}).", path)
    tests_protected = not policy.allow_tests and any(pattern in TESTS for pattern in policy.protected)
    if tests_protected and (len(others) < len(hits) or is_test(path, model)):
        return refuse("protected-test", f"{path} is a test, and tests are not edited to make them pass.", path)
    return None
