"""Buffers: what the editor shows is the truth, saved or not."""

from __future__ import annotations

import logging

from lsprotocol import types

from regreen.lsp.host import RegreenServer

from .workspace_folders import tell_if_homeless

logger = logging.getLogger(__name__)


def did_open(server: RegreenServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take a buffer."""
    document = server.documents.open(params.text_document)
    found = server.folders.find(document.path)
    if found is None:
        tell_if_homeless(server, document.uri)
        return
    folder, path = found
    folder.session.buffer_opened(path, document.text)


def did_change(server: RegreenServer, params: types.DidChangeTextDocumentParams) -> None:
    """Take a buffer's next text."""
    document = server.documents.change(params)
    if document is None:
        logger.warning("Ignored a change of %s, which is not open", params.text_document.uri)
        return
    found = server.folders.find(document.path)
    if found is not None:
        folder, path = found
        folder.session.buffer_changed(path, document.text)


def did_close(server: RegreenServer, params: types.DidCloseTextDocumentParams) -> None:
    """Go back to the file on disk."""
    document = server.documents.close(params.text_document.uri)
    found = None if document is None else server.folders.find(document.path)
    if found is not None:
        folder, path = found
        folder.session.buffer_closed(path)
