"""What the client at the other end can do, asked by name instead of by path through its capabilities."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from regreen.core.text import PositionEncoding

_EMACS = ("emacs", "eglot")


class Client:
    """The client's capabilities. Everything not said is not there."""

    def __init__(self, params: types.InitializeParams) -> None:
        self._capabilities = params.capabilities
        options = params.initialization_options
        self.options: dict[str, Any] = options if isinstance(options, dict) else {}
        self.name = params.client_info.name if params.client_info else ""
        experimental = params.capabilities.experimental
        own = experimental.get("regreen") if isinstance(experimental, dict) else None
        self._own: dict[str, Any] = own if isinstance(own, dict) else {}

    def _has(self, field: str) -> bool:
        return bool(get_capability(self._capabilities, field, False))

    @property
    def waits_for_commands(self) -> bool:
        """Tell whether a command is answered at its end; Emacs stands still until the answer, so there at once."""
        chosen = self.options.get("commandsWait")
        return chosen if isinstance(chosen, bool) else not self.name.lower().startswith(_EMACS)

    @property
    def markdown_hover(self) -> bool:
        """Tell whether hovers may be Markdown."""
        formats = get_capability(self._capabilities, "text_document.hover.content_format", None) or ()
        return types.MarkupKind.Markdown in formats

    @property
    def applies_edits(self) -> bool:
        """Tell whether workspace/applyEdit is answered."""
        return self._has("workspace.apply_edit")

    @property
    def document_changes(self) -> bool:
        """Tell whether edits may be versioned."""
        return self._has("workspace.workspace_edit.document_changes")

    @property
    def change_annotations(self) -> bool:
        """Tell whether edits may carry annotations."""
        support = get_capability(self._capabilities, "workspace.workspace_edit.change_annotation_support", None)
        return support is not None

    @property
    def work_done_progress(self) -> bool:
        """Tell whether the server may start a progress display."""
        return self._has("window.work_done_progress")

    @property
    def configuration(self) -> bool:
        """Tell whether settings can be asked for."""
        return self._has("workspace.configuration")

    @property
    def registers_configuration(self) -> bool:
        """Tell whether didChangeConfiguration is sent on registration."""
        return self._has("workspace.did_change_configuration.dynamic_registration")

    @property
    def registers_watchers(self) -> bool:
        """Tell whether file watchers can be registered."""
        return self._has("workspace.did_change_watched_files.dynamic_registration")

    @property
    def action_literals(self) -> bool:
        """Tell whether code actions may be more than commands."""
        return get_capability(self._capabilities, "text_document.code_action.code_action_literal_support") is not None

    @property
    def disabled_actions(self) -> bool:
        """Tell whether a code action may be shown as disabled, with a reason."""
        return self._has("text_document.code_action.disabled_support")

    @property
    def lens_refresh(self) -> bool:
        """Tell whether code lenses can be asked to come again."""
        return self._has("workspace.code_lens.refresh_support")

    @property
    def shows_documents(self) -> bool:
        """Tell whether a document can be shown to the person."""
        return self._has("window.show_document.support")

    @property
    def shows_reports(self) -> bool:
        """Tell whether the client shows the result of regreen.showReport itself."""
        return self._own.get("reports") is True

    @property
    def takes_overview(self) -> bool:
        """Tell whether the client wants regreen/overview; then nothing that nobody asked for is a message."""
        return self._own.get("overview") is True

    @property
    def tells_endings(self) -> bool:
        """Tell whether the client itself tells how a fix, an undo or a preparation ended, with the actions offered."""
        return self._own.get("endings") is True

    @property
    def command_links(self) -> bool:
        """Tell whether links to our commands work in Markdown."""
        return self._own.get("commandLinks") is True

    @property
    def keeps_secrets(self) -> bool:
        """Tell whether the client answers regreen/secret."""
        return self._own.get("secrets") is True

    @property
    def takes_status(self) -> bool:
        """Tell whether the client wants regreen/status."""
        return self._own.get("status") is True


def no_client() -> Client:
    """Return the facts before the handshake: nothing is known."""
    return Client(types.InitializeParams(capabilities=types.ClientCapabilities()))


def encoding_of(name: str | None) -> PositionEncoding:
    """Return the encoding that was negotiated."""
    return PositionEncoding(name) if name else PositionEncoding.UTF16
