"""How the tests of a Cargo workspace are run: by our driver, which has cargo build them and runs each binary itself.

In a workspace that is set up for nextest the driver leaves the built binaries to it where it is installed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from regreen.core.errors import ToolMissing
from regreen.core.ports import ReportReader
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.events import nonce

from .report import CargoReader

_DRIVER = Path(__file__).resolve().parents[2] / "injected" / "regreen_cargo.py"
_LONGEST = 100_000  # characters of the order; systems refuse more than 128 KiB in one argument
_FOR_EVERYTHING = frozenset({"--workspace", "--all"})


def command(project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
    """Say how to run the selected tests.

    Raises:
        ToolMissing: cargo was not found.
    """
    report = str(Path(place.scratch, "report.jsonl"))
    argv = (sys.executable, "-B", str(_DRIVER), _order(project, selection))
    env = {
        "CARGO_TERM_COLOR": "never",
        "CARGO_NET_RETRY": "0",
        "RUST_BACKTRACE": "1",
        "RUSTUP_AUTO_INSTALL": "0",  # a toolchain is a step of preparation, asked for
        "INSTA_UPDATE": "no",
        "CI": "1",
        "NO_COLOR": "1",
        **dict(project.environment),
        "REGREEN_REPORT": report,
        "REGREEN_NONCE": nonce(place),
        "REGREEN_ROOT": place.root,
        "REGREEN_ORIGINAL": place.original,
    }
    return CommandSpec(argv, str(Path(place.root, project.cwd)), tuple(sorted(env.items())), timeout, report)


def reader(project: Project, place: Place) -> ReportReader:
    """Return a reader that believes only lines with the nonce of this place."""
    return CargoReader(project, place, nonce(place))


def cargo_of(project: Project) -> str:
    """Return the program cargo.

    Raises:
        ToolMissing: it was not found.
    """
    if project.interpreter:
        return project.interpreter
    raise ToolMissing(
        f"The program cargo was not found for the project in {project.path!r}.",
        next_step="Install Rust with rustup, and make sure that cargo is on the PATH; then run the tests again.",
    )


def _order(project: Project, selection: Selection) -> str:
    """Return what the driver is to do, as JSON; whole targets when the names of the tests are too many."""
    names = tuple(dict.fromkeys(selection.names))
    if _LONGEST < sum(len(name) + 4 for name in names):
        names = tuple(dict.fromkeys(name.partition("::")[0] for name in names))
    words = project.test_command[1:]
    behind = words[next((n for n, word in enumerate(words) if word.startswith("-")), len(words)) :]
    return json.dumps(
        {
            "cargo": cargo_of(project),
            "everything": [word for word in behind if word in _FOR_EVERYTHING],
            "options": [word for word in behind if word not in _FOR_EVERYTHING],
            "names": names,
            "paths": selection.paths,
            "stop": selection.stop_at_first,
            "nextest": project.runner == "nextest",
        }
    )
