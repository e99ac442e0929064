"""The VS Code extension holds what it must, and its server runs on a Python that has nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from regreen import __version__

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the extension as the README says, and unpack it as VS Code would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "vsix"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    folder = tmp_path_factory.mktemp("vsix")
    with zipfile.ZipFile(ROOT / "vscode-client" / "regreen.vsix") as packed:
        packed.extractall(folder)
    return folder / "extension"


def launch(extension: Path, python: Path, *arguments: str) -> str:
    """Run the launcher on a Python, away from this repository."""
    command = [str(python), str(extension / "bundled" / "launch.py"), *arguments]
    done = subprocess.run(command, cwd=extension, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bare_python() -> Path:
    """Return the Python that this virtual environment was made from: it sees none of the environment's packages."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_the_extension_holds_client_server_and_licences(extension: Path) -> None:
    manifest = json.loads((extension / "package.json").read_text("utf-8"))
    assert manifest["version"] == __version__
    for path in (manifest["main"], manifest["icon"], "LICENSE.txt", "readme.md", "out/LICENSES.txt"):
        assert (extension / path).is_file(), path
    assert (extension / "bundled/libs/regreen/lsp/server.py").is_file()
    assert (extension / "bundled/libs/pygls").is_dir()
    for minor in ("cp311", "cp312", "cp313", "cp314"):
        compiled = [path.name for path in (extension / f"bundled/libs-{minor}/pydantic_core/").glob("*.so")]
        assert [f".cpython-{minor[2:]}-" in name for name in compiled] == [True], minor
    unwanted = [name for name in ("src", "test", "node_modules", "bundled/libs/bin") if (extension / name).exists()]
    assert unwanted == []


def test_the_bundled_server_runs_on_a_bare_python(extension: Path) -> None:
    assert json.loads(launch(extension, bare_python(), "--probe"))["problem"] == ""
    assert launch(extension, bare_python(), "--version").strip() == f"regreen {__version__}"


def test_the_bundled_server_indexes_many_files_at_once(extension: Path, tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"test_{number}.py").write_text(f"def test_{number}():\n    assert {number} == {number}\n")
    command = [str(bare_python()), str(extension / "bundled" / "launch.py"), "inspect", str(tmp_path)]
    done = subprocess.run(command, cwd=extension, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "Error" in done.stderr) == (0, False), done.stderr  # a worker that cannot start says so


def test_an_interpreter_without_the_server_is_told_so(tmp_path: Path) -> None:
    launcher = tmp_path / "bundled" / "launch.py"
    launcher.parent.mkdir()
    launcher.write_bytes((ROOT / "vscode-client" / "bundled" / "launch.py").read_bytes())
    answer = json.loads(launch(tmp_path, bare_python(), "--probe"))
    assert answer["version"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")
    assert answer["problem"].startswith("cannot load the server: ")
