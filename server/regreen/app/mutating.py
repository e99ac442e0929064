"""Mutation testing of the workspace: which mutants are made, who judges them, what is known of them already."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from regreen.analysis import affected_tests
from regreen.core.cancel import Cancellation
from regreen.core.errors import UsageError
from regreen.core.events import Emit, Step
from regreen.core.mutation import Judged, Mutant, Strength, with_diffs
from regreen.core.ports import Hearing, Mutation, Workbench
from regreen.core.testing import CommandSpec, TestId
from regreen.core.text import split_lines
from regreen.core.trace import Clock
from regreen.core.workspace import Project, WorkspaceModel
from regreen.languages import is_test_path, mutation_for
from regreen.mutation import mutants_of

from .mutation_memory import MutationMemory
from .requests import MutateRequest
from .runner import ToolRunner, confined

_TOLD = 20  # times that progress is told
_TESTS_INSIDE = "rust"  # whose tests stand in the files that they test
_TEST_FOLDERS = frozenset({"__tests__", "test", "tests", "spec", "testdata", "testing", "benches", "examples"})
_SELDOM = 5  # mutants between two of them, at least
_PLAINLY = "Each mutant got a run of all tests, which takes longer: of {} it is not known which tests run which lines."
_NEXT = "regreen inspect shows which files there are; name one with --file, relative to the workspace."


class JudgeMutants(Protocol):
    """Judges mutants with the worker that a CommandSpec starts."""

    def __call__(
        self,
        cancel: Cancellation,
        spec: CommandSpec,
        bench: Workbench,
        mutants: tuple[Mutant, ...],
        tests: tuple[TestId, ...],
        hearing: Hearing,
        project: str,
    ) -> Strength:
        """Judge them in a workbench."""


@dataclass(frozen=True, slots=True)
class WarmMutation:
    """Judges the mutants of languages that have a warm worker for it: `core.ports.Mutation`."""

    runner: ToolRunner
    judge_mutants: JudgeMutants
    plainly: Mutation  # who judges them where the worker cannot run the project's tests

    def judge(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        mutants: tuple[Mutant, ...],
        tests: tuple[TestId, ...],
        hearing: Hearing,
    ) -> Strength:
        """Judge mutants of the texts as they stand in the workbench."""
        command = mutation_for(project.language)
        if not mutants:
            return Strength(())
        with self.runner.place(bench.enclosure) as place:
            spec = None if command is None else command(project, place)
            if spec is not None:
                ready = confined(spec, bench.enclosure, place)
                return self.judge_mutants(cancel, ready, bench, mutants, tests, hearing, project.key)
        strength = self.plainly.judge(cancel, bench, project, mutants, tests, hearing)
        return replace(strength, note=_PLAINLY.format(project.runner or "this runner")) if strength.judged else strength


@dataclass(frozen=True, slots=True)
class MutationByLanguage:
    """Hands mutants to whoever judges those of a project's language: `core.ports.Mutation`."""

    engines: Mapping[str, Mutation]
    otherwise: Mutation

    def judge(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        mutants: tuple[Mutant, ...],
        tests: tuple[TestId, ...],
        hearing: Hearing,
    ) -> Strength:
        """Judge mutants of the texts as they stand in the workbench."""
        engine = self.engines.get(project.language, self.otherwise)
        return engine.judge(cancel, bench, project, mutants, tests, hearing)


History = Callable[[Cancellation, str, tuple[str, ...]], dict[str, str] | None]


@dataclass(frozen=True, slots=True)
class Mutator:
    """Mutates one workspace. What may change under it is asked for each time."""

    mutation: Mutation
    memory: MutationMemory
    clock: Clock
    emit: Emit
    model: Callable[[], WorkspaceModel]
    at: History  # the texts of files at a revision

    def mutate(self, cancel: Cancellation, bench: Workbench, request: MutateRequest) -> Strength:
        """Judge the mutants that a request means, in a workbench that shows the files; project by project.

        Raises:
            UsageError: it names a file or a revision that is not there.
        """
        model, begun = self.model(), self.clock.monotonic()
        texts = {path: bench.read(path).text for path in sources(model, request.paths)}
        lines = self._changed(cancel, request.since, texts)
        parts = []
        for project in model.projects:
            own = [path for path in texts if model.project_of(path) == project]
            mutants = tuple(
                mutant
                for path in own
                if lines is None or lines[path]
                for mutant in mutants_of(
                    path,
                    texts[path],
                    lines=None if lines is None else lines[path],
                    function=request.function or None,
                )
            )
            left = request.seconds - (self.clock.monotonic() - begun) if request.seconds else 0.0
            if mutants and not left < 0:
                parts.append(self._judge(cancel, bench, project, mutants, request, left))
            elif mutants:
                parts.append(Strength((), complete=False))
        if request.function and not parts:
            raise UsageError(
                f"There is nothing to mutate in a function {request.function!r}.",
                next_step="Name a function or a method as in its file, such as Cart.total.",
            )
        return with_diffs(joined(tuple(parts), self.clock.monotonic() - begun), texts)

    def _judge(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        mutants: tuple[Mutant, ...],
        request: MutateRequest,
        seconds: float,
    ) -> Strength:
        self.emit(Step(f"{len(mutants)} mutants of {project.name or project.path}: running the tests without any", 0))
        remembered = self.memory.opened(project, self.model(), lambda path: bench.read(path).text)
        n_told = 0

        def on_judged(judged: Judged) -> None:
            nonlocal n_told
            n_told += 1
            remembered.note(judged)
            if n_told % max(_SELDOM, len(mutants) // _TOLD) == 0:
                percentage = 100 * n_told // len(mutants)
                self.emit(Step(f"{n_told} of {len(mutants)} mutants, at {judged.mutant.path}", percentage))

        hearing = Hearing(seconds, remembered.recall, on_judged)
        tests = near_tests(self.model(), project, request.paths)
        is_believed = True
        try:
            strength = self.mutation.judge(cancel, bench, project, mutants, tests, hearing)
            is_believed = not strength.refused
            return strength
        finally:
            if is_believed:
                remembered.keep()

    def _changed(
        self, cancel: Cancellation, since: str, texts: Mapping[str, str]
    ) -> Mapping[str, frozenset[int]] | None:
        if not since:
            return None
        before = self.at(cancel, since, tuple(texts))
        if before is None and texts:
            raise UsageError(
                f"There is no revision {since!r} of this workspace.",
                next_step="Name a commit, a branch or a tag of its Git repository, such as HEAD~1 or main.",
            )
        return {path: new_lines((before or {}).get(path, ""), text) for path, text in texts.items()}


def sources(model: WorkspaceModel, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files that may be mutated: of these files and folders, or all; no tests, nothing generated.

    Raises:
        UsageError: one of them is not there, or nothing in them can be mutated.
    """
    found = {path for path in model.files if _is_source(model, path)}
    for path in paths:
        if path != "." and not any(one == path or one.startswith(path + "/") for one in found):
            raise UsageError(f"There is nothing to mutate at {path}.", next_step=_NEXT)
    wanted = [path for path in found if not paths or any(_is_in(path, each) for each in paths)]
    return tuple(sorted(wanted))


def near_tests(model: WorkspaceModel, project: Project, paths: tuple[str, ...]) -> tuple[TestId, ...]:
    """Return the files of tests that reach these files by imports; () is every test of the project."""
    files = [path for path in paths if path in model.files and model.project_of(path) == project]
    reached = [affected_tests(model, path) for path in files]
    if not files or not all(reached) or len(files) != len(paths) or project.language == _TESTS_INSIDE:
        return ()
    prefix = "" if project.cwd == "." else f"{project.cwd}/"
    names = sorted({path for found in reached for path in found if path.startswith(prefix)})
    return tuple(TestId(project.key, name.removeprefix(prefix)) for name in names)


def new_lines(before: str, after: str) -> frozenset[int]:
    """Return the lines of a text, from 1, that are new or another in it."""
    matcher = difflib.SequenceMatcher(None, split_lines(before), split_lines(after), autojunk=False)
    changed = [(j1, j2) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag != "equal"]
    return frozenset(line + 1 for first, last in changed for line in range(first, last))


def joined(parts: tuple[Strength, ...], seconds: float) -> Strength:
    """Return what several projects' mutants say together."""
    judged = tuple(one for part in parts for one in part.judged)
    refused = " ".join(part.refused for part in parts if part.refused)
    ordered = tuple(sorted(judged, key=lambda one: (one.mutant.path, one.mutant.edit)))
    complete = all(part.complete for part in parts)
    note = " ".join(dict.fromkeys(part.note for part in parts if part.note))
    return Strength(ordered, complete, round(seconds, 3), refused, note)


def _is_source(model: WorkspaceModel, path: str) -> bool:
    project, facts = model.project_of(path), model.files[path]
    if project is None or facts.language not in project.languages:
        return False
    if facts.tests and facts.language != _TESTS_INSIDE:
        return False
    name = path.rpartition("/")[2]
    # Tests may stand beside what they test, so that a folder with tests may be any: only its name tells.
    if not _TEST_FOLDERS.isdisjoint(path.split("/")[:-1]):
        return False
    beside = any(_is_in(path, folder) for folder in (*project.generated, *project.vendored))
    return not beside and name not in ("conftest.py", "setup.py") and not is_test_path(path, project.test_patterns)


def _is_in(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(folder.rstrip("/") + "/")
