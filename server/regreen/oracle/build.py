"""From one model and what changed to the next model. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from regreen.core.workspace import FileFacts, Project, TestCase, WorkspaceModel
from regreen.languages import is_test_path, named_tests, placed_name

from .packed import with_tests

_MAX_FILE_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch brought.

    Invariant: `facts` are as the language read them (tests named from the root, without a project); when the projects
    differ from the model's, `facts` has every file, for each test may belong elsewhere now.
    """

    facts: tuple[FileFacts, ...]
    gone: tuple[str, ...]
    projects: tuple[Project, ...]
    problems: tuple[str, ...] = ()  # of the workspace; the ones of projects and files are found in there


def apply(model: WorkspaceModel, changes: Changes) -> WorkspaceModel:
    """Return the next model; the same one when nothing that it says has changed."""
    owners = _Owners(changes.projects)
    assigned = {facts.path: _assigned(facts, owners.of(facts)) for facts in changes.facts}
    news = {path: facts for path, facts in assigned.items() if model.files.get(path) != facts}
    lost = [path for path in changes.gone if path in model.files]
    files = _next_files(model.files, news, lost) if news or lost else model.files
    problems = _problems(changes, files.values())
    if (files is model.files, changes.projects, problems) == (True, model.projects, model.problems):
        return model
    return WorkspaceModel(
        root=model.root,
        generation=model.generation + 1,
        projects=changes.projects,
        files=files,
        problems=problems,
    )


def _next_files(
    files: Mapping[str, FileFacts], news: Mapping[str, FileFacts], lost: Iterable[str]
) -> Mapping[str, FileFacts]:
    """Return the files of the next model, sorted; facts that are as before stay the same objects."""
    # A proxy copies its dictionary at once; dict() would ask it for one path after the other.
    following = files.copy() if isinstance(files, MappingProxyType) else dict(files)
    for path in lost:
        following.pop(path, None)
    kept = len(following)
    following.update(news)
    return MappingProxyType(following if len(following) == kept else dict(sorted(following.items())))


class _Owners:
    """Finds the innermost project of a file's language, one search a folder."""

    def __init__(self, projects: tuple[Project, ...]) -> None:
        self._projects = {
            (project.path, language): project for project in reversed(projects) for language in project.languages
        }
        self._found: dict[tuple[str, str], Project | None] = {}

    def of(self, facts: FileFacts) -> Project | None:
        """Return the project that owns a file."""
        return self._in(facts.path.rpartition("/")[0] or ".", facts.language)

    def _in(self, folder: str, language: str) -> Project | None:
        key = (folder, language)
        if key not in self._found:
            found = self._projects.get(key)
            if found is None and folder != ".":
                found = self._in(folder.rpartition("/")[0] or ".", language)
            self._found[key] = found
        return self._found[key]


def _assigned(facts: FileFacts, project: Project | None) -> FileFacts:
    """Give the tests of a file to its project; what its runner does not collect is no test."""
    found = facts.tests if project is None else named_tests(project, facts)
    if not found:
        return with_tests(facts, ()) if facts.tests else facts
    if project is None or (project.test_patterns and not is_test_path(facts.path, project.test_patterns)):
        return with_tests(facts, ())
    if project.places:
        placed = ((test, placed_name(project, test.path, test.name)) for test in found)
        tests = tuple(replace(test, name=name, project=project.key) for test, name in placed if name)
        return with_tests(facts, tests)
    return with_tests(facts, _named(found, project))


def _named(tests: tuple[TestCase, ...], project: Project) -> tuple[TestCase, ...]:
    """Name tests from their project's folder; where the place is that folder itself, it is "."."""
    cwd, key = project.cwd, project.key
    named = []
    for test in tests:
        name = test.name
        if cwd != ".":
            place, colons, rest = name.partition("::")
            name = ("." if place == cwd else place.removeprefix(f"{cwd}/")) + colons + rest
        # replace() takes ten times as long, and there are tens of thousands.
        named.append(TestCase(name, key, test.path, test.line, test.span, test.name_span))
    return tuple(named)


def _problems(changes: Changes, files: Iterable[FileFacts]) -> tuple[str, ...]:
    of_projects = [problem for project in changes.projects for problem in project.problems]
    of_files = sorted(facts.problem for facts in files if facts.problem)
    shown = of_files[:_MAX_FILE_PROBLEMS]
    if len(shown) < len(of_files):
        shown.append(
            f"{len(of_files) - len(shown)} more files could not be indexed. "
            "Correct the ones above first, or exclude such files through .gitignore."
        )
    return tuple(dict.fromkeys([*changes.problems, *of_projects, *shown]))
