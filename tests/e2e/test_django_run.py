"""Real Django without pytest: its own runner, our events, the ids that people know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.failure import Failure
from regreen.core.testing import TestRun
from regreen.core.workspace import Project
from tests.support.django import SITE, django_python
from tests.support.runs import failures_of, project_of, run_tests
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e

_RED = "polls/tests.py::QuestionTests::test_ten_votes_are_popular"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project that is tested by Django's runner."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    found = project_of("django", interpreter=django_python(shared / "django"))
    return replace(found, test_command=(found.interpreter, "manage.py", "test"))


def codes(root: Path, run: TestRun, project: Project) -> list[tuple[str, str, str, int]]:
    def row(failure: Failure) -> tuple[str, str, str, int]:
        return failure.kind.code, failure.test.name, failure.path, failure.line

    return [row(failure) for failure in failures_of(root, run, project)]


def test_every_test_runs_in_djangos_database_under_its_own_id(tmp_path: Path, project: Project) -> None:
    root = lay(tmp_path / "ws", SITE)
    run = run_tests(root, project=project)
    found = {result.id.name: result.outcome.value for result in run.results}
    case = "polls/tests.py::QuestionTests::test_"
    assert found == {f"{case}few_votes_are_not": "passed", f"{case}is_there": "passed", _RED: "failed"}
    assert (run.exit_code, run.complete) == (1, True)
    assert codes(root, run, project) == [("RG301", _RED, "polls/tests.py", 12)]


def test_one_test_runs_alone(tmp_path: Path, project: Project) -> None:
    root = lay(tmp_path / "ws", SITE.replace("> 10", "> 9"))
    run = run_tests(root, _RED, project=project)
    assert [result.id.name for result in run.results] == [_RED]
    assert run.green_for()


def test_a_name_that_means_no_test_is_no_green(tmp_path: Path, project: Project) -> None:
    root = lay(tmp_path / "ws", SITE)
    run = run_tests(root, "polls/tests.py::QuestionTests::test_gone", project=project)
    assert [row[0] for row in codes(root, run, project)] == ["RG502"]


def test_a_file_that_cannot_be_loaded_is_a_failure_of_its_own(tmp_path: Path, project: Project) -> None:
    root = lay(tmp_path / "ws", SITE + "-- polls/test_other.py --\nfrom polls.model import Question\n")
    run = run_tests(root, project=project)
    assert ("RG102", "polls/test_other.py", "polls/test_other.py", 1) in codes(root, run, project)


def test_settings_that_cannot_be_used_are_told_of(tmp_path: Path, project: Project) -> None:
    root = lay(tmp_path / "ws", SITE.replace('["polls"]', '["polls", "nowhere"]'))
    run = run_tests(root, project=project)
    (row,) = codes(root, run, project)
    assert row[0] == "RG103"


def test_without_django_the_environment_is_to_blame(tmp_path: Path, project: Project) -> None:
    root = lay(tmp_path / "ws", SITE)
    bare = project_of("django")
    run = run_tests(root, project=replace(bare, test_command=(bare.interpreter, "manage.py", "test")))
    (failure,) = failures_of(root, run, bare)
    assert (failure.kind.code, failure.slot("missing")) == ("RG103", "django")


def test_the_projects_own_runner_is_kept(tmp_path: Path, project: Project) -> None:
    own = (
        "-- site1/runner.py --\nfrom django.test.runner import DiscoverRunner\nclass Own(DiscoverRunner):\n"
        "    def setup_databases(self, **kwargs):\n        print('own runner')\n"
        "        return super().setup_databases(**kwargs)\n"
    )
    root = lay(tmp_path / "ws", SITE.replace("USE_TZ", "TEST_RUNNER = 'site1.runner.Own'\nUSE_TZ") + own)
    run = run_tests(root, project=project)
    assert "own runner" in run.output
    assert len(run.results) == 3
