"""A model repairs from the editor: asked about first, told while it answers, and proved like every other fix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.editor import SERVE, Editor
from tests.support.model_desk import Desk, provider, saying
from tests.support.model_server import Answer, serving
from tests.support.shell import Shell, tree
from tests.support.site import SITE
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
FIX = {
    "hypothesis": "The comparison is the wrong way round.",
    "edits": [{"path": "auth/token.py", "search": "    return now < end", "replace": "    return end <= now"}],
    "notes": [],
}
TEST = {"project": ".", "name": "tests/test_token.py::test_it_expires_at_its_end"}


def slowly(answer: Answer) -> Answer:
    """Return the same stream, with a pause after each part that is longer than the time between two words on it."""
    return Answer(answer.status, [part for chunk in answer.chunks for part in (chunk, 0.6)], answer.headers)


def test_what_touches_authentication_is_a_question_with_buttons_and_the_answer_lets_a_model_repair_it(
    tmp_path: Path, plain_venv: Path
) -> None:
    home, root = tmp_path / "home", lay(tmp_path / "site", SITE)
    home.mkdir()
    desk = Desk(Shell(home, plain_venv), root)
    with (
        serving(slowly(saying(json.dumps(FIX)))) as server,
        Editor.start(*SERVE, env=dict(desk.environment)) as editor,
    ):
        desk.configure(provider(server))
        editor.initialize(root, options={"provider": "one"})
        token = editor.open(root / "auth" / "token.py")
        test = editor.open(root / "tests" / "test_token.py")
        editor.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": []}, 60)
        before = tree(root)
        fix = {"command": "regreen.fix", "arguments": [{"uri": test, "tests": [TEST]}]}
        asked = editor.request("workspace/executeCommand", fix, 120)
        assert (asked["outcome"], asked["applied"]) == ("refused", False)
        assert "This repair would touch authentication (auth/token.py:1). Go on?" in asked["message"]
        titles = [action["title"] for action in asked["actions"]]
        assert titles == ["Go On for This Run", "Show Report"]
        assert (server.asked, tree(root), editor.told("workspace/applyEdit")) == ([], before, [])

        go_on = asked["actions"][0]
        done = editor.request(
            "workspace/executeCommand", {"command": go_on["command"], "arguments": go_on["arguments"]}, 120
        )
        assert (done["outcome"], done["applied"]) == ("repaired", True), done
        assert editor.buffers[token] == "def is_expired(now, end):\n    return end <= now\n"
        assert (len(server.asked), tree(root)) == (1, before)
        told = [each["value"].get("message", "") for each in editor.progress]
        assert any("Asking one (m)" in message for message in told)
        assert any("one answers: " in message and "characters" in message for message in told)
        assert editor.shut_down() == 0
