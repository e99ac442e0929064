"""One place in the editor says how the server is, and nothing pops up unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.events import Indexing, Notice
from regreen.lsp.overview import FolderState, overview
from tests.support.editor import FULL_CAPABILITIES
from tests.support.vscode import Window

IDLE = FolderState("file:///w/calc", "calc", True, None, 2, "", "", 0, 0, (), (), "", False, False, False)
RUNNING = replace(IDLE, job="Fix with agent", step="Attempt 1")
RED = replace(IDLE, n_red=2, n_passed=3, red_files=("file:///w/calc/a.py",))


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    found = Window(tmp_path)
    with found.editor:
        yield found


def check_text(expected: str, *folders: FolderState, trusted: bool = True, ready: bool = True) -> None:
    assert overview(folders, trusted=trusted, ready=ready).text == expected


def test_the_text_says_what_matters_most() -> None:
    check_text("$(check) Regreen", replace(IDLE, n_passed=1))
    check_text("$(error) Regreen: 4 red", RED, RED)
    check_text("$(sync~spin) Regreen: Fix with agent", RED, RUNNING)
    check_text("$(sync~spin) Regreen: indexing 256 of 4000", RED, replace(IDLE, indexing=(256, 4000)))
    check_text("$(sync~spin) Regreen: indexing", replace(IDLE, known=False))
    check_text("$(sync~spin) Regreen: indexing", ready=False)
    check_text("$(warning) Regreen", replace(IDLE, problem="No pytest."))
    check_text("$(shield) Regreen", IDLE, trusted=False)
    check_text("$(check) Regreen")


def check_tooltip(expected: str, *folders: FolderState, trusted: bool = True) -> None:
    assert overview(folders, trusted=trusted, ready=True).tooltip == expected


def test_the_tooltip_says_the_rest() -> None:
    check_tooltip("Ready: 2 files indexed, no test was run yet.", IDLE)
    check_tooltip("Fix with agent. Attempt 1", RUNNING)
    check_tooltip("Indexing: 1 of 9 files are read.", replace(IDLE, indexing=(1, 9)))
    check_tooltip("calc: Indexing.\n\ncalc: Ready: 2 files indexed, 2 red, 3 passed.", replace(IDLE, known=False), RED)
    check_tooltip(
        "Ready: 2 files indexed, no test was run yet.\n\nRepairs so far: 1 proved.",
        replace(IDLE, figures="Repairs so far: 1 proved."),
    )
    check_tooltip("No folder is open. Open the one that holds your code and its tests.")
    walls = replace(
        IDLE, protection=("a private copy", "No overlay \\*here\\*.".replace("\\", "")), problem="No pytest."
    )
    check_tooltip(
        "Ready: 2 files indexed, no test was run yet.\n\nNo pytest.\n\nRepairs work in a private copy.\n\n"
        "No overlay \\*here\\*.",
        walls,
    )
    assert "not trusted" in overview([IDLE], trusted=False, ready=True).tooltip


def check_menu(expected: list[str], *folders: FolderState, trusted: bool = True) -> None:
    found = overview(folders, trusted=trusted, ready=True).menu
    assert [(action.command, action.title.partition(") ")[2]) for action in found] == [
        tuple(line.split(" ", 1)) for line in expected
    ]


def test_the_menu_offers_what_can_be_done_now() -> None:
    check_menu(["regreen.runTests Run all tests"], IDLE)
    check_menu(["regreen.cancel Cancel “Fix with agent”"], RUNNING)
    check_menu([], RED, trusted=False)
    every = replace(RED, reports=True, undoable=True, lacks_environment=True)
    check_menu(
        [
            "regreen.fix Fix the first red test",
            "regreen.runTests Run all tests",
            "regreen.prepare Prepare the environment",
            "regreen.showReport Show the last repair",
            "regreen.undo Undo the agent's last fix",
        ],
        every,
    )
    check_menu(["regreen.runTests Run all tests in calc", "regreen.runTests Run all tests in calc"], IDLE, IDLE)


def test_a_red_run_and_a_repair_are_told(window: Window) -> None:
    window.overview(text="$(check) Regreen", busy=False)
    window.at.run()
    red = window.overview(text="$(error) Regreen: 2 red", busy=False)
    assert red["red"] == [window.at.calc, window.at.tests]
    assert (red["reports"], red["undoable"]) == (False, False)
    window.at.choose("Fix with agent", window.at.calc, 1)
    window.overview(reports=True, undoable=True)


def test_a_running_job_is_told(window: Window) -> None:
    (window.at.root / ".wait").touch()
    window.at.begin("regreen.runTests")
    busy = window.overview(busy=True)
    assert busy["menu"][0]["arguments"] == [{"uri": window.at.root.as_uri()}]
    window.at.execute("regreen.cancel")


def test_a_long_index_is_shown_as_progress_and_in_the_overview(window: Window) -> None:
    window.overview()
    tell = window.engines[0]._emit_on
    tell(Indexing(0, 4000))
    tell(Indexing(2000, 4000))
    window.overview(text="$(sync~spin) Regreen: indexing 2000 of 4000")
    tell(Indexing(4000, 4000))
    window.overview(text="$(check) Regreen", menu=window.told_last("regreen/overview")["menu"])
    window.editor.until(lambda: bool(window.editor.progress) and window.editor.progress[-1]["value"]["kind"] == "end")
    values = [one["value"] for one in window.editor.progress]
    assert (values[0]["title"], values[0]["cancellable"]) == ("Indexing", False)


def test_what_goes_wrong_unasked_is_a_status_and_no_message(window: Window) -> None:
    window.overview()
    window.engines[0]._emit_on(Notice("warning", "Somebody else works here."))
    told = window.overview(text="$(warning) Regreen")
    assert "Somebody else works here." in told["tooltip"]
    (window.at.root / ".bug").touch()
    assert window.editor.told("window/showMessage") == []


def test_a_plain_client_gets_it_as_a_message(tmp_path: Path) -> None:
    window = Window(tmp_path, capabilities=FULL_CAPABILITIES)
    with window.editor as editor:
        window.at.run()
        window.engines[0]._emit_on(Notice("warning", "Somebody else works here."))
        assert editor.wait_for("window/showMessage")["message"] == "Somebody else works here."
        assert editor.told("regreen/overview") == []


def test_an_untrusted_workspace_is_told(tmp_path: Path) -> None:
    window = Window(tmp_path, options={"trusted": False})
    with window.editor:
        assert "not trusted" in window.overview(text="$(shield) Regreen")["tooltip"]
