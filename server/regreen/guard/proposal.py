"""From an untrusted proposal to a patch, or to a refusal: every rule in sequence, cheapest first."""

from __future__ import annotations

from regreen.core.edit import Patch, apply
from regreen.core.policy import Policy
from regreen.core.repair import Proposal, RepairRequest
from regreen.core.testing import TestId
from regreen.core.text import LineIndex

from .answers import check_answers
from .blast import check_assertions, check_blast
from .code import check_code
from .envelope import check_actions, check_inline_tests, check_paths
from .gate import SCOPE, area_of
from .invented import check_invented
from .refusal import Refusal, refuse


def admit(policy: Policy, request: RepairRequest, proposal: Proposal) -> Patch | Refusal:
    """Return the proposal's patch if every rule lets it pass, else the first refusal."""
    patch = proposal.patch
    return (
        check_paths(policy, patch, request.model)
        or _check_edits(patch)
        or check_actions(policy, patch)
        or _check_known(request, patch)
        or check_blast(policy, patch)
        or _check_base(request, patch)
        or _check_new(request, patch)
        or _check_not_empty(patch)
        or check_inline_tests(policy, patch)
        or check_assertions(patch, request.model)
        or check_code(patch, policy.lifted)
        or _check_answers(request, patch)
        or check_invented(request, patch)
        or _check_scope(policy, request, patch)
        or patch
    )


def _check_edits(patch: Patch) -> Refusal | None:
    for file in patch.files:
        try:
            apply(file.base, file.edits)
        except ValueError as error:
            return refuse("edit-invalid", f"{file.path}: {error}.", file.path)
    return None


def _check_known(request: RepairRequest, patch: Patch) -> Refusal | None:
    unknown = next((path for path in patch.paths if path not in request.sources), None)
    if unknown is None:
        return None
    return refuse("path-unknown", f"{unknown} was not part of the request.", unknown)


def _check_base(request: RepairRequest, patch: Patch) -> Refusal | None:
    stale = next((file.path for file in patch.files if file.base != request.sources[file.path]), None)
    if stale is None:
        return None
    return refuse("base-changed", f"The patch was made for another text of {stale}.", stale)


def _check_new(request: RepairRequest, patch: Patch) -> Refusal | None:
    for attempt in request.attempts:
        if attempt.patch is not None and attempt.patch.digest == patch.digest and patch.files:
            return refuse("tried-before", f"Attempt {attempt.n} tried the same patch.")
    return None


def _check_answers(request: RepairRequest, patch: Patch) -> Refusal | None:
    test = _wanted_source(request)
    return next((refusal for file in patch.files if (refusal := check_answers(file, test)) is not None), None)


def _check_scope(policy: Policy, request: RepairRequest, patch: Patch) -> Refusal | None:
    """Refuse a patch that leads into a part of the code that the gate would have asked about."""
    for file in patch.files if SCOPE not in policy.lifted else ():
        lines = LineIndex(file.base)
        touched = (lines.position(edit.start).line + 1 for edit in file.edits)
        area = area_of(policy, request.model, file.path, touched)
        if area is not None:
            return refuse(SCOPE, f"The patch touches {area} ({file.path}).", file.path)
    return None


def _wanted_source(request: RepairRequest) -> str:
    """Return the source of the wanted tests; of the whole file, where they are not known by name."""
    path = request.failure.test_path
    text = request.sources.get(path, "") if path else ""
    spans = [
        case.span
        for case in request.model.tests_in(path)
        if any(wanted.defines(TestId(case.project, case.name)) for wanted in request.wanted)
    ]
    return "\n".join(text[span.start : span.end] for span in spans) or text


def _check_not_empty(patch: Patch) -> Refusal | None:
    if any(file.after != file.base for file in patch.files):
        return None
    return refuse("empty", "The patch changes nothing.")
