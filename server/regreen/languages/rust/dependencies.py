"""What a workspace's packages depend on, as their manifests say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from regreen.core.workspace import Dependency, Evidence
from regreen.languages.manifest import Manifest

from .files import CargoFiles
from .workspace import Root

_TABLES = (("dependencies", ""), ("dev-dependencies", "dev"), ("build-dependencies", "build"))


def find_dependencies(files: CargoFiles, root: Root) -> tuple[tuple[Dependency, ...], tuple[Evidence, ...]]:
    """Return what the packages that a root builds depend on, themselves left out, and where that stands."""
    shared = root.manifest.section("workspace", "dependencies")
    found: dict[tuple[str, str], Dependency] = {}
    evidence: list[Evidence] = []
    for folder in root.members:
        manifest = files.cargo(folder)
        if manifest is None:
            continue
        here = tuple(_declared(manifest, shared))
        for each in here:
            found.setdefault((each.group, each.name), each)
        if here and not evidence:
            group = next(table for table, name in _TABLES if name == here[0].group)
            evidence.append(manifest.evidence("dependencies", group))
    ordered = sorted(found.values(), key=lambda each: (each.group != "", each.group, each.name))
    return tuple(ordered), tuple(evidence)


def _declared(manifest: Manifest, shared: Mapping[str, object]) -> Iterator[Dependency]:
    for table, group in _TABLES:
        sections = [manifest.section(table)]
        for target in manifest.section("target").values():
            inner = target.get(table) if isinstance(target, Mapping) else None
            sections += [inner] if isinstance(inner, Mapping) else []
        for section in sections:
            for name, value in section.items():
                requirement = _requirement(name, value, shared)
                if requirement is not None:
                    yield Dependency(_package(name, value), requirement, group)


def _requirement(name: str, value: object, shared: Mapping[str, object]) -> str | None:
    """Return the requirement as written; None for a package of the same repository."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        return None
    if value.get("workspace") is True:
        return _requirement(name, shared.get(name, ""), {})
    if "path" in value:
        return None
    if isinstance(git := value.get("git"), str):
        return f"git+{git}"
    return str(value.get("version", "*"))


def _package(name: str, value: object) -> str:
    renamed = value.get("package") if isinstance(value, Mapping) else None
    return renamed if isinstance(renamed, str) else name
