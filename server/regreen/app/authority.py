"""What a person allows in one workspace: the policy of a run, and where each value of it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regreen.core.errors import UsageError
from regreen.core.policy import Policy
from regreen.guard import LIFTABLE

from .configuration import Configuration, configuration_file, own_file
from .envelope import (
    PROFILES,
    Layer,
    Origin,
    Resolved,
    TomlFile,
    WorkspaceFile,
    idle,
    own_layers,
    read_toml,
    resolve,
    workspace_layers,
)
from .requests import FixRequest
from .settings import Settings

WORKSPACE_FILE = "regreen.toml"
PAGE = "docs/configuration.md"
LIFTED_BY_OPTION = tuple(sorted(LIFTABLE))
_TESTS_RULE = "protected-test"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was found at one moment. It is frozen: a file that changes later changes nothing of a run."""

    configuration: Configuration
    own: TomlFile
    workspace: TomlFile
    resolved: Resolved
    hints: tuple[str, ...] = ()  # sentences about what a file says in vain
    profile: str = "solo"  # that the person chose, in the settings or in their own file

    @property
    def policy(self) -> Policy:
        """Return the envelope."""
        return self.resolved.policy


@dataclass(frozen=True, slots=True)
class Authority:
    """Reads the files of one workspace and of its person, anew at each call."""

    root: str
    environment: Mapping[str, str]

    def trusts(self) -> bool:
        """Tell whether the person's own file lets code of this workspace be executed.

        Raises:
            UsageError: the file is wrong.
        """
        return self._own().as_(Configuration).trust.trusts(self.root)

    def ruling(
        self, settings: Settings, request: FixRequest | None = None, *, trusted: bool = True, said_by: str = "editor"
    ) -> Ruling:
        """Find the envelope of a run. An untrusted workspace has no say, and nothing of it is executed.

        `said_by` is the layer of the settings, for a person.

        Raises:
            UsageError: a file is wrong, or a rule is to be lifted that nobody can lift.
        """
        own = self._own()
        configuration = own.as_(Configuration)
        file = Path(self.root, WORKSPACE_FILE)
        workspace = read_toml(file, PAGE, foreign=True) if trusted else TomlFile(file, PAGE)
        said = workspace_layers(workspace, workspace.as_(WorkspaceFile))
        narrowing = (*said, *_of_settings(settings, said_by), *_of_request(request))
        resolved = resolve(own_layers(own, configuration.policy), narrowing)
        hints = tuple(
            f"{origin_of(layer, key)}: {key} changes nothing: what holds is as narrow already."
            for layer in said[-1:]
            for key in idle(resolved, layer)
        )
        policy = _for_run(resolved.policy, request, trusted=trusted)
        chosen = settings.profile if settings.profile != "solo" else configuration.policy.profile or "solo"
        return Ruling(configuration, own, workspace, replace(resolved, policy=policy), hints, chosen)

    def _own(self) -> TomlFile:
        return own_file(configuration_file(self.environment))


def origin_of(layer: Layer, key: str) -> str:
    """Return where a layer says a key, in words."""
    origin = layer.origin_of(key)
    return origin.place or origin.layer


def _of_settings(settings: Settings, said_by: str) -> tuple[Layer, ...]:
    """Return what the editor's settings (or the shell's options in their place) narrow; the rest is as built in."""
    given: dict[str, Any] = {"max_attempts": settings.max_attempts, "test_timeout": settings.test_timeout}
    said = {key: value for key, value in given.items() if key in settings.model_fields_set}
    rest = {key: value for key, value in given.items() if key not in said}
    profile = Layer(PROFILES[settings.profile], Origin(said_by, f"profile {settings.profile}"))
    return (profile, Layer(said, Origin(said_by)), Layer(rest, Origin("default")))


def _of_request(request: FixRequest | None) -> tuple[Layer, ...]:
    if request is None:
        return ()
    said: dict[str, Any] = {"dry_run": True} if request.dry_run else {}
    if request.max_attempts is not None:
        said["max_attempts"] = request.max_attempts
    return (Layer(said, Origin("option")),)


def _for_run(policy: Policy, request: FixRequest | None, *, trusted: bool) -> Policy:
    """Add what only a person can say, for one run."""
    if not trusted:
        policy = replace(policy, trusted=False, dry_run=True, inject_state=False)
    if request is None:
        return policy
    unknown = sorted(request.lifted - LIFTABLE)
    if unknown:
        raise UsageError(
            f"The rule {unknown[0]!r} cannot be lifted.",
            next_step=f"These can: {', '.join(sorted(LIFTABLE))}; docs/guardrails.md tells what they are.",
        )
    tests = request.allow_tests or _TESTS_RULE in request.lifted
    return replace(policy, allow_tests=tests, lifted=request.lifted)
