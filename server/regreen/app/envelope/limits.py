"""How a limit is narrowed: one row for each, so that no file and no option of a workspace can widen any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from regreen.core.policy import Action, Policy

# What a person's settings may ask for at most, where nothing else says so.
BUILT_IN = Policy(test_timeout=7200.0)


@dataclass(frozen=True, slots=True)
class Limit:
    """One key: its field of the policy, how the narrower of two values is found, how a person's own is set."""

    field: str
    narrower: Callable[[Any, Any], Any]  # (what holds, what is asked for)
    own: Callable[[Any, Any], Any] = lambda _held, value: value  # the same two: what the person's file makes of them


def told_values(policy: Policy) -> dict[str, Any]:
    """Return each key with its value, as plain lists and numbers that can be shown; None is no limit."""
    told = {key: _plain(getattr(policy, limit.field)) for key, limit in LIMITS.items()}
    return {**told, **{key: told[key] or None for key in ("allowed", "hosts")}}  # No set that must match is no limit.


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def lower(held: float, asked: float) -> float:
    """Return the lower of two numbers."""
    return min(held, asked)


def lower_or_first(held: float | None, asked: float) -> float:
    """Return the lower of two numbers, where there may be none yet."""
    return asked if held is None else min(held, asked)


def both(held: bool, asked: bool) -> bool:
    """Allow what both allow."""
    return held and asked


def either(held: bool, asked: bool) -> bool:
    """Demand what one demands."""
    return held or asked


def more(held: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
    """Protect what one protects."""
    return (*held, *(glob for glob in asked if glob not in held))


def one_more_set(held: tuple[tuple[str, ...], ...], asked: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Demand a match in one more set."""
    return held if tuple(asked) in held else (*held, tuple(asked))


def common(held: frozenset[Action], asked: tuple[str, ...]) -> frozenset[Action]:
    """Allow the actions that both allow."""
    return held & {Action(name) for name in asked}


def longer(held: tuple[tuple[str, ...], ...] | None, asked: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Allow the commands that begin as both say: of two beginnings the longer one."""
    if held is None:
        return tuple(dict.fromkeys(asked))
    pairs = [(one, other) for one in held for other in asked]
    met = [max(one, other, key=len) for one, other in pairs if _begins(one, other) or _begins(other, one)]
    return tuple(dict.fromkeys(met))


def _begins(argv: tuple[str, ...], begin: tuple[str, ...]) -> bool:
    return argv[: len(begin)] == begin


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "max_attempts": Limit("max_attempts", lower),
        "max_files": Limit("max_files", lower),
        "max_lines": Limit("max_lines", lower),
        "max_candidates": Limit("max_candidates", lower),
        "max_runs": Limit("max_runs", lower),
        "max_calls": Limit("max_calls", lower_or_first),
        "max_tokens": Limit("max_tokens", lower_or_first),
        "max_money": Limit("max_money", lower_or_first),
        "max_rows": Limit("max_rows", lower),
        "allowed": Limit("within", one_more_set, lambda _held, globs: (tuple(globs),)),
        # Even the person's own file only adds: a protection is lifted for one run, by name.
        "protected": Limit("protected", more, more),
        "sensitive": Limit("sensitive", more, more),
        "actions": Limit("actions", common, lambda _held, names: frozenset(Action(name) for name in names)),
        "commands": Limit("commands", longer, lambda _held, rows: tuple(tuple(row) for row in rows)),
        "hosts": Limit("hosts", one_more_set, lambda _held, hosts: (tuple(hosts),)),
        "dry_run": Limit("dry_run", either),
        "inject_state": Limit("inject_state", both),
        "unconfined": Limit("unconfined", both),
        "test_timeout": Limit("test_timeout", lower),
        "candidate_timeout": Limit("candidate_timeout", lower),
    }
)
