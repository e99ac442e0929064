"""Folders that the person may not enter: they are told of, and nothing else is lost by them."""

from __future__ import annotations

from pathlib import Path

from regreen.core.events import Event
from regreen.languages import languages
from regreen.oracle import IgnoreRules, Oracle
from tests.support.inside import as_ordinary_user
from tests.support.workspace import lay

WORKSPACE = """
-- calc.py --
def add(a, b): return a + b
-- test_calc.py --
from calc import add
def test_add(): assert add(1, 2) == 3
-- closed/bin/python3 --
-- listed/inner/file --
"""


def check_closed_folders(folder: Path) -> None:
    root = lay(folder / "space", WORKSPACE)
    program = root / "closed" / "bin" / "python3"
    program.chmod(0o755)
    (root / "linked.py").symlink_to("closed/bin/python3")
    (root / "listed").chmod(0o444)
    (root / "closed").chmod(0)
    events: list[Event] = []
    oracle = Oracle(
        root, languages(), events.append, {"PATH": f"{program.parent}:/usr/bin", "VIRTUAL_ENV": str(program)}
    )
    model = oracle.refresh()
    assert "test_calc.py" in model.files
    assert any("closed" in problem for problem in model.problems)
    assert not IgnoreRules(root).ignores("closed/bin", is_folder=True)


def test_a_folder_that_is_closed_to_the_person_stops_nothing(tmp_path: Path) -> None:
    # Loads all that is loaded late: an ordinary user may not reach our interpreter's own files.
    Oracle(lay(tmp_path / "space", WORKSPACE), languages(), lambda event: None, {"PATH": "/usr/bin"}).refresh()
    as_ordinary_user(check_closed_folders)
