"""Real runs of JavaScript and TypeScript workspaces, with runners that are installed once for all tests."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regreen.analysis import classify
from regreen.core.cancel import Cancellation
from regreen.core.testing import Place, Selection, TestResult, TestRun
from regreen.core.workspace import Project, WorkspaceModel
from regreen.execution import LocalExecutor
from regreen.languages import REGISTRY, languages
from regreen.oracle import Oracle
from tests.support.workspace import lay

# Bun and Deno are programs of their own, which npm brings along too.
PROGRAMS = ("bun@1.4.5", "deno@2.9.6")
PACKAGES = ("ava@7.0.0", "jest@30.5.2", "mocha@12.0.3", "vitest@4.1.12")
_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")


def kept_packages(*packages: str, scripts: bool = False) -> Path:
    """Return installed packages that stay on the machine between runs of the tests."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "regreen-tests")
    folder = cache / "-".join(each.replace("@", "_").replace("/", "_").strip("_") for each in packages)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            (folder / "package.json").write_text(json.dumps({"private": True}), encoding="utf-8")
            options = _OPTIONS[1:] if scripts else _OPTIONS
            done = subprocess.run(
                ["npm", "install", *options, *packages], cwd=folder, capture_output=True, text=True, timeout=280
            )
            assert done.returncode == 0, done.stderr
            (folder / "complete").touch()
    return folder / "node_modules"


def copy_packages(packages: Path, root: Path) -> None:
    """Lay packages into a workspace as if they were installed there, for what runs confined to it."""

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:  # Another file system.
            shutil.copy2(source, target)

    shutil.copytree(packages, root / "node_modules", symlinks=True, copy_function=link)


@dataclass(frozen=True)
class NodeWorkspace:
    """A workspace on the disk, with the packages linked into it."""

    root: Path
    model: WorkspaceModel

    @property
    def project(self) -> Project:
        """Return its only project."""
        (project,) = self.model.projects
        return project

    def run(
        self,
        *names: str,
        paths: tuple[str, ...] = (),
        stop_at_first: bool = False,
        timeout: float = 60.0,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> TestRun:
        """Run the selected tests for real."""
        language = REGISTRY[self.project.language]
        with tempfile.TemporaryDirectory(prefix="regreen-test-") as scratch:
            place = Place(str(self.root), str(self.root), scratch)
            selection = Selection(names, paths, stop_at_first)
            spec = language.command(self.project, selection, place, timeout)
            reader = language.reader(self.project, place)

            def on_line(line: str) -> None:
                for result in reader.feed(line):
                    if on_result is not None:
                        on_result(result)

            return reader.finish(LocalExecutor().run(Cancellation(), spec, on_line))

    def failures(self, run: TestRun) -> list[str]:
        """Return the failures of a run, each as one line."""
        found = classify(run, self.project, self.model, self._read)
        return [f"{each.test.name}: {each.kind.label} {each.path}:{each.line}" for each in found]

    def _read(self, path: str) -> str | None:
        full = self.root / path
        return full.read_text(encoding="utf-8") if full.is_file() else None


def lay_node(folder: Path, text: str, packages: Path | None) -> NodeWorkspace:
    """Lay a workspace, link the packages into it if there are any, and index it."""
    root = lay(folder, text)
    if packages is not None:
        (root / "node_modules").symlink_to(packages, target_is_directory=True)
    oracle = Oracle(root, languages(), lambda _: None, dict(os.environ))
    try:
        return NodeWorkspace(root, oracle.refresh())
    finally:
        oracle.close()
