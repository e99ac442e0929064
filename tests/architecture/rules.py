"""The rules of the house as functions over a source tree: each returns the faults that it finds, as sentences."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.architecture.imports import Import, cycles, imports, modules

FLOORS: Mapping[str, int] = {
    "core": 0,
    "syntax": 1,
    "languages": 2,
    "analysis": 3,
    "guard": 3,
    "mutation": 3,
    "pages": 3,
    "oracle": 4,
    "execution": 4,
    "checkpoints": 4,
    "providers": 4,
    "journal": 4,
    "runtime": 4,
    "repair": 5,
    "app": 6,
    "lsp": 7,
    "cli": 7,
    "__main__": 8,
}
SEALED = "injected"  # runs in somebody else's interpreter: imports nothing of ours, nothing imports it
STARTS = frozenset({("cli", "lsp")})  # neighbours that may be entered: `regreen serve` is the editor's server
PORTS_ONLY = {"repair": 3}  # repair stands on floor 5 and meets floor 4 as ports only

WHERE_PACKAGES_ARE_USED: Mapping[str, frozenset[str]] = {
    "tree_sitter": frozenset({"syntax"}),
    "tree_sitter_go": frozenset({"syntax"}),
    "tree_sitter_javascript": frozenset({"syntax"}),
    "tree_sitter_python": frozenset({"syntax"}),
    "tree_sitter_rust": frozenset({"syntax"}),
    "tree_sitter_typescript": frozenset({"syntax"}),
    "git": frozenset({"checkpoints"}),
    "httpx": frozenset({"providers"}),
    "watchdog": frozenset({"oracle"}),
    "pathspec": frozenset({"oracle", "guard", "checkpoints"}),
    "pydantic": frozenset({"app", "journal", "lsp", "providers"}),
    "platformdirs": frozenset({"app", "journal"}),
    "pygls": frozenset({"lsp"}),
    "lsprotocol": frozenset({"lsp"}),
    "cattrs": frozenset({"lsp"}),
    "attrs": frozenset({"lsp"}),
    "pytest": frozenset({SEALED}),
    "django": frozenset({SEALED}),
}
BLIND_EXCEPTS = frozenset({"app/jobs.py", "lsp/wire.py", "lsp/server.py"})
ASYNC = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)


def wrong_floors(package: Path) -> list[str]:
    """Find imports that do not go down, rooms that have no floor, and doors that were walked around."""
    known = modules(package)
    strangers = sorted({room for name in known if (room := _room(name)) and room not in FLOORS and room != SEALED})
    faults = [f"the room {room} has no floor" for room in strangers]
    for found in imports(known):
        if found.target.split(".")[0] == package.name:
            faults += [f"{found}: {why}" for why in _floor_faults(found)]
    return faults


def circles(package: Path) -> list[str]:
    """Find modules that import each other."""
    known = modules(package)
    return [f"{' and '.join(group)} import each other" for group in cycles(imports(known), known)]


def misplaced_packages(package: Path) -> list[str]:
    """Find third-party packages that are imported in a room that is not theirs."""
    known = modules(package)
    own = {package.name, *(name.rpartition(".")[2] for name in known if _room(name) == SEALED)}
    return [
        f"{found}, which only {', '.join(sorted(rooms)) or 'nobody'} may"
        for found in imports(known)
        if (top := found.target.split(".")[0]) not in sys.stdlib_module_names and top not in own
        if _room(found.source) not in (rooms := WHERE_PACKAGES_ARE_USED.get(top, frozenset()))
    ]


def misplaced_async(package: Path) -> list[str]:
    """Find coroutines and asyncio outside of the room that knows the editor."""
    outside = {name: module for name, module in modules(package).items() if _room(name) != "lsp"}
    faults = [
        f"{module.name}:{node.lineno} is asynchronous; only lsp may be"
        for module in outside.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ASYNC)
    ]
    return faults + [
        f"{found}; only lsp is asynchronous" for found in imports(outside) if found.target.split(".")[0] == "asyncio"
    ]


def blind_excepts(package: Path) -> list[str]:
    """Find handlers that catch everything and do not raise it again, outside of the places that log bugs."""
    return [
        f"{module.name}:{node.lineno} catches everything"
        for module in modules(package).values()
        if module.path.relative_to(package).as_posix() not in BLIND_EXCEPTS and _room(module.name) != SEALED
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _is_blind(node)
    ]


def bad_doors(package: Path) -> list[str]:
    """Find rooms whose door does not say what the room must never do, and modules without a docstring."""
    known = modules(package)
    silent = [
        f"{module.name} has no docstring"
        for module in known.values()
        if module.tree.body and not ast.get_docstring(module.tree)
    ]
    doors = [module for module in known.values() if module.is_package and module.name.count(".") == 1]
    return silent + [
        f"the door of {door.name} has no Invariant"
        for door in doors
        if "Invariant: " not in (ast.get_docstring(door.tree) or "")
    ]


def long_files(paths: Iterator[Path], limit: int) -> list[str]:
    """Find files with more lines than the limit."""
    counted = [(path, len(path.read_text("utf-8").splitlines())) for path in sorted(paths)]
    return [f"{path} has {n_lines} lines, {limit} are allowed" for path, n_lines in counted if limit < n_lines]


def _floor_faults(found: Import) -> Iterator[str]:
    source, target = _room(found.source), _room(found.target)
    if source == target or target == "":
        return
    if SEALED in (source, target):
        yield f"{SEALED} stands alone"
        return
    if source == "":
        yield "the package itself imports nothing"
        return
    if FLOORS.get(source, 0) <= FLOORS.get(target, 0) and (source, target) not in STARTS:
        yield f"{source} is on floor {FLOORS.get(source)}, {target} on floor {FLOORS.get(target)}"
    elif PORTS_ONLY.get(source, FLOORS[source]) < FLOORS.get(target, 0):
        yield f"{source} meets {target} as a port only"
    if target != "core" and found.target.count(".") != 1:
        yield f"{target} is entered by its door, regreen.{target}"
    if target == "core" and found.target.count(".") == 1:
        yield "core has a door for each subject: import its module"


def _is_blind(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException")) for one in caught
    )


def _room(name: str) -> str:
    """Return the room of a dotted module name; "" for the package itself."""
    return [*name.split("."), ""][1]
