"""What the index knows beside the model: the files, their stamps and outlines, the trees of open documents."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from regreen.core.errors import UnreadableSource
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.languages import TreeLanguage
from regreen.syntax import DocumentTrees

from .build import Changes, apply
from .environments import tells_of_environment
from .files import FilesTree, walk_files
from .ignore import IgnoreRules
from .index import Request, Stamp, index_buffer_problem, stamp_of
from .pending import Batch
from .there import is_file, is_folder, is_there
from .workers import index_many

# Files whose content may decide what a project is.
_SETTINGS = re.compile(
    r"(?:\.(?:toml|cfg|ini|lock|lockb|ya?ml|json|txt|in|mod|work)|(?:^|/)(?:setup|noxfile|conftest)\.py"
    r"|(?:^|/)(?:Pipfile|Makefile|[Jj]ustfile|rust-toolchain))$"
)


class Scan:
    """Looks at the disk and the buffers for the index thread; for one thread only."""

    def __init__(
        self, root: Path, languages: tuple[TreeLanguage, ...], environment: Mapping[str, str], stop: threading.Event
    ) -> None:
        self._root = root
        self._languages = languages
        self._suffixes = tuple(suffix for language in languages for suffix in language.suffixes)
        self._environment = environment
        self._stop = stop
        self._rules = IgnoreRules(root)
        self._files: set[str] = set()
        self._walk_problems: tuple[str, ...] = ()
        self._stamps: dict[str, Stamp | None] = {}
        self._outlines: dict[str, FileFacts] = {}
        self._trees = DocumentTrees()
        self._projects: tuple[Project, ...] = ()

    def next_model(
        self,
        model: WorkspaceModel,
        batch: Batch,
        buffers: Mapping[str, str],
        *,
        everything: bool,
        problems: tuple[str, ...],
    ) -> WorkspaceModel:
        """Return the model after a batch."""
        before = frozenset(self._files)
        touched = self._look_everywhere() if everything else self._look_at(batch.paths)
        touched |= set(batch.buffers)
        counted = [path for path in sorted(touched) if self._counts(path, buffers)]
        gone = tuple(sorted(path for path in self._outlines if path not in self._files and path not in buffers))
        for path in gone:
            self._forget(path)
        for path in set(self._trees.paths) - set(buffers):
            self._trees.close(path)
        changed = {path: facts for path in counted if (facts := self._outline_buffer(path, buffers)) is not None}
        changed |= self._outline_files([path for path in counted if path not in buffers], force=set(batch.buffers))
        if self._stop.is_set():
            return model
        self._outlines |= changed
        projects = self._projects
        if everything or before != self._files or self._decide(touched):
            projects = self._detect(buffers)
        if projects != self._projects:
            self._projects, changed = projects, self._outlines
        found = tuple(changed[path] for path in sorted(changed))
        return apply(model, Changes(found, gone, projects, (*problems, *self._walk_problems)))

    def _look_everywhere(self) -> set[str]:
        """Walk the workspace; return the files whose stamps are new."""
        self._rules = IgnoreRules(self._root)
        walked = walk_files(self._root, self._rules)
        self._files, self._walk_problems = set(walked.files), walked.problems
        return {path for path in self._files if path.endswith(self._suffixes) and self._is_new(path)}

    def _look_at(self, paths: tuple[str, ...]) -> set[str]:
        """Look at single files and folders; return what was touched and counts, environments included."""
        touched = set()
        evidence = self._evidence()
        for path in paths:
            full = self._root / path
            is_a_folder = is_folder(full) and not full.is_symlink()
            if is_a_folder or not is_there(full):
                touched |= {path} if _is_environment(full, path, evidence) else set()
            if self._rules.ignores(path, is_folder=is_a_folder):
                touched |= {path} if tells_of_environment(path) else set()
                found: set[str] = set()
            elif is_a_folder:
                found = set(walk_files(self._root, self._rules, path).files)
            else:
                found = {path} if is_file(full) else set()
            known = self._known_at(path)
            self._files -= known
            self._files |= found
            touched |= known | found
        return touched

    def _known_at(self, path: str) -> set[str]:
        """Return the known files at or below a path."""
        if path in self._files:
            return {path}
        return {each for each in self._files if each.startswith(f"{path}/")}

    def _counts(self, path: str, buffers: Mapping[str, str]) -> bool:
        """Tell whether a touched file is to be indexed."""
        if not path.endswith(self._suffixes):
            return False
        return path in self._files or (path in buffers and not self._rules.ignores(path, is_folder=False))

    def _is_new(self, path: str) -> bool:
        stamp = stamp_of(str(self._root), path)
        return stamp is None or stamp != self._stamps.get(path)

    def _forget(self, path: str) -> None:
        self._outlines.pop(path, None)
        self._stamps.pop(path, None)

    def _language(self, path: str) -> TreeLanguage:
        return next(language for language in self._languages if path.endswith(language.suffixes))

    def _outline_buffer(self, path: str, buffers: Mapping[str, str]) -> FileFacts | None:
        """Outline an open document from the tree that is kept for it; None when it is not open."""
        text = buffers.get(path)
        if text is None:
            return None
        language = self._language(path)
        self._stamps[path] = None
        if (too_big := index_buffer_problem(path, text, language)) is not None:
            return too_big
        try:
            return language.outline_parsed(path, self._trees.update(path, text, language.name))
        except UnreadableSource as error:
            return FileFacts(path, language.name, "", problem=f"{path}: {error}")

    def _outline_files(self, paths: list[str], *, force: set[str]) -> dict[str, FileFacts]:
        known = {path: self._outlines[path].digest for path in paths if path in self._outlines and path not in force}
        requests = [Request(path, known.get(path, "")) for path in paths]
        changed = {}
        for indexed in index_many(str(self._root), requests, self._languages, self._stop):
            self._stamps[indexed.path] = indexed.stamp
            if indexed.facts is not None:
                changed[indexed.path] = indexed.facts
        return changed

    def _decide(self, touched: set[str]) -> bool:
        """Tell whether the content of one of these may decide what a project is."""
        evidence = self._evidence()
        return any(path in evidence or path not in self._files or _SETTINGS.search(path) for path in touched)

    def _evidence(self) -> frozenset[str]:
        return frozenset(each.file for project in self._projects for each in project.evidence)

    def _detect(self, buffers: Mapping[str, str]) -> tuple[Project, ...]:
        open_files = {path for path in buffers if not self._rules.ignores(path, is_folder=False)}
        tree = FilesTree(str(self._root), tuple(sorted(self._files | open_files)), self._environment, buffers)
        found = [project for language in self._languages for project in language.detect(tree)]
        return _told_apart(sorted(found, key=lambda project: (project.path, project.language)))


def _told_apart(projects: list[Project]) -> tuple[Project, ...]:
    """Give the projects of one folder names of their own."""
    n_at = Counter(project.path for project in projects)
    return tuple(
        replace(project, id=f"{project.path}#{project.language}") if 1 < n_at[project.path] else project
        for project in projects
    )


def _is_environment(full: Path, path: str, evidence: frozenset[str]) -> bool:
    """Tell whether a folder is an environment that came or went: it decides the interpreter."""
    return is_there(full / "pyvenv.cfg") or any(each.startswith(f"{path}/") for each in evidence)
