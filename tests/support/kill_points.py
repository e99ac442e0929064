"""Kills a process at each call that touches files, one call after the other, and looks what is left.

Run as a program, with one thread: `python -m tests.support.kill_points SCENARIO FOLDER [STEP]`. Each point is a fork.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from regreen.checkpoints.in_place import InPlaceCheckpoints, recover_in_place
from regreen.checkpoints.shadow.store import ShadowStore
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from tests.support.trees import tree_state
from tests.support.workspace import lay

_EVENTS = frozenset(
    {"open", "os.rename", "os.link", "os.mkdir", "os.symlink", "os.chmod", "os.chown", "os.utime", "os.truncate",
     "os.remove", "os.rmdir", "fcntl.flock", "subprocess.Popen"}
)  # fmt: skip
TEXT, FIXED = "def f(a, b):\n    return a - b\n", "def f(a, b):\n    return a + b\n"
SPACE = f"""
-- a.py --
{TEXT}
-- pkg/b.py --
two
-- pkg/in/c.py --
three
"""


def main(scenario: str, folder: Path, step: int) -> dict[str, int]:
    """Go through all points of a scenario and count them.

    Raises:
        AssertionError: something is left that is neither old nor new.
    """
    counts = {"kills": 0, "double kills": 0}
    at = 1
    while _SCENARIOS[scenario](folder / f"{at}", at, counts):
        at += step
    return counts


def _saving(home: Path, at: int, counts: dict[str, int]) -> bool:
    root = lay(home / "space", SPACE)
    before = tree_state(root)
    first = ShadowStore(root, home / "state").save(Cancellation()).id
    (root / "a.py").write_text("newer\n")
    newer = tree_state(root)
    struck = _killed_at(at, lambda: ShadowStore(root, home / "state").save(Cancellation()))
    counts["kills"] += struck
    _check(tree_state(root) == newer, "saving changed the tree", at)
    saved = ShadowStore(root, home / "state").save(Cancellation()).id
    _check(_left(home) == [], f"left over: {_left(home)}", at)
    (root / "a.py").unlink()
    ShadowStore(root, home / "state").restore(saved)
    _check(tree_state(root) == newer, "the next checkpoint does not hold", at)
    ShadowStore(root, home / "state").restore(first)
    _check(tree_state(root) == before, "the earlier checkpoint does not hold", at)
    return struck


def _restoring(home: Path, at: int, counts: dict[str, int]) -> bool:
    root = lay(home / "space", SPACE)
    before = tree_state(root)
    saved = ShadowStore(root, home / "state").save(Cancellation()).id
    _damage(root)
    struck = _killed_at(at, lambda: ShadowStore(root, home / "state").restore(saved))
    counts["kills"] += struck
    ShadowStore(root, home / "state").restore(saved)
    _check(tree_state(root) == before, "not restored", at)
    _check(_unknown_bytes(home), "unknown bytes were lost", at)
    return struck


def _in_place(home: Path, at: int, counts: dict[str, int]) -> bool:
    root = lay(home / "space", SPACE)
    before = tree_state(root)
    struck = _killed_at(at, lambda: _repair(root, home))
    counts["kills"] += struck
    if struck:
        _check(tree_state(root) == before or bool(_pending(home)), "damage without a record", at)
    recover_in_place(str(root), home / "state")
    _check(tree_state(root) == before, "not recovered", at)
    _check(not _pending(home), "a record is left", at)
    return struck


def _recovering(home: Path, at: int, counts: dict[str, int]) -> bool:
    root = lay(home / "space", SPACE)
    before = tree_state(root)
    _check(_killed_at(0, lambda: _repair(root, home, die=True)), "not killed", at)
    _check(tree_state(root) != before, "nothing to recover", at)
    struck = _killed_at(at, lambda: recover_in_place(str(root), home / "state"))
    counts["double kills"] += struck
    recover_in_place(str(root), home / "state")
    _check(tree_state(root) == before, "not recovered", at)
    _check(not _pending(home), "a record is left", at)
    return struck


_SCENARIOS: dict[str, Callable[[Path, int, dict[str, int]], bool]] = {
    "saving": _saving,
    "restoring": _restoring,
    "in place": _in_place,
    "recovering": _recovering,
}


def _repair(root: Path, home: Path, *, die: bool = False) -> None:
    checkpoints = InPlaceCheckpoints(root, home / "state", lambda _: False)
    with checkpoints.open(Cancellation(), {}) as bench:
        bench.apply(patch_between({"a.py": TEXT}, {"a.py": FIXED}))
        _damage_quietly(root)
        bench.reset()
        bench.apply(patch_between({"a.py": TEXT}, {"a.py": FIXED}))
        _damage_quietly(root)
        if die:
            os.kill(os.getpid(), signal.SIGKILL)


def _damage(root: Path) -> None:
    (root / "a.py").write_text("unknown\n")
    (root / "new").mkdir()
    (root / "new" / "file").write_text("unknown\n")
    _damage_quietly(root)


def _damage_quietly(root: Path) -> None:
    """Damage that is no point to be killed at."""
    hook, _Hook.at = _Hook.at, -1
    (root / "pkg" / "b.py").unlink(missing_ok=True)
    (root / "pkg" / "in" / "c.py").write_text("damaged by a test\n")
    (root / "pkg").chmod(0o711)
    _Hook.at = hook


class _Hook:
    at = -1  # the call to be killed at, counted down; below zero it does not count

    def __call__(self, event: str, _: tuple[object, ...]) -> None:
        if 0 < _Hook.at and event in _EVENTS:
            _Hook.at -= 1
            if _Hook.at == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _killed_at(at: int, do: Callable[[], object]) -> bool:
    """Do it in a fork that is killed at its n-th call; tell whether it was, or came to its end before."""
    child = os.fork()
    if child == 0:
        _Hook.at = at
        do()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    _check(code in (0, -signal.SIGKILL), f"it ended with {code}", at)
    return code != 0


def _left(home: Path) -> list[str]:
    shadow = home / "state" / "shadow"
    pins = {path.name for path in (shadow / "pinned").glob("*")} - {path.stem for path in (shadow / "saved").iterdir()}
    return sorted([*map(str, shadow.rglob("tmp_*")), *map(str, shadow.rglob("*.tmp")), *pins])


def _unknown_bytes(home: Path) -> bool:
    kept = home / "state" / "shadow" / "kept"
    return sum(file.is_file() and file.read_text() == "unknown\n" for file in kept.rglob("*")) == 2


def _pending(home: Path) -> list[Path]:
    return list((home / "state" / "in-place").glob("*.jsonl"))


def _check(holds: bool, words: str, at: int) -> None:
    if not holds:
        raise AssertionError(f"killed at call {at}: {words}")


if __name__ == "__main__":
    sys.addaudithook(_Hook())
    step = int(sys.argv[3]) if 3 < len(sys.argv) else 1
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), step)))
