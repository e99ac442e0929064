"""The person's own configuration file: which models may be asked, in which order, and what they may spend.

It lies in the platform's configuration folder and nowhere else: a workspace can neither name a model nor a key.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from regreen.providers import PRESETS, Cap, Preset, Price, Structured

from .envelope import PolicyTable, Profile, TomlFile, read_toml
from .injection import StateTable

VARIABLE = "REGREEN_CONFIG_DIR"
NAME = "config.toml"
RESERVED = frozenset({"search", "cascade", "local"})
_PAGE = "docs/configuration.md"


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("should be an address that begins with https:// or http://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("should hold no password, no “?” and no “#”")
    return url.rstrip("/")


def _no_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"“{name}” is taken: choose another name")
    return name


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"), AfterValidator(_no_reserved)]
Word = Annotated[str, Field(min_length=1, max_length=300)]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyTable(_Strict):
    """Where a key comes from; exactly one of these."""

    env: Word | None = None
    keyring: Word | None = None  # the service; the user is the provider's name
    command: Annotated[tuple[Word, ...], Field(min_length=1, max_length=50)] | None = None
    editor: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> KeyTable:
        if sum(value is not None for value in (self.env, self.keyring, self.command, self.editor)) != 1:
            raise ValueError("should have exactly one of env, keyring, command and editor")
        return self


class PriceTable(_Strict):
    """Money for a million tokens."""

    sent: _Amount = 0.0
    cached: _Amount | None = None
    received: _Amount = 0.0


class ProviderTable(_Strict):
    """One model at one service."""

    name: Name
    preset: Literal[tuple(PRESETS)] | None = None  # type: ignore[valid-type]
    wire: Literal["openai", "anthropic", "gemini"] | None = None
    model: Word
    url: Annotated[str, AfterValidator(_address)] | None = None
    key: KeyTable | None = None
    structured: Structured | None = None
    context: Annotated[int, Field(ge=2048, le=2_000_000)] = 8192
    thinking: Annotated[int, Field(ge=0, le=200_000)] | None = None
    prices: PriceTable = PriceTable()
    timeout: Annotated[float, Field(gt=0, le=3600)] = 300.0

    @model_validator(mode="after")
    def _complete(self) -> ProviderTable:
        known = self.known
        if known is None and self.wire is None:
            raise ValueError("should have a preset, or a wire and a url")
        if known is not None and self.wire is not None:
            raise ValueError("should have a preset or a wire, not both")
        if not self.address:
            raise ValueError("should have a url")
        if self.address.startswith("http://") and self.has_key and not _is_loopback(self.address):
            raise ValueError("would send its key unencrypted: the url should begin with https://")
        return self

    @property
    def known(self) -> Preset | None:
        """Return the row of its preset."""
        return PRESETS[self.preset] if self.preset else None

    @property
    def address(self) -> str:
        """Return where it is reached, "" when nothing says."""
        return self.url or (self.known.url if self.known else "")

    @property
    def has_key(self) -> bool:
        """Tell whether it is asked with a key."""
        return self.key is not None or bool(self.known and self.known.variable)


class CascadeTable(_Strict):
    """Who is asked after whom."""

    order: list[str] | None = None  # None: as the providers stand in the file
    by_profile: dict[Profile, list[str]] = {}  # another order where a profile is chosen
    patience: Annotated[float, Field(ge=0, le=600)] = 20.0

    @property
    def orders(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each order that the table says, with its key."""
        yield from (("cascade.order", self.order),) if self.order is not None else ()
        yield from ((f"cascade.by_profile.{name}", order) for name, order in sorted(self.by_profile.items()))


class CapTable(_Strict):
    """The most that may be spent."""

    tokens: Annotated[int, Field(ge=0)] | None = None
    money: _Amount | None = None
    calls: Annotated[int, Field(ge=0)] | None = None

    @property
    def cap(self) -> Cap:
        """Return the value."""
        return Cap(self.tokens, self.money, self.calls)


class BudgetTable(_Strict):
    """The caps of a repair, of a session and of a day."""

    task: CapTable = CapTable(tokens=100_000)
    session: CapTable = CapTable()
    day: CapTable = CapTable()


class ReviewTable(_Strict):
    """Who gives a second opinion on what the tests have proved."""

    provider: Word


class TrustTable(_Strict):
    """Which folders' code may be executed; without a list, every folder that a person names or the editor trusts."""

    folders: Annotated[list[Word] | None, Field(max_length=200)] = None

    def trusts(self, root: str) -> bool:
        """Tell whether a workspace lies in one of the folders."""
        if self.folders is None:
            return True
        real = Path(root).resolve()
        return any(real.is_relative_to(Path(folder).expanduser().resolve()) for folder in self.folders)


class Configuration(_Strict):
    """The whole file."""

    local: bool = False
    provider: list[ProviderTable] = []
    cascade: CascadeTable = CascadeTable()
    review: ReviewTable | None = None
    budget: BudgetTable = BudgetTable()
    policy: PolicyTable = PolicyTable()
    trust: TrustTable = TrustTable()
    state_injection: StateTable = StateTable()

    @model_validator(mode="after")
    def _consistent(self) -> Configuration:
        names = [each.name for each in self.provider]
        twice = next((name for name in names if 1 < names.count(name)), None)
        if twice is not None:
            raise ValueError(f"has two providers that are called “{twice}”")
        self._headers_fit(names)
        if self.review is not None and self.review.provider not in names:
            raise ValueError(f"lets “{self.review.provider}” review, and no provider is called so")
        for key, order in self.cascade.orders:
            self._order_fits(key, order, names)
        return self

    def _order_fits(self, key: str, order: list[str], names: list[str]) -> None:
        unknown = next((name for name in order if name not in names), None)
        if unknown is not None:
            raise ValueError(f"orders “{unknown}” in {key}, and no provider is called so")
        if len(set(order)) != len(order):
            raise ValueError(f"names a provider twice in {key}")
        if self.review is not None and self.review.provider in order:
            raise ValueError(f"orders “{self.review.provider}” in {key}, which reviews what the others write")

    def _headers_fit(self, names: list[str]) -> None:
        for header in self.state_injection.auth_header:
            if header.provider not in names:
                raise ValueError(f"puts a header into requests to “{header.provider}”, and no provider is called so")
            address = next(each.address for each in self.provider if each.name == header.provider)
            if address.startswith("http://") and not _is_loopback(address):
                raise ValueError(f"would send the header {header.name} unencrypted to {header.provider}")

    @property
    def reviewer(self) -> ProviderTable | None:
        """Return the provider that reviews."""
        return next((each for each in self.provider if self.review and each.name == self.review.provider), None)

    def in_order(self, profile: str) -> tuple[ProviderTable, ...]:
        """Return the providers of the cascade, as they are asked in a profile."""
        by_name = {each.name: each for each in self.provider if each is not self.reviewer}
        order = dict(self.cascade.orders).get(f"cascade.by_profile.{profile}", self.cascade.order)
        return tuple(by_name[name] for name in (by_name if order is None else order))


def price_of(table: ProviderTable) -> Price:
    """Return the prices as a value."""
    return Price(table.prices.sent, table.prices.cached, table.prices.received)


def configuration_file(environment: Mapping[str, str] | None = None) -> Path:
    """Return where the file lies, whether it is there or not."""
    given = (os.environ if environment is None else environment).get(VARIABLE, "")
    folder = Path(given).expanduser() if given else platformdirs.user_config_path("regreen", appauthor=False)
    return folder / NAME


def read_configuration(file: Path) -> Configuration:
    """Read the file; without one nothing is configured.

    Raises:
        UsageError: it cannot be read; the message names the file, the line, the key and what would fit.
    """
    return own_file(file).as_(Configuration)


def own_file(file: Path) -> TomlFile:
    """Return what the file says and where, not judged yet.

    Raises:
        UsageError: it cannot be read, or is no TOML.
    """
    return read_toml(file, _PAGE)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
