"""What a run of all tests leaves uncompiled: benchmarks, and packages that the repository's tests leave out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from regreen.languages.manifest import join

from .files import CargoFiles
from .targets import has_benches, package_name
from .workspace import Root


def gates(files: CargoFiles, root: Root, cargo: str, test_command: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the argv of each check; where the tests compile everything there is none, for they are the check."""
    if not cargo:
        return ()
    kept = ("--offline", *(("--locked",) if join(root.folder, "Cargo.lock") in files.known else ()))
    return tuple((cargo, "check", *words, *kept) for words in _left_out(files, root, test_command))


def _left_out(files: CargoFiles, root: Root, test_command: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    words = tuple(word for word in test_command[1:] if word not in ("test", "nextest", "run"))
    excluded = [value for option, value in pairwise(words) if option == "--exclude"]
    packages = {folder: manifest for folder in root.members if (manifest := files.cargo(folder)) is not None}
    if any(has_benches(files, folder) for folder, each in packages.items() if package_name(each) not in excluded):
        yield (*words, "--benches")
    yield from (("-p", name, "--all-targets") for name in excluded)
