"""What a job does, told as it goes on: steps in its progress display, the rest in the log or in a message."""

from __future__ import annotations

from lsprotocol import types

from regreen.core.events import AttemptEnded, Event, JobEnded, JobStarted, Notice, Step, TestEnded
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.plain import plain
from regreen.lsp.timeline import VERDICTS

_LEVELS = {"error": types.MessageType.Error, "warning": types.MessageType.Warning, "info": types.MessageType.Info}
_TEST_SECONDS = 0.2


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Tell one event."""
    match event:
        case JobStarted():
            folder.n_ended, folder.told_at, folder.step = 0, 0.0, ""
        case Step(message=message, percentage=percentage):
            _step(folder, message, percentage)
        case AttemptEnded(attempt=attempt):
            _step(folder, f"Attempt {attempt.n}: {VERDICTS[attempt.verdict]}. {attempt.hypothesis}")
        case TestEnded():
            _count(server, folder)
        case Notice(level=level, message=message):
            if level == "info":
                server.log(types.MessageType.Info, message)
            else:
                server.trouble(folder, _LEVELS.get(level, types.MessageType.Info), message)
        case JobEnded(error=error) if error:
            server.log(types.MessageType.Error, error)
        case _:
            pass


def _step(folder: Folder, message: str, percentage: int | None = None) -> None:
    folder.step = plain(message)
    if folder.display is not None:
        folder.display.report(message, percentage)


def _count(server: RegreenServer, folder: Folder) -> None:
    folder.n_ended += 1
    now = server.loop.time()
    if folder.told_at + _TEST_SECONDS <= now:
        folder.told_at = now
        tests = "test" if folder.n_ended == 1 else "tests"
        _step(folder, f"{folder.n_ended} {tests} done, {len(folder.session.board.failures)} red")
