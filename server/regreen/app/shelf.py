"""The providers that a person has configured, and the one that a repair is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.errors import Refused, RegreenError, UsageError
from regreen.core.policy import Policy
from regreen.core.ports import Provider, Reviewer
from regreen.core.trace import Clock
from regreen.providers import (
    LOCAL,
    PRESETS,
    WIRES,
    Asker,
    Budget,
    Cascade,
    CommandKey,
    DayBook,
    EditorKey,
    Endpoint,
    EnvironmentKey,
    Keyless,
    KeyringKey,
    KeySource,
    Ledger,
    Live,
    Member,
    ModelProvider,
    ModelReviewer,
    Price,
    Purse,
    Register,
    Scope,
    SearchProvider,
    Tape,
    found_locally,
)

from .authority import Ruling
from .configuration import Configuration, ProviderTable, configuration_file, price_of, read_configuration
from .requests import AskSecret
from .secrecy import Secrets
from .spending import host_allows, host_of, narrowed


@dataclass(frozen=True, slots=True)
class Shown:
    """How a configured provider stands, for a person; `remedy` is "" when it can be asked."""

    name: str
    found: str
    remedy: str = ""


class Shelf:
    """Makes providers. What a session and a day have cost lasts longer than a repair; so do fetched tokens."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        tell: Callable[[str], None],
        ask_secret: AskSecret | None,
        environment: Mapping[str, str],
        secrets: Secrets,
    ) -> None:
        self._ledger = Ledger(folder)
        self._day = DayBook(folder, clock)
        self._clock = clock
        self._tell = tell
        self._ask_secret = ask_secret
        self._environment = environment
        self._secrets = secrets
        self._file = configuration_file(environment)
        self._budget = Budget({})
        self._keys: dict[ProviderTable, KeySource] = {}
        self._taken: dict[str, Endpoint] = {}
        self._policy = Policy()
        self._headers: Mapping[str, Mapping[str, KeySource]] = {}  # provider -> header -> where its value is

    def choose(self, cancel: Cancellation, name: str, tape: Tape, ruling: Ruling) -> Provider:
        """Return the provider of one repair: "search", "cascade", or one that is configured; the tape records it.

        Raises:
            UsageError: there is none of that name, or the configuration is wrong.
            Refused: the policy does not let its host be asked.
            Cancelled: the token was set.
        """
        if name == "search":
            return tape.engine(SearchProvider())
        found = ruling.configuration
        self._begin(found, ruling.policy)
        if name == "cascade":
            ordered = found.in_order(ruling.profile)
            self._refuse_own_review(found, ordered)
            engine = Member(tape.engine(SearchProvider()))
            members = (
                *(self._member(table, tape) for table in ordered if self._may_ask(table)),
                *self._local(cancel, found, LOCAL, tape),
            )
            if not members:
                raise UsageError(f"No model is configured in {self._file}.", next_step=_HOW)
            return self._cascade(found, (engine, *members))
        tables = [table for table in found.provider if table.name == name]
        self._refuse_hosts(tables)
        self._refuse_own_review(found, tuple(tables))
        own = tuple(self._member(table, tape) for table in tables)
        own = own or self._local(cancel, found, (name,) if name in LOCAL else (), tape)
        if not own:
            known = ", ".join(("search", "cascade", *(table.name for table in found.provider)))
            raise UsageError(f"There is no provider “{name}”; there are {known}.", next_step=_HOW)
        return self._cascade(found, own)

    def reviewer(self, name: str, tape: Tape, ruling: Ruling) -> Reviewer | None:
        """Return who reviews what the provider of that name has made, None when nobody does. Call it after `choose`."""
        table = ruling.configuration.reviewer
        if name == "search" or table is None or not self._may_ask(table):
            return None
        key, endpoint = self._key(table), endpoint_of(table)
        clean = self._cleaning(endpoint, key)
        ask = tape.reviewer(endpoint, self._live(endpoint, key), clean)
        asker = Asker(self._learned(endpoint), ask, Purse(self._budget, price_of(table)), clean, self._learn)
        return ModelReviewer(asker, Register(self._ledger, _service(endpoint), key.known, self._clock.now))

    def _refuse_own_review(self, found: Configuration, authors: tuple[ProviderTable, ...]) -> None:
        """Refuse to let a model judge what it wrote itself, by whichever service it is reached."""
        reviewer = found.reviewer
        own = next((each for each in authors if reviewer and each.model.lower() == reviewer.model.lower()), None)
        if reviewer is not None and own is not None:
            raise UsageError(
                f"“{reviewer.name}” is to review, and is the model {own.model} that writes the fixes itself.",
                next_step="Name a provider with another model in [review], or remove the table.",
            )

    def shown(self) -> tuple[Shown, ...]:
        """Say how the configured providers stand, without sending or fetching anything."""
        try:
            found = read_configuration(self._file)
        except RegreenError as problem:
            return (Shown("provider", problem.message, problem.next_step),)
        try:
            rows = tuple(map(self._shown, found.provider))
            rows += (self._today(found),) if rows else ()
        except RegreenError as problem:  # What is remembered of services, or of today, cannot be read.
            return (Shown("memory", problem.message, problem.next_step),)
        return (*rows, Shown("local models", "looked for on loopback when they are asked")) if found.local else rows

    def _today(self, found: Configuration) -> Shown:
        spent, cap = self._day.read(), found.budget.day
        figures = (
            f"today {spent.calls} call{'s' * (spent.calls != 1)}, {spent.tokens} tokens, {spent.money:.4g} of money"
        )
        caps = ((cap.calls, "calls"), (cap.tokens, "tokens"), (cap.money, "of money"))
        most = ", ".join(f"{limit:g} {what}" for limit, what in caps if limit is not None)
        return Shown("budget", f"{figures}; at most {most}" if most else f"{figures}; no limit for a day is set")

    def _begin(self, found: Configuration, policy: Policy) -> None:
        caps = {
            Scope.TASK: narrowed(found.budget.task.cap, policy),
            Scope.SESSION: found.budget.session.cap,
            Scope.DAY: found.budget.day.cap,
        }
        self._budget = Budget(caps, self._budget.spent, self._day)
        self._policy = policy
        self._headers = self._headers_of(found) if policy.inject_state else {}
        self._budget.new_task()

    def _headers_of(self, found: Configuration) -> dict[str, dict[str, KeySource]]:
        sources: dict[str, dict[str, KeySource]] = {}
        for header in found.state_injection.auth_header:
            source = EnvironmentKey(header.provider, header.env, self._environment)
            sources.setdefault(header.provider, {})[header.name] = source
        return sources

    def _may_ask(self, table: ProviderTable) -> bool:
        """Tell whether the policy lets a provider's host be asked; one that it does not is told and left out."""
        if host_allows(self._policy, table.address):
            return True
        self._tell(f"{table.name} is left out: {host_of(table.address)} is not among the hosts that may be asked")
        return False

    def _refuse_hosts(self, tables: list[ProviderTable]) -> None:
        unlisted = next((table for table in tables if not host_allows(self._policy, table.address)), None)
        if unlisted is not None:
            raise Refused(
                f"{host_of(unlisted.address)} is not among the hosts that may be asked.",
                next_step="Choose another provider, or change `hosts`; regreen config --show tells who limits it.",
                rule="provider-host",
            )

    def _cascade(self, found: Configuration, members: tuple[Member, ...]) -> Cascade:
        return Cascade(members, self._ledger, self._clock, found.cascade.patience, self._tell)

    def _member(self, table: ProviderTable, tape: Tape) -> Member:
        key, endpoint = self._key(table), endpoint_of(table)
        return self._model(endpoint, key, price_of(table), tape)

    def _local(
        self, cancel: Cancellation, found: Configuration, names: tuple[str, ...], tape: Tape
    ) -> tuple[Member, ...]:
        taken = {table.address for table in found.provider}
        urls = {name: PRESETS[name].url for name in names}
        free = (name for name, url in urls.items() if url not in taken and host_allows(self._policy, url))
        wanted = {name: PRESETS[name] for name in free}
        endpoints = found_locally(cancel, wanted) if found.local and wanted else ()
        reviews = found.reviewer.model if found.reviewer else ""
        authors = (endpoint for endpoint in endpoints if endpoint.model != reviews)
        return tuple(self._model(endpoint, Keyless(), Price(), tape) for endpoint in authors)

    def _model(self, endpoint: Endpoint, key: KeySource, price: Price, tape: Tape) -> Member:
        clean = self._cleaning(endpoint, key)
        ask = tape.model(endpoint, self._live(endpoint, key), clean)
        model = ModelProvider(self._learned(endpoint), ask, Purse(self._budget, price), clean, self._learn)
        return Member(model, _service(endpoint), key.known)

    def _learn(self, endpoint: Endpoint) -> None:
        self._taken[_service(endpoint)] = endpoint

    def _learned(self, endpoint: Endpoint) -> Endpoint:
        """Return how a service took its requests last, so that it is not asked again what it refuses."""
        known = self._taken.get(_service(endpoint))
        if known is None:
            return endpoint
        return replace(
            endpoint,
            structured=known.structured,
            left_out=known.left_out,
            thinking=min(endpoint.thinking, known.thinking),
        )

    def _live(self, endpoint: Endpoint, key: KeySource) -> Live:
        return Live(WIRES[endpoint.wire], key, self._tell, self._headers.get(endpoint.name, {}))

    def _cleaning(self, endpoint: Endpoint, key: KeySource) -> Callable[[Cancellation], Callable[[str], str]]:
        """Return what fetches a model's key and hands out what takes it, and all the others, out of a text."""
        headers = self._headers.get(endpoint.name, {})

        def clean(cancel: Cancellation) -> Callable[[str], str]:
            self._secrets.add(key.fetch(cancel), *(each.known() for each in self._keys.values()))
            self._secrets.add(*(each.known() for each in headers.values()))
            return self._secrets.clean

        return clean

    def _key(self, table: ProviderTable) -> KeySource:
        if table not in self._keys:
            self._keys[table] = self._new_key(table)
        return self._keys[table]

    def _new_key(self, table: ProviderTable) -> KeySource:
        said, name = table.key, table.name
        if said is None:
            variable = table.known.variable if table.known else ""
            return EnvironmentKey(name, variable, self._environment) if variable else Keyless()
        if said.env is not None:
            return EnvironmentKey(name, said.env, self._environment)
        if said.keyring is not None:
            return KeyringKey(name, said.keyring, name)
        if said.command is not None:
            return CommandKey(name, said.command, self._clock)
        return EditorKey(name, self._ask_secret)

    def _shown(self, table: ProviderTable) -> Shown:
        key, endpoint = self._key(table), endpoint_of(table)
        found = f"{table.model} at {endpoint.url}, key: {_where(table)}"
        if isinstance(key, EnvironmentKey) and not key.known():
            return Shown(table.name, f"{found} (not set)", "Set it where the editor or the shell is started.")
        standing = self._ledger.standing(_service(endpoint), key.known(), self._clock.now())
        if standing.is_out:
            minutes = max(1, round((standing.until - self._clock.now()) / 60))
            return Shown(table.name, f"{found}; out for {minutes} min ({standing.kind}: {standing.message})")
        return Shown(table.name, found)


def endpoint_of(table: ProviderTable) -> Endpoint:
    """Return a configured model as a value."""
    known = table.known
    structured = table.structured or (known.structured if known else None)
    endpoint = Endpoint(
        name=table.name,
        wire=table.wire or (known.wire if known else ""),
        url=table.address,
        model=table.model,
        context=table.context,
        thinking=_thinking(table),
        key_header=known.key_header if known else "",
        timeout=table.timeout,
    )
    return endpoint if structured is None else replace(endpoint, structured=structured)


def _thinking(table: ProviderTable) -> int:
    if table.thinking is not None:
        return table.thinking
    return table.known.thinking if table.known else 0


def providers_with_keys(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the names of the configured providers whose key the editor keeps; none when the file is wrong."""
    try:
        found = read_configuration(configuration_file(environment))
    except UsageError:  # Said when a provider is asked for, and by regreen doctor.
        return ()
    return tuple(table.name for table in found.provider if table.key is not None and table.key.editor)


def _service(endpoint: Endpoint) -> str:
    return f"{endpoint.wire} {endpoint.url} {endpoint.model}"


def _where(table: ProviderTable) -> str:
    key = table.key
    if key is None:
        return (table.known.variable if table.known else "") or "none"
    if key.command is not None:
        return f"the command {key.command[0]}"
    return key.env or (f"the keyring ({key.keyring})" if key.keyring else "the editor")


_HOW = "Configure it there, or name another in regreen.provider; docs/models.md tells how."
