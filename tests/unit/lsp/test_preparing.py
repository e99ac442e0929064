"""Preparing an environment from the editor: offered with its commands, run as a job, told line by line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.calc import Desk, desk
from tests.support.editor import Answer

TITLE = "Prepare the environment: uv sync, then npm ci"
STEPS = "uv sync\nnpm ci\n"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / ".steps").write_text(STEPS)
    found = desk(tmp_path)
    with found.editor:
        yield found


def test_a_failure_of_the_environment_is_offered_the_commands_that_cure_it(at: Desk) -> None:
    at.run()
    (action,) = [one for one in at.actions(at.tests, 8) if "disabled" not in one]
    assert action["title"] == action["command"]["title"] == TITLE
    assert action["isPreferred"] is True
    assert action["command"]["arguments"] == [{"uri": at.root.as_uri(), "project": "."}]


def test_no_other_failure_is_offered_them(at: Desk) -> None:
    at.run()
    assert TITLE not in [one["title"] for one in at.actions(at.tests, 0)]


def test_the_manifest_of_a_project_without_its_environment_offers_them(at: Desk) -> None:
    at.run()
    manifest = at.editor.open(at.root / "pyproject.toml", "[project]\n")
    assert [one["title"] for one in at.actions(manifest, 0)] == [TITLE]


def test_the_result_says_what_ran_and_the_log_has_each_line(at: Desk) -> None:
    at.run()
    command = at.actions(at.tests, 8)[-1]["command"]
    result = at.editor.request("workspace/executeCommand", {**command, "workDoneToken": "t"})
    step = {"cwd": ".", "ended": "exited", "exitCode": 0, "seconds": 0.0, "tail": "No room"}
    steps = [{"argv": ["uv", "sync"], **step}, {"argv": ["npm", "ci"], **step}]
    message = "The environment is ready. Run the tests again."
    told = {name: result[name] for name in ("outcome", "message", "projects")}
    assert told == {"outcome": "prepared", "message": message, "projects": [{"project": ".", "steps": steps}]}
    assert {"type": 4, "message": "Resolving"} in at.editor.told("window/logMessage")
    assert "Resolving" in [one["value"].get("message") for one in at.editor.progress]


def test_a_failure_is_told_with_its_last_line(at: Desk) -> None:
    (at.root / ".fail").touch()
    result = at.editor.request("regreen/prepare", {"uri": at.tests})
    assert result["outcome"] == "failed"
    assert result["message"] == "“uv sync” failed: No room The log has all that it said."
    assert at.editor.told("window/showMessage")[-1] == {"type": 2, "message": result["message"]}


def test_a_dry_run_runs_nothing(at: Desk) -> None:
    result = at.editor.request("regreen/prepare", {"dryRun": True})
    assert result["outcome"] == "dry-run"
    assert [step["ended"] for step in result["projects"][0]["steps"]] == [None, None]


def test_a_preparation_can_be_cancelled(at: Desk) -> None:
    (at.root / ".wait").touch()
    running = at.editor.ask("regreen/prepare", {"workDoneToken": "t"})
    at.editor.until(lambda: any(one["token"] == "t" for one in at.editor.progress))
    at.editor.notify("window/workDoneProgress/cancel", {"token": "t"})
    with pytest.raises(Answer) as error:
        at.editor.answer(running)
    assert error.value.code == -32800


def test_nothing_is_prepared_in_an_untrusted_workspace(tmp_path: Path) -> None:
    (tmp_path / ".steps").write_text(STEPS)
    found = desk(tmp_path, options={"trusted": False})
    with found.editor as editor:
        with pytest.raises(Answer) as error:
            editor.request("regreen/prepare", {})
        assert error.value.code == -32803
        assert "not trusted" in error.value.message
        assert editor.request("regreen/prepare", {"dryRun": True})["outcome"] == "dry-run"


def test_a_project_that_is_not_there_is_an_error_with_the_ones_that_are(at: Desk) -> None:
    with pytest.raises(Answer) as error:
        at.editor.request("regreen/prepare", {"project": "x"})
    assert error.value.details["nextStep"] == "The projects are: .."
