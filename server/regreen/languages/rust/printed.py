"""The paths of a saved log: which of them mean files of the workspace."""

from __future__ import annotations

import os
import re

from regreen.languages.paths import SavedPaths

from .panics import Resolve

# Sources of the toolchain and of downloaded crates; nobody edits them.
_FOREIGN = re.compile(
    r"^/rustc/|/rustlib/|/\.cargo/(?:registry|git)/|/cargo/registry/|/registry/src/|^library/(?:std|core|alloc|test)/|^<"
    r"|^/build/rustc|/toolchains/[^/]+/lib/"
)
_BUILT = re.compile(
    r"^\s+(?:Compiling|Checking|Fresh|Dirty|Testing|Documenting) \S+ v\S+ \((?P<path>(?:/|[A-Za-z]:\\)[^)\n]*)\)",
    re.MULTILINE,
)
_NAMED = re.compile(r"\((?:path\+file://|file://)?(?P<path>/[^)\n#]+?)(?:#[^)]*)?\)")


def resolver(text: str, paths: SavedPaths) -> Resolve:
    """Return what turns the paths of a log into the workspace's."""
    places = SavedPaths((*paths.roots, *roots_in(text, paths)), paths.known)

    def resolve(path: str, in_stack: bool) -> tuple[str, bool]:
        plain = path.replace("\\", "/")
        if not plain or _FOREIGN.search(plain):
            return path, False
        return places.place(plain.removeprefix("./") if in_stack else plain)

    return resolve


def roots_in(text: str, paths: SavedPaths) -> tuple[str, ...]:
    """Return the folder of the workspace as a log says it: the one that holds all packages that were built."""
    built = tuple(dict.fromkeys(match["path"].replace("\\", "/") for match in _BUILT.finditer(text)))
    if not built:
        built = tuple(dict.fromkeys(match["path"] for match in _NAMED.finditer(text)))[:1]
    if not built or any(path.startswith("/") != built[0].startswith("/") for path in built):
        return ()
    common = os.path.commonpath(built)
    inner = [known for known in paths.known if known.endswith("/Cargo.toml")]
    if f"{common}/Cargo.toml" in paths.known or not inner:
        return (common,)
    # One member alone was built: its own folder is the end of the path.
    ends = [
        known.removesuffix("/Cargo.toml") for known in inner if common.endswith("/" + known.removesuffix("/Cargo.toml"))
    ]
    return (common.removesuffix("/" + max(ends, key=len)),) if ends else (common,)
