"""The type checker of a project that configures one and has it installed."""

from __future__ import annotations

import posixpath

from regreen.languages.folders import folders_above, join

from .manifest import Manifests

_PROGRAM = "node_modules/typescript/bin/tsc"


def gates(manifests: Manifests, folder: str, cwd: str, node: str) -> tuple[tuple[str, ...], ...]:
    """Return the argv of the checker, as it is started in `cwd`; what is not installed is no gate."""
    tree = manifests.tree
    if not node or tree.read(join(folder, "tsconfig.json")) is None:
        return ()
    for holder in folders_above(folder):
        program = join(holder, _PROGRAM)
        if tree.read(program) is not None:
            return ((node, _from(program, cwd), "--noEmit", "-p", _from(folder, cwd)),)
    return ()


def _from(path: str, cwd: str) -> str:
    relative = posixpath.relpath(path, cwd)
    return relative if relative.startswith(".") else f"./{relative}"
