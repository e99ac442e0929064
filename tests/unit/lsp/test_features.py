"""Each feature, driven by a client over the wire, on a fake session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.calc import ADD, Desk, desk
from tests.support.editor import Answer, Editor, place, span
from tests.support.engine import FakeEngine


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    found = desk(tmp_path)
    with found.editor:
        yield found


# -- handshake


def test_the_handshake_names_every_feature(at: Desk) -> None:
    capabilities = at.answer["capabilities"]
    assert capabilities["executeCommandProvider"]["commands"] == [
        "regreen.cancel", "regreen.fix", "regreen.mutate", "regreen.prepare", "regreen.runTests", "regreen.showReport",
        "regreen.strengthen", "regreen.undo",
    ]  # fmt: skip
    assert capabilities["textDocumentSync"] == {"openClose": True, "change": 2, "save": {"includeText": False}}
    assert capabilities["codeActionProvider"] == {"codeActionKinds": ["quickfix"]}
    assert capabilities["hoverProvider"] is True
    assert capabilities["codeLensProvider"] == {"resolveProvider": False}
    assert capabilities["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}
    assert capabilities["experimental"]["regreen"]["requests"] == [
        "regreen/fix", "regreen/prepare", "regreen/report", "regreen/runTests"
    ]  # fmt: skip


# -- diagnostics


def test_a_red_test_is_a_diagnostic_on_the_code_of_the_line_to_blame(at: Desk) -> None:
    at.run()
    (shown,) = [one for one in at.editor.diagnostics[at.calc] if one["code"] == "RG301"]
    assert shown["range"] == span(1, 4, 1, 16)
    assert shown["source"] == "regreen"
    assert shown["severity"] == 1
    assert shown["message"] == "test_add: wanted a + b, found a - b\nLook at the operator."
    places = [(one["location"]["uri"], one["location"]["range"]["start"]) for one in shown["relatedInformation"]]
    assert places == [(at.calc, place(1)), (at.tests, place(0)), (at.tests, place(0))]


def test_a_diagnostic_goes_when_the_test_passes(at: Desk) -> None:
    at.run()
    at.editor.change(at.calc, {"text": at.editor.buffers[at.calc].replace("a - b", "a + b")})
    at.execute("regreen.runTests", {"tests": [ADD]})
    at.editor.until(lambda: [one["code"] for one in at.editor.diagnostics[at.calc]] == ["RG601"])


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 23), ("utf-16", 18), ("utf-32", 16)])
def test_columns_are_in_the_negotiated_encoding(tmp_path: Path, encoding: str, end: int) -> None:
    found = desk(tmp_path, capabilities={"general": {"positionEncodings": ["utf-7", encoding, "utf-16"]}})
    with found.editor as editor:
        assert found.answer["capabilities"]["positionEncoding"] == encoding
        text = "def add(a, b):\n    '\U0001f600é\U0001f600', a - b\n"
        editor.change(found.calc, {"text": text})
        found.run()
        shown = editor.diagnostics[found.calc][-1]["range"]
        assert shown == span(1, 4, 1, end)


def test_diagnostics_can_be_switched_off_and_changed_while_the_server_runs(at: Desk) -> None:
    at.run()
    at.editor.notify("workspace/didChangeConfiguration", {"settings": {"regreen": {"diagnosticsSeverity": "hint"}}})
    at.editor.until(lambda: {one["severity"] for one in at.editor.diagnostics[at.calc]} == {4})
    at.editor.notify("workspace/didChangeConfiguration", {"settings": {"regreen": {"diagnostics": False}}})
    at.editor.until(lambda: at.editor.diagnostics[at.calc] == [])


# -- actions


def test_the_light_bulb_offers_the_repair_on_the_diagnostic(at: Desk) -> None:
    at.run()
    actions = at.actions(at.calc, 1)
    assert [one["title"] for one in actions] == ["Fix with agent", "Fix with agent (dry run)"]
    assert {one["kind"] for one in actions} == {"quickfix"}
    assert actions[0]["isPreferred"] is True
    assert [one["code"] for one in actions[0]["diagnostics"]] == ["RG301"]
    assert actions[0]["command"]["arguments"] == [{"uri": at.root.as_uri(), "tests": [ADD], "generation": 1}]


def test_the_repair_is_offered_on_the_definition_of_a_red_test_and_nowhere_else(at: Desk) -> None:
    at.run()
    assert [one["title"] for one in at.actions(at.tests, 0)] == ["Fix with agent", "Fix with agent (dry run)"]
    assert at.actions(at.tests, 4) == []
    assert at.actions(at.tests, 1) == []


def test_a_failure_that_no_edit_cures_is_shown_as_such(at: Desk) -> None:
    at.run()
    actions = at.actions(at.tests, 8)
    assert {one["disabled"]["reason"] for one in actions} == {"Look at the operator."}
    assert all("command" not in one for one in actions)


def test_actions_of_another_kind_are_not_asked_for(at: Desk) -> None:
    at.run()
    assert at.actions(at.calc, 1, only=["refactor"]) == []
    assert at.actions(at.calc, 1, only=["quickfix", "source"]) != []


def test_a_client_without_action_literals_gets_commands(tmp_path: Path) -> None:
    found = desk(tmp_path, capabilities={})
    with found.editor:
        found.run()
        assert [one["command"] for one in found.actions(found.calc, 1)] == ["regreen.fix", "regreen.fix"]


def test_a_stale_offer_is_refused_with_a_next_step(at: Desk) -> None:
    at.run()
    command = at.actions(at.calc, 1)[0]["command"]
    at.editor.change(at.calc, {"range": span(0, 0), "text": "# new\n"})
    with pytest.raises(Answer) as refusal:
        at.execute(command["command"], command["arguments"][0])
    assert refusal.value.code == -32801
    assert refusal.value.message == "calc.py changed since. Run the tests again."
    assert refusal.value.details["nextStep"] == "Run the tests again."


# -- lenses


def test_each_test_has_a_lens_and_a_red_one_two(at: Desk) -> None:
    at.run()
    lenses = at.editor.request("textDocument/codeLens", {"textDocument": {"uri": at.tests}})
    shown = [(one["range"]["start"]["line"], one["command"]["title"]) for one in lenses]
    assert shown == [
        (0, "Run test"), (0, "Fix with agent"), (4, "Run test"), (8, "Run test"), (8, "Fix with agent")
    ]  # fmt: skip
    command = lenses[2]["command"]
    assert at.execute(command["command"], command["arguments"][0])["counts"] == {
        "passed": 1, "failed": 0, "skipped": 0
    }  # fmt: skip


def test_lenses_come_again_when_colours_change(at: Desk) -> None:
    at.run()
    at.editor.wait_for("workspace/codeLens/refresh")


def test_lenses_can_be_switched_off(tmp_path: Path) -> None:
    found = desk(tmp_path, options={"settings": {"codeLens": False}})
    with found.editor as editor:
        assert editor.request("textDocument/codeLens", {"textDocument": {"uri": found.tests}}) == []


# -- hover


def test_a_hover_tells_what_is_red_and_what_was_tried(at: Desk) -> None:
    assert at.hover(at.tests, 0) == ""
    at.run()
    assert "RG301 assertion at calc.py:2" in at.hover(at.tests, 0)
    at.choose("Fix with agent (dry run)", at.calc, 1)
    story = at.hover(at.tests, 0)
    assert "### test_calc.py::test_add" in story
    assert "Attempt 1: ✔ green" in story
    assert "```diff\n--- a/calc.py\n+++ b/calc.py" in story
    assert at.hover(at.calc, 1).startswith("### test_calc.py::test_add")
    assert at.hover(at.calc, 0) == ""


def test_a_client_without_markdown_gets_plain_text(tmp_path: Path) -> None:
    found = desk(tmp_path, capabilities={})
    with found.editor as editor:
        found.run()
        params = {"textDocument": {"uri": found.tests}, "position": place(0, 5)}
        contents = editor.request("textDocument/hover", params)["contents"]
        assert contents["kind"] == "plaintext"
        assert contents["value"].startswith("test_calc.py::test_add\n\nRG301 assertion at calc.py:2")


# -- reports


def test_the_attempts_are_shown_as_a_document(at: Desk) -> None:
    at.run()
    at.choose("Fix with agent (dry run)", at.calc, 1)
    pages: list[str] = []

    def show(params: dict[str, str]) -> dict[str, bool]:
        pages.append(Path(params["uri"].removeprefix("file://")).read_text())
        return {"success": True}

    at.editor.answers["window/showDocument"] = show
    result = at.choose("Show repair attempts", at.calc, 1)
    assert pages == [result["markdown"] + "\n"]
    assert result["report"]["attempts"][0]["hypothesis"] == "replaced the operator"


def test_the_attempts_are_logged_for_a_client_that_shows_no_documents(tmp_path: Path) -> None:
    found = desk(tmp_path, capabilities={})
    with found.editor as editor:
        found.run()
        found.execute("regreen.fix", {"tests": [ADD], "dryRun": True})
        found.execute("regreen.showReport", {"test": ADD})
        assert any("Attempt 1" in one["message"] for one in editor.told("window/logMessage"))


def test_the_report_of_a_place_is_the_one_of_the_test_around_it(at: Desk) -> None:
    at.run()
    at.choose("Fix with agent (dry run)", at.calc, 1)
    found = at.editor.request("regreen/report", {"uri": at.tests, "position": place(1, 4)})
    assert found["report"]["tests"] == [ADD]
    with pytest.raises(Answer) as refusal:
        at.editor.request("regreen/report", {"uri": at.tests, "position": place(5, 4)})
    assert refusal.value.message.startswith("No repair is known here.")


# -- folders, files, settings


def test_a_file_outside_of_every_folder_is_told_once_and_refused(tmp_path: Path) -> None:
    lone = tmp_path / "lone.py"
    lone.write_text("a = 1\n")
    with Editor.inside(FakeEngine) as editor:
        editor.initialize()
        uri = editor.open(lone)
        shown = editor.wait_for("window/showMessage")
        assert shown["message"].startswith(f"{lone} is outside of every open folder")
        with pytest.raises(Answer) as refusal:
            editor.request("regreen/fix", {"uri": uri})
        assert "Open the folder" in refusal.value.message


def test_folders_come_and_go(at: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    at.run()
    other = tmp_path_factory.mktemp("other")
    (other / "calc.py").write_text("a - b\n")
    (other / "test_other.py").write_text("def test_other():  # calc.py: a + b not a - b\n")
    late = at.editor.open(other / "calc.py", "x = 1\na - b\n")
    come = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    at.editor.notify("workspace/didChangeWorkspaceFolders", {"event": come})
    at.editor.wait(lambda _: _is_red(at, other))
    at.editor.until(lambda: bool(at.editor.diagnostics.get(late)))
    assert at.editor.diagnostics[late][0]["range"] == span(1, 0, 1, 5)
    with pytest.raises(Answer, match="Several folders are open"):
        at.execute("regreen.runTests")
    gone = {"added": [], "removed": [{"uri": at.root.as_uri(), "name": "first"}]}
    at.editor.notify("workspace/didChangeWorkspaceFolders", {"event": gone})
    at.editor.until(lambda: at.editor.diagnostics[at.calc] == [])
    assert at.hover(at.tests, 0) == ""


def _is_red(at: Desk, other: Path) -> bool:
    """Ask until the folder is there."""
    try:
        return bool(at.execute("regreen.runTests", {"uri": other.as_uri()})["outcome"] == "red")
    except Answer:
        return False


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with Editor.inside(FakeEngine) as editor:
        editor.initialize(tmp_path / "gone")
        message = editor.wait_for("window/showMessage")["message"]
        assert message == f"There is no folder at {tmp_path / 'gone'}. Open one that exists."


def test_settings_are_asked_for_folder_by_folder(tmp_path: Path) -> None:
    editor = Editor.inside(FakeEngine)
    asked: list[object] = []

    def configuration(params: dict[str, list[object]]) -> list[object]:
        asked.extend(params["items"])
        return [{"codeLens": False, "interpreter": "python3", "trace": {"server": "off"}}]

    editor.answers["workspace/configuration"] = configuration
    with editor:
        found = Desk(editor, tmp_path, capabilities={"workspace": {"configuration": True}})
        editor.until(lambda: bool(asked))
        assert asked == [{"scopeUri": tmp_path.as_uri(), "section": "regreen"}]
        lenses = editor.request("textDocument/codeLens", {"textDocument": {"uri": found.tests}})
        assert lenses == []


def test_a_wrong_setting_is_told_and_the_old_ones_hold(at: Desk) -> None:
    at.editor.notify("workspace/didChangeConfiguration", {"settings": {"regreen": {"maxAttempts": "many"}}})
    assert "regreen.maxAttempts" in at.editor.wait_for("window/showMessage")["message"]
    at.run()


def test_watched_files_reach_the_session_once_each(at: Desk) -> None:
    changes = [{"uri": at.calc, "type": 2}, {"uri": at.calc, "type": 2}, {"uri": at.tests, "type": 1}]
    at.run()
    at.editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    at.editor.wait_for("window/logMessage", message="changed: calc.py test_calc.py")


def test_watchers_are_registered_when_the_client_can(tmp_path: Path) -> None:
    dynamic = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    found = desk(tmp_path, capabilities={"workspace": dynamic})
    with found.editor as editor:
        (registration,) = editor.wait_for("client/registerCapability")["registrations"]
        assert registration["method"] == "workspace/didChangeWatchedFiles"


# -- saving


def test_saving_a_file_runs_what_it_affects(at: Desk) -> None:
    at.editor.save(at.calc)
    at.editor.until(lambda: bool(at.editor.diagnostics.get(at.calc)))


def test_saving_does_nothing_when_it_is_switched_off(tmp_path: Path) -> None:
    found = desk(tmp_path, options={"settings": {"runOnSave": False}})
    with found.editor as editor:
        editor.save(found.calc)
        found.hover(found.calc, 0)
        assert found.execute("regreen.cancel") == {"cancelled": 0}
        assert editor.diagnostics == {}


def test_a_file_that_is_saved_while_a_job_runs_has_its_turn(at: Desk) -> None:
    (at.root / ".wait").touch()
    running = at.begin("regreen.runTests")
    at.editor.wait_for("regreen/status", state="running")
    at.editor.save(at.calc)
    at.hover(at.calc, 0)
    (at.root / ".wait").unlink()
    assert at.editor.answer(running)["outcome"] == "red"
    at.editor.until(lambda: len(at.editor.told("window/workDoneProgress/create")) == 2)


def test_an_untrusted_workspace_is_not_executed(tmp_path: Path) -> None:
    found = desk(tmp_path, options={"trusted": False})
    with found.editor as editor:
        for command in ("regreen.runTests", "regreen.fix"):
            with pytest.raises(Answer, match="not trusted"):
                found.execute(command)
        editor.save(found.calc)
        found.hover(found.calc, 0)
        assert editor.told("$/progress") == []


def test_a_run_from_a_place_takes_the_test_around_it_or_what_the_file_affects(at: Desk) -> None:
    inside = at.execute("regreen.runTests", {"uri": at.tests, "position": place(5, 2)})
    assert inside["counts"] == {"passed": 1, "failed": 0, "skipped": 0}
    outside = at.execute("regreen.runTests", {"uri": at.calc, "position": place(0)})
    assert outside["counts"] == {"passed": 1, "failed": 2, "skipped": 0}
    named = at.execute("regreen.runTests", {"uris": [at.tests]})
    assert named["counts"] == {"passed": 1, "failed": 2, "skipped": 0}
