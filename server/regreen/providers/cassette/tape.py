"""Records a repair while it runs: stands between the loop and whoever proposes, and changes nothing of what they say.

Nothing is on the disk until the first answer has come. A disk that takes no recording does not end a repair: the
person is told once, and the repair goes on without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regreen import __version__
from regreen.core.cancel import Cancellation
from regreen.core.edit import diff
from regreen.core.policy import Policy
from regreen.core.ports import Provider, Trials
from regreen.core.repair import Answer, RepairReport, RepairRequest
from regreen.core.trace import Clock, Trace
from regreen.core.workspace import WorkspaceModel
from regreen.providers.models.asking import Ask
from regreen.providers.models.canonical import canonical
from regreen.providers.models.faults import Fault
from regreen.providers.models.http import ServiceFailed
from regreen.providers.models.values import Endpoint, ModelRequest, Reply

from .answers import record_of
from .asked import Clean, Document, key_of, of_engine, of_model
from .folder import MANIFEST, Manifest, MemberRecord, Recorded, ReplyRecord, UsageRecord, write_record

Cleaner = Callable[[Cancellation], Clean]


class Tape:
    """The recording of one run. `clean` takes out secrets that have a known form."""

    def __init__(
        self, folder: Path, trace: Trace, journal: str, clock: Clock, clean: Clean, warn: Callable[[str], None]
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._clean = clean
        self._warn = warn
        self._broken = False
        self._recorded: dict[str, Recorded] = {}
        self._n = 0
        self._attempt = 0
        self._manifest = Manifest(
            regreen=__version__,
            run_id=trace.run_id,
            trace_id=trace.trace_id,
            started=clock.now(),
            journal=journal,
            members=(),
        )

    def engine(self, provider: Provider) -> Provider:
        """Return an engine that needs no network, recorded."""
        self._join(MemberRecord(name=provider.name, kind="engine"))
        return _TapedEngine(provider, self)

    def model(self, endpoint: Endpoint, ask: Ask, clean: Cleaner) -> Ask:
        """Return what asks a model, recorded. `clean` takes secrets out, the model's own key among them."""
        self._join(MemberRecord(name=endpoint.name, kind="model", model=endpoint.model, context=endpoint.context))
        return self._recorded_ask(ask, clean)

    def reviewer(self, endpoint: Endpoint, ask: Ask, clean: Cleaner) -> Ask:
        """Return what asks the model that reviews, recorded."""
        self._join(MemberRecord(name=endpoint.name, kind="reviewer", model=endpoint.model, context=endpoint.context))
        return self._recorded_ask(ask, clean)

    def _recorded_ask(self, ask: Ask, clean: Cleaner) -> Ask:

        def recorded(cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
            begun = self._clock.monotonic()
            try:
                reply = ask(cancel, endpoint, asked)
            except ServiceFailed as failed:
                fault = failed.fault
                self._add_reply(cancel, endpoint, asked, clean, begun, fault=fault)
                raise
            self._add_reply(cancel, endpoint, asked, clean, begun, reply=reply)
            return reply

        return recorded

    def around(self, provider: Provider) -> Provider:
        """Return the provider of the run, so that each reply says for which attempt it was."""
        return _Counted(provider, self)

    def begin(self, policy: Policy, model: WorkspaceModel, state: str, memory: tuple[str, ...]) -> None:
        """Note what the run may do and what is told of here and of before, so that a replay does and tells the same."""

        def say(text: str) -> str:
            return self._clean(canonical(text, model.root, model.files))

        told = {"state": say(state), "memory": tuple(map(say, memory))}
        lifted = tuple(sorted(policy.lifted))
        asked = {"max_attempts": policy.max_attempts, "allow_tests": policy.allow_tests, "lifted": lifted}
        self._manifest = self._manifest.model_copy(update=asked | told)

    def end(self, report: RepairReport) -> None:
        """Note how the run ended; a run in which nobody was asked leaves no recording."""
        tests, patch = tuple(test.name for test in report.wanted), diff(report.patch) if report.patch else ""
        ended = {"tests": tests, "outcome": report.outcome.value, "patch": self._clean(patch)}
        self._manifest = self._manifest.model_copy(update=ended)
        if self._n:
            self._write(MANIFEST, self._manifest)

    def attempt_begins(self, number: int) -> None:
        """Take note of the attempt that the next replies are for."""
        self._attempt = number

    def add(self, kind: str, document: Document, reply: ReplyRecord) -> None:
        """Write down what came back to a request."""
        if self._broken:
            return
        self._n += 1
        key = key_of(document)
        before = self._recorded.get(key)
        replies = (*(before.replies if before else ()), reply.model_copy(update={"n": self._n}))
        recorded = Recorded.model_validate(
            {"key": key, "kind": kind, "run_id": self._manifest.run_id, "request": document, "replies": replies}
        )
        self._recorded[key] = recorded
        if self._n == 1:
            self._write(MANIFEST, self._manifest)
        self._write(f"{key}.json", recorded)

    def add_answer(self, provider: str, request: RepairRequest, answer: Answer, begun: float) -> None:
        """Write down what an engine answered."""
        record = ReplyRecord(
            provider=provider,
            n=0,
            attempt=self._attempt,
            seconds=self._since(begun),
            answer=record_of(answer, self._clean),
        )
        self.add("engine", of_engine(provider, request, self._clean), record)

    def now(self) -> float:
        """Return seconds that never run backwards."""
        return self._clock.monotonic()

    def _add_reply(
        self,
        cancel: Cancellation,
        endpoint: Endpoint,
        asked: ModelRequest,
        clean: Cleaner,
        begun: float,
        reply: Reply | None = None,
        fault: Fault | None = None,
    ) -> None:
        own = clean(cancel)

        def say(text: str) -> str:
            # Half of a surrogate pair, which a service may send, is no text that a file can hold.
            return own(self._clean(text)).encode("utf-8", "replace").decode("utf-8")

        said = {**_said(reply, say), **_failed(fault, say)}
        came = {"provider": endpoint.name, "n": 0, "attempt": self._attempt, "seconds": self._since(begun)}
        self.add("model", of_model(endpoint, asked, say), ReplyRecord.model_validate({**came, **said}))

    def _since(self, begun: float) -> float:
        return round(self._clock.monotonic() - begun, 3)

    def _join(self, member: MemberRecord) -> None:
        self._manifest = self._manifest.model_copy(update={"members": (*self._manifest.members, member)})
        if self._n:
            self._write(MANIFEST, self._manifest)

    def _write(self, name: str, record: Manifest | Recorded) -> None:
        if self._broken:
            return
        try:
            write_record(self.folder, name, record)
        except OSError as error:
            self._broken = True
            self._warn(
                f"The recording {self.folder} cannot be written: {error.strerror}. "
                "The repair goes on; it cannot be replayed later."
            )


@dataclass(frozen=True, slots=True)
class _TapedEngine:
    """An engine whose answers are recorded."""

    engine: Provider
    tape: Tape

    @property
    def name(self) -> str:
        """Return the engine's name."""
        return self.engine.name

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Propose as the engine does."""
        begun = self.tape.now()
        answer = self.engine.propose(cancel, request, trials)
        self.tape.add_answer(self.name, request, answer, begun)
        return answer


@dataclass(frozen=True, slots=True)
class _Counted:
    """The provider of a run: tells the tape which attempt it is."""

    provider: Provider
    tape: Tape

    @property
    def name(self) -> str:
        """Return the provider's name."""
        return self.provider.name

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Propose as the provider does."""
        self.tape.attempt_begins(len(request.attempts) + 1)
        return self.provider.propose(cancel, request, trials)


def _failed(fault: Fault | None, say: Clean) -> dict[str, object]:
    return {} if fault is None else {"fault": fault.kind, "message": say(fault.message), "field": fault.field}


def _said(reply: Reply | None, say: Clean) -> dict[str, object]:
    if reply is None:
        return {}
    usage = UsageRecord(sent=reply.usage.sent, cached=reply.usage.cached, received=reply.usage.received)
    return {"text": say(reply.text), "reasoning": say(reply.reasoning), "usage": usage, "stop": reply.stop.value}
