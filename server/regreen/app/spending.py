"""How a policy limits what models cost and where they are."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlsplit

from regreen.core.policy import Policy
from regreen.providers import Cap

N = TypeVar("N", int, float)


def narrowed(cap: Cap, policy: Policy) -> Cap:
    """Return the cap of one repair under a policy: of each limit the lower one."""
    return Cap(
        _lower(cap.tokens, policy.max_tokens), _lower(cap.money, policy.max_money), _lower(cap.calls, policy.max_calls)
    )


def host_allows(policy: Policy, url: str) -> bool:
    """Tell whether the host of an address is in each of the policy's sets."""
    host = host_of(url)
    return all(any(_is_host(pattern, host) for pattern in patterns) for patterns in policy.hosts)


def host_of(url: str) -> str:
    """Return the host of an address, "" when it names none."""
    return (urlsplit(url).hostname or "").casefold().rstrip(".")


def _is_host(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else bool(host) and host == pattern


def _lower(one: N | None, other: N | None) -> N | None:
    return one if other is None else other if one is None else min(one, other)
