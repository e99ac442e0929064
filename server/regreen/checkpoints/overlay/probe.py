"""A real try of an overlay on a small tree: what works on this machine is seen, not guessed from versions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from regreen.core.errors import CannotRun

from .keeper import Keeper

_FILES = ("kept", "changed", "removed", "folder/inner", "gone/inner")


def canary(bench: Path) -> str | None:
    """Try an overlay over a fresh tree in a bench; say in a sentence what does not work, or return None."""
    lower = bench / "canary"
    for name in _FILES:
        (lower / name).parent.mkdir(parents=True, exist_ok=True)
        (lower / name).write_text(name)
    try:
        keeper = Keeper(str(lower), bench, ())
    except CannotRun as error:
        return error.message
    try:
        for n in range(2):
            _make_upper(bench, f"try{n}")
            keeper.mount(f"try{n}")
            with keeper.opened() as tree:
                failed = next((what for what, check in _CHECKS if not _holds(check, Path(tree))), None)
            if failed is not None:
                return f"An overlay whose changes lie in {bench.parent} does not {failed}."
            if _listing(lower) != sorted(_FILES):
                return f"An overlay whose changes lie in {bench.parent} lets changes through."
    except CannotRun as error:
        return error.message
    finally:
        keeper.close()
    return "The overlay outlives its keeper." if Path(keeper.tree).exists() else None


def _make_upper(bench: Path, name: str) -> None:
    for part in ("upper", "work"):
        (bench / name / part).mkdir(parents=True, mode=0o700)


def _listing(tree: Path) -> list[str]:
    files = [path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()]
    return sorted(name for name in files if (tree / name).read_text() == name)


def _holds(check: Callable[[Path], bool], tree: Path) -> bool:
    try:
        return check(tree)
    except OSError:
        return False


def _starts_fresh(tree: Path) -> bool:
    return _listing(tree) == sorted(_FILES)


def _takes_changes(tree: Path) -> bool:
    (tree / "changed").write_text("new")
    (tree / "new").write_text("new")
    (tree / "kept").chmod(0o600)
    return (tree / "changed").read_text() == "new" and (tree / "new").exists()


def _takes_removals(tree: Path) -> bool:
    (tree / "removed").unlink()
    shutil.rmtree(tree / "gone")
    return not (tree / "removed").exists() and not (tree / "gone").exists()


def _makes_anew(tree: Path) -> bool:
    """A folder that was removed and made again must be empty: for that its file system needs extended attributes."""
    (tree / "gone").mkdir()
    return os.listdir(tree / "gone") == []  # noqa: PTH208 - compared with a list


def _replaces(tree: Path) -> bool:
    (tree / "new").rename(tree / "folder" / "inner")
    return (tree / "folder" / "inner").read_text() == "new"


_CHECKS: tuple[tuple[str, Callable[[Path], bool]], ...] = (
    ("start from the files as they are", _starts_fresh),
    ("take changes", _takes_changes),
    ("take removals", _takes_removals),
    ("let a removed folder be made anew", _makes_anew),
    ("let a file be replaced", _replaces),
)
