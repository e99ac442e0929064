"""Runs the preparation steps of projects in the person's own tree, because they asked for it by name.

Invariant: only argv that Regreen itself built is run, never one that a repository or a message supplied.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation
from regreen.core.errors import Refused, ToolMissing, UsageError
from regreen.core.events import Emit, Step, ToolSaid
from regreen.core.policy import Policy
from regreen.core.ports import Executor
from regreen.core.preparation import Preparation, PrepareStep, planned
from regreen.core.testing import CommandSpec, Ended
from regreen.core.workspace import Project, WorkspaceModel

_STEP_SECONDS = 3600.0
_TAIL_LINES = 40
# The programs with which languages begin their steps; an environment's own interpreter stands in the project.
_PROGRAMS = re.compile(
    r"python3?|uv|poetry|pdm|hatch|pipenv|pixi|conda|npm|pnpm|yarn|bun|deno|go|cargo|rustup"
    r"|(?:[^\s]*/)?(?:bin/python3?|Scripts/python\.exe)"
)
# Besides what test runs see: where packages come from, and what unlocks that. These tools need it, tests do not.
_WANTED = re.compile(
    r"(?:PIP|UV|POETRY|PDM|HATCH|PIPENV|PIXI|CONDA|MAMBA|NPM_CONFIG|YARN|PNPM|BUN|DENO|CARGO|RUSTUP)_\w+"
    r"|GO(?:PROXY|SUMDB|NOSUMDB|NOPROXY|PRIVATE|INSECURE|AUTH|VCS)|(?:HTTPS?|ALL|NO|FTP)_PROXY"
    r"|(?:NODE_EXTRA|CURL)_CA_(?:CERTS|BUNDLE)|NETRC|SSH_AUTH_SOCK|XDG_(?:CONFIG|DATA)_HOME|(?:C|CXX|LD)FLAGS",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Preparer:
    """Prepares the projects of one workspace. `environment` is the person's own."""

    root: str
    executor: Executor
    environment: Mapping[str, str]

    def run(self, cancel: Cancellation, project: Project, emit: Emit) -> Preparation:
        """Run the steps of a project in their order; what comes after a failed one is not run.

        Raises:
            Refused: a step is not one of ours.
            Cancelled: the token was set; the tree of the running step was killed.
        """
        plan = planned(project)
        for step in plan.steps:
            _refuse_foreign(step)
        return replace(plan, steps=tuple(self._steps(cancel, plan.steps, emit)))

    def _steps(self, cancel: Cancellation, steps: tuple[PrepareStep, ...], emit: Emit) -> Iterator[PrepareStep]:
        failed = False
        for n, step in enumerate(steps):
            if failed:
                yield step
                continue
            emit(Step(f"Preparing: {shlex.join(step.argv)}", 100 * n // len(steps)))
            done = self._one(cancel, step, emit)
            failed = not done.ok
            yield done

    def _one(self, cancel: Cancellation, step: PrepareStep, emit: Emit) -> PrepareStep:
        cwd = posixpath.normpath(posixpath.join(self.root, step.cwd))
        # A program that lies in the project is named relative to its folder.
        program = step.argv[0] if "/" not in step.argv[0] else posixpath.join(cwd, step.argv[0])
        env = tuple((name, value) for name, value in sorted(self.environment.items()) if _WANTED.fullmatch(name))
        spec = CommandSpec(
            (program, *step.argv[1:]),
            cwd,
            (*env, ("NO_COLOR", "1")),
            _STEP_SECONDS,
            report_is_stdout=True,
            merged=True,
        )
        try:
            raw = self.executor.run(cancel, spec, lambda line: emit(ToolSaid(line.rstrip())))
        except ToolMissing as missing:
            said = f"{missing.message} Install {step.argv[0]}, or put it on the PATH."
            return replace(step, ended=Ended.NOT_STARTED, exit_code=127, tail=said)
        tail = "\n".join(raw.stdout.splitlines()[-_TAIL_LINES:])
        return replace(step, ended=raw.ended, exit_code=raw.exit_code, seconds=raw.seconds, tail=tail)


def chosen(model: WorkspaceModel, key: str) -> tuple[Project, ...]:
    """Return the project with this key, or with "" all that have steps; a step that several share comes once.

    Raises:
        UsageError: no project is called so.
    """
    if key and model.project(key) is None:
        known = ", ".join(project.key for project in model.projects) or "none"
        raise UsageError(f"There is no project {key!r}.", next_step=f"The projects are: {known}.")
    wanted = [project for project in model.projects if project.prepare and key in ("", project.key)]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    found = []
    for project in wanted:
        steps = tuple(argv for argv in project.prepare if (project.path, argv) not in seen)
        seen |= {(project.path, argv) for argv in steps}
        found.append(replace(project, prepare=steps))
    return tuple(project for project in found if project.prepare)


def refuse_unlisted(policy: Policy, projects: tuple[Project, ...]) -> None:
    """Refuse steps that the person's list of commands leaves out, before any is run.

    Raises:
        Refused: there is one.
    """
    steps = (argv for project in projects for argv in project.prepare)
    unlisted = next((argv for argv in steps if not policy.may_run((posixpath.basename(argv[0]), *argv[1:]))), None)
    if unlisted is not None:
        raise Refused(
            f"{shlex.join(unlisted)!r} is not among the commands that may be run.",
            next_step="Run it yourself, or list its beginning in `commands` (and `run` in `actions`) of `[policy]` in "
            "your config.toml.",
            rule="prepare-command",
        )


def planned_steps(model: WorkspaceModel, key: str) -> tuple[Preparation, ...]:
    """Return what `Session.prepare` would run.

    Raises:
        UsageError: no project is called so.
    """
    return tuple(planned(project) for project in chosen(model, key))


def _refuse_foreign(step: PrepareStep) -> None:
    if not step.argv or not _PROGRAMS.fullmatch(step.argv[0]):
        raise Refused(
            f"{shlex.join(step.argv)!r} is not a preparation step that Regreen builds.",
            next_step="Run it yourself if you trust it.",
            rule="prepare-step",
        )
