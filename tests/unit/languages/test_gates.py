"""A project's own checks beside its tests are those that it configures and that are installed."""

from __future__ import annotations

import pytest

from regreen.languages.python.gates import gates
from regreen.languages.python.manifest import Manifests
from tests.support.workspace import parse_files

PYTHON = "/ws/.venv/bin/python"


class TextTree:
    """A workspace that is a text, with some programs installed."""

    def __init__(self, text: str, programs: tuple[str, ...]) -> None:
        self.root = "/ws"
        self._texts = parse_files(text)
        self._programs = programs
        self.environment: dict[str, str] = {}

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._texts))

    def read(self, path: str) -> str | None:
        return self._texts.get(path)

    def is_executable(self, path: str) -> bool:
        return path in self._programs

    def search_path(self, program: str) -> str:
        return ""


MYPY = "\n-- pyproject.toml --\n[tool.mypy]\nstrict = true\n"
BIN = "/ws/.venv/bin/"


@pytest.mark.parametrize(
    ("text", "programs", "expected"),
    [
        (MYPY, ("mypy",), ((PYTHON, "-m", "mypy", "."),)),
        (MYPY + 'files = ["src"]\n', ("mypy",), ((PYTHON, "-m", "mypy"),)),
        (MYPY + '\n[tool.other]\nfiles = ["src"]\n', ("mypy",), ((PYTHON, "-m", "mypy", "."),)),
        ("\n-- mypy.ini --\n[mypy]\npackages = a\n", ("mypy",), ((PYTHON, "-m", "mypy"),)),
        ("\n-- setup.cfg --\n[mypy]\nstrict = true\n", ("mypy",), ((PYTHON, "-m", "mypy", "."),)),
        (MYPY, (), ()),
        ("\n-- pyproject.toml --\n[project]\nname = 'a'\n", ("mypy", "pyright"), ()),
        ("\n-- pyrightconfig.json --\n{}\n", ("pyright",), ((BIN + "pyright",),)),
    ],
)
def test_a_gate_is_configured_and_installed(text: str, programs: tuple[str, ...], expected: object) -> None:
    tree = TextTree(text, tuple(BIN + program for program in programs))
    assert gates(Manifests(tree), ".", PYTHON) == expected
