"""regreen doctor: is everything there that a repair needs?"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass

from regreen import __version__
from regreen.app import Session
from regreen.core.confine import Protection
from regreen.core.errors import ExitStatus
from regreen.core.workspace import Project

from .documents import VERSION, dump
from .workspace import add_path, opened


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `remedy` is "" when it is well."""

    name: str
    found: str
    remedy: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)


def run(options: argparse.Namespace) -> int:
    """Print what is there and what to do about what is not."""
    with opened(options.path) as session:
        checks = (*_machine(), _isolation(session.protection), *_workspace(session))
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


def _workspace(session: Session) -> tuple[Check, ...]:
    model = session.model
    problems = tuple(Check("workspace", problem, "See the message above.") for problem in model.problems)
    if not model.projects:
        remedy = "Open the folder that holds your code and its tests."
        return (*problems, Check("projects", "none found", remedy))
    return (*problems, *(check for project in model.projects for check in _project(project)))


def _project(project: Project) -> tuple[Check, ...]:
    name = f"{project.name} ({project.path})"
    if not project.interpreter:
        steps = " && ".join(" ".join(step) for step in project.prepare) or "Install Python 3.8 or newer."
        return (Check(name, "no interpreter", f"Prepare it: {steps}"),)
    probe = [project.interpreter, "-c", "import pytest, sys; print(pytest.__version__, sys.version.split()[0])"]
    try:
        answer = subprocess.run(probe, capture_output=True, text=True, timeout=30, check=False, cwd=sys.prefix)
    except (OSError, subprocess.TimeoutExpired) as error:
        return (Check(name, f"{project.interpreter} does not start: {error}", "Recreate the virtual environment."),)
    if answer.returncode != 0:
        remedy = f"{project.interpreter} -m pip install pytest"
        return (Check(name, f"{project.interpreter} has no pytest", remedy),)
    pytest_version, python_version = answer.stdout.split()
    return (Check(name, f"pytest {pytest_version} on Python {python_version}, {project.interpreter}"),)
