"""A project's own checks beside its tests are those that it configures and that are installed."""

from __future__ import annotations

import pytest

from regreen.languages.go import Go
from regreen.languages.javascript.gates import gates as javascript_gates
from regreen.languages.javascript.manifest import Manifests as Packages
from regreen.languages.manifest import Manifests
from regreen.languages.python.gates import gates
from regreen.languages.rust import Rust
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
        return next((path for path in self._programs if path.endswith(f"/{program}")), "")


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


TSC = "\n-- node_modules/typescript/bin/tsc --\n#!/usr/bin/env node\n"


@pytest.mark.parametrize(
    ("text", "folder", "cwd", "expected"),
    [
        ("-- tsconfig.json --\n{}" + TSC, ".", ".", ("./node_modules/typescript/bin/tsc", "--noEmit", "-p", ".")),
        (
            "-- web/tsconfig.json --\n{}" + TSC,
            "web",
            "web",
            ("../node_modules/typescript/bin/tsc", "--noEmit", "-p", "."),
        ),
        (
            "-- web/tsconfig.json --\n{}" + TSC,
            "web",
            ".",
            ("./node_modules/typescript/bin/tsc", "--noEmit", "-p", "./web"),
        ),
        ("-- tsconfig.json --\n{}\n", ".", ".", None),
        (TSC, ".", ".", None),
    ],
)
def test_types_are_a_gate_where_they_are_configured_and_the_checker_is_installed(
    text: str, folder: str, cwd: str, expected: tuple[str, ...] | None
) -> None:
    found = javascript_gates(Packages(TextTree(text, ())), folder, cwd, "/usr/bin/node")
    assert found == (() if expected is None else (("/usr/bin/node", *expected),))


def check_tool(text: str, *expected: tuple[str, ...]) -> None:
    tree = TextTree(text, ("/bin/go", "/bin/cargo"))
    (project,) = (*Go().detect(tree), *Rust().detect(tree))
    assert tuple(gate[1:] for gate in project.gates) == expected


def test_go_is_vetted_with_the_tags_of_its_tests() -> None:
    module = "\n-- go.mod --\nmodule a\n-- a_test.go --\npackage a\n"
    check_tool(module, ("vet", "./..."))
    check_tool(module + "-- Makefile --\ntest:\n\tgo test -tags it ./...\n", ("vet", "-tags", "it", "./..."))


CRATE = '\n-- Cargo.toml --\n[package]\nname = "a"\n'
LIBRARY = "-- src/lib.rs --\n\n"


def test_a_crate_whose_tests_compile_everything_has_no_check_beside_them() -> None:
    check_tool(CRATE + LIBRARY)


def test_benchmarks_are_checked_for_no_test_compiles_them() -> None:
    check = ("check", "--benches", "--offline")
    check_tool(CRATE + LIBRARY + "-- benches/fast.rs --\n\n", check)
    check_tool(CRATE + '[[bench]]\nname = "b"\n' + LIBRARY + "-- Cargo.lock --\n\n", (*check, "--locked"))
    check_tool(CRATE + "autobenches = false\n" + LIBRARY + "-- benches/fast.rs --\n\n")


def test_a_package_that_the_tests_leave_out_is_checked() -> None:
    text = (
        '\n-- Cargo.toml --\n[workspace]\nmembers = ["a", "b"]\n'
        '-- a/Cargo.toml --\n[package]\nname = "a"\n-- a/src/lib.rs --\n\n'
        '-- b/Cargo.toml --\n[package]\nname = "b"\n-- b/src/lib.rs --\n\n'
        "-- Makefile --\ntest:\n\tcargo test --workspace --exclude b\n"
    )
    check_tool(text, ("check", "-p", "b", "--all-targets", "--offline"))
