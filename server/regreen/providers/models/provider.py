"""A model as a provider of the loop: asks, pays, reads the reply, and says why when it cannot be followed.

Which function really asks is passed in, so that a recording or a replay takes its place without a word here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from regreen.core.cancel import Cancellation
from regreen.core.ports import Trials
from regreen.core.repair import Answer, NoIdea, Proposal, RepairRequest, Spent

from .asking import Ask, Asker, CleanNow, Purse
from .faults import FaultKind
from .http import ServiceFailed
from .plan import Plan, Unusable, read_plan
from .reply import patch_of
from .request import Size, build_request
from .values import Endpoint, Reply, Stop

_SHORTER = 2  # a request that was too large is asked once more, in so much less room
_MARK = "[secret:"  # what stands for a secret that was taken out
_ALL_THOUGHT = "All tokens went into thinking, and none was left for the answer. `thinking` in config.toml allows more."
_ENDS = {
    Stop.CUT: "The reply was cut off at its limit of tokens. Answer more briefly.",
    Stop.WITHHELD: "The service withheld the reply.",
}


class ModelProvider:
    """One model. `clean` returns what takes secrets out, the model's own key among them."""

    def __init__(
        self,
        endpoint: Endpoint,
        ask: Ask,
        purse: Purse,
        clean: CleanNow,
        learn: Callable[[Endpoint], None] | None = None,
    ) -> None:
        self._name = endpoint.name
        self._asker = Asker(endpoint, ask, purse, clean, learn)

    @property
    def name(self) -> str:
        """Return the name that the person gave it."""
        return self._name

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Ask once, and make a patch of the reply; a reply that cannot be followed is refused with the reason.

        Raises:
            Cancelled: the token was set.
            ServiceFailed: the service gave no reply.
            QuotaExhausted: the budget does not suffice; nothing was sent.
        """
        del trials
        if not request.failure.kind.editable:
            return NoIdea(self.name, "This kind of failure is not cured by an edit.")
        reply, spent = self._reply(cancel, request)
        try:
            if reply.stop is Stop.CUT and not reply.text.strip():
                raise Unusable(_ALL_THOUGHT)
            if reply.stop in _ENDS:
                raise Unusable(_ENDS[reply.stop])
            return replace(self._proposal(request, read_plan(reply.text)), usage=spent)
        except Unusable as why:
            return NoIdea(self.name, why.message, refused=True, usage=spent)

    def _reply(self, cancel: Cancellation, request: RepairRequest) -> tuple[Reply, Spent]:
        clean, size = self._asker.clean(cancel), Size(self._asker.endpoint.context)
        try:
            return self._asker(cancel, build_request(request, clean, size))
        except ServiceFailed as failed:
            if failed.fault.kind is not FaultKind.TOO_LARGE:
                raise
        return self._asker(cancel, build_request(request, clean, Size(size.context // _SHORTER)))

    def _proposal(self, request: RepairRequest, plan: Plan) -> Proposal:
        if any(_MARK in (order.replace or "") + (order.content or "") for order in plan.edits):
            raise Unusable("An edit writes a mark that stands for a secret. Leave those lines as they are.")
        patch = patch_of(plan, request.sources)
        for attempt in request.attempts:
            if attempt.patch is not None and attempt.patch.digest == patch.digest:
                raise Unusable(f"Attempt {attempt.n} tried the same edits. Think of another cause.")
        evidence = tuple(note for note in plan.notes if note.strip())
        return Proposal(self.name, " ".join(plan.hypothesis.split()), patch, tried=0, evidence=evidence)
