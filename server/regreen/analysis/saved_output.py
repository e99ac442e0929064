"""Explains a saved log: what a runner printed, somewhere, some time ago."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from regreen.core.failure import Failure, FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project, WorkspaceModel
from regreen.languages import SavedLog, SavedPaths, explainer_for, language_of_runner

from .classify import classify

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_DATE = rf"\d{{4}}-\d\d-\d\d[T ]{_CLOCK}(?:Z|[+-]\d\d:?\d\d)?"
# What CI systems and container tools put before each line; a line that was empty has lost the blank.
_PREFIXES = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"^{_DATE} \d\d[OE]\+?(?: |$)",  # GitLab
        rf"^\ufeff?{_DATE}(?: |$)",  # GitHub
        rf"^\[(?:{_DATE}|{_CLOCK})\](?: |$)",  # Jenkins, Docker's own
        rf"^{_CLOCK}(?: |$)",
        r"^[^\t\n]*\t[^\t\n]*\t",  # job and step of a downloaded log
        r"^[\w./-]+ *\| ?",  # Compose
        r"^#\d+ \d+\.\d+(?: |$)",  # BuildKit
    )
)
# What a task runner puts before each line of one package: "@acme/app:test: ", "packages/app test: ", "[app] ".
_OF_PACKAGE = re.compile(r"^(?:@?[\w./-]+(?:[:#][\w:-]+| [\w:-]+)?(?:: ?| ?\| ?)|\[[@\w./:# -]+\]:? ?)", re.MULTILINE)
_IN_A_FILE = re.compile(r"\.\w+:\d")
_FEWEST_LINES = 5
_OUTCOMES = re.compile(r"^[.FEsxXuR]*")


def classify_saved(
    output: str,
    runner: str,
    root: str,
    *,
    model: WorkspaceModel | None = None,
    read: ReadText | None = None,
    reports: Mapping[str, str] | None = None,
) -> tuple[Failure, ...]:
    """Judge a saved log of any runner.

    `root` is the workspace that it is about, on this machine or on the one that wrote it. With the workspace's `model`
    and a way to `read` its files, suggestions and lines that the log leaves out are found as well. `reports` are
    what the runner wrote besides its output, by file name: what they say goes before what the output says.
    """
    model = model or WorkspaceModel(root)
    read = read or _nothing
    project = _project(model, runner)
    paths = SavedPaths((root.rstrip("/"),) if root else (), frozenset(model.files))
    name_of = explainer_for(project.language).name_of
    runs = explainer_for(project.language).read_saved(SavedLog(plain(output), runner, reports or {}), paths)
    failures: dict[tuple[TestId, str, int, FailureKind], Failure] = {}
    for run in runs:
        named = (name_of(result, model, read) for result in run.results)
        run = replace(run, results=tuple(_named(result, model, read) for result in named))
        for failure in classify(run, project, model, read):
            failure = _flaky(failure, run, runs, project)
            failures.setdefault((failure.test, failure.path, failure.line, failure.kind), failure)
    return tuple(failures.values())


def plain(output: str) -> str:
    """Return a saved output without escapes, carriage returns and the stamps of CI systems."""
    text = _ESCAPES.sub("", output.replace("\r\n", "\n")).replace("\r", "\n")
    return _without_prefix(text)


def _without_prefix(text: str) -> str:
    """Take off what stands before most lines: a log that went through two systems has two of them."""
    n_lines = text.count("\n") + 1
    for _ in _PREFIXES:
        found = next((prefix for prefix in _PREFIXES if n_lines < 2 * len(prefix.findall(text))), None)
        if found is None:
            break
        text = found.sub("", text)
    return _without_package(text)


def _without_package(text: str) -> str:
    """Take off the name of a package when the same one stands before most lines."""
    counts = Counter(match[0].strip() for match in _OF_PACKAGE.finditer(text))
    prefix, count = counts.most_common(1)[0] if counts else ("", 0)
    if count < _FEWEST_LINES or 10 * count < 7 * len(text.splitlines()) or _IN_A_FILE.search(prefix):
        return text
    return re.sub(rf"^{re.escape(prefix)} ?", "", text, flags=re.MULTILINE)


def _named(result: TestResult, model: WorkspaceModel, read: ReadText) -> TestResult:
    """Name the test that was running when only its file was printed: the outcomes before it are counted."""
    name = result.id.name
    if result.outcome is not TestOutcome.UNFINISHED or "::" in name or not name.endswith(".py"):
        return result
    tests = [case.name for case in model.tests_in(result.path)] or [
        f"{name}::{found}"
        for found in re.findall(r"^(?:async )?def (test\w*)\(", read(result.path) or "", re.MULTILINE)
    ]
    done = _OUTCOMES.match(result.text.strip())
    n_done = len(done[0]) if done else 0
    return replace(result, id=TestId(result.id.project, tests[n_done])) if n_done < len(tests) else result


def _flaky(failure: Failure, run: TestRun, runs: tuple[TestRun, ...], project: Project) -> Failure:
    """Call a test flaky that failed in one run of the log and passed in another of the same tree."""
    alike = [other for other in runs if _same_surroundings(other, run, project)]
    if not any(other.exit_code == 0 and other.complete for other in alike):
        return failure
    slots = {**dict(failure.slots), "runs": str(len(alike)), "underlying": failure.kind.label}
    return replace(
        failure,
        kind=FailureKind.FLAKY,
        slots=tuple(sorted(slots.items())),
        advice="Run the test alone, in its file and in another order to find what it depends on.",
    )


def _same_surroundings(one: TestRun, other: TestRun, project: Project) -> bool:
    surroundings = explainer_for(project.language).surroundings
    mine = surroundings(one.output)
    return bool(mine) and mine == surroundings(other.output)


def _project(model: WorkspaceModel, runner: str) -> Project:
    """Return the project at the root in the runner's language, or one that stands for it."""
    language = language_of_runner(runner)
    known = [project for project in model.projects if (project.path, project.language) == (".", language)]
    return known[0] if known else Project(".", language, "", "", runner, "", (), ".", source_roots=(".",))


def _nothing(_: str) -> str | None:
    return None
