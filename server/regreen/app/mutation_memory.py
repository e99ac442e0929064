"""The fates of mutants as they were found before: kept while the function and the tests that run it are the same."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regreen.core.mutation import Fate, Judged, Mutant
from regreen.core.testing import TestId
from regreen.core.workspace import Project, WorkspaceModel

logger = logging.getLogger(__name__)
_VERSION = 1  # of what decides a fate beside the texts; grows when the judging changes
_MOST = 50_000
_OFTEN = 50  # fates after which they are written down, for a run that is killed


@dataclass(frozen=True, slots=True)
class MutationMemory:
    """A file in the state folder of a workspace."""

    file: Path

    def opened(self, project: Project, model: WorkspaceModel, read: Callable[[str], str]) -> Remembered:
        """Return what is known of a project's mutants; `read` returns a file's text as it is mutated."""
        return Remembered(self.file, project, model, read, _fates(self.file))


@dataclass(slots=True)
class Remembered:
    """The memory while one project's mutants are judged."""

    file: Path
    project: Project
    model: WorkspaceModel
    read: Callable[[str], str]
    fates: dict[str, Any]
    keys: dict[Mutant, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # by the place of tests
    n_new: int = 0

    def recall(self, mutant: Mutant, tests: tuple[TestId, ...]) -> Judged | None:
        """Return the fate of a mutant if neither its function nor any test that runs it has changed since."""
        key = self.keys[mutant] = self._key(mutant, tests)
        known = self.fates.get(key)
        if known is None:
            return None
        killed = tuple(TestId(self.project.key, name) for name in known["killed"])
        return Judged(mutant, Fate(known["fate"]), killed, tests, known["seconds"], known["why"])

    def note(self, judged: Judged) -> None:
        """Take a fate down."""
        key = self.keys.get(judged.mutant)
        if key is None or key in self.fates:
            return
        killed = [test.name for test in judged.killed_by]
        self.fates[key] = {"fate": judged.fate, "killed": killed, "seconds": judged.seconds, "why": judged.why}
        self.n_new += 1
        if self.n_new % _OFTEN == 0:
            self.keep()

    def keep(self) -> None:
        """Write everything down; a disk that is full costs the memory and nothing else."""
        if not self.n_new:
            return
        kept = dict(list(self.fates.items())[-_MOST:])
        staged = self.file.with_name(self.file.name + ".tmp")
        try:
            staged.write_text(json.dumps({"version": _VERSION, "fates": kept}), "utf-8")
            staged.replace(self.file)
        except OSError as error:
            logger.warning("The fates of mutants are not remembered: %s", error)
            with suppress(OSError):
                staged.unlink(missing_ok=True)

    def _key(self, mutant: Mutant, tests: tuple[TestId, ...]) -> str:
        start, text = self._function(mutant)
        parts = [
            str(_VERSION), self.project.key, self.project.interpreter, mutant.path, text,
            str(mutant.edit.start - start), str(mutant.edit.end - start), mutant.edit.text,
            *(part for test in tests for part in (test.name, self._digest(test))),
        ]  # fmt: skip
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def _function(self, mutant: Mutant) -> tuple[int, str]:
        """Return the text that the mutant's fate depends on, its function's or the file's, and where it starts."""
        if mutant.path not in self.texts:
            self.texts[mutant.path] = self.read(mutant.path)
        text, facts = self.texts[mutant.path], self.model.files.get(mutant.path)
        symbols = facts.symbols if facts is not None and mutant.function else ()
        edit = mutant.edit
        holding = [
            symbol.span
            for symbol in symbols
            if symbol.qualname == mutant.function and symbol.span.start <= edit.start and edit.end <= symbol.span.end
        ]
        return (holding[0].start, text[holding[0].start : holding[0].end]) if holding else (0, text)

    def _digest(self, test: TestId) -> str:
        """Return a hash of the file that is a test's place, or of all files with tests at a place that is none."""
        place = test.name.partition("::")[0]
        if place not in self.digests:
            facts = self.model.files.get(place if self.project.cwd == "." else f"{self.project.cwd}/{place}")
            self.digests[place] = self._digests_at(place) if facts is None else facts.digest
        return self.digests[place]

    def _digests_at(self, place: str) -> str:
        files = (facts for _, facts in sorted(self.model.files.items()))
        return " ".join(
            facts.digest for facts in files if any(case.name.partition("::")[0] == place for case in facts.tests)
        )


def _fates(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):  # Not there, or torn: then nothing is known.
        return {}
    is_ours = isinstance(found, dict) and found.get("version") == _VERSION and isinstance(found.get("fates"), dict)
    return found["fates"] if is_ours else {}
