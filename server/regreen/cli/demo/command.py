"""Tells the story of each workspace: red, classified cause, attempts, the diff, green, undo."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regreen.cli.documents import VERSION, dump
from regreen.core.errors import ExitStatus

from .editor import LANGUAGE_IDS, Editor
from .elsewhere import ALL
from .narrator import Narrator
from .stories import Story, lay

_HINT = 4  # the Language Server Protocol's DiagnosticSeverity.Hint


@dataclass(frozen=True, slots=True)
class Told:
    """How a story went: `wrong` is "" when it went as it should."""

    story: str
    code: str
    outcome: str
    diff: str
    seconds: float
    wrong: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--keep", action="store_true", help="leave the workspaces for looking at")
    parser.add_argument("--only", choices=[story.name for story in ALL], help="tell one story")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the story")


def run(options: argparse.Namespace) -> int:
    """Tell the stories and return 0 when each went as it should."""
    narrator = Narrator(sys.stderr if options.json else sys.stdout)
    begun = time.monotonic()
    with _folder(keep=options.keep, narrator=narrator) as folder:
        chosen = [story for story in ALL if options.only in (None, story.name)]
        skipped = {story.name: f"{story.tool} does not run here." for story in chosen if not _can_tell(story)}
        for name, reason in skipped.items():
            narrator.skipped(name, reason)
        told = [_tell(story, folder, narrator) for story in chosen if story.name not in skipped]
    narrator.end(sum(not one.wrong for one in told), len(told), time.monotonic() - begun)
    if options.json:
        rows = [{"story": one.story, "code": one.code, "outcome": one.outcome, "diff": one.diff,
                 "seconds": one.seconds, "wrong": one.wrong} for one in told]  # fmt: skip
        left_out = [{"story": name, "reason": reason} for name, reason in skipped.items()]
        dump({"version": VERSION, "stories": rows, "skipped": left_out})
    return ExitStatus.NOT_REPAIRED if any(one.wrong for one in told) else ExitStatus.DONE


def _can_tell(story: Story) -> bool:
    program = shutil.which(story.tool) if story.tool else sys.executable
    if program is None:
        return False
    asked = [program, "version" if story.tool == "go" else "--version"]
    try:
        return not subprocess.run(asked, capture_output=True, timeout=20, check=False).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def _folder(*, keep: bool, narrator: Narrator) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="regreen-demo-")).resolve()
    try:
        yield folder
    finally:
        if keep:
            narrator.say(f"The workspaces are in {folder}")
        else:
            shutil.rmtree(folder)


def _tell(story: Story, folder: Path, narrator: Narrator) -> Told:
    root = lay(story, folder)
    begun = time.monotonic()
    narrator.chapter(story.name, story.title, root)
    editor = Editor(root, demo_environment(folder), narrator.progress)
    try:
        editor.initialize()
        code, outcome, diff, wrong = (
            _curable(story, editor, narrator) if story.curable else _incurable(editor, narrator)
        )
        status = editor.close()
    finally:
        editor.kill()
    if status != 0:
        wrong = wrong or f"the server ended with status {status}"
    if wrong:
        narrator.wrong(wrong)
    return Told(story.name, code, outcome, diff, round(time.monotonic() - begun, 1), wrong)


def _curable(story: Story, editor: Editor, narrator: Narrator) -> tuple[str, str, str, str]:
    """Walk the whole road in the editor; return (code, outcome, diff, what went wrong)."""
    sources = [path for path, _ in story.files if path.endswith(tuple(LANGUAGE_IDS))]
    for path in sources:
        editor.open(path)
    before = dict(editor.buffers)
    _execute(editor, "regreen.runTests", {})
    editor.until(lambda: _red(editor) is not None, "a red test")
    path, diagnostic = _red(editor) or ("", {})
    narrator.red(path, diagnostic, before[path])
    action = _action(editor, path, diagnostic, "Fix with agent")
    if action is None:
        return diagnostic["code"], "", "", "there was no “Fix with agent” in the light bulb"
    narrator.light_bulb(action["title"])
    result = _execute(editor, action["command"]["command"], *action["command"]["arguments"])
    narrator.attempts(result)
    narrator.diff(result["diff"])
    if not result["applied"]:
        return diagnostic["code"], result["outcome"], result["diff"], result["message"]
    for changed in [path for path in sources if editor.buffers[path] != before[path]]:
        editor.save(changed)
    editor.until(lambda: _red(editor) is None, "green")
    narrator.green()
    narrator.hover(_hover(editor, story))
    return (
        diagnostic["code"],
        result["outcome"],
        result["diff"],
        _undo_and_redo(editor, before, result["runId"], narrator),
    )


def _undo_and_redo(editor: Editor, before: dict[str, str], run_id: str, narrator: Narrator) -> str:
    repaired = dict(editor.buffers)
    _execute(editor, "regreen.undo", {"runId": run_id})
    if editor.buffers != before:
        return "undo did not give back every character"
    _execute(editor, "regreen.undo", {"runId": run_id})
    if editor.buffers != repaired:
        return "a second undo did not bring the fix back"
    narrator.undone()
    return ""


def _incurable(editor: Editor, narrator: Narrator) -> tuple[str, str, str, str]:
    """Show that nothing is edited where no edit can cure it."""
    _execute(editor, "regreen.runTests", {})
    editor.until(lambda: _red(editor) is not None, "a red test")
    path, diagnostic = _red(editor) or ("", {})
    text = (editor.root / path).read_text(encoding="utf-8")
    narrator.red(path, diagnostic, text)
    result = _execute(editor, "regreen.fix", {})
    narrator.attempts(result)
    if result["outcome"] != "not-code" or result["diff"] or text != (editor.root / path).read_text(encoding="utf-8"):
        return diagnostic["code"], result["outcome"], result["diff"], "it should have been left alone"
    narrator.left_alone(result["message"])
    return diagnostic["code"], result["outcome"], "", ""


def _red(editor: Editor) -> tuple[str, dict[str, Any]] | None:
    """Return the first failure that is shown. Hints of changes that no test would notice are none."""
    shown = [(path, item) for path, items in sorted(editor.diagnostics.items()) for item in items]
    found = [(path, item) for path, item in shown if item["severity"] != _HINT]
    return found[0] if found else None


def _action(editor: Editor, path: str, diagnostic: dict[str, Any], title: str) -> dict[str, Any] | None:
    context = {"diagnostics": [diagnostic], "only": ["quickfix"]}
    document = {"uri": editor.uri(path)}
    parameters = {"textDocument": document, "range": diagnostic["range"], "context": context}
    actions = editor.request("textDocument/codeAction", parameters) or []
    return next((action for action in actions if action["title"].startswith(title)), None)


def _hover(editor: Editor, story: Story) -> str:
    path, _, name = story.test.partition("::")
    lines = editor.buffers[path].splitlines()
    definition = story.definition or f"def {name.partition('[')[0]}("
    line = next(n for n, text in enumerate(lines) if definition in text)
    place = {"textDocument": {"uri": editor.uri(path)}, "position": {"line": line, "character": 6}}
    answer = editor.request("textDocument/hover", place)
    return str(answer["contents"]["value"]) if answer else ""


def _execute(editor: Editor, command: str, *values: object) -> Any:
    return editor.request("workspace/executeCommand", {"command": command, "arguments": list(values)})


def demo_environment(folder: Path) -> dict[str, str]:
    """Return our own environment, with this interpreter first and a state folder of its own."""
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    environment["REGREEN_STATE_DIR"] = str(folder / ".state")
    if sys.prefix != sys.base_prefix:
        environment["VIRTUAL_ENV"] = sys.prefix
    return environment
