"""The table of features: which method is whose. Open this first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from lsprotocol import types

from regreen.app import open_session

from .engine import MakeEngine
from .features import (
    code_action,
    code_lens,
    commands,
    configuration,
    diagnostics,
    explorer,
    hover,
    lifecycle,
    notices,
    overview,
    preparing,
    run_on_save,
    status,
    text_sync,
    watched_files,
    workspace_folders,
)
from .host import Listener, RegreenServer
from .protocol import FOLLOW_TESTS
from .secrets import ask_secret

Handler = Callable[[RegreenServer, Any], Any]

FEATURES: tuple[tuple[str, Handler, Any], ...] = (
    (types.INITIALIZE, lifecycle.initialize, None),
    (types.INITIALIZED, lifecycle.initialized, None),
    (types.SHUTDOWN, lifecycle.shutdown, None),
    (types.EXIT, lifecycle.leave, None),
    (types.WINDOW_WORK_DONE_PROGRESS_CANCEL, lifecycle.cancel_progress, None),
    (types.TEXT_DOCUMENT_DID_OPEN, text_sync.did_open, None),
    (types.TEXT_DOCUMENT_DID_CHANGE, text_sync.did_change, None),
    (types.TEXT_DOCUMENT_DID_CLOSE, text_sync.did_close, None),
    (types.TEXT_DOCUMENT_DID_SAVE, run_on_save.did_save, types.SaveOptions(include_text=False)),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, workspace_folders.did_change, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, configuration.did_change, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watched_files.did_change, None),
    (types.WORKSPACE_EXECUTE_COMMAND, commands.execute_command, None),
    (
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_action.code_action,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    ),
    (types.TEXT_DOCUMENT_CODE_LENS, code_lens.code_lens, None),
    (types.TEXT_DOCUMENT_HOVER, hover.hover, None),
    (FOLLOW_TESTS, explorer.follow, None),
    *((method, partial(commands.answer_request, method), None) for method in sorted(commands.REQUESTS)),
)
LISTENERS: tuple[Listener, ...] = (
    notices.on_event,
    preparing.on_event,
    diagnostics.on_event,
    code_lens.on_event,
    run_on_save.on_event,
    status.on_event,
    overview.on_event,
    explorer.on_event,
)


def create_server(make_engine: MakeEngine = open_session) -> RegreenServer:
    """Return a server with every feature, not yet attached to a client."""
    server = RegreenServer(make_engine)
    if make_engine is open_session:  # The real engine asks the client for keys.
        server.make_engine = partial(open_session, ask_secret=partial(ask_secret, server), secrets=server.secrets)
    server.listeners = LISTENERS
    server.protocol.complete = lifecycle.complete_capabilities
    server.protocol.clean = server.secrets.clean
    for method, handler, options in FEATURES:
        server.feature(method, options)(partial(handler, server))
    return server
