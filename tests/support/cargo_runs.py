"""Real runs of cargo over small workspaces: laid out, detected, run by our driver, classified."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import MappingProxyType

from regreen.analysis import classify
from regreen.core.cancel import Cancellation
from regreen.core.failure import Failure
from regreen.core.testing import Place, Selection, TestResult, TestRun
from regreen.core.text import SourceText
from regreen.core.workspace import Project, WorkspaceModel
from regreen.execution import LocalExecutor
from regreen.languages.rust import Rust
from regreen.oracle.files import FilesTree

from .runs import reader_of
from .workspace import lay

PACKAGE = '-- Cargo.toml --\n[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
_LIMIT = 300.0
_NEXTEST = "0.9.151"


class _JumpingClock:
    """The machine's clock, which is past the limit a moment after a test was started: a hang costs no waiting."""

    def __init__(self, hangs: str) -> None:
        self._hangs = hangs
        self._seen: float | None = None

    def see(self, line: str) -> None:
        if self._hangs and '"test"' in line and self._hangs in line:
            self._seen = time.monotonic()

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        real = time.monotonic()
        return real + 2 * _LIMIT if self._seen is not None and self._seen + 0.5 < real else real


class Cargo:
    """One small workspace on disk."""

    def __init__(self, folder: Path, text: str) -> None:
        self.root = lay(folder, text if "-- Cargo.toml --" in text else PACKAGE + text)
        self.live: list[TestResult] = []

    @property
    def project(self) -> Project:
        """Return what is detected at the root."""
        paths = (path for path in self.root.rglob("*") if path.is_file())
        files = tuple(sorted(path.relative_to(self.root).as_posix() for path in paths))
        files = tuple(path for path in files if not path.startswith("target/"))
        return Rust().detect(FilesTree(str(self.root), files, dict(os.environ)))[0]

    def run(
        self,
        *names: str,
        paths: tuple[str, ...] = (),
        stop: bool = False,
        hangs: str = "",
        original: Path | None = None,
    ) -> TestRun:
        """Run tests; what ends while the run goes on is kept in `live`."""
        scratch = self.root.parent / f"scratch-{self.root.name}"
        scratch.mkdir(exist_ok=True)
        place = Place(str(self.root), str(original or self.root), str(scratch))
        project, clock = self.project, _JumpingClock(hangs)
        spec = Rust().command(project, Selection(names, paths, stop), place, _LIMIT)
        reader = Rust().reader(project, place)

        def on_line(line: str) -> None:
            clock.see(line)
            self.live.extend(reader.feed(line))

        return reader.finish(LocalExecutor(clock).run(Cancellation(), spec, on_line))

    def failures(self, run: TestRun) -> tuple[Failure, ...]:
        """Classify a run."""
        read = reader_of(self.root)
        paths = sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*.rs"))
        facts = {path: Rust().outline(path, SourceText(read(path) or "")) for path in paths if "target/" not in path}
        model = WorkspaceModel(str(self.root), 1, (self.project,), MappingProxyType(facts))
        return classify(run, self.project, model, read)


def nextest_folder() -> Path:
    """Return the folder of the program cargo-nextest, which scripts/install-test-tools has installed."""
    folder = Path(os.environ["CARGO_HOME"], "regreen-tests", f"cargo-nextest-{_NEXTEST}", "bin")
    assert (folder / "cargo-nextest").exists(), "cargo-nextest is missing: run scripts/install-test-tools"
    return folder


def told(failure: Failure) -> str:
    """Render what a test wants to see of a failure."""
    return f"{failure.kind.label} {failure.test.name} {failure.path}:{failure.line}"
