"""Settings, as an editor or a shell gives them; the door where pydantic stands. Listed in docs/settings.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from regreen.core.errors import UsageError
from regreen.core.policy import Policy

from .envelope import Profile


class Settings(BaseModel):
    """What a person may set. Each field `a_b` is the editor's setting `regreen.aB`."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    run_on_save: Annotated[bool, Field(description="Run the tests that a saved file affects.")] = True
    diagnostics: Annotated[bool, Field(description="Show failing tests in the Problems panel.")] = True
    diagnostics_severity: Annotated[
        Literal["error", "warning", "information", "hint"],
        Field(description="Severity of the diagnostics of failing tests."),
    ] = "error"
    diagnostics_of_build: Annotated[
        Literal["auto", "always", "never"],
        Field(
            description="Show what keeps tests from being built: “auto” quietly, and not beside another error "
            "on the same line; “always” like every failure; “never” not at all."
        ),
    ] = "auto"
    preview: Annotated[
        Literal["never", "several-files", "always"],
        Field(description="Show a fix in the editor's preview and wait for your word before it is applied."),
    ] = "never"
    code_lens: Annotated[bool, Field(description="Show “Run test” and “Fix with agent” above tests.")] = True
    max_attempts: Annotated[
        int, Field(ge=1, le=3, description="How many attempts a repair may make before it is rolled back.")
    ] = 3
    profile: Annotated[
        Profile,
        Field(
            description="A set of limits that narrows every repair: “solo” as built in, “team” small fixes, “latency” "
            "quick ones, “production-data” nothing leaves this machine and nothing is changed, “batch” bounded cost."
        ),
    ] = "solo"
    test_timeout: Annotated[
        float, Field(gt=0, le=7200, description="Seconds of wall time that one run of tests may take.")
    ] = 600.0
    provider: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$",
            description="Where patches come from: “search” (no key, no network), “cascade” (search first, then your "
            "models), or the name of a model in your config.toml.",
        ),
    ] = "search"

    mutation: Annotated[
        Literal["after-fix", "off"],
        Field(
            description="Whether the tests would notice if what was repaired were wrong again: “after-fix” asks it "
            "after every green repair, by small changes of the repaired functions; “off” does not."
        ),
    ] = "after-fix"
    mutation_seconds: Annotated[
        float, Field(ge=1, le=600, description="Seconds after which no further change of repaired code is tried.")
    ] = 20.0
    workbench: Annotated[
        Literal["auto", "copy", "in-place"],
        Field(description="Where attempts work: “auto” mounts an overlay where that works, else makes a copy."),
    ] = "auto"
    sandbox: Annotated[
        Literal["auto", "off"],
        Field(
            description="What confines attempts: “auto” takes the best that works here; “off” lets them do anything."
        ),
    ] = "auto"
    network: Annotated[
        Literal["loopback", "none", "full"],
        Field(description="What attempts may reach by network: a loopback of their own, nothing, or everything."),
    ] = "loopback"

    @classmethod
    def from_editor(cls, values: Mapping[str, object]) -> Settings:
        """Read the editor's `regreen` section; keys of the client alone (interpreter, trace) are left out.

        Raises:
            UsageError: a key is unknown or a value does not fit; the message names it and what would fit.
        """
        own = {key: value for key, value in values.items() if key not in _CLIENT_ONLY}
        try:
            return cls.model_validate(own)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = "regreen." + ".".join(str(part) for part in first["loc"])
            raise UsageError(
                f"Setting {name}: {first['msg']} (found {first['input']!r}).",
                next_step="Correct it in the editor's settings; docs/settings.md lists what each accepts.",
            ) from error

    def policy(self) -> Policy:
        """Return the envelope of a repair under these settings."""
        return Policy(max_attempts=self.max_attempts, test_timeout=self.test_timeout)


_CLIENT_ONLY = frozenset({"interpreter", "testExplorer", "trace"})
