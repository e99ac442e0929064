"""Runs what a project asks for beside its tests: its type checker, its build."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from itertools import pairwise

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.errors import ToolMissing
from regreen.core.ports import GateResult
from regreen.core.testing import CommandSpec, Ended, Place, RawRun
from regreen.core.workspace import Project
from regreen.languages import narrowed_gate

from .runner import ToolRunner, confined

_COMPLAINT = re.compile(r"\berror\b|\bFAIL", re.IGNORECASE)
# A check downloads nothing: what is missing is fetched by the project's preparation steps.
_ENVIRONMENT = (("CARGO_TERM_COLOR", "never"), ("CI", "1"), ("GOPROXY", "off"), ("NO_COLOR", "1"))
_WITH_VERBS = frozenset({"cargo", "go"})


@dataclass(frozen=True, slots=True)
class ToolGates:
    """Runs gates as the runner runs tests: confined in the workbench, within the same time."""

    runner: ToolRunner

    def run(
        self, cancel: Cancellation, project: Project, where: Enclosure, touched: tuple[str, ...] = ()
    ) -> tuple[GateResult, ...]:
        """Run each gate in a workbench; one whose program is not there counts as closed."""
        gates = tuple(narrowed_gate(project, argv, touched) for argv in project.gates)
        with self.runner.place(where) as place:
            return tuple(self._one(cancel, project, argv, where, place) for argv in gates)

    def _one(
        self, cancel: Cancellation, project: Project, argv: tuple[str, ...], where: Enclosure, place: Place
    ) -> GateResult:
        name = gate_name(argv)
        cwd = posixpath.normpath(posixpath.join(place.root, project.cwd))
        # A program that lies in the project is named relative to its folder, and is that of the workbench.
        program = argv[0] if "/" not in argv[0] else posixpath.join(cwd, argv[0])
        spec = CommandSpec((program, *argv[1:]), cwd, (*_ENVIRONMENT, *project.environment), self.runner.timeout())
        try:
            raw = self.runner.executor.run(cancel, confined(spec, where, place))
        except ToolMissing as missing:
            return GateResult(name, False, missing.message)
        return GateResult(name, raw.ended is Ended.EXITED and raw.exit_code == 0, _complaint(raw))


def gate_name(argv: tuple[str, ...]) -> str:
    """Return a gate as a person knows it: "mypy" for `python -m mypy .`, "tsc" for `node …/bin/tsc`, "go vet"."""
    if posixpath.basename(argv[0]) in _WITH_VERBS:
        return f"{posixpath.basename(argv[0])} {argv[1]}"
    module = next((after for before, after in pairwise(argv) if before == "-m"), "")
    script = argv[1] if 1 < len(argv) and "/" in argv[1] and not argv[1].startswith("-") else argv[0]
    return module or posixpath.basename(script)


def _complaint(raw: RawRun) -> str:
    lines = [line.strip() for line in f"{raw.stdout}\n{raw.stderr}".splitlines() if line.strip()]
    first = next((line for line in lines if _COMPLAINT.search(line)), lines[-1] if lines else "it said nothing")
    return first[:200]
