"""The profiles: a name for a set of limits that belong together. Listed in docs/configuration.md."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

Profile = Literal["solo", "team", "latency", "production-data", "batch"]
_LOCAL = ("localhost", "127.0.0.1", "::1")

# What a profile does not name is as built in; `solo` is what is built in.
PROFILES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "solo": {},
        # Others read the fix: keep it small, and leave what they agreed upon alone.
        "team": {
            "max_files": 2,
            "max_lines": 30,
            "protected": ("**/migrations/**", "**/CODEOWNERS", "**/*.proto", "**/openapi*", "**/schema.sql"),
        },
        # Somebody waits for the answer.
        "latency": {
            "max_attempts": 1,
            "max_files": 1,
            "max_lines": 20,
            "max_candidates": 600,
            "max_runs": 20,
            "max_calls": 2,
            "test_timeout": 120.0,
            "candidate_timeout": 5.0,
        },
        # Nothing leaves the machine, nothing of the running system is told, nothing is changed without a person.
        "production-data": {
            "max_attempts": 2,
            "max_files": 1,
            "max_lines": 20,
            "max_rows": 0,
            "hosts": _LOCAL,
            "inject_state": False,
            "unconfined": False,
            "dry_run": True,
        },
        # Nobody watches: bounded cost, and nothing that installs.
        "batch": {
            "max_calls": 10,
            "max_tokens": 100_000,
            "actions": ("edit",),
            "unconfined": False,
            "test_timeout": 300.0,
        },
    }
)
