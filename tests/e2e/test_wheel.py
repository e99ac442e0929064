"""Wheel and sdist hold what they must, and work in an environment where nothing else was installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from regreen import __version__
from tests.e2e.editors.scene import FIXED, WORKSPACE
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.iterdir()
    return built


def install(what: Path, tmp_path: Path) -> Path:
    """Install a package into an environment that has nothing else; return its folder of programs."""
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=tmp_path)
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        environment / "bin" / "python",
        "install",
        "--quiet",
        what,
        cwd=tmp_path,
    )
    return environment / "bin"


def test_the_wheel_holds_the_package_the_pages_of_failures_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"regreen-{__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    package = ROOT / "server" / "regreen"
    sources = {
        f"regreen/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"regreen/py.typed", "regreen/injected/regreen_pytest.py", "regreen/syntax/queries/python.scm"} <= sources
    pages = {"regreen/docs/failure-kinds.md"}
    pages |= {f"regreen/docs/failures/{page.name}" for page in (ROOT / "docs" / "failures").iterdir()}
    assert {name for name in names if ".dist-info/" not in name} == sources | pages
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_installed_wheel_repairs_a_test(wheel: Path, tmp_path: Path) -> None:
    regreen = install(wheel, tmp_path) / "regreen"
    assert run(regreen, "--version", cwd=tmp_path).strip() == f"regreen {__version__}"
    assert "fix" in run(regreen, "--help", cwd=tmp_path)
    root = lay(tmp_path / "workspace", WORKSPACE)
    # The new environment has no pytest: the tests run on the active environment's interpreter, not on Regreen's.
    document = json.loads(run(regreen, "fix", root, "--json", cwd=tmp_path))
    assert document["outcome"] == "repaired"
    assert (root / "calc.py").read_text("utf-8") == FIXED


def test_the_installed_sdist_tells_a_story_of_the_demo(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--sdist", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (sdist,) = tmp_path.glob("*.tar.gz")
    assert sdist.name == f"regreen-{__version__}.tar.gz"
    programs = install(sdist, tmp_path)
    told = json.loads(run(programs / "regreen", "demo", "--only", "shop", "--json", cwd=tmp_path))
    assert [story["outcome"] for story in told["stories"]] == ["repaired"]
