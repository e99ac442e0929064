"""What the index knows beside the model: the files, their stamps and outlines, the trees of open documents."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from regreen.core.errors import UnreadableSource
from regreen.core.workspace import FileFacts, Project
from regreen.languages import TreeLanguage
from regreen.syntax import DocumentTrees, grammar_of, prepare_queries

from .build import Changes
from .conclusions import Conclusions, in_order
from .environments import tells_of_environment
from .files import FilesTree, walk_files
from .ignore import IgnoreRules
from .index import Request, Stamp, buffer_digest, index_buffer_problem, index_files, stamp_of
from .near import listed_around, near_files
from .packed import PackedFacts, pack
from .pending import Batch
from .store import IndexStore
from .there import is_file, is_folder, is_there
from .workers import index_many, nothing

# Files whose content may decide what a project is.
_SETTINGS = re.compile(
    r"(?:\.(?:toml|cfg|ini|lock|lockb|ya?ml|json|txt|in|mod|work)|(?:^|/)(?:setup|noxfile|conftest)\.py"
    r"|(?:^|/)(?:Pipfile|Makefile|[Jj]ustfile|rust-toolchain))$"
)


_OFTEN = 256  # files between two chances for something more urgent
_MANY = 1000  # files from which somebody wants to know how far it is


def _tell_nobody(done: int, total: int) -> None:
    """Keep it to ourselves."""


class Scan:
    """Looks at the disk and the buffers for the index thread; for one thread only."""

    def __init__(
        self,
        root: Path,
        languages: tuple[TreeLanguage, ...],
        environment: Mapping[str, str],
        stop: threading.Event,
        store: IndexStore | None = None,
        tell: Callable[[int, int], None] = _tell_nobody,
    ) -> None:
        self._root = root
        self._languages = languages
        self._suffixes = tuple(suffix for language in languages for suffix in language.suffixes)
        self._environment = environment
        self._stop = stop
        self._tell = tell  # how many files of how many are read, when there are many
        self._store = store
        self._loaded = store is None
        self._n_unsaved = 0  # files whose facts differ from what the store has
        self._rules = IgnoreRules(root)
        self._files: set[str] = set()
        self._walk_problems: tuple[str, ...] = ()
        self._stamps: dict[str, Stamp | None] = {}
        self._outlines: dict[str, PackedFacts] = {}
        self._conclusions = Conclusions(languages)
        self._trees = DocumentTrees()
        self._projects: tuple[Project, ...] = ()
        self._came_or_went = False  # whether the present batch has new files, or fewer
        self._is_told = False  # whether the model has had everything that is known
        self._glanced: dict[str, PackedFacts] = {}  # of documents, by a glance during the present look
        self._seen_buffers: Mapping[str, str] = {}

    def changes(
        self,
        batch: Batch,
        buffers: Mapping[str, str],
        *,
        everything: bool,
        problems: tuple[str, ...],
        meanwhile: Callable[[], None] = nothing,
    ) -> Changes | None:
        """Return what a batch brings, None when the oracle stops; `meanwhile` is called again and again on the way."""
        self._glanced = {}
        self._came_or_went = False
        touched = self._look_everywhere(meanwhile) if everything else self._look_at(batch.paths)
        touched |= set(batch.buffers)
        counted = [path for path in sorted(touched) if self._counts(path, buffers)]
        may_be_gone = self._outlines.keys() if everything or self._came_or_went or batch.buffers else frozenset()
        gone = tuple(sorted(may_be_gone - self._files - buffers.keys() - self._glanced.keys()))
        for path in gone:
            self._forget(path)
        for path in set(self._trees.paths) - set(buffers) - set(self._glanced):
            self._trees.close(path)
        changed = {path: facts for path in counted if (facts := self._outline_buffer(path, buffers)) is not None}
        to_read = [path for path in counted if path not in buffers]
        changed |= self._outline_files(to_read, force=set(batch.buffers), meanwhile=meanwhile)
        changed |= self._glanced
        self._outlines |= changed
        if self._stop.is_set():
            return None
        projects = self._projects
        if everything or self._came_or_went or self._decide(touched):
            projects = self._detect(buffers)
        if projects != self._projects or not self._is_told:
            self._projects, changed, self._is_told = projects, self._outlines, True
        found = tuple(changed[path] for path in sorted(changed))
        return Changes(found, gone, projects, (*problems, *self._walk_problems))

    def glance(self, buffers: Mapping[str, str]) -> Changes | None:
        """Return what open documents say, and their likely tests, while a long look is under way; None: nothing new.

        Until the projects are known, the folders around a document say which one it belongs to.
        """
        if buffers is self._seen_buffers:
            return None
        self._seen_buffers = buffers
        news = [path for path in sorted(buffers) if self._is_news(path, buffers)]
        if not news:
            return None
        near = [path for path in near_files(self._root, news, self._suffixes) if self._is_near(path, buffers)]
        read = self._outline_files(near, force=set())
        typed = {path: facts for path in news if (facts := self._outline_buffer(path, buffers)) is not None}
        self._glanced |= typed
        self._outlines |= read | typed
        found = read | typed
        projects = self._projects
        if not self._is_told:
            around = frozenset({*listed_around(self._root, news), *near, *news})
            projects, found = self._detect(buffers, around), read | self._glanced
        return Changes(tuple(found[path] for path in sorted(found)), (), projects, ())

    def prepare(self) -> None:
        """Make ready what the next edit needs, while nobody waits."""
        prepare_queries(sorted({grammar_of(path) for path in self._outlines} - {""}))

    def save(self, at_least: int) -> None:
        """Store the index, if that many files differ from what is stored."""
        if self._store is None:
            return
        if self._conclusions.changed and (at_least <= self._n_unsaved or at_least <= 1):
            self._store.save_projects(self._conclusions.rows())
        if self._n_unsaved < at_least:
            return
        unsettled = [
            path for path in self._outlines if self._stamps.get(path) is None and path not in self._trees.paths
        ]
        requests = [Request(path, self._outlines[path].digest) for path in sorted(unsettled) if path in self._files]
        for indexed in index_files(str(self._root), requests, self._languages, threading.Event()):
            self._stamps[indexed.path] = indexed.stamp if indexed.facts is None else None
        if self._store.save(self._outlines, self._stamps):
            self._n_unsaved = 0

    def _look_everywhere(self, meanwhile: Callable[[], None]) -> set[str]:
        """Walk the workspace; return the files whose stamps are new."""
        self._rules = IgnoreRules(self._root)
        walked = walk_files(self._root, self._rules, meanwhile=meanwhile)
        self._files, self._walk_problems = set(walked.files), walked.problems
        if not self._loaded:
            self._load(meanwhile)
        touched = set()
        for number, path in enumerate(walked.files):
            if number % _OFTEN == 0:
                meanwhile()
            if path.endswith(self._suffixes) and self._is_new(path):
                touched.add(path)
        return touched

    def _load(self, meanwhile: Callable[[], None]) -> None:
        """Take over what was known when the index was stored last; stamps decide later what of it still holds."""
        self._loaded = True
        if self._store is not None:
            self._conclusions.take_over(self._store.load_projects())
        for number, stored in enumerate(self._store.load() if self._store is not None else ()):
            if number % _OFTEN == 0:
                meanwhile()
            path = stored.facts.path
            # What could not be read then may be readable now.
            if path in self._files and path not in self._outlines and not stored.facts.problem:
                self._outlines[path], self._stamps[path] = stored.facts, stored.stamp

    def _look_at(self, paths: tuple[str, ...]) -> set[str]:
        """Look at single files and folders; return what was touched and counts, environments included."""
        touched = set()
        evidence = self._evidence()
        ordered = () if self._files.issuperset(paths) else sorted(self._files)
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
            known = self._known_at(path, ordered)
            self._came_or_went |= known != found
            self._files -= known
            self._files |= found
            touched |= known | found
        return touched

    def _known_at(self, path: str, ordered: Sequence[str]) -> set[str]:
        """Return the known files at or below a path; `ordered` is what was known before, sorted."""
        if path in self._files:
            return {path}
        first, behind = bisect_left(ordered, f"{path}/"), bisect_left(ordered, f"{path}0")  # "0" comes after "/"
        return self._files.intersection(ordered[first:behind])

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

    def _is_news(self, path: str, buffers: Mapping[str, str]) -> bool:
        """Tell whether an open document is to be indexed, and says something else than what is known."""
        if not path.endswith(self._suffixes) or self._rules.ignores(path, is_folder=False):
            return False
        known = self._outlines.get(path)
        return known is None or known.digest != buffer_digest(buffers[path])

    def _is_near(self, path: str, buffers: Mapping[str, str]) -> bool:
        return path not in buffers and path not in self._outlines and not self._rules.ignores(path, is_folder=False)

    def _outline_buffer(self, path: str, buffers: Mapping[str, str]) -> PackedFacts | None:
        """Outline an open document from the tree that is kept for it; None when it is not open."""
        text = buffers.get(path)
        if text is None:
            return None
        language = self._language(path)
        self._stamps[path] = None
        if (too_big := index_buffer_problem(path, text, language)) is not None:
            return pack(too_big)
        try:
            return pack(language.outline_parsed(path, self._trees.update(path, text, grammar_of(path))))
        except UnreadableSource as error:
            return pack(FileFacts(path, language.name, "", problem=f"{path}: {error}"))

    def _outline_files(
        self, paths: list[str], *, force: set[str], meanwhile: Callable[[], None] = nothing
    ) -> dict[str, PackedFacts]:
        known = {path: self._outlines[path].digest for path in paths if path in self._outlines and path not in force}
        requests = [Request(path, known.get(path, "")) for path in paths]
        changed = {}
        told = _OFTEN if _MANY <= len(requests) else 0
        indexing = index_many(str(self._root), requests, self._languages, self._stop, meanwhile=meanwhile)
        for done, indexed in enumerate(indexing):
            if told and done % told == 0:
                self._tell(done, len(requests))
            self._n_unsaved += 1
            self._stamps[indexed.path] = indexed.stamp
            if indexed.facts is not None:
                changed[indexed.path] = indexed.facts
        if told:
            self._tell(len(requests), len(requests))
        return changed

    def _decide(self, touched: set[str]) -> bool:
        """Tell whether the content of one of these may decide what a project is."""
        evidence = self._evidence()
        return any(path in evidence or path not in self._files or _SETTINGS.search(path) for path in touched)

    def _evidence(self) -> frozenset[str]:
        return frozenset(each.file for project in self._projects for each in project.evidence)

    def _detect(self, buffers: Mapping[str, str], files: frozenset[str] | None = None) -> tuple[Project, ...]:
        open_files = {path for path in buffers if not self._rules.ignores(path, is_folder=False)}
        seen = self._files if files is None else files
        tree = FilesTree(str(self._root), tuple(sorted(seen | open_files)), self._environment, buffers)
        if files is None:
            return self._conclusions.projects(tree)
        return in_order(project for language in self._languages for project in language.detect(tree))


def _is_environment(full: Path, path: str, evidence: frozenset[str]) -> bool:
    """Tell whether a folder is an environment that came or went: it decides the interpreter."""
    return is_there(full / "pyvenv.cfg") or any(each.startswith(f"{path}/") for each in evidence)
