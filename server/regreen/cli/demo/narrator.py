"""The demo's voice on a terminal."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any, TextIO

_RED, _GREEN, _BLUE, _GREY, _BOLD, _PLAIN = "31", "32", "36", "90", "1", "0"
_HOVER_LINES = 8


class Narrator:
    """Prints the story; in colour on a terminal, unless NO_COLOR is set."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colour = stream.isatty() and "NO_COLOR" not in os.environ
        self._last_progress = ""

    def say(self, text: str = "", *, colour: str = _PLAIN, indent: int = 0) -> None:
        """Print a text, indented."""
        for line in text.split("\n"):
            shown = " " * indent + line if line else ""
            self._stream.write(f"\033[{colour}m{shown}\033[0m\n" if self._colour and shown else f"{shown}\n")
        self._stream.flush()

    def chapter(self, name: str, title: str, root: Path) -> None:
        """Open a story."""
        self.say()
        self.say(f"━━ {name}: {title} ━━", colour=_BOLD)
        self.say(str(root), colour=_GREY)

    def skipped(self, name: str, reason: str) -> None:
        """Say why a story is not told."""
        self.say()
        self.say(f"━━ {name} is not told: {reason} ━━", colour=_GREY)

    def red(self, path: str, diagnostic: dict[str, Any], text: str) -> None:
        """Show a diagnostic under its line."""
        start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
        line = text.splitlines()[start["line"]]
        width = max(1, (end["character"] if end["line"] == start["line"] else len(line)) - start["character"])
        self.say(f"✗ RED  {path}:{start['line'] + 1}", colour=_RED)
        self.say(line, indent=4)
        self.say(" " * start["character"] + "^" * width, indent=4, colour=_RED)
        self.say(f"{diagnostic['code']}  {diagnostic['message']}", indent=4, colour=_RED)

    def light_bulb(self, title: str) -> None:
        """Say what was chosen."""
        self.say(f"▸ {title}", colour=_BLUE)

    def progress(self, message: str) -> None:
        """Show a step of a running job."""
        if message not in ("", "Done", "Cancelled", self._last_progress):
            self._last_progress = message
            self.say(f"· {message}", indent=3, colour=_GREY)

    def attempts(self, result: dict[str, Any]) -> None:
        """Show the attempts of a repair."""
        for attempt in result["attempts"]:
            mark, colour = ("✓", _GREEN) if attempt["verdict"] == "green" else ("✗", _RED)
            head = f"{mark} attempt {attempt['n']} ({attempt['provider']}, {attempt['seconds']:.1f} s)"
            self.say(f"{head}: {attempt['hypothesis'] or attempt['verdict']}", colour=colour)
            self.say(textwrap.fill(attempt["reason"], 96), indent=4)

    def diff(self, diff: str) -> None:
        """Show a unified diff."""
        for line in diff.splitlines():
            headline = line.startswith(("---", "+++", "@@"))
            colour = _GREY if headline else {"+": _GREEN, "-": _RED}.get(line[:1], _PLAIN)
            self.say(line, indent=4, colour=colour)

    def green(self) -> None:
        """Say that the diagnostics are gone after saving."""
        self.say("✓ GREEN after saving: the tests ran again, and the diagnostic is gone", colour=_GREEN)

    def hover(self, text: str) -> None:
        """Show the beginning of the hover over the test."""
        self.say("Hover over the test:", colour=_BLUE)
        lines = [line for line in text.splitlines() if line.strip()]
        self.say("\n".join(lines[:_HOVER_LINES] + (["…"] if _HOVER_LINES < len(lines) else [])), indent=4)

    def undone(self) -> None:
        """Say that undo and redo worked."""
        self.say("↶ Undo gave back every character; undoing the undo brought the fix back", colour=_BLUE)

    def left_alone(self, reason: str) -> None:
        """Say why nothing was edited."""
        self.say("✓ Nothing was edited", colour=_GREEN)
        self.say(textwrap.fill(reason, 96), indent=4)

    def wrong(self, what: str) -> None:
        """Say what did not go as it should."""
        self.say(f"!! {what}", colour=_RED)

    def end(self, n_well: int, n_all: int, seconds: float) -> None:
        """Close the demo."""
        self.say()
        self.say(f"{n_well} of {n_all} stories went as they should, in {seconds:.0f} s.", colour=_BOLD)
