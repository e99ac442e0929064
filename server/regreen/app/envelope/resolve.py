"""From the layers to one policy: built in, profile, the person's own file, the workspace's, settings, options.

The profile and the person's own file say what holds; whatever comes after them can only narrow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regreen.core.policy import Policy

from .limits import BUILT_IN, LIMITS
from .profiles import PROFILES
from .tables import PolicyTable, WorkspaceFile
from .toml_file import TomlFile

FIELDS = tuple(LIMITS)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said a value: a layer, and for a file where in it."""

    layer: str  # default, profile, user, workspace, editor, option
    place: str = ""  # e.g. "/home/me/.config/regreen/config.toml:12", or the profile's name

    def __str__(self) -> str:
        return f"{self.layer} ({self.place})" if self.place else self.layer


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says, in the form of the tables."""

    values: Mapping[str, Any]
    origin: Origin
    places: Mapping[str, str] | None = None  # key -> file:line

    def origin_of(self, key: str) -> Origin:
        """Return who said a key."""
        return replace(self.origin, place=self.places[key]) if self.places and key in self.places else self.origin


@dataclass(frozen=True, slots=True)
class Resolved:
    """A policy, and for each key of it who decided it; of a list everybody who added to it."""

    policy: Policy
    origins: Mapping[str, tuple[Origin, ...]]


def resolve(user: Sequence[Layer], narrowing: Sequence[Layer]) -> Resolved:
    """Set what the person's own layers say, later ones over earlier; then narrow it by each of the others."""
    policy = BUILT_IN
    origins: dict[str, tuple[Origin, ...]] = dict.fromkeys(FIELDS, (Origin("default"),))
    for layer in user:
        for key, value in _ordered(layer):
            held = getattr(policy, LIMITS[key].field)
            policy = replace(policy, **{LIMITS[key].field: LIMITS[key].own(held, value)})
            origins[key] = (*(origins[key] if key == "protected" else ()), layer.origin_of(key))
    for layer in narrowing:
        for key, value in _ordered(layer):
            held = getattr(policy, LIMITS[key].field)
            narrowed = LIMITS[key].narrower(held, value)
            if narrowed == held:
                continue
            policy = replace(policy, **{LIMITS[key].field: narrowed})
            adds = isinstance(held, tuple) and held
            origins[key] = (*(origins[key] if adds else ()), layer.origin_of(key))
    return Resolved(policy, origins)


def own_layers(file: TomlFile, table: PolicyTable) -> tuple[Layer, ...]:
    """Return the layers of the person's own file: its profile, then what it says itself."""
    said = Layer(table.given, Origin("user"), _places(file, "policy"))
    return (*_profile(table.profile), said)


def workspace_layers(file: TomlFile, table: WorkspaceFile) -> tuple[Layer, ...]:
    """Return the layers of `regreen.toml`; a profile that it names narrows like the rest of it."""
    said = Layer(table.given, Origin("workspace"), _places(file))
    place = f"{file.path}:{file.line(('profile',))}"
    profile = (replace(layer, origin=Origin("workspace", place)) for layer in _profile(table.profile))
    return (*profile, said)


def idle(resolved: Resolved, layer: Layer) -> tuple[str, ...]:
    """Return the keys of a layer that changed nothing, because what held was as narrow already."""
    mine = {key: layer.origin_of(key) for key in layer.values}
    return tuple(key for key, origin in mine.items() if origin not in resolved.origins[key])


def _profile(name: str | None) -> Iterator[Layer]:
    if name is not None:
        yield Layer(PROFILES[name], Origin("profile", name))


def _places(file: TomlFile, *table: str) -> dict[str, str]:
    return {key: f"{file.path}:{file.line((*table, key))}" for key in FIELDS if (*table, key) in file.lines}


def _ordered(layer: Layer) -> Iterator[tuple[str, Any]]:
    return ((key, _frozen(layer.values[key])) for key in FIELDS if key in layer.values)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list | tuple) else value
