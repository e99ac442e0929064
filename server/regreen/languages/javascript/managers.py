"""Which tool manages the packages of a project, and what must be done before its tests can run.

Commands are built here, never taken from the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regreen.core.workspace import Dependency, Evidence
from regreen.languages.folders import folders_above

from .manifest import Manifest, Manifests

Steps = tuple[tuple[str, ...], ...]

# First match wins, in the project's folder, then in each one above it. The field of package.json goes before them.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pnpm", ("pnpm-lock.yaml",)),
    ("yarn", ("yarn.lock", ".yarnrc.yml")),
    ("bun", ("bun.lock", "bun.lockb")),
    ("npm", ("package-lock.json", "npm-shrinkwrap.json")),
    ("pnpm", ("pnpm-workspace.yaml",)),
    ("deno", ("deno.lock",)),
)
_GROUPS = (
    ("dependencies", ""),
    ("devDependencies", "dev"),
    ("peerDependencies", "peer"),
    ("optionalDependencies", "optional"),
)
_NAMES = frozenset({"npm", "pnpm", "yarn", "bun"})


@dataclass(frozen=True, slots=True)
class Tool:
    """A package manager and how it was recognised."""

    name: str
    folder: str  # that it is run in: the project's own or a workspace's above it
    locked: bool = False
    modern: bool = False  # Yarn from version 2 on
    evidence: tuple[Evidence, ...] = ()


def find_tool(manifests: Manifests, folder: str) -> Tool:
    """Return the package manager of a project; npm when no file names another."""
    for each in folders_above(folder):
        manifest = manifests.get(each)
        lock = _lock(manifests, each)
        if manifest is not None and (named := _named(manifest)):
            key = "packageManager" if manifest.get("packageManager") else "devEngines"
            locked = any(manifests.first(each, files) for name, files in _SIGNS if name == named)
            return Tool(named, each, locked, _is_modern(manifests, each), (manifest.evidence("package_manager", key),))
        if lock is not None:
            name, path = lock
            return Tool(name, each, True, _is_modern(manifests, each), (manifests.evidence("package_manager", path),))
    manifest = manifests.get(folder)
    if manifest is None and (path := manifests.first(folder, ("deno.json", "deno.jsonc"))):
        return Tool("deno", folder, evidence=(manifests.evidence("package_manager", path),))
    return Tool("npm", folder, evidence=() if manifest is None else (manifest.evidence("package_manager"),))


def prepare_steps(tool: Tool, manifest: Manifest | None, folder: str) -> Steps:
    """Say what must be run before the tests of a project can run: installing, and what its settings put first."""
    install = _INSTALL[tool.name, tool.locked] if tool.name != "yarn" else _yarn(tool)
    steps = [install] if _has_to_install(tool, manifest, folder) else []
    if manifest is not None and "pretest" in manifest.section("scripts") and tool.folder == folder:
        steps.append((tool.name, "run", "pretest"))
    return tuple(steps)


def _has_to_install(tool: Tool, manifest: Manifest | None, folder: str) -> bool:
    """Tell whether there is anything to install: a lock file, a workspace or a dependency says so."""
    if manifest is None or tool.locked or tool.folder != folder:
        return True
    return bool(find_dependencies(manifest)) or manifest.get("workspaces") is not None


def find_dependencies(manifest: Manifest | None) -> tuple[Dependency, ...]:
    """Return what a package declares, sorted by group and name."""
    if manifest is None:
        return ()
    found = []
    for key, group in _GROUPS:
        for name, requirement in sorted(manifest.section(key).items()):
            found.append(Dependency(name, requirement if isinstance(requirement, str) else "", group))
    return tuple(found)


_INSTALL: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("npm", True): ("npm", "ci"),
    ("npm", False): ("npm", "install"),
    ("pnpm", True): ("pnpm", "install", "--frozen-lockfile"),
    ("pnpm", False): ("pnpm", "install"),
    ("bun", True): ("bun", "install", "--frozen-lockfile"),
    ("bun", False): ("bun", "install"),
    ("deno", True): ("deno", "install", "--frozen"),
    ("deno", False): ("deno", "install"),
}


def _yarn(tool: Tool) -> tuple[str, ...]:
    if not tool.locked:
        return ("yarn", "install")
    return ("yarn", "install", "--immutable" if tool.modern else "--frozen-lockfile")


def _named(manifest: Manifest) -> str:
    """Return the manager that a package.json itself names."""
    field = manifest.text_of("packageManager") or manifest.text_of("devEngines", "packageManager", "name")
    name = field.partition("@")[0].strip()
    return name if name in _NAMES else ""


def _lock(manifests: Manifests, folder: str) -> tuple[str, str] | None:
    return next(((name, path) for name, files in _SIGNS if (path := manifests.first(folder, files))), None)


def _is_modern(manifests: Manifests, folder: str) -> bool:
    if manifests.has(folder, ".yarnrc.yml") or manifests.has(folder, ".pnp.cjs"):
        return True
    manifest = manifests.get(folder)
    version = "" if manifest is None else manifest.text_of("packageManager").partition("@")[2]
    return version[:1].isdecimal() and not version.startswith("1.")
