"""Answers as it was answered before: strictly, without a network, a key or a configuration.

Every request is made anew from the files as they are, and must be one that was recorded, to the byte. One that was not
is an error that names the first difference to the nearest one that was.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation
from regreen.core.errors import Unrecorded
from regreen.core.ports import Provider, Trials
from regreen.core.repair import Answer, NoIdea, Proposal, RepairRequest, Spent, Undecided
from regreen.guard import Redactor
from regreen.providers.models.asking import Ask, Asker, CleanNow, Purse
from regreen.providers.models.budget import Budget, Price
from regreen.providers.models.cascade import had_nothing
from regreen.providers.models.faults import Fault
from regreen.providers.models.http import ServiceFailed
from regreen.providers.models.provider import ModelProvider
from regreen.providers.models.reviewing import ModelReviewer
from regreen.providers.models.values import Endpoint, ModelRequest, Reply, Stop, Usage

from .answers import DoesNotFit
from .asked import Document, key_of, lines_of, of_engine, of_model
from .folder import Cassette, MemberRecord, Recorded, ReplyRecord

_LONGEST = 100  # characters of a line that is shown
_NEXT = (
    "Replay on the files of the recorded run with the version of Regreen that made it, or run without the recording."
)


class Replay:
    """The providers of a recording, in their order."""

    def __init__(self, cassette: Cassette) -> None:
        replies = _Replies(cassette)
        authors = tuple(record for record in cassette.members if record.kind != "reviewer")
        self._members = tuple(_member(record, replies) for record in authors)
        self._names = tuple(record.name for record in authors)
        reviewers = (_reviewer(record, replies) for record in cassette.members if record.kind == "reviewer")
        self.reviewer = next(reviewers, None)
        latest = cassette.manifests[-1]
        self.state, self.memory, self.max_attempts = latest.state, latest.memory, latest.max_attempts
        self._engines = frozenset(record.name for record in cassette.members if record.kind == "engine")

    @property
    def name(self) -> str:
        """Return the names in their order."""
        return " → ".join(self._names)

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Return what was recorded for this request; it costs nothing.

        Raises:
            Cancelled: the token was set.
            Unrecorded: this was not asked in the recorded run.
        """
        nothing: NoIdea | None = None
        question: Undecided | None = None
        missed: Unrecorded | None = None
        for member in self._members:
            cancel.check()
            if 1 < len(self._members) and member.name in self._engines and had_nothing(request, member.name):
                continue
            try:
                answer = replace(member.propose(cancel, request, trials), usage=Spent())
            except ServiceFailed:  # It gave no reply in the recorded run either.
                continue
            except Unrecorded as miss:
                # A model may have been out or had no key when it was its turn; an engine is always there.
                if member.name in self._engines:
                    raise
                missed = missed or miss
                continue
            if isinstance(answer, Proposal) or (isinstance(answer, NoIdea) and answer.refused):
                return answer
            if isinstance(answer, Undecided):
                question = question or answer
            else:
                nothing = nothing or answer
        if question is not None:
            return question
        if nothing is not None and missed is None:
            return nothing
        raise missed or Unrecorded("The recording holds only faults for this request.", next_step=_NEXT)


class _Replies:
    """Hands out replies by the key of a request, in the order in which they came; the last one for ever."""

    def __init__(self, cassette: Cassette) -> None:
        self._by_key = {each.key: each for each in cassette.recorded}  # the latest run's, where several have it
        self._n_given: dict[tuple[str, str], int] = {}

    def next(self, kind: str, provider: str, document: Document) -> ReplyRecord:
        """Return the next reply to a request.

        Raises:
            Unrecorded: there is none.
        """
        key = key_of(document)
        recorded = self._by_key.get(key)
        own = [reply for reply in recorded.replies if reply.provider == provider] if recorded else []
        if not own:
            raise self._missed(kind, provider, document)
        n = self._n_given.get((key, provider), 0)
        self._n_given[key, provider] = n + 1
        return own[min(n, len(own) - 1)]

    def _missed(self, kind: str, provider: str, document: Document) -> Unrecorded:
        others = [
            each
            for each in self._by_key.values()
            if each.kind == kind and any(reply.provider == provider for reply in each.replies)
        ]
        if not others:
            return Unrecorded(f"The recording has no reply of “{provider}”.", next_step=_NEXT)
        return Unrecorded(
            f"The recording has no reply of “{provider}” to this request: {_difference(others, document)}.",
            next_step=_NEXT,
        )


@dataclass(frozen=True, slots=True)
class _ReplayedEngine:
    """An engine that says what it said."""

    name: str
    replies: _Replies

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Return the recorded answer.

        Raises:
            Unrecorded: it was not asked this.
        """
        del trials
        cancel.check()
        reply = self.replies.next("engine", self.name, of_engine(self.name, request, Redactor().clean))
        if reply.answer is None:
            raise Unrecorded(f"The recording has no answer of “{self.name}”.", next_step=_NEXT)
        try:
            return reply.answer.value(self.name, request.sources)
        except DoesNotFit as other:
            raise Unrecorded(f"The recorded edits are for another text of {other.path}.", next_step=_NEXT) from other


def _member(record: MemberRecord, replies: _Replies) -> Provider:
    if record.kind == "engine":
        return _ReplayedEngine(record.name, replies)

    return ModelProvider(*_model(record, replies))


def _reviewer(record: MemberRecord, replies: _Replies) -> ModelReviewer:
    return ModelReviewer(Asker(*_model(record, replies)))


def _model(record: MemberRecord, replies: _Replies) -> tuple[Endpoint, Ask, Purse, CleanNow]:
    def ask(cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
        cancel.check()
        return _reply(replies.next("model", endpoint.name, of_model(endpoint, asked, Redactor().clean)))

    # What a service did not take in the recorded run it does not take again: also that a model thinks so long.
    endpoint = Endpoint(record.name, "", "", record.model, context=record.context, thinking=1)
    return endpoint, ask, Purse(Budget({}), Price()), lambda _cancel: Redactor().clean


def _reply(reply: ReplyRecord) -> Reply:
    if reply.fault:
        raise ServiceFailed(Fault(reply.fault, reply.message, 0.0, field=reply.field))
    usage = reply.usage
    spent = Usage() if usage is None else Usage(usage.sent, usage.cached, usage.received)
    return Reply(reply.text or "", reply.reasoning, spent, reply.stop or Stop.UNKNOWN)


def _difference(others: list[Recorded], document: Document) -> str:
    """Name the first difference to the recorded request that has most in common with this one."""
    now = lines_of(document)
    best = max(others, key=lambda each: (_in_common(lines_of(each.request), now), each.key))
    then = lines_of(best.request)
    for (where, was), (_, says) in zip(then, now, strict=False):
        if was != says:
            return f"{where} was recorded as {_quoted(was)} and is {_quoted(says)} now"
    longer, what = (then, "is missing now") if len(now) < len(then) else (now, "was not recorded")
    where, line = longer[min(len(then), len(now))]
    return f"{where} {what}: {_quoted(line)}"


def _in_common(then: list[tuple[str, str]], now: list[tuple[str, str]]) -> float:
    return difflib.SequenceMatcher(None, [text for _, text in then], [text for _, text in now], False).ratio()


def _quoted(line: str) -> str:
    return f"“{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}”"
