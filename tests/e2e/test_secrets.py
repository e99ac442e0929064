"""Secrets of every kind stand in the source, and a failing test prints them: none leaves by any way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.editor import FULL_CAPABILITIES, SERVE, Editor
from tests.support.model_desk import Desk, provider, saying
from tests.support.model_server import serving
from tests.support.secret_lines import LINES
from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
KEY = "key-for-tests-12345"  # what the provider is asked with
PASSWORD = "hunter-42-Kx9"  # what a variable of the environment holds
NOTES = "\n".join(line for line, _ in LINES.values() if "mellon" not in line) + f"\n{KEY} {PASSWORD}"
KEEPING = {**FULL_CAPABILITIES, "experimental": {"regreen": {"status": True, "secrets": True}}}
SECRETS = tuple(secret for kind, (_, secret) in LINES.items() if kind != "known")
WRONG = {"hypothesis": f"Use {PASSWORD}.", "edits": [{"path": "notes.py", "search": "nowhere", "replace": KEY}]}
RIGHT = {
    "hypothesis": f"The sign is wrong, not {PASSWORD}.",
    "edits": [{"path": "notes.py", "search": "    return a - b", "replace": "    return a + b"}],
    "notes": [f"It said {KEY}."],
}
VAULT = f"NOTES = {NOTES!r}\nPASSWORD = {PASSWORD!r}\n\n\ndef add(a, b):\n    return a - b\n"
TEST = "from notes import NOTES, add\n\n\ndef test_add():\n    print(NOTES)\n    assert add(1, 2) == 3, NOTES\n"


def leaks(*texts: str) -> list[str]:
    """Return which secrets stand in some texts."""
    # A known value that is part of a mark of another secret is none.
    return [secret for secret in (*SECRETS, KEY, PASSWORD) if any(secret in text for text in texts)]


@pytest.fixture
def desk(tmp_path: Path, plain_venv: Path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    root = lay(tmp_path / "work", f"-- notes.py --\n{VAULT}-- test_notes.py --\n{TEST}")
    return Desk(Shell(home, plain_venv), root, more={"DB_PASSWORD": PASSWORD})


def test_a_repair_in_the_shell_sends_shows_and_records_no_secret(desk: Desk) -> None:
    with serving(saying(json.dumps(WRONG)), saying(json.dumps(RIGHT))) as server:
        desk.configure(provider(server))
        fixed = desk.fix("--provider", "one")
        sent = [asked.body.decode() for asked in server.asked]
    assert [attempt["verdict"] for attempt in fixed.document["attempts"]] == ["refused", "green"], fixed.err
    assert leaks(*sent) == []
    assert leaks(fixed.out, fixed.err) == []
    assert (desk.root / "notes.py").read_text() == VAULT.replace("a - b", "a + b")
    page = desk.shell.home / "page.html"
    for said in (
        desk.run("show", "", str(desk.root), "--html", str(page)),
        desk.run("show", "", str(desk.root), "--json"),
        desk.run("history", str(desk.root), "--json"),
        desk.run("stats", str(desk.root)),
        desk.run("doctor", str(desk.root)),
    ):
        assert leaks(said.out, said.err) == []
    assert leaks(page.read_text()) == []
    kept = {file: file.read_bytes().decode("utf-8", "replace") for file in _files(desk.shell.home / "state")}
    assert {file.name: found for file, text in kept.items() if (found := leaks(text))} == {}
    assert any(file.suffix == ".jsonl" for file in kept)
    undone = desk.run("undo", "", str(desk.root))
    assert (undone.status, (desk.root / "notes.py").read_text()) == (0, VAULT), undone.err
    assert leaks(undone.out, undone.err) == []


def test_a_run_and_a_saved_log_show_no_secret(desk: Desk) -> None:
    plain, written = desk.run("test", str(desk.root)), desk.run("test", str(desk.root), "--json")
    assert (plain.status, written.status) == (1, 1)
    log = desk.shell.home / "saved.log"
    log.write_text(
        f"=== FAILURES ===\n___ test_add ___\nE   AssertionError: {NOTES}\ntest_notes.py:6: AssertionError\n"
    )
    saved = desk.run("classify", str(log), "--runner", "pytest", "--root", str(desk.root), "--json")
    for said in (plain, written, saved):
        assert leaks(said.out, said.err) == []


@pytest.fixture
def editor(desk: Desk) -> Iterator[Editor]:
    with Editor.start(*SERVE, env=dict(desk.environment)) as editor:
        yield editor


def test_an_editor_is_told_no_secret_and_gets_the_exact_edit(desk: Desk, editor: Editor) -> None:
    with serving(saying(json.dumps(WRONG)), saying(json.dumps(RIGHT))) as server:
        desk.configure(provider(server).replace('env = "MODEL_KEY"', "editor = true"))
        editor.answers["regreen/secret"] = lambda params: {"value": "kept-by-the-editor-77"}
        editor.initialize(desk.root, options={"provider": "one"}, capabilities=KEEPING)
        vault, test = editor.open(desk.root / "notes.py"), editor.open(desk.root / "test_notes.py")
        editor.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": []}, 60)
        editor.until(lambda: any(editor.diagnostics.values()), 30)
        fix = {"uri": test, "tests": [{"project": ".", "name": "test_notes.py::test_add"}]}
        fixed = editor.request("workspace/executeCommand", {"command": "regreen.fix", "arguments": [fix]}, 120)
        assert fixed["outcome"] == "repaired", fixed["message"]
    place = {"textDocument": {"uri": test}, "position": {"line": 3, "character": 4}}
    hover = editor.request("textDocument/hover", place)
    assert "Spent: 1 call, 900 tokens sent, 120 received" in hover["contents"]["value"]
    editor.request("workspace/executeCommand", {"command": "regreen.showReport", "arguments": [{"uri": test}]})
    assert editor.buffers[vault] == VAULT.replace("a - b", "a + b")
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer kept-by-the-editor-77"}
    told = [json.dumps(message, ensure_ascii=False) for message in editor.messages]
    assert leaks(*told, b"".join(editor.stderr).decode()) == []
    assert not any("kept-by-the-editor" in each for each in told)
    assert leaks(*(asked.body.decode() for asked in server.asked)) == []


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]
