"""The VS Code client's capabilities, and the fake sessions that stand behind its server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regreen.app import Settings
from regreen.core.events import Emit
from tests.support.calc import Desk
from tests.support.editor import FULL_CAPABILITIES, Editor
from tests.support.engine import FakeEngine

OWN = {"reports": True, "overview": True, "endings": True, "commandLinks": True, "secrets": True}
CAPABILITIES = {**FULL_CAPABILITIES, "experimental": {"regreen": {**OWN, "status": True}}}


class Window:
    """A window of VS Code on the calc workspace, with one known project."""

    def __init__(self, root: Path, **handshake: Any) -> None:
        self.engines: list[FakeEngine] = []
        (root / ".steps").touch()
        self.at = Desk(Editor.inside(self._make), root, **{"capabilities": CAPABILITIES, **handshake})
        self.editor = self.at.editor

    def _make(self, root: str, settings: Settings, emit: Emit) -> FakeEngine:
        self.engines.append(FakeEngine(root, settings, emit))
        return self.engines[-1]

    def overview(self, **wanted: object) -> dict[str, Any]:
        """Wait for an overview with these fields."""
        return self.editor.wait_for("regreen/overview", **wanted)

    def told_last(self, method: str) -> dict[str, Any]:
        """Return the last message with this method."""
        return self.editor.told(method)[-1]
