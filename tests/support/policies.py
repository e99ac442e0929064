"""The order of policies: which of two is no wider in every respect."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regreen.app.authority import Authority, Ruling
from regreen.app.requests import FixRequest
from regreen.app.settings import Settings
from regreen.core.policy import Policy


def _at_most(one: Any, other: Any) -> bool:
    return other is None or (one is not None and one <= other)


def _has_all(one: Any, other: Any) -> bool:
    return set(other) <= set(one)


def _within(one: Any, other: Any) -> bool:
    return set(one) <= set(other)


def _begins_longer(one: Any, other: Any) -> bool:
    return other is None or (one is not None and all(any(a[: len(b)] == b for b in other) for a in one))


NO_WIDER: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(
        (
            "max_attempts", "max_files", "max_lines", "max_candidates", "max_runs", "max_calls", "max_tokens",
            "max_money", "max_rows", "test_timeout", "candidate_timeout",
        ),
        _at_most,
    ),
    **dict.fromkeys(("within", "protected", "hosts", "sensitive"), _has_all),
    **dict.fromkeys(("actions", "allowed", "lifted"), _within),
    **dict.fromkeys(("allow_tests", "inject_state", "unconfined", "trusted"), lambda one, other: one <= other),
    "dry_run": lambda one, other: other <= one,
    "commands": _begins_longer,
}  # fmt: skip


def wider(one: Policy, other: Policy) -> list[str]:
    """Return the fields in which a policy is wider than another."""
    return [name for name, holds in NO_WIDER.items() if not holds(getattr(one, name), getattr(other, name))]


def fields_without_an_order() -> set[str]:
    """Return the fields of a policy of which nobody said what narrower means."""
    return {field.name for field in dataclasses.fields(Policy)} ^ set(NO_WIDER)


def ruling_of(
    folder: Path,
    workspace: str | None = None,
    own: str = "",
    request: FixRequest | None = None,
    settings: Settings | None = None,
) -> Ruling:
    """Return the ruling of a workspace in `folder` whose person has a file of their own."""
    root, home = folder / "workspace", folder / "home"
    root.mkdir(exist_ok=True)
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(own, encoding="utf-8")
    if workspace is not None:
        (root / "regreen.toml").write_bytes(workspace.encode("utf-8", "surrogateescape"))
    return Authority(str(root), {"REGREEN_CONFIG_DIR": str(home)}).ruling(settings or Settings(), request)
