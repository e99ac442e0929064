"""What is known of a workspace, as immutable values.

Paths are POSIX strings relative to the workspace root ("." is the root itself), unless a field says otherwise.
Lines are 1-based here, as runners and people count them; spans are code-point offsets (see `text`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from .text import Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact was read: the file, the 1-based line, and the file's hash at that time."""

    fact: str
    file: str
    line: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A declared dependency: its normalised name and the requirement as written."""

    name: str
    requirement: str
    group: str = ""  # "" for run time, else the extra or group that declares it


@dataclass(frozen=True, slots=True)
class Module:
    """One package of several that one project builds and tests together, e.g. a member of a Cargo workspace."""

    path: str  # relative to the root
    name: str
    test_command: tuple[str, ...]  # its own tests, run in the project's cwd


@dataclass(frozen=True, slots=True)
class RunnerUse:
    """One runner of a project that may have several, and the files that it runs."""

    name: str
    command: tuple[str, ...]  # all of its tests
    program: tuple[str, ...] = ()  # relative to the root: the file that is run; () when it is not installed
    options: tuple[str, ...] = ()  # what the project's own script adds
    targets: tuple[str, ...] = ()  # files, folders and globs that it names, relative to cwd
    env: tuple[tuple[str, str], ...] = ()
    cwd: str = "."  # relative to the root
    patterns: tuple[str, ...] = ()  # globs of the files that it collects
    files: tuple[str, ...] = ()  # files that are its own although patterns of another runner match them
    version: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """One thing that is built and tested together: a package, a module, a crate."""

    path: str
    language: str
    name: str
    package_manager: str
    runner: str
    interpreter: str  # absolute path of the program that runs its tests; "" when none was found
    test_command: tuple[str, ...]  # everything; what `regreen test` runs, without our own plugin
    cwd: str  # relative to the root
    test_dirs: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()  # folders that must be importable, relative to the root
    dependencies: tuple[Dependency, ...] = ()
    prepare: tuple[tuple[str, ...], ...] = ()
    gates: tuple[tuple[str, ...], ...] = ()  # checks beside the tests that the project itself asks for, e.g. its types
    generated: tuple[str, ...] = ()
    vendored: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0  # 1.0 read from the repository's own files; below 0.5 a default
    test_patterns: tuple[str, ...] = ()  # globs of the files that the runner collects; () is every file
    # How its runner names functions and classes that are tests, where that differs from the language's own way.
    test_functions: tuple[str, ...] = ()
    test_classes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # what was wrong with its files, each with its next step
    runners: tuple[RunnerUse, ...] = ()  # in languages whose packages may have several: the first is `runner`
    kin: tuple[str, ...] = ()  # other languages whose files belong to it
    environment: tuple[tuple[str, str], ...] = ()  # variables that its runs need, e.g. GOWORK=off
    # File or folder -> the place (see TestId) of the tests in it; () where every file is the place of its own tests.
    places: tuple[tuple[str, str], ...] = ()
    shuffles: bool = False  # its runner can run the tests in another order
    prepared: bool = True  # False: the environment that its tests run in is not there yet
    driver: str = ""  # what runs the runner's tests here when that is something else: pytest, for unittest's cases
    modules: tuple[Module, ...] = ()  # the packages in it, where there are several; sorted by path
    id: str = ""  # set where one folder holds several projects: its path and what tells them apart

    @property
    def key(self) -> str:
        """Return the name by which tests refer to it: its path, unless several share that."""
        return self.id or self.path

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages of the files that belong to it, its own first."""
        return (self.language, *self.kin)


class SymbolKind(StrEnum):
    """What a symbol names."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    VARIABLE = "variable"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition in a file. `span` is the whole definition, decorators included."""

    name: str
    qualname: str
    kind: SymbolKind
    span: Span
    name_span: Span
    line: int  # 1-based, of the name
    end_line: int
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name. `import a.b as c` is (module "a.b", name "", alias "c")."""

    module: str  # with leading dots when relative
    name: str
    alias: str
    line: int


@dataclass(frozen=True, slots=True)
class TestCase:
    """A test's definition. `name` is the runner's id without parameters, relative to the project's cwd."""

    name: str
    project: str
    path: str
    line: int
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the index knows of one file."""

    path: str
    language: str
    digest: str  # of the bytes, or of the buffer's text
    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    tests: tuple[TestCase, ...] = ()  # project is filled in by the oracle
    n_errors: int = 0  # error nodes: not a verdict, only for comparing before and after
    problem: str = ""  # why the file could not be indexed; "" when it was


def _no_files() -> Mapping[str, FileFacts]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class WorkspaceModel:
    """The whole workspace at one moment. A new generation for every batch of changes.

    Invariants: projects sorted by path, then language; `files` is never mutated after construction.
    """

    root: str  # absolute
    generation: int = 0
    projects: tuple[Project, ...] = ()
    files: Mapping[str, FileFacts] = field(default_factory=_no_files)
    problems: tuple[str, ...] = ()  # what a person should know, each with its next step

    def project_of(self, path: str) -> Project | None:
        """Return the innermost project that owns a path; of several in one folder the one of the file's language."""
        owners = [
            project
            for project in self.projects
            if project.path == "." or path == project.path or path.startswith(project.path + "/")
        ]
        facts = self.files.get(path)
        spoken = "" if facts is None else facts.language
        return max(owners, key=lambda project: (spoken in project.languages, len(project.path)), default=None)

    def project(self, key: str) -> Project | None:
        """Return the project that tests call so."""
        return next((project for project in self.projects if project.key == key), None)

    def tests_in(self, path: str) -> tuple[TestCase, ...]:
        """Return the tests that a file defines."""
        facts = self.files.get(path)
        return () if facts is None else facts.tests
