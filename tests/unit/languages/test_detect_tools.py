"""Package managers, runners and names beyond the ordinary: where environments lie, what Django and Hatch run."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from regreen.core.testing import Place, Selection
from regreen.core.text import SourceText
from regreen.core.workspace import Project
from regreen.languages.python import run as python_run
from regreen.languages.python.detect import detect
from regreen.languages.python.naming import named_tests
from regreen.languages.python.outline import outline_file
from tests.support.tree import TextTree

TEST = "-- tests/test_a.py --\ndef test_a(): pass\n"
ID = base64.urlsafe_b64encode(hashlib.sha256(b"/work/space").digest()).decode()[:8]
PIPFILE = base64.urlsafe_b64encode(hashlib.sha256(b"/work/space/Pipfile").digest()[:6]).decode()
NAMED = "-- pyproject.toml --\n[project]\nname='box'\n"
CONDA = "-- environment.yml --\nname: lab\ndependencies: [numpy]\n"
PLACE = Place("/copy", "/original", "/scratch")


@pytest.mark.parametrize(
    ("files", "environment", "program"),
    [
        (
            f"{NAMED}[tool.hatch.envs.default]\n",
            {},
            f"/home/me/.local/share/hatch/env/virtual/box/{ID}/hatch-test.py3.12",
        ),
        (f"{NAMED}[tool.hatch.envs.default]\n", {}, f"/home/me/.local/share/hatch/env/virtual/box/{ID}/box"),
        (f"{NAMED}[tool.hatch.envs.x]\n", {"HATCH_DATA_DIR": "/d"}, f"/d/env/virtual/box/{ID}/hatch-test"),
        ("-- pdm.lock --\n-- .pdm-python --\n/opt/envs/box/bin/python\n", {}, "/opt/envs/box"),
        ("-- Pipfile.lock --\n", {}, f"/home/me/.local/share/virtualenvs/space-{PIPFILE}"),
        ("-- Pipfile.lock --\n", {"WORKON_HOME": "/w"}, f"/w/space-{PIPFILE}"),
        (CONDA, {}, "/home/me/miniforge3/envs/lab"),
        (CONDA, {"CONDA_EXE": "/opt/conda/bin/conda"}, "/opt/conda/envs/lab"),
        (CONDA, {"MAMBA_ROOT_PREFIX": "/opt/mamba"}, "/opt/mamba/envs/lab"),
    ],
)
def test_environments_that_managers_keep_elsewhere_are_found(
    files: str, environment: dict[str, str], program: str
) -> None:
    found = only(files + TEST, f"{program}/bin/python", **{"HOME": "/home/me", **environment})
    assert (found.interpreter, found.prepared) == (f"{program}/bin/python", True)


def test_without_an_environment_of_its_own_a_project_is_not_prepared() -> None:
    assert not only(NAMED + TEST, "/usr/bin/python3").prepared
    assert only(NAMED + TEST, "/active/bin/python", VIRTUAL_ENV="/active").prepared


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ("-- hatch.toml --\n[envs.hatch-test]\nextra-args = ['-x']\n", (("hatch", "env", "create", "hatch-test"),)),
        ("-- hatch.toml --\n[envs.docs]\n", (("hatch", "env", "create"),)),
        (f"-- pdm.lock --\n{NAMED}[project.optional-dependencies]\ntest=['pytest']\n",
         (("pdm", "install", "-G", "test"),)),
        (CONDA.replace(".yml", ".yaml"), (("conda", "env", "update", "--file", "environment.yaml"),)),
        (f"{CONDA}-- pyproject.toml --\n[build-system]\nbuild-backend='mesonpy'\n[project]\nname='a'\n",
         (("conda", "env", "update", "--file", "environment.yml"),
          ("conda", "run", "--name", "lab", "python", "-m", "pip", "install",
           "--no-build-isolation", "--no-deps", "-e", "."))),
        ("-- setup.py --\n-- requirements-conda-test.txt --\nx\n-- requirements-test.txt --\npytest\n",
         (("python3", "-m", "venv", ".venv"),
          (".venv/bin/python", "-m", "pip", "install", "-e", ".", "-r", "requirements-test.txt"))),
    ],
)  # fmt: skip
def test_what_is_prepared_fits_the_manager(files: str, steps: tuple[tuple[str, ...], ...]) -> None:
    assert only(files + TEST, "/usr/bin/python3").prepare == steps


def test_hatch_s_environment_for_tests_means_pytest() -> None:
    files = f"{NAMED}-- hatch.toml --\n[envs.docs]\n[envs.hatch-test]\n{TEST}-- tests/deep/conftest.py --\n"
    found = only(files, "/usr/bin/python3")
    assert (found.runner, found.confidence) == ("pytest", 1.0)
    assert ("runner", "hatch.toml", 2) in evidence(found)


def test_the_topmost_conftest_is_the_evidence() -> None:
    found = only(f"-- setup.py --\n{TEST}-- tests/conftest.py --\n-- tests/a/conftest.py --\n", "/usr/bin/python3")
    assert ("runner", "tests/conftest.py", 1) in evidence(found)


MANAGE = "-- {0}manage.py --\nimport os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n"
CASES = (
    "-- polls/tests.py --\nfrom django.test import TestCase\nclass PollTests(TestCase):\n    def test_a(self): pass\n"
)


def test_a_django_project_is_tested_through_manage_py() -> None:
    found = only(MANAGE.format("") + CASES + "-- requirements.txt --\ndjango\n", "/usr/bin/python3")
    assert (found.runner, found.test_command, found.cwd) == ("django", ("/usr/bin/python3", "manage.py", "test"), ".")
    assert (found.test_dirs, found.test_patterns) == (("polls",), ("test*.py",))
    assert ("runner", "manage.py", 2) in evidence(found)
    argv = python_run.command(found, Selection(("polls/tests.py::PollTests::test_a",)), PLACE, 1).argv
    assert argv[1].endswith("regreen_django.py")
    assert argv[2:] == ("manage.py", "polls/tests.py::PollTests::test_a")
    assert python_run.trials_command(found, PLACE) is None


def test_manage_py_is_run_where_it_lies() -> None:
    found = only("-- setup.py --\n" + MANAGE.format("site/") + CASES.replace("polls", "site/polls"), "/usr/bin/python3")
    assert (found.path, found.cwd, found.test_command[1:]) == (".", "site", ("manage.py", "test"))


@pytest.mark.parametrize(
    "more",
    [
        "-- requirements-test.txt --\npytest-django\n",
        "-- pytest.ini --\n[pytest]\nDJANGO_SETTINGS_MODULE = site.settings\n",
    ],
)
def test_a_django_project_with_pytest_is_tested_through_pytest(more: str) -> None:
    found = only(MANAGE.format("") + CASES + more, "/usr/bin/python3")
    assert (found.runner, found.test_command) == ("pytest", ("/usr/bin/python3", "-m", "pytest"))


def test_django_itself_has_a_runner_of_its_own() -> None:
    files = (
        f"{NAMED}-- tests/runtests.py --\nimport django\n-- django/admin/tests.py --\n-- tests/basic/tests.py --\n"
        + CASES.partition("\n")[2]
    )
    found = only(files, "/usr/bin/python3")
    assert (found.runner, found.test_command[1:]) == ("django", ("tests/runtests.py",))
    assert found.test_dirs == ("tests",)


@pytest.mark.parametrize("file", ["manage.py", "tests/runtests.py"])
def test_a_file_of_that_name_alone_is_no_django(file: str) -> None:
    found = only(
        f"{NAMED}-- {file} --\nprint()\n-- tests/test_b.py --\nimport unittest\nclass T(unittest.TestCase): pass\n",
        "/usr/bin/python3",
    )
    assert (found.runner, found.test_patterns) == ("unittest", ("test*.py", "*_test.py"))


def test_scripts_of_a_ci_and_templates_are_no_projects() -> None:
    blank = "-- runtime/template/pyproject.toml --\n[project]\nname = 'box-{{%SUFFIX%}}'\n[build-system]\n"
    cookie = "-- {{cookiecutter.name}}/pyproject.toml --\n[project]\nname='x'\n"
    files = f"-- py/pyproject.toml --\n[project]\nname='box'\n-- py/a.py --\n{blank}{cookie}"
    files += "-- .github/scripts/test_bump.py --\n"
    assert [project.path for project in detect(TextTree(files))] == ["py"]


CODE = """
def check_it(): pass
def test_it(): pass
def it_works(): pass
class Spec:
    def check_a(self): pass
    def other(self): pass
class TestOld:
    def test_b(self): pass
class Cases(TestCase):
    def test_c(self): pass
"""


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ("", ["test_it", "TestOld::test_b", "Cases::test_c"]),
        ("python_functions = ['check']", ["check_it", "TestOld::test_b", "Cases::test_c"]),
        ("python_functions = 'check_* *_works'", ["check_it", "it_works", "TestOld::test_b", "Cases::test_c"]),
        ("python_functions = ['check', 'test']\npython_classes = ['Spec']",
         ["check_it", "test_it", "Spec::check_a", "TestOld::test_b", "Cases::test_c"]),
    ],
)  # fmt: skip
def test_functions_and_classes_may_have_names_of_their_own(settings: str, names: list[str]) -> None:
    project = only(f"{NAMED}[tool.pytest.ini_options]\n{settings}\n{TEST}", "/usr/bin/python3")
    facts = outline_file("a.py", SourceText(CODE))
    assert [test.name.removeprefix("a.py::") for test in named_tests(project, facts)] == names
    assert named_tests(replace(project, test_functions=(), test_classes=()), facts) == facts.tests


def test_what_is_named_is_run_whatever_the_project_s_options_leave_out() -> None:
    project = only(f"{NAMED}[tool.pytest.ini_options]\naddopts = '-m \"not slow\" -k fast'\n{TEST}", "/usr/bin/python3")
    named = python_run.command(project, Selection(("tests/test_a.py::test_a",)), PLACE, 1).argv
    assert ("-k", "", "-m", "") == named[named.index("-k") : named.index("-k") + 4]
    assert "-k" not in python_run.command(project, Selection(), PLACE, 1).argv


def only(text: str, program: str, **environment: str) -> Project:
    (project,) = detect(TextTree(text, programs=(program,), environment=environment))
    return project


def evidence(project: Project) -> set[tuple[str, str, int]]:
    return {(each.fact, each.file, each.line) for each in project.evidence}
