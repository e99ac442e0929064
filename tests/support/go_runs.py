"""Real runs of go test over small modules: laid out, detected, run, classified."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from regreen.analysis import classify
from regreen.core.cancel import Cancellation
from regreen.core.failure import Failure
from regreen.core.testing import Place, Selection, TestResult, TestRun
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.execution import LocalExecutor
from regreen.languages.go import Go
from regreen.oracle.build import Changes, apply
from regreen.oracle.files import FilesTree

from .workspace import lay


class GoSpace:
    """A workspace of Go modules."""

    def __init__(self, root: Path, text: str) -> None:
        self.root = lay(root, text)
        paths = tuple(sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()))
        self.projects = Go().detect(FilesTree(str(root), paths, os.environ, {}))
        facts = tuple(self._facts(path) for path in paths if path.endswith(".go"))
        self.model = apply(WorkspaceModel(str(root), files=MappingProxyType({})), Changes(facts, (), self.projects))

    def run(
        self,
        *names: str,
        project: Project | None = None,
        timeout: float = 120,
        stop_at_first: bool = False,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> TestRun:
        """Run tests of a project, by default of the first one."""
        project = project or self.projects[0]
        place = Place(str(self.root), str(self.root), str(self.root.parent))
        spec = Go().command(project, Selection(names, stop_at_first=stop_at_first), place, timeout)
        reader = Go().reader(project, place)

        def on_line(line: str) -> None:
            for result in reader.feed(line):
                if on_result is not None:
                    on_result(result)

        return reader.finish(LocalExecutor().run(Cancellation(), spec, on_line))

    def failures(self, run: TestRun) -> tuple[Failure, ...]:
        """Classify a run."""
        project = next(each for each in self.projects if each.key == run.project)
        return classify(run, project, self.model, self._read)

    def _read(self, path: str) -> str | None:
        file = self.root / path
        return file.read_text("utf-8") if path and file.is_file() else None

    def _facts(self, path: str) -> FileFacts:
        return Go().outline(path, SourceText((self.root / path).read_text("utf-8")))


def told(failure: Failure) -> str:
    """Render what a test wants to see of a failure."""
    return f"{failure.kind.code} {failure.test.name} {failure.path}:{failure.line} test at {failure.test_line}"
