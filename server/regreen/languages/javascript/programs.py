"""Where the program of a runner is: in the nearest node_modules upward. Nothing is fetched and nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regreen.languages.folders import folders_above, join

from .manifest import Manifest, Manifests
from .scripts import Call

# Runners that are programs of their own, not packages.
_OWN = frozenset({"node:test", "bun", "deno"})
_PACKAGES: Mapping[str, str] = {
    "playwright": "@playwright/test",
    "web-test-runner": "@web/test-runner",
    "lab": "@hapi/lab",
}
_BINS: Mapping[str, str] = {"web-test-runner": "wtr"}
# Packages that start the runner with settings of their own.
_STARTERS = frozenset({"react-scripts", "@craco/craco", "react-app-rewired"})


@dataclass(frozen=True, slots=True)
class Program:
    """The program of a runner. `path` is empty when it is not installed, or comes with the machine."""

    name: str  # in node_modules/.bin
    folder: str  # whose node_modules holds it, or would
    path: tuple[str, ...] = ()
    version: str = ""


def find_program(manifests: Manifests, home: str, runner: str, calls: tuple[Call, ...]) -> Program:
    """Return the program of a runner that is started in a folder."""
    if runner in _OWN:
        return Program(runner, home)
    package, name = _package(runner, calls)
    for folder in folders_above(home):
        manifest = manifests.installed(folder, package)
        entry = _entry(manifest, name) if manifest is not None else ""
        if manifest is not None and entry:
            path = join(folder, f"node_modules/{package}/{entry}")
            return Program(name, folder, (path,), manifest.text_of("version"))
    return Program(name, _declaring(manifests, home, package))


def _package(runner: str, calls: tuple[Call, ...]) -> tuple[str, str]:
    """Return the package that holds a runner's program, and the program's name."""
    called = calls[0].program[0] if calls else ""
    if called in _STARTERS:
        return called, called
    return _PACKAGES.get(runner, runner), _BINS.get(runner, runner)


def _entry(manifest: Manifest, name: str) -> str:
    """Return the file that a package runs under a name."""
    programs = manifest.get("bin")
    if isinstance(programs, str):
        return programs
    return manifest.text_of("bin", name)


def _declaring(manifests: Manifests, home: str, package: str) -> str:
    """Return the nearest folder whose manifest declares a package; the folder itself when none does."""
    for folder in folders_above(home):
        manifest = manifests.get(folder)
        groups = ("devDependencies", "dependencies") if manifest is not None else ()
        if manifest is not None and any(package in manifest.section(group) for group in groups):
            return folder
    return home
