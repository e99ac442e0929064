"""Tests for what no test notices: written, proved and delivered as one edit, because a person asked for it."""

from __future__ import annotations

from functools import partial

from regreen.app import Deliver, MutateRequest, Strengthened, keep_back
from regreen.core.cancel import Cancellation
from regreen.core.edit import diff
from regreen.core.mutation import Strength
from regreen.core.trace import Trace
from regreen.lsp import to_lsp
from regreen.lsp.delivery import deliver
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol_mutation import StrengthenArgs, StrengthenResult
from regreen.lsp.tasks import outcome_of, start_job

from . import diagnostics, mutating

_AGAIN = "No test was added; choose “Strengthen tests” to try again."


async def strengthen(server: RegreenServer, folder: Folder, args: StrengthenArgs) -> StrengthenResult:
    """Run it as a job; hints about what the new tests notice go when they are there.

    Raises:
        UsageError: the request names what is not there.
    """
    path, function = mutating.meant(server, folder, args)
    request = MutateRequest((path,) if path else (), function)
    deliver_by: Deliver = keep_back if args.dry_run else partial(deliver, server, folder, again=_AGAIN)

    def work(cancel: Cancellation, trace: Trace) -> tuple[Strength, Strengthened]:
        return folder.session.strengthen(cancel, trace, request, deliver_by)

    job = start_job(server, folder, "Strengthening the tests", work, args.work_done_token)
    strength, found = await outcome_of(server, job)
    await diagnostics.settle(server, folder)
    return _result(strength, found, function or path or "this code")


def _result(strength: Strength, found: Strengthened, where: str) -> StrengthenResult:
    outcome = "refused" if strength.refused else _outcome(found)
    message = found.in_words if strength.survivors else strength.in_words(where)
    return StrengthenResult(
        message=message,
        level="info" if found.applied or (not strength.survivors and not strength.refused) else "warning",
        outcome=outcome,
        tests=tuple(to_lsp.test_ref(test) for test in found.tests),
        noticed=len(found.noticed),
        left=len(found.left),
        diff=diff(found.patch),
    )


def _outcome(found: Strengthened) -> str:
    if not found.tests:
        return "nothing-found"
    return "applied" if found.applied else "not-applied"
