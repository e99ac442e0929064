"""What is read off a Python project: name, manager, runner, folders, dependencies, each with file and line."""

from __future__ import annotations

import pytest

from regreen.core.workspace import Project
from regreen.languages.digest import digest_of
from regreen.languages.python.detect import detect
from tests.support.tree import TextTree

TEST = """
-- tests/test_a.py --
def test_a(): pass
"""


def test_a_project_says_everything_about_itself() -> None:
    project = only(
        """
-- pyproject.toml --
[build-system]
requires = ["hatchling"]

[project]
name = "Wagon"
dependencies = [
  "Rich_Text >=1,<2",
  "tiny",
]

[project.optional-dependencies]
test = ["pytest>=8"]

[dependency-groups]
lint = ["ruff", {include-group = "other"}]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["tools"]
python_files = ["check_*.py", "test_*.py"]
-- src/wagon/__init__.py --
-- src/wagon/_vendor/six.py --
-- src/wagon/api_pb2.py --
-- tests/test_a.py --
"""
    )
    assert (project.name, project.package_manager, project.runner) == ("Wagon", "pip", "pytest")
    assert project.interpreter == "/usr/bin/python3"
    assert project.test_command == ("/usr/bin/python3", "-m", "pytest")
    assert (project.path, project.cwd, project.test_dirs) == (".", ".", ("tests",))
    assert project.source_roots == ("src", "tools")
    assert project.test_patterns == ("check_*.py", "test_*.py")
    assert [(each.name, each.requirement, each.group) for each in project.dependencies] == [
        ("rich-text", "Rich_Text >=1,<2", ""),
        ("tiny", "tiny", ""),
        ("ruff", "ruff", "lint"),
        ("pytest", "pytest>=8", "test"),
    ]
    assert project.prepare == (
        ("python3", "-m", "venv", ".venv"),
        (".venv/bin/python", "-m", "pip", "install", "-e", ".[test]"),
    )
    assert project.vendored == ("src/wagon/_vendor",)
    assert project.generated == ("src/wagon/api_pb2.py",)
    assert project.confidence == 1.0
    assert project.problems == ()
    assert facts(project) == [
        "name pyproject.toml:5",
        "package_manager pyproject.toml:1",
        "runner pyproject.toml:17",
        "test_dirs pyproject.toml:18",
        "interpreter $PATH:0",
        "dependencies pyproject.toml:6",
        "dependencies pyproject.toml:12",
        "dependencies pyproject.toml:15",
    ]


def test_evidence_carries_the_hash_of_its_file() -> None:
    text = '[project]\nname = "a"\n'
    project = only(f"-- pyproject.toml --\n{text}\n{TEST}")
    assert next(each for each in project.evidence if each.fact == "name").digest == digest_of(text)


@pytest.mark.parametrize(
    ("file", "content", "line"),
    [
        ("pytest.toml", "[pytest]\ntestpaths = ['tests']", 1),
        (".pytest.toml", "# nothing", 1),
        ("pytest.ini", "# comment\n[pytest]\ntestpaths = tests", 2),
        (".pytest.ini", "", 1),
        ("pyproject.toml", "[project]\nname = 'a'\n[tool.pytest]\ntestpaths = ['tests']", 3),
        ("pyproject.toml", "[project]\nname = 'a'\n[tool.pytest.ini_options]\ntestpaths = 'tests'", 3),
        ("pyproject.toml", "[project]\nname = 'a'\n[tool.pytest]\nini_options.testpaths = ['tests']", 4),
        ("tox.ini", "[tox]\nenvlist = py\n[pytest]\ntestpaths = tests", 3),
        ("setup.cfg", "[metadata]\nname = a\n[tool:pytest]\ntestpaths =\n    tests", 3),
    ],
)
def test_pytest_is_recognised_by_each_form_of_its_settings(file: str, content: str, line: int) -> None:
    project = only(f"-- {file} --\n{content}\n{TEST}")
    assert project.runner == "pytest"
    assert f"runner {file}:{line}" in facts(project)
    assert project.test_dirs == ("tests",)


def test_the_first_settings_file_by_precedence_counts() -> None:
    check_test_dirs(
        """
-- pytest.ini --
[pytest]
testpaths = first
-- pyproject.toml --
[tool.pytest.ini_options]
testpaths = ["second"]
-- setup.cfg --
[tool:pytest]
testpaths = third
-- first/test_a.py --
-- second/test_a.py --
""",
        "first",
    )


def test_a_shared_file_without_pytest_s_table_does_not_count() -> None:
    check_test_dirs(
        """
-- tox.ini --
[tox]
envlist = py
-- setup.cfg --
[tool:pytest]
testpaths = second
-- second/test_a.py --
""",
        "second",
    )


def test_globs_in_testpaths_are_expanded() -> None:
    check_test_dirs(
        """
-- pyproject.toml --
[tool.pytest.ini_options]
testpaths = ["parts/*/tests", "missing"]
-- parts/a/tests/test_a.py --
-- parts/b/tests/test_b.py --
-- parts/b/other/test_b.py --
""",
        "parts/a/tests",
        "parts/b/tests",
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("tests/test_a.py", "tests/unit/test_b.py"), ("tests",)),
        (("test/test_a.py",), ("test",)),
        (("testing/test_a.py",), ("testing",)),
        (("pkg/tests/test_a.py", "pkg/sub/tests/test_b.py"), ("pkg/sub/tests", "pkg/tests")),
        (("test_a.py", "a_test.py"), (".",)),
        (("pkg/a_test.py", "pkg/sub/b_test.py"), ("pkg",)),
        (("tests/test_a.py", "examples/test_b.py", "tests/fixtures/x/test_c.py"), ("tests",)),
        (("app.py",), ()),
    ],
)
def test_without_settings_the_test_folders_are_where_the_tests_are(
    files: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    check_test_dirs("\n".join(f"-- {file} --" for file in files) + "\n-- setup.py --\n", *expected)


def test_a_conftest_means_pytest() -> None:
    project = only("-- setup.py --\n-- tests/conftest.py --\n-- tests/test_a.py --\nimport unittest\n")
    assert (project.runner, project.confidence) == ("pytest", 0.9)
    assert "runner tests/conftest.py:1" in facts(project)


def test_a_declared_pytest_means_pytest() -> None:
    project = only("-- setup.py --\n-- requirements-dev.txt --\npytest-cov\npytest>=7\n-- tests/test_a.py --\n")
    assert project.runner == "pytest"
    assert "runner requirements-dev.txt:2" in facts(project)


def test_an_imported_pytest_means_pytest() -> None:
    project = only("-- setup.py --\n-- tests/test_a.py --\nimport os\nimport pytest\n")
    assert (project.runner, project.confidence) == ("pytest", 0.8)
    assert "runner tests/test_a.py:2" in facts(project)


def test_test_cases_without_pytest_mean_unittest() -> None:
    project = only("-- setup.py --\n-- tests/test_a.py --\nimport unittest\n\nclass T(unittest.TestCase):\n    pass\n")
    assert project.runner == "unittest"
    assert project.test_command == ("/usr/bin/python3", "-m", "unittest", "discover", "-s", "tests")
    assert "runner tests/test_a.py:3" in facts(project)


@pytest.mark.parametrize(
    ("files", "manager", "evidence"),
    [
        ("-- uv.lock --\n-- poetry.lock --", "uv", "uv.lock:1"),
        ("-- pyproject.toml --\n[project]\nname='a'\n[tool.uv]", "uv", "pyproject.toml:3"),
        ("-- poetry.lock --\n-- pyproject.toml --\n[tool.uv]", "poetry", "poetry.lock:1"),
        ("-- pyproject.toml --\n[tool.poetry]\nname='a'", "poetry", "pyproject.toml:1"),
        ("-- pdm.lock --", "pdm", "pdm.lock:1"),
        ("-- hatch.toml --", "hatch", "hatch.toml:1"),
        ("-- pyproject.toml --\n[project]\nname='a'\n[tool.hatch.envs.test]", "hatch", "pyproject.toml:3"),
        ("-- pyproject.toml --\n[project]\nname='a'\n[tool.hatch.version]\npath='a'", "pip", "pyproject.toml:1"),
        ("-- Pipfile --\n[packages]\na = '*'", "pipenv", "Pipfile:1"),
        ("-- pixi.toml --", "pixi", "pixi.toml:1"),
        ("-- environment.yml --\nname: a\ndependencies:\n  - numpy=1", "conda", "environment.yml:1"),
        ("-- requirements.txt --\na", "pip", "requirements.txt:1"),
        ("-- setup.py --", "pip", "setup.py:1"),
    ],
)
def test_the_package_manager_is_read_from_its_files(files: str, manager: str, evidence: str) -> None:
    project = only(f"{files}\n{TEST}")
    assert project.package_manager == manager
    assert f"package_manager {evidence}" in facts(project)


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ("-- uv.lock --\n-- pyproject.toml --\n[project]\nname='a'\n[dependency-groups]\ntest=[]\ndev=[]\ndocs=[]",
         [["uv", "sync", "--group", "test"]]),
        ("-- poetry.lock --\n-- pyproject.toml --\n[tool.poetry.group.test.dependencies]\npytest='*'",
         [["poetry", "install", "--with", "test"]]),
        ("-- uv.lock --\n-- pyproject.toml --\n[project]\nname='a'\n[dependency-groups]\ncheck=['pytest']\ndev=[]",
         [["uv", "sync", "--group", "check"]]),
        ("-- pdm.lock --", [["pdm", "install"]]),
        ("-- Pipfile.lock --", [["pipenv", "install", "--dev"]]),
        ("-- requirements.txt --\nflask\n-- requirements-test.txt --\npytest\n-- requirements-docs.txt --\nsphinx",
         [["python3", "-m", "venv", ".venv"],
          [".venv/bin/python", "-m", "pip", "install", "-r", "requirements-test.txt", "-r", "requirements.txt"]]),
        ("-- setup.py --",
         [["python3", "-m", "venv", ".venv"], [".venv/bin/python", "-m", "pip", "install", "-e", ".", "pytest"]]),
    ],
)  # fmt: skip
def test_what_must_be_prepared_is_built_from_the_manager(files: str, steps: list[list[str]]) -> None:
    assert [list(step) for step in only(f"{files}\n{TEST}").prepare] == steps


def test_an_environment_that_is_there_is_not_created_again() -> None:
    project = only(f"-- setup.py --\n{TEST}", programs=("venv/bin/python",))
    assert project.prepare == (("venv/bin/python", "-m", "pip", "install", "-e", ".", "pytest"),)


def test_poetry_s_tables_are_dependencies_with_groups() -> None:
    check_dependencies(
        """
-- pyproject.toml --
[tool.poetry]
name = "a"
[tool.poetry.dependencies]
python = "^3.11"
Requests = "^2"
local = {path = "../local"}
[tool.poetry.group.dev.dependencies]
pytest = {version = ">=8", extras = ["x"]}
""",
        "local: local",
        "requests: Requests ^2",
        "pytest [dev]: pytest >=8",
    )


def test_setup_cfg_and_setup_py_are_dependencies() -> None:
    check_dependencies(
        """
-- setup.cfg --
[metadata]
name = a
[options]
install_requires =
    one>=1
    two
[options.extras_require]
dev =
    three
-- setup.py --
from setuptools import setup
setup(install_requires=["four", compute()], extras_require={"x": ["five==1"]})
""",
        "four: four",
        "one: one>=1",
        "two: two",
        "three [dev]: three",
        "five [x]: five==1",
    )


def test_requirements_files_are_followed_and_grouped_by_their_name() -> None:
    check_dependencies(
        """
-- requirements.txt --
# comment
flask==3.0  # why
-r requirements/more.in
git+https://example.org/x.git#egg=From_Git
--hash=sha256:00
./local
named @ https://example.org/n.zip
-- requirements/more.in --
-r more.in
click
-- requirements/dev.txt --
-r ../requirements.txt
pytest
""",
        "click: click",
        "flask: flask==3.0",
        "from-git: git+https://example.org/x.git#egg=From_Git",
        "named: named @ https://example.org/n.zip",
        "pytest [dev]: pytest",
        "click [more]: click",
    )


def test_conda_s_list_is_dependencies() -> None:
    check_dependencies(
        """
-- environment.yml --
name: a
dependencies:
  - python=3.12
  - conda-forge::numpy>=1
  - pip
  - pip:
    - flask
other:
  - no
""",
        "flask: flask",
        "numpy: numpy>=1",
    )


def test_no_dependencies_are_a_fact_with_evidence() -> None:
    project = only(f"-- pyproject.toml --\n[project]\nname = 'a'\n{TEST}")
    assert project.dependencies == ()
    assert "dependencies pyproject.toml:1" in facts(project)


def test_a_broken_manifest_is_a_problem_with_its_line_and_the_rest_goes_on() -> None:
    project = only(
        """
-- pyproject.toml --
[project]
name = "a"
dependencies = [
  "b"
  "c"
]
-- requirements.txt --
flask
-- tests/test_a.py --
import pytest
"""
    )
    (problem,) = project.problems
    assert problem.startswith("pyproject.toml:5: this is not valid TOML (")
    assert problem.endswith("Correct the line; until then Regreen goes on without this file.")
    assert (project.name, project.runner) == ("space", "pytest")
    assert [each.name for each in project.dependencies] == ["flask"]


@pytest.mark.parametrize("text", ["[project\nname='a'", "no section\n", "", "[", "a = ", '[project]\nname = """'])
@pytest.mark.parametrize("file", ["pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini", "Pipfile"])
def test_no_manifest_is_too_broken_to_go_on(file: str, text: str) -> None:
    assert only(f"-- {file} --\n{text}\n{TEST}").test_dirs == ("tests",)


def facts(project: Project) -> list[str]:
    return [f"{each.fact} {each.file}:{each.line}" for each in project.evidence]


def only(text: str, **keywords: tuple[str, ...]) -> Project:
    (project,) = detect(TextTree(text, **keywords))  # type: ignore[arg-type]
    return project


def check_test_dirs(text: str, *expected: str) -> None:
    assert only(text).test_dirs == expected


def check_dependencies(text: str, *expected: str) -> None:
    found = only(text + TEST).dependencies
    assert [f"{each.name}{f' [{each.group}]' if each.group else ''}: {each.requirement}" for each in found] == list(
        expected
    )
