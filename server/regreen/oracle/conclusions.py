"""The projects that languages found, kept with all that they were concluded from.

Finding projects reads manifests, scripts, test files and environments; as long as each of these is as it was, so is
what follows from them. What a language asked of the tree is its basis: nothing else can decide what it found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from regreen.core.workspace import Dependency, Evidence, Module, Project, RunnerUse
from regreen.languages import TreeLanguage

from .files import FilesTree
from .index import Stamp, buffer_digest, stamp_of

Row = tuple[Any, ...]
_NESTED = {"dependencies": Dependency, "evidence": Evidence, "modules": Module, "runners": RunnerUse}
_WHOLE = ""  # the name under which the whole environment is asked for


@dataclass(frozen=True, slots=True)
class Read:
    """One file that was asked for: what its text was, and how to tell that it still is."""

    digest: str  # "" when there was no text
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Basis:
    """All that a language asked of a tree, and the answers; of variables and the list of files only their hashes."""

    files: str
    variables: Mapping[str, str]
    reads: Mapping[str, Read]
    programs: Mapping[str, bool]
    searches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The projects of one language, and what they follow from."""

    projects: tuple[Project, ...]
    basis: Basis


class Conclusions:
    """What each language concluded last. For one thread only."""

    def __init__(self, languages: Sequence[TreeLanguage]) -> None:
        self._languages = languages
        self._last: dict[str, Conclusion] = {}
        self.changed = False  # since the rows were made or taken over

    def projects(self, tree: FilesTree) -> tuple[Project, ...]:
        """Return the projects of all languages, sorted; what still holds is not concluded again."""
        listing = buffer_digest("\0".join(tree.files))
        for language in self._languages:
            conclusion = _concluded(language, tree, listing, self._last.get(language.name))
            if conclusion is not self._last.get(language.name):
                self._last[language.name], self.changed = conclusion, True
        return in_order(project for conclusion in self._last.values() for project in conclusion.projects)

    def rows(self) -> Row:
        """Return everything as plain values, for `marshal`."""
        self.changed = False
        return tuple((name, _conclusion_row(each)) for name, each in sorted(self._last.items()))

    def take_over(self, rows: Row) -> None:
        """Take over what `rows` returned in an earlier process."""
        self._last = {name: _conclusion(row) for name, row in rows}


def in_order(projects: Iterator[Project]) -> tuple[Project, ...]:
    """Return projects sorted, those of one folder with names of their own."""
    found = sorted(projects, key=lambda project: (project.path, project.language))
    n_at = Counter(project.path for project in found)
    return tuple(
        replace(project, id=f"{project.path}#{project.language}") if 1 < n_at[project.path] else project
        for project in found
    )


def _concluded(language: TreeLanguage, tree: FilesTree, listing: str, last: Conclusion | None) -> Conclusion:
    if last is not None and last.basis.files == listing and _same_answers(last.basis, tree):
        reads = _same_reads(last.basis.reads, tree)
        if reads is not None:
            return last if reads == last.basis.reads else replace(last, basis=replace(last.basis, reads=reads))
    witness = _Witness(tree)
    projects = language.detect(witness)
    return Conclusion(projects, witness.basis(listing))


def _same_answers(basis: Basis, tree: FilesTree) -> bool:
    return (
        all(_hash_of(tree.environment, name) == value for name, value in basis.variables.items())
        and all(tree.is_executable(path) == answer for path, answer in basis.programs.items())
        and all(tree.search_path(program) == answer for program, answer in basis.searches.items())
    )


def _same_reads(reads: Mapping[str, Read], tree: FilesTree) -> Mapping[str, Read] | None:
    """Return the files with the stamps that they have by now; None when one of them says something else."""
    renewed: dict[str, Read] = {}
    for path, read in reads.items():
        stamp = None if path in tree.buffers else stamp_of(tree.root, path)
        if stamp is None or stamp != read.stamp:
            text = tree.read(path)
            if ("" if text is None else buffer_digest(text)) != read.digest:
                return None
        renewed[path] = Read(read.digest, stamp)
    return renewed


class _Witness:
    """A tree (`core.ports.Tree`) that remembers what was asked of it."""

    def __init__(self, tree: FilesTree) -> None:
        self._tree = tree
        self._reads: dict[str, Read] = {}
        self._programs: dict[str, bool] = {}
        self._searches: dict[str, str] = {}
        self._variables = _Variables(tree.environment)

    @property
    def root(self) -> str:
        return self._tree.root

    @property
    def files(self) -> tuple[str, ...]:
        return self._tree.files

    @property
    def environment(self) -> Mapping[str, str]:
        return self._variables

    def read(self, path: str) -> str | None:
        # The stamp is taken before the text: what is written in between makes it look old, never new.
        stamp = None if path in self._tree.buffers else stamp_of(self._tree.root, path)
        text = self._tree.read(path)
        digest = "" if text is None else buffer_digest(text)
        known = self._reads.get(path)
        # A file that changed while it was looked at has no digest that could ever be right.
        self._reads[path] = Read(digest, stamp) if known is None or known.digest == digest else Read("changed", None)
        return text

    def is_executable(self, path: str) -> bool:
        return self._programs.setdefault(path, self._tree.is_executable(path))

    def search_path(self, program: str) -> str:
        return self._searches.setdefault(program, self._tree.search_path(program))

    def basis(self, listing: str) -> Basis:
        """Return all that was asked."""
        return Basis(listing, dict(self._variables.asked), self._reads, self._programs, self._searches)


class _Variables(Mapping[str, str]):
    """An environment that remembers which variables were asked for; their values need not be told to the disk."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.asked: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = _hash_of(self._environment, name)
        return self._environment[name]

    def __iter__(self) -> Iterator[str]:
        self.asked[_WHOLE] = _hash_of(self._environment, _WHOLE)
        return iter(self._environment)

    def __len__(self) -> int:
        self.asked[_WHOLE] = _hash_of(self._environment, _WHOLE)
        return len(self._environment)


def _hash_of(environment: Mapping[str, str], name: str) -> str:
    if name == _WHOLE:
        return buffer_digest("\0".join(f"{key}={value}" for key, value in sorted(environment.items())))
    value = environment.get(name)
    return "" if value is None else buffer_digest(value)


def _conclusion_row(conclusion: Conclusion) -> Row:
    basis = conclusion.basis
    reads = {path: (read.digest, None if read.stamp is None else read.stamp.row) for path, read in basis.reads.items()}
    projects = tuple(_row(project) for project in conclusion.projects)
    return projects, basis.files, dict(basis.variables), reads, dict(basis.programs), dict(basis.searches)


def _conclusion(row: Row) -> Conclusion:
    projects, files, variables, reads, programs, searches = row
    found = {path: Read(digest, None if stamp is None else Stamp(*stamp)) for path, (digest, stamp) in reads.items()}
    return Conclusion(
        tuple(_project(project) for project in projects), Basis(files, variables, found, programs, searches)
    )


def _row(value: object) -> Row:
    """Return the fields of a project, or of what is in it."""
    plain = ((field.name, getattr(value, field.name)) for field in fields(value))  # type: ignore[arg-type]
    return tuple(
        tuple(map(_row, content)) if isinstance(value, Project) and name in _NESTED else content
        for name, content in plain
    )


def _project(row: Row) -> Project:
    named: dict[str, Any] = dict(zip((field.name for field in fields(Project)), row, strict=True))
    for name, kind in _NESTED.items():
        named[name] = tuple(kind(*each) for each in named[name])
    return Project(**named)
