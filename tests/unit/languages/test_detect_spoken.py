"""How a repository itself calls its Python tests, where no settings of a runner say so."""

from __future__ import annotations

import pytest

from regreen.core.workspace import Project
from regreen.languages.python.detect import detect
from tests.support.tree import TextTree

PROGRAM = "/usr/bin/python3"
CASES = """
-- pkg/tests/base_tests.py --
import unittest

class T(unittest.TestCase): pass
"""


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (
            '-- pyproject.toml --\n[project]\nname = "a"\n[tool.hatch.envs.test.scripts]\n'
            "test = 'python -m unittest discover -s pkg -p \"*tests.py\"'\n",
            4,
        ),
        (
            "-- setup.py --\n-- tox.ini --\n[testenv]\ndeps = x\ncommands =\n"
            "    coverage run -m unittest discover -v -s pkg --pattern=*tests.py {posargs}\n",
            4,
        ),
        (
            "-- setup.py --\n-- noxfile.py --\ndef tests(session):\n"
            '    session.run("python", "-m", "unittest", "discover", "-s", "pkg", "-p", "*tests.py")\n',
            2,
        ),
        ("-- setup.py --\n-- Makefile --\ntest:\n\tpython -m unittest discover pkg '*tests.py'\n", 2),
        (
            "-- setup.py --\n-- .github/workflows/ci.yml --\njobs:\n  - run: pip install pytest unittest\n"
            "  - run: python3 -m unittest discover -s pkg -p '*tests.py'\n",
            3,
        ),
    ],
)
def test_unittest_looks_where_and_for_what_the_repository_tells_it_to(entry: str, line: int) -> None:
    project = only(entry + CASES)
    assert (project.runner, project.test_patterns) == ("unittest", ("*tests.py",))
    assert project.test_command == (PROGRAM, "-m", "unittest", "discover", "-s", "pkg", "-p", "*tests.py")
    assert project.test_dirs == ("pkg/tests",)
    assert [each.line for each in project.evidence if each.fact == "runner"] == [line]


def test_a_package_that_runs_its_own_tests_is_called_as_the_repository_calls_it() -> None:
    project = only(
        "-- setup.py --\n-- tox.ini --\n[testenv]\ncommands = python -bb -m wave.test {posargs:}\n"
        "-- wave/test/__main__.py --\n-- tools/x_test.py --\n"
        "-- wave/test/web_test.py --\nimport unittest\nclass T(unittest.TestCase): pass\n"
    )
    assert (project.runner, project.test_command) == ("unittest", (PROGRAM, "-m", "wave.test"))
    assert project.test_dirs == ("wave/test",)


def test_trial_is_named_and_told_what_to_test() -> None:
    project = only(
        "-- setup.py --\n-- tox.ini --\n[testenv]\n"
        "commands =\n  python -m twisted.trial --reporter=text {posargs:wave}\n"
        "-- wave/test/test_web.py --\nfrom twisted.trial.unittest import SynchronousTestCase\n"
        "class T(SynchronousTestCase): pass\n"
    )
    assert (project.runner, project.test_command) == ("trial", (PROGRAM, "-m", "twisted.trial", "wave"))
    assert project.test_patterns == ("test*.py", "*_test.py")


def test_a_call_of_pytest_is_believed_although_the_tests_are_cases_of_unittest() -> None:
    project = only(
        "-- setup.py --\n-- tox.ini --\n[testenv]\ncommands = pytest {posargs}\n-- tests/test_a.py --\n" + CASE
    )
    assert (project.runner, project.test_command) == ("pytest", (PROGRAM, "-m", "pytest"))


def test_one_test_file_for_pytest_among_many_others_makes_no_project_of_pytest() -> None:
    cases = "".join(f"-- tests/test_{n:02}.py --\n{CASE}" for n in range(12))
    project = only(f"-- setup.py --\n-- bench/test_speed.py --\nimport pytest\n{cases}")
    assert project.runner == "unittest"


def test_discovery_is_told_of_files_that_it_would_not_look_for() -> None:
    project = only(f"-- setup.py --\n-- tests/__init__.py --\n-- tests/web_test.py --\n{CASE}")
    wanted = (PROGRAM, "-m", "unittest", "discover", "-s", "tests", "-p", "*_test.py", "-t", ".")
    assert project.test_command == wanted


@pytest.mark.parametrize("installed", [True, False])
def test_pytest_drives_the_cases_of_unittest_where_it_is_installed(installed: bool) -> None:
    text = f"-- setup.py --\n-- tests/test_a.py --\n{CASE}"
    programs = (PROGRAM, "/usr/bin/pytest") if installed else (PROGRAM,)
    (project,) = detect(TextTree(text, programs=programs))
    assert project.test_command[1:4] == ("-m", "unittest", "discover")
    assert project.driver == ("pytest" if installed else "")


def test_django_tests_through_a_runtests_at_the_root() -> None:
    project = only(
        "-- setup.py --\n-- runtests.py --\nimport django\n-- site/test/manage.py --\nimport django\n"
        "-- site/tests/test_a.py --\nfrom django.test import TestCase\nclass T(TestCase): pass\n"
    )
    assert (project.runner, project.test_command, project.cwd) == ("django", (PROGRAM, "runtests.py"), ".")


def test_a_recipe_of_ci_is_no_project() -> None:
    project = only(
        '-- pyproject.toml --\n[project]\nname = "a"\n-- tests/test_a.py --\nimport pytest\n'
        '-- continuous_integration/recipes/brotli/pyproject.toml --\n[project]\nname = "brotli"\n'
    )
    assert project.path == "."


CASE = "import unittest\n\nclass T(unittest.TestCase): pass\n"


def only(text: str) -> Project:
    """Return the one project of a tree on whose PATH there is python3."""
    (project,) = detect(TextTree(text, programs=(PROGRAM,)))
    return project
