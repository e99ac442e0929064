"""Repairs from the editor: one job and one token behind commands, requests and progress; the edit; the undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.calc import ADD, Desk, desk
from tests.support.editor import FULL_CAPABILITIES, NO_ANSWER, Answer, Editor, span
from tests.support.engine import FakeEngine

GREEN = "def add(a, b):\n    return a + b\n"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    found = desk(tmp_path)
    with found.editor:
        found.run()
        yield found


def ends(at: Desk, token: object) -> list[str]:
    return [one["value"]["kind"] for one in at.editor.progress if one["token"] == token]


# -- the edit


def test_a_repair_is_one_versioned_annotated_labelled_edit(at: Desk) -> None:
    result = at.choose("Fix with agent", at.calc, 1)
    assert (result["outcome"], result["applied"]) == ("repaired", True)
    assert result["diff"].endswith("-    return a - b\n+    return a + b\n \n \n def double(a):\n")
    assert at.editor.buffers[at.calc].startswith(GREEN)
    (sent,) = at.editor.told("workspace/applyEdit")
    (change,) = sent["edit"]["documentChanges"]
    assert sent["label"] == "Regreen: fix it"
    assert change["textDocument"] == {"uri": at.calc, "version": 1}
    assert change["edits"] == [{"annotationId": "regreen", "range": span(1, 11, 1, 16), "newText": "a + b"}]
    assert sent["edit"]["changeAnnotations"] == {"regreen": {"label": "Regreen: fix it", "needsConfirmation": False}}


def test_a_file_that_is_not_open_is_edited_without_a_version(at: Desk) -> None:
    at.editor.notify("textDocument/didClose", {"textDocument": {"uri": at.calc}})
    del at.editor.versions[at.calc], at.editor.buffers[at.calc]
    at.choose("Fix with agent", at.calc, 1)
    (change,) = at.editor.told("workspace/applyEdit")[0]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": at.calc, "version": None}


def test_columns_of_the_edit_are_in_the_negotiated_encoding(tmp_path: Path) -> None:
    found = desk(tmp_path)
    with found.editor as editor:
        editor.change(found.calc, {"text": "x = '\U0001f600', a - b\n"})
        found.run()
        found.choose("Fix with agent", found.calc, 0)
        assert editor.buffers[found.calc] == "x = '\U0001f600', a + b\n"
        edits = editor.told("workspace/applyEdit")[0]["edit"]["documentChanges"][0]["edits"]
        assert edits[0]["range"] == span(0, 10, 0, 15)


def test_a_client_without_versioned_edits_gets_a_map(tmp_path: Path) -> None:
    found = desk(tmp_path, capabilities={"workspace": {"applyEdit": True}})
    with found.editor as editor:
        editor.answers["workspace/applyEdit"] = lambda _: {"applied": True}
        found.run()
        found.execute("regreen.fix", {"tests": [ADD]})
        edit = editor.told("workspace/applyEdit")[0]["edit"]
        assert edit == {"changes": {found.calc: [{"range": span(1, 11, 1, 16), "newText": "a + b"}]}}


def test_an_edit_is_moved_onto_what_the_person_typed_meanwhile(at: Desk) -> None:
    (at.root / ".wait").touch()
    running = at.begin("regreen.fix", {"tests": [ADD]})
    at.editor.wait_for("regreen/status", message="Attempt 1: ✔ green. replaced the operator")
    at.editor.change(at.calc, {"range": span(0, 0), "text": '"""Sums."""\n\n'})
    at.hover(at.calc, 1)  # Once it is answered, the server has read the change.
    (at.root / ".wait").unlink()
    # The fake's `.wait` only ends by a cancel; without the file the next look at it lets the job go on.
    assert at.editor.answer(running)["applied"] is True
    assert at.editor.buffers[at.calc].startswith('"""Sums."""\n\n' + GREEN)


def test_an_edit_that_meets_a_change_of_the_same_line_is_a_conflict_and_kept(at: Desk) -> None:
    (at.root / ".wait").touch()
    running = at.begin("regreen.fix", {"tests": [ADD]})
    at.editor.wait_for("regreen/status", message="Attempt 1: ✔ green. replaced the operator")
    at.editor.change(at.calc, {"range": span(1, 16), "text": "  # mine"})
    at.hover(at.calc, 1)  # Once it is answered, the server has read the change.
    (at.root / ".wait").unlink()
    result = at.editor.answer(running)
    assert result["outcome"] == "repaired-not-applied"
    assert "calc.py changed while the repair ran" in result["message"]
    assert at.editor.buffers[at.calc].startswith("def add(a, b):\n    return a - b  # mine\n")
    assert at.editor.told("workspace/applyEdit") == []


def refuse(_: dict[str, Any]) -> object:
    return {"applied": False, "failureReason": "not now"}


def fail(_: dict[str, Any]) -> object:
    raise Answer({"code": -32603, "message": "cannot"})


@pytest.mark.parametrize(("answer", "why"), [(refuse, "not now"), (fail, "cannot"), (lambda _: None, "malformed")])
def test_an_edit_that_the_editor_refuses_is_kept_and_offered_again(
    at: Desk, answer: Callable[[dict[str, Any]], object], why: str
) -> None:
    apply = at.editor.answers["workspace/applyEdit"]
    at.editor.answers["workspace/applyEdit"] = answer
    result = at.choose("Fix with agent", at.calc, 1)
    assert (result["outcome"], result["applied"]) == ("repaired-not-applied", False)
    assert why in result["message"]
    assert at.editor.buffers[at.calc].startswith("def add(a, b):\n    return a - b\n")
    at.editor.answers["workspace/applyEdit"] = apply
    assert at.choose("Apply the kept fix", at.calc, 1)["outcome"] == "repaired"
    assert at.editor.buffers[at.calc].startswith(GREEN)


def test_an_editor_that_takes_no_edits_gets_the_diff(tmp_path: Path) -> None:
    found = desk(tmp_path, capabilities={})
    with found.editor:
        found.run()
        result = found.execute("regreen.fix", {"tests": [ADD]})
        assert result["outcome"] == "repaired-not-applied"
        assert "takes no edits" in result["message"]
        assert "+    return a + b" in result["diff"]


def test_a_dry_run_shows_the_diff_and_changes_nothing(at: Desk) -> None:
    result = at.choose("Fix with agent (dry run)", at.calc, 1)
    assert "+    return a + b" in result["diff"]
    assert at.editor.told("workspace/applyEdit") == []
    assert "Apply the kept fix" in [one["title"] for one in at.actions(at.calc, 1)]


def test_a_repair_is_undone_and_redone(at: Desk) -> None:
    before = at.editor.buffers[at.calc]
    at.choose("Fix with agent", at.calc, 1)
    assert "Undo the agent's fix" in [one["title"] for one in at.actions(at.tests, 0)]
    assert at.execute("regreen.undo")["outcome"] == "undone"
    assert at.editor.buffers[at.calc] == before
    with pytest.raises(Answer, match="no applied repair"):
        at.execute("regreen.undo")


# -- cancel


def cancel_by_request(at: Desk, number: int) -> None:
    at.editor.notify("$/cancelRequest", {"id": number})


def cancel_by_command(at: Desk, number: int) -> None:
    assert at.execute("regreen.cancel") == {"cancelled": 1}


def cancel_by_progress(at: Desk, number: int) -> None:
    at.editor.until(lambda: any(one["value"]["kind"] == "begin" for one in at.editor.progress))
    token = at.editor.progress[-1]["token"]
    at.editor.notify("window/workDoneProgress/cancel", {"token": token})


def begin_command(at: Desk) -> int:
    return at.begin("regreen.fix", {"tests": [ADD]})


def begin_request(at: Desk) -> int:
    return at.editor.ask("regreen/fix", {"tests": [ADD]})


def begin_run(at: Desk) -> int:
    return at.editor.ask("regreen/runTests", {})


@pytest.mark.parametrize("flag", [".wait", ".spin"])
@pytest.mark.parametrize("cancel", [cancel_by_request, cancel_by_command, cancel_by_progress])
@pytest.mark.parametrize("begin", [begin_command, begin_request, begin_run])
def test_a_cancel_stops_the_job_however_both_are_said(
    tmp_path: Path, begin: Callable[[Desk], int], cancel: Callable[[Desk, int], None], flag: str
) -> None:
    at = desk(tmp_path)
    with at.editor:
        at.run()
        at.editor.progress.clear()
        n_told = len(at.editor.messages)
        (at.root / flag).touch()
        number = begin(at)
        at.editor.until(lambda: _running(at, n_told))
        cancel(at, number)
        with pytest.raises(Answer) as answer:
            at.editor.answer(number)
        assert answer.value.code == -32800
        (at.root / flag).unlink()
        at.editor.until(lambda: at.editor.told("regreen/status")[-1]["state"] == "idle")
        assert at.execute("regreen.cancel") == {"cancelled": 0}
        assert at.execute("regreen.runTests", {"tests": [ADD]})["outcome"] == "red"


def _running(at: Desk, since: int) -> bool:
    told = [one for one in at.editor.messages[since:] if one.get("method") == "regreen/status"]
    return bool(told) and told[-1]["params"]["state"] == "running"


def test_a_cancel_while_the_editor_thinks_about_the_edit_leaves_it_the_last_word(at: Desk) -> None:
    asked: list[dict[str, Any]] = []

    def think(params: dict[str, Any]) -> object:
        asked.append(params)
        return NO_ANSWER

    at.editor.answers["workspace/applyEdit"] = think
    number = at.begin("regreen.fix", {"tests": [ADD]})
    at.editor.until(lambda: bool(asked))
    assert at.execute("regreen.cancel") == {"cancelled": 1}
    edit = next(one for one in at.editor.messages if one.get("method") == "workspace/applyEdit")
    assert at.editor.wait_for("$/cancelRequest") == {"id": edit["id"]}
    at.editor.send({"jsonrpc": "2.0", "id": edit["id"], "result": {"applied": True}})
    assert at.editor.answer(number)["outcome"] == "repaired"


def test_an_edit_that_is_never_answered_after_a_cancel_is_kept(at: Desk) -> None:
    at.editor.answers["workspace/applyEdit"] = lambda _: NO_ANSWER
    number = at.begin("regreen.fix", {"tests": [ADD]})
    at.editor.wait_for("workspace/applyEdit")
    at.execute("regreen.cancel")
    result = at.editor.answer(number)
    assert result["outcome"] == "repaired-not-applied"
    assert "did not answer" in result["message"]


# -- progress


def test_progress_is_shown_on_the_token_of_the_client(at: Desk) -> None:
    at.editor.request("regreen/fix", {"tests": [ADD], "workDoneToken": "mine"})
    assert ends(at, "mine") == ["begin", *["report"] * (len(ends(at, "mine")) - 2), "end"]
    values = [one["value"] for one in at.editor.progress if one["token"] == "mine"]
    assert values[0]["title"] == "Fix with agent"
    assert values[0]["cancellable"] is True
    assert "Reproducing the failure" in [value.get("message") for value in values]
    percentages = [value["percentage"] for value in values[:-1]]
    assert percentages == sorted(percentages)


def test_a_token_may_be_used_again_and_is_forgotten(at: Desk) -> None:
    for _ in range(2):
        at.editor.request("regreen/runTests", {"workDoneToken": 7})
    assert ends(at, 7).count("begin") == ends(at, 7).count("end") == 2


@pytest.mark.parametrize("flag", [".bug", ".wait"])
def test_progress_ends_however_the_job_ends(at: Desk, flag: str) -> None:
    (at.root / flag).touch()
    number = at.editor.ask("regreen/runTests", {"workDoneToken": "mine"})
    at.editor.until(lambda: bool(ends(at, "mine")))
    at.execute("regreen.cancel")
    with pytest.raises(Answer):
        at.editor.answer(number)
    at.editor.until(lambda: ends(at, "mine")[-1] == "end")


def test_a_client_without_progress_is_not_asked_for_it(tmp_path: Path) -> None:
    found = desk(tmp_path, capabilities={})
    with found.editor as editor:
        found.run()
        assert editor.told("window/workDoneProgress/create") == []


def test_a_client_that_declines_progress_gets_none(tmp_path: Path) -> None:
    found = desk(tmp_path)
    with found.editor as editor:
        editor.answers["window/workDoneProgress/create"] = fail
        found.run()
        assert editor.progress == []


# -- one job, errors


def test_a_second_job_on_a_folder_is_refused(at: Desk) -> None:
    (at.root / ".wait").touch()
    running = at.begin("regreen.runTests")
    at.editor.until(lambda: at.editor.told("regreen/status")[-1]["state"] == "running")
    with pytest.raises(Answer, match="is running on this workspace") as refusal:
        at.execute("regreen.fix", {"tests": [ADD]})
    assert refusal.value.details["kind"] == "Busy"
    cancel_by_request(at, running)


def test_a_bug_in_a_job_is_told_and_the_server_goes_on(at: Desk) -> None:
    (at.root / ".bug").touch()
    with pytest.raises(Answer) as bug:
        at.execute("regreen.runTests")
    assert bug.value.code == -32603
    assert "a bug in a job" in bug.value.message
    (at.root / ".bug").unlink()
    assert at.execute("regreen.runTests")["outcome"] == "red"


def test_the_end_of_a_repair_is_told_to_the_person_once(at: Desk) -> None:
    at.choose("Fix with agent", at.calc, 1)
    at.editor.wait_for("window/showMessage")
    assert [one["message"] for one in at.editor.told("window/showMessage")] == ["Green, and applied."]


def test_a_fix_without_tests_takes_the_failure_at_the_position(at: Desk) -> None:
    result = at.execute("regreen.fix", {"uri": at.calc, "position": {"line": 1, "character": 0}, "dryRun": True})
    assert result["tests"] == [ADD]
    within = at.execute("regreen.fix", {"uri": at.tests, "position": {"line": 1, "character": 4}, "dryRun": True})
    assert within["tests"] == [ADD]


def test_an_editor_that_stands_still_during_a_command_is_answered_at_once(tmp_path: Path) -> None:
    found = desk(tmp_path, client="Eglot", capabilities=FULL_CAPABILITIES)
    with found.editor as editor:
        (found.root / ".wait").touch()
        assert found.execute("regreen.runTests") == {"started": True}
        assert found.execute("regreen.cancel") == {"cancelled": 1}
        with pytest.raises(Answer, match="unknown command"):
            found.execute("regreen.brew")
        editor.until(lambda: editor.told("regreen/status")[-1]["state"] == "idle")
        (found.root / ".bug").touch()
        assert found.execute("regreen.runTests") == {"started": True}
        (found.root / ".wait").unlink()
        assert "a bug in a job" in editor.wait_for("window/showMessage")["message"]


def test_a_hover_during_a_repair_shows_the_attempts_so_far(at: Desk) -> None:
    (at.root / ".wait").touch()
    number = at.begin("regreen.fix", {"tests": [ADD]})
    at.editor.wait_for("regreen/status", message="Attempt 1: ✔ green. replaced the operator")
    story = at.hover(at.tests, 0)
    assert "A repair is running." in story
    assert "Attempt 1: ✔ green" in story
    cancel_by_request(at, number)


def test_two_servers_in_one_process_do_not_meet(tmp_path: Path) -> None:
    one, other = Editor.inside(FakeEngine), Editor.inside(FakeEngine)
    with one, other:
        first = Desk(one, tmp_path / "one")
        second = Desk(other, tmp_path / "other")
        first.run()
        assert second.hover(second.tests, 0) == ""
