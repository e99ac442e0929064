"""The keys that limit a repair, as they stand in `regreen.toml` and in `[policy]` of the person's own file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from regreen.guard import glob_fault

from .profiles import Profile

_HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")


def _glob(text: str) -> str:
    fault = glob_fault(text)
    if fault:
        raise ValueError(fault)
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("should be the name or address of a host, or *.name for all below it")
    return text.casefold()


Glob = Annotated[str, Field(strict=True), AfterValidator(_glob)]
Host = Annotated[str, Field(strict=True), AfterValidator(_host)]
_Count = Annotated[int, Field(strict=True, ge=0)]


class Limits(BaseModel):
    """What limits a repair. A key that is left out limits nothing more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Annotated[
        Profile | None, Field(description="A set of limits: solo, team, latency, production-data or batch.")
    ] = None
    max_attempts: Annotated[
        int | None, Field(strict=True, ge=1, le=3, description="Attempts before a repair is rolled back.")
    ] = None
    max_files: Annotated[int | None, Field(strict=True, ge=1, le=50, description="Files that one fix may edit.")] = None
    max_lines: Annotated[
        int | None, Field(strict=True, ge=1, le=2000, description="Lines that one fix may add and remove, together.")
    ] = None
    max_candidates: Annotated[
        int | None, Field(strict=True, ge=1, le=100_000, description="What the search engine may try in one attempt.")
    ] = None
    max_runs: Annotated[
        int | None, Field(strict=True, ge=1, le=10_000, description="The same, where each costs a whole run of tests.")
    ] = None
    max_calls: Annotated[_Count | None, Field(description="Calls of models in one repair.")] = None
    max_tokens: Annotated[_Count | None, Field(description="Tokens sent and received in one repair.")] = None
    max_money: Annotated[
        float | None,
        Field(strict=True, ge=0, allow_inf_nan=False, description="Money for one repair, by your own prices."),
    ] = None
    max_rows: Annotated[
        int | None, Field(strict=True, ge=0, le=100_000, description="Rows of a database's catalogue that are read.")
    ] = None
    allowed: Annotated[
        list[Glob] | None, Field(min_length=1, max_length=200, description="Globs of the only paths that are edited.")
    ] = None
    protected: Annotated[
        list[Glob] | None,
        Field(max_length=200, description="Globs of paths that are not edited, besides those built in."),
    ] = None
    sensitive: Annotated[
        list[Glob] | None,
        Field(max_length=200, description="Globs of paths whose repair is asked about first, besides those built in."),
    ] = None
    actions: Annotated[
        list[Literal["edit", "delete", "run"]] | None,
        Field(max_length=3, description="What may be done: edit, delete (leave nothing in a file), run (prepare)."),
    ] = None
    hosts: Annotated[
        list[Host] | None, Field(max_length=50, description="Hosts of models that may be asked; *.name for all below.")
    ] = None
    dry_run: Annotated[bool | None, Field(strict=True, description="Show the fix and change nothing.")] = None
    inject_state: Annotated[
        bool | None, Field(strict=True, description="Tell models of the running system what `[state_injection]` says.")
    ] = None
    unconfined: Annotated[
        bool | None, Field(strict=True, description="Let attempts run without a sandbox when your settings say so.")
    ] = None
    test_timeout: Annotated[
        float | None,
        Field(strict=True, gt=0, le=7200, allow_inf_nan=False, description="Seconds that one run of tests may take."),
    ] = None
    candidate_timeout: Annotated[
        float | None,
        Field(strict=True, gt=0, le=600, allow_inf_nan=False, description="Seconds that one candidate may take."),
    ] = None

    @property
    def given(self) -> dict[str, Any]:
        """Return what is said, by key."""
        return {
            name: value
            for name in type(self).model_fields
            if name != "profile" and (value := getattr(self, name)) is not None
        }


_ELSEWHERE = "it belongs into your own config.toml; a workspace cannot say it"
_RUN = "it is for one run only, as an option: regreen fix"
_NEVER = {
    "max_commits": "it has no use: Regreen makes no commit, whatever is configured",
    "allow": f"{_RUN} --allow RULE",
    "allow_tests": f"{_RUN} --allow-tests",
    "lifted": f"{_RUN} --allow RULE",
}
# What people, and attackers, look for in a workspace's file.
_FOREIGN = (
    "base_url", "bench", "budget", "cascade", "command", "commands", "editor", "env", "environment", "include",
    "extends", "import", "interpreter", "key", "keys", "local", "model", "network", "policy", "provider",
    "providers", "proxy", "sandbox", "settings", "state_injection", "trust", "trusted", "url", "workbench",
)  # fmt: skip


class WorkspaceFile(Limits):
    """`regreen.toml`: what a workspace asks of every repair in it. It can only narrow what the person allows."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="regreen.toml")
    NOT_HERE: ClassVar[Mapping[str, str]] = {**dict.fromkeys(_FOREIGN, _ELSEWHERE), **_NEVER}


class PolicyTable(Limits):
    """`[policy]` of the person's own file: the envelope. It may be wider than what is built in."""

    commands: Annotated[
        list[Annotated[list[Annotated[str, Field(strict=True, min_length=1)]], Field(min_length=1)]] | None,
        Field(max_length=100, description="Beginnings of the only commands that may be run to prepare a project."),
    ] = None
    NOT_HERE: ClassVar[Mapping[str, str]] = _NEVER


def workspace_schema() -> dict[str, Any]:
    """Return the JSON schema of `regreen.toml`, by which editors complete and check it."""
    schema = WorkspaceFile.model_json_schema()
    properties = {name: _without_null(found) for name, found in schema.pop("properties").items()}
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "properties": properties}


def _without_null(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out that a key may be null: TOML has no null, and a key that is left out says nothing."""
    kinds = [kind for kind in found.pop("anyOf", ()) if kind != {"type": "null"}]
    kept = {key: value for key, value in found.items() if key not in ("default", "title")}
    return {**kept, **(kinds[0] if kinds else {})}
