"""Which folders are projects, where their sources lie, and which interpreter is theirs."""

from __future__ import annotations

import base64
import hashlib

import pytest

from regreen.core.workspace import Project
from regreen.languages.python.detect import detect
from tests.support.tree import TextTree

NAMED = "-- pyproject.toml --\n[project]\nname='a'\n"
POETRY = "-- pyproject.toml --\n[tool.poetry]\nname='a'\n"
MANIFEST = '[project]\nname = "a"\n'


@pytest.mark.parametrize(
    "folder",
    ["tests/fixtures/a", "testdata/a", "_fixtures/a", "e2e/a", "playground/a", "examples/a", "vendor/a", "testing/a"],
)
def test_a_manifest_among_fixtures_is_no_project(folder: str) -> None:
    check_projects(f"-- pyproject.toml --\n{MANIFEST}\n-- {folder}/pyproject.toml --\n{MANIFEST}\n-- a.py --", ".")


def test_a_workspace_may_list_a_member_among_fixtures() -> None:
    check_projects(
        f"""
-- pyproject.toml --
[project]
name = "root"
[tool.uv.workspace]
members = ["packages/*", "examples/kept"]
exclude = ["packages/out"]
-- packages/a/pyproject.toml --
{MANIFEST}
-- packages/out/pyproject.toml --
[tool.ruff]
-- examples/kept/pyproject.toml --
{MANIFEST}
-- examples/left/pyproject.toml --
{MANIFEST}
""",
        ".",
        "examples/kept",
        "packages/a",
    )


def test_hatch_lists_members_too() -> None:
    check_projects(
        f"""
-- pyproject.toml --
[project]
name = "root"
[tool.hatch.envs.default]
workspace.members = ["./examples/a", {{path = "examples/b"}}]
-- examples/a/pyproject.toml --
{MANIFEST}
-- examples/b/pyproject.toml --
{MANIFEST}
-- examples/c/pyproject.toml --
{MANIFEST}
""",
        ".",
        "examples/a",
        "examples/b",
    )


def test_every_manifest_that_is_built_is_a_project() -> None:
    check_projects(
        f"""
-- one/pyproject.toml --
{MANIFEST}
-- two/setup.py --
-- three/setup.cfg --
[metadata]
name = c
-- four/Pipfile --
-- docs/requirements.txt --
-- one/tox.ini --
-- two/pyproject.toml --
[tool.ruff]
""",
        "four",
        "one",
        "three",
        "two",
    )


def test_requirements_make_a_project_where_nothing_stands_around_them() -> None:
    check_projects("-- backend/requirements.txt --\nflask\n-- backend/app.py --\n-- frontend/index.js --", "backend")


def test_requirements_below_a_project_belong_to_it() -> None:
    check_projects(f"-- pyproject.toml --\n{MANIFEST}\n-- sub/requirements.txt --\n-- sub/a.py --", ".")


def test_settings_without_any_python_make_no_project() -> None:
    check_projects("-- pyproject.toml --\n[tool.ruff]\n-- main.go --")


def test_files_without_a_manifest_are_a_project_with_less_confidence() -> None:
    (project,) = found("-- calc.py --\n-- test_calc.py --\nimport pytest\n")
    assert (project.path, project.name, project.test_dirs) == (".", "space", (".",))
    assert project.confidence == 0.5
    assert project.dependencies == ()


def test_a_single_file_is_a_workspace() -> None:
    (project,) = found("-- test_only.py --\ndef test_x(): pass\n")
    assert (project.path, project.runner, project.test_dirs) == (".", "pytest", (".",))
    assert project.confidence < 0.5


def test_an_empty_folder_has_no_projects() -> None:
    check_projects("-- README.md --")


def test_tests_outside_of_every_project_get_one() -> None:
    check_projects(f"-- a/pyproject.toml --\n{MANIFEST}\n-- checks/test_x.py --", ".", "a")


def test_a_member_takes_the_manager_and_the_environment_of_its_workspace() -> None:
    member = found(
        f"""
-- pyproject.toml --
[project]
name = "root"
[tool.uv.workspace]
members = ["packages/*"]
[tool.pytest.ini_options]
-- uv.lock --
-- packages/a/pyproject.toml --
{MANIFEST}
-- packages/a/tests/test_a.py --
-- .venv/pyvenv.cfg --
version = 3.12
home = /usr/bin
""",
        programs=(".venv/bin/python",),
    )[1]
    assert (member.path, member.cwd, member.package_manager) == ("packages/a", "packages/a", "uv")
    assert member.interpreter == "/work/space/.venv/bin/python"
    assert member.test_dirs == ("packages/a/tests",)
    assert member.source_roots == ("packages/a",)
    assert evidence(member, "runner") == "pyproject.toml:5"
    assert evidence(member, "interpreter") == ".venv/pyvenv.cfg:2"


@pytest.mark.parametrize(
    ("files", "roots"),
    [
        ("-- src/a/__init__.py --", ("src",)),
        ("-- a/__init__.py --", (".",)),
        ("-- src/__init__.py --\n-- src/a.py --", (".",)),
        (NAMED + "[tool.setuptools.packages.find]\nwhere=['lib']\n-- lib/a.py --", ("lib",)),
        (NAMED + "[tool.hatch.build.targets.wheel]\npackages=['py/a']\n-- py/a/b.py --", ("py",)),
        (POETRY + "packages=[{include='a', from='code'}]\n-- code/a/b.py --", ("code",)),
        ("-- setup.cfg --\n[metadata]\nname=a\n[options.packages.find]\nwhere=source\n-- source/a.py --", ("source",)),
        (NAMED + "[tool.setuptools.packages.find]\nwhere=['gone']\n-- a.py --", (".",)),
    ],
)  # fmt: skip
def test_source_roots_are_what_the_manifests_name_else_what_is_there(files: str, roots: tuple[str, ...]) -> None:
    assert found(files + "\n-- setup.py --")[0].source_roots == roots


@pytest.mark.parametrize(
    ("program", "files"),
    [
        (".venv/bin/python", ""),
        ("venv/bin/python", ""),
        ("env/bin/python3", ""),
        (".venv/Scripts/python.exe", ""),
        (".tox/py312/bin/python", "-- tox.ini --\n[tox]\nenvlist = py{311,312}, lint"),
        (".tox/py/bin/python", "-- tox.ini --\n[pytest]"),
        (".nox/tests-3-12/bin/python", "-- noxfile.py --\nimport nox\n@nox.session\ndef tests(session): pass"),
        (".pixi/envs/default/bin/python", "-- pixi.toml --"),
    ],
)
def test_the_project_s_own_environment_is_found(program: str, files: str) -> None:
    check_interpreter(f"-- setup.py --\n{files}", f"/work/space/{program}", programs=(program, "/usr/bin/python3"))


def test_an_active_environment_elsewhere_comes_after_the_project_s_own() -> None:
    check_interpreter(
        "-- setup.py --",
        "/work/space/venv/bin/python",
        programs=("venv/bin/python", "/else/bin/python"),
        environment={"VIRTUAL_ENV": "/else"},
    )


def test_an_active_environment_of_the_project_comes_first() -> None:
    check_interpreter(
        "-- setup.py --",
        "/work/space/special/bin/python",
        programs=(".venv/bin/python", "/work/space/special/bin/python"),
        environment={"VIRTUAL_ENV": "/work/space/special"},
    )


def test_an_active_environment_serves_a_project_without_its_own() -> None:
    check_interpreter(
        "-- setup.py --",
        "/else/bin/python",
        programs=("/else/bin/python", "/usr/bin/python3"),
        environment={"VIRTUAL_ENV": "/else"},
    )


def test_poetry_s_environments_outside_of_the_project_are_found() -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"/work/space").digest()).decode()[:8]
    program = f"/cache/virtualenvs/a-{digest}-py3.12/bin/python"
    check_interpreter(
        f"-- poetry.lock --\n-- pyproject.toml --\n{MANIFEST}",
        program,
        programs=(program, "/usr/bin/python3"),
        environment={"POETRY_CACHE_DIR": "/cache"},
    )


def test_a_broken_environment_is_told_and_passed_over() -> None:
    (project,) = found("-- setup.py --\n-- .venv/pyvenv.cfg --\nhome = /gone")
    assert project.interpreter == "/usr/bin/python3"
    assert project.problems == (
        ".venv is a virtual environment without a working interpreter. "
        "Remove it and create it again, e.g. with python3 -m venv.",
    )


def test_without_any_interpreter_there_is_no_command_and_the_next_step_is_told() -> None:
    (project,) = found("-- setup.py --", programs=())
    assert (project.interpreter, project.test_command) == ("", ())
    assert project.problems[0].startswith("No Python interpreter was found for the project 'space'.")
    assert "python3 -m venv .venv" in project.problems[0]


def test_detection_says_the_same_each_time() -> None:
    tests = "-- a/x/test_a.py --\n-- b/test_b.py --"
    text = f"-- b/pyproject.toml --\n{MANIFEST}\n-- a/pyproject.toml --\n{MANIFEST}\n{tests}"
    assert found(text) == found(text)


def found(
    text: str, programs: tuple[str, ...] = ("/usr/bin/python3",), environment: dict[str, str] | None = None
) -> tuple[Project, ...]:
    return detect(TextTree(text, programs=programs, environment=environment))


def evidence(project: Project, fact: str) -> str:
    return next(f"{each.file}:{each.line}" for each in project.evidence if each.fact == fact)


def check_projects(text: str, *expected: str) -> None:
    assert tuple(project.path for project in found(text)) == expected


def check_interpreter(
    text: str, expected: str, *, programs: tuple[str, ...], environment: dict[str, str] | None = None
) -> None:
    assert found(text, programs, environment)[0].interpreter == expected


NAMED = "-- pyproject.toml --\n[project]\nname = 'box'\n"


def folders(text: str) -> list[str]:
    return [project.path for project in detect(TextTree(text))]


def test_a_module_called_setup_makes_no_project() -> None:
    files = f"{NAMED}-- src/box/models/__init__.py --\n-- src/box/models/setup.py --\n"
    assert folders(files) == ["."]


def test_what_a_tool_fills_in_is_no_project() -> None:
    files = f"{NAMED}-- src/box/templates/new/pyproject.toml --\n[project]\nname = 'x'\n"
    assert folders(files) == ["."]


@pytest.mark.parametrize("path", ["daemon/cmd/ssd.py", "vendor/github.com/codec/test.py", "vendor/x/test_a.py"])
def test_a_script_in_a_repository_of_another_language_is_no_project(path: str) -> None:
    assert folders(f"-- go.mod --\nmodule m\n-- {path} --\nx = 1\n") == []


def test_tests_without_a_manifest_are_a_project_in_any_repository() -> None:
    assert folders("-- go.mod --\nmodule m\n-- tools/test_a.py --\ndef test_a(): pass\n-- a.py --\n") == ["."]
