"""regreen doctor: is everything there that a repair needs?"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from regreen import __version__
from regreen.app import Session, damaged_records
from regreen.core.confine import Protection
from regreen.core.errors import ExitStatus
from regreen.core.preparation import in_words
from regreen.core.workspace import Project

from .documents import VERSION, dump
from .workspace import add_path, add_trust, opened


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `remedy` is "" when it is well."""

    name: str
    found: str
    remedy: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_trust(parser)


def run(options: argparse.Namespace) -> int:
    """Print what is there and what to do about what is not."""
    with opened(options.path, untrusted=options.untrusted) as session:
        providers = tuple(Check(f"provider {each.name}", each.found, each.remedy) for each in session.providers())
        history = _history(damaged_records(session.root))
        checks = (*_machine(), *providers, _isolation(session.protection), *history, *_workspace(session))
    if options.json:
        rows = [{"name": check.name, "found": check.found, "remedy": check.remedy} for check in checks]
        dump({"version": VERSION, "ready": not any(check.remedy for check in checks), "checks": rows})
    else:
        for check in checks:
            print(f"{'✗' if check.remedy else '✓'} {check.name}: {check.found}")
            if check.remedy:
                print(f"    {check.remedy}")
    return ExitStatus.CANNOT_RUN if any(check.remedy for check in checks) else ExitStatus.DONE


def _machine() -> tuple[Check, ...]:
    git = shutil.which("git")
    return (
        Check("regreen", f"{__version__} on Python {platform.python_version()}, {platform.system()}"),
        Check("git", git or "not found; repairs work without it"),
        Check("provider", "search: embedded, no key, no network"),
    )


def _isolation(protection: Protection) -> Check:
    found = " ".join([f"repairs work in {protection}; network: {protection.network.value}.", *protection.reasons])
    remedy = "Install bubblewrap, or allow unprivileged user namespaces; without either nothing is repaired."
    return Check("isolation", found, "" if protection.level else remedy)


def _history(damaged: tuple[str, ...]) -> tuple[Check, ...]:
    return tuple(Check("history", f"{problem} The other records are not affected.") for problem in damaged)


def _workspace(session: Session) -> tuple[Check, ...]:
    model = session.model
    problems = tuple(Check("workspace", problem, "See the message above.") for problem in model.problems)
    if not model.projects:
        remedy = "Open the folder that holds your code and its tests."
        return (*problems, Check("projects", "none found", remedy))
    look = _project if session.trusted else _untouched
    return (*problems, *(check for project in model.projects for check in look(project)))


def _untouched(project: Project) -> tuple[Check, ...]:
    """Say of a project in an untrusted workspace that its programs were not started."""
    name = f"{project.name} ({project.path})"
    return (Check(name, f"{project.runner}; not tried, for this workspace is not trusted"),)


def _project(project: Project) -> tuple[Check, ...]:
    name = f"{project.name} ({project.path})"
    steps = in_words(project)
    if not project.interpreter:
        return (Check(name, f"no program to run its {project.runner} tests", f"Prepare it: {steps or _INSTALL}"),)
    argv = _PROBES.get((project.language, project.runner)) or _PROBES.get((project.language, ""), ("--version",))
    try:
        answer = subprocess.run(
            [project.interpreter, *argv], capture_output=True, text=True, timeout=30, check=False, cwd=sys.prefix
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return (Check(name, f"{project.interpreter} does not start: {error}", f"Prepare it: {steps or _INSTALL}"),)
    if answer.returncode != 0:
        remedy = f"Prepare it: {steps}" if steps else _INSTALL
        return (Check(name, f"{project.interpreter} has no {project.runner}", remedy),)
    said = " ".join(answer.stdout.split()[:6])
    return (Check(name, f"{project.runner}: {said}, {project.interpreter}"),)


_INSTALL = "install what runs its tests, and put it on the PATH."
_PYTHON = "import {0}, sys; print({0}.__version__, 'on Python', sys.version.split()[0])"
# What tells that the program of a project runs its tests: by language and runner, "" is any other runner.
_PROBES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("python", ""): ("-c", _PYTHON.format("pytest")),
    ("python", "django"): ("-c", _PYTHON.format("django")),
    ("python", "trial"): ("-c", _PYTHON.format("twisted")),
    ("python", "unittest"): ("-c", "import unittest, sys; print('Python', sys.version.split()[0])"),
    ("go", ""): ("version",),
}
