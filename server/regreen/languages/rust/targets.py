"""What cargo builds of a package and tests: its targets, by Cargo's own rules of discovery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regreen.languages.folders import parent
from regreen.languages.manifest import Manifest, join

from .files import CargoFiles


@dataclass(frozen=True, slots=True)
class Target:
    """One target that `cargo test` runs. `path` is its root file, relative to the workspace."""

    kind: str  # "lib", "bin", "test" or "example"
    name: str
    path: str
    harness: bool = True
    required_features: tuple[str, ...] = ()


def find_targets(files: CargoFiles, folder: str) -> tuple[Target, ...]:
    """Return the targets of a package that are tested, sorted by kind and path."""
    manifest = files.cargo(folder)
    if manifest is None:
        return ()
    found = [*_library(files, folder, manifest)]
    for kind, table, discovered in (
        ("bin", "bin", _binaries(files, folder, manifest)),
        ("test", "test", _discovered(files, folder, manifest, "autotests", "tests")),
        ("example", "example", {}),
    ):
        found += _tested(files, folder, manifest, kind, table, discovered)
    return tuple(sorted(found, key=lambda target: (target.kind, target.path)))


def find_places(folder: str, targets: tuple[Target, ...]) -> tuple[tuple[str, str], ...]:
    """Return which files and folders of a package belong to which target's root file."""
    places = {target.path: target.path for target in targets}
    roots = [target.path for target in targets if target.kind == "test"]
    for target in targets:
        home = parent(target.path)
        plain = target.path.rpartition("/")[2] in ("lib.rs", "main.rs", "mod.rs")
        roomy = plain or (target.kind == "bin" and home != join(folder, "src/bin"))
        if target.kind == "lib" or (roomy and home not in places):
            places[home] = target.path
    beside = [path for path in roots if parent(path) == join(folder, "tests")]
    if len(beside) == 1:
        # Its modules lie beside the only test target.
        places.setdefault(join(folder, "tests"), beside[0])
    return tuple(sorted(places.items()))


def _library(files: CargoFiles, folder: str, manifest: Manifest) -> Iterator[Target]:
    table = manifest.section("lib")
    path = join(folder, _text(table, "path") or "src/lib.rs")
    if path in files.known and table.get("test") is not False:
        yield Target("lib", _text(table, "name") or package_name(manifest), path, table.get("harness") is not False)


def _tested(
    files: CargoFiles, folder: str, manifest: Manifest, kind: str, table: str, discovered: dict[str, str]
) -> Iterator[Target]:
    """Yield what a manifest's table and the files say together: the table goes before."""
    entries = manifest.get(table)
    named = [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else []
    paths = {name: path for path, name in discovered.items()}
    seen = set()
    for entry in named:
        name = _text(entry, "name")
        path = join(folder, _text(entry, "path")) if _text(entry, "path") else paths.get(name, "")
        path = path or _usual(files, folder, kind, name, package_name(manifest))
        seen.add(path)
        wanted = entry.get("test") is True if kind == "example" else entry.get("test") is not False
        features = entry.get("required-features")
        required = tuple(str(each) for each in features) if isinstance(features, list) else ()
        if path in files.known and wanted:
            yield Target(kind, name, path, entry.get("harness") is not False, required)
    yield from (Target(kind, name, path) for path, name in sorted(discovered.items()) if path not in seen)


def _usual(files: CargoFiles, folder: str, kind: str, name: str, package: str) -> str:
    """Return where cargo looks for a named target without a path."""
    base = {"bin": "src/bin", "test": "tests", "example": "examples"}[kind]
    usual = [f"{base}/{name}.rs", f"{base}/{name}/main.rs"]
    if kind == "bin" and name == package:
        usual = ["src/main.rs", *usual]
    return next((path for each in usual if (path := join(folder, each)) in files.known), "")


def _binaries(files: CargoFiles, folder: str, manifest: Manifest) -> dict[str, str]:
    found = _discovered(files, folder, manifest, "autobins", "src/bin")
    main = join(folder, "src/main.rs")
    if main in files.known and manifest.get("package", "autobins") is not False:
        found[main] = package_name(manifest)
    return found


def _discovered(files: CargoFiles, folder: str, manifest: Manifest, switch: str, base: str) -> dict[str, str]:
    """Return path -> name of the targets that cargo finds by itself in a folder."""
    if manifest.get("package", switch) is False:
        return {}
    prefix = join(folder, base) + "/"
    found = {}
    for path in files.below(prefix):
        rest = path.removeprefix(prefix)
        if rest.endswith(".rs") and "/" not in rest:
            found[path] = rest.removesuffix(".rs")
        elif rest.endswith("/main.rs") and rest.count("/") == 1:
            found[path] = rest.removesuffix("/main.rs")
    return found


def has_benches(files: CargoFiles, folder: str) -> bool:
    """Tell whether a package has benchmarks, which no run of its tests compiles."""
    manifest = files.cargo(folder)
    if manifest is None:
        return False
    return bool(manifest.get("bench")) or bool(_discovered(files, folder, manifest, "autobenches", "benches"))


def package_name(manifest: Manifest) -> str:
    """Return the name of a manifest's package, or ""."""
    name = manifest.get("package", "name") or manifest.get("project", "name")
    return name if isinstance(name, str) else ""


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    return value.removeprefix("./") if isinstance(value, str) else ""
