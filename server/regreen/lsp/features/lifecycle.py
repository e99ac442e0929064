"""The handshake and the good-bye; also the cancel button of progress displays."""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types

from regreen.app import providers_with_keys
from regreen.lsp.client import Client, encoding_of
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import FIX, FOLLOW_TESTS, OVERVIEW, PREPARE, REPORT, RUN_TESTS, STATUS, TEST_RUN, TESTS

from . import commands, configuration, watched_files, workspace_folders

logger = logging.getLogger(__name__)


def initialize(server: RegreenServer, params: types.InitializeParams) -> None:
    """Learn what the client can do and wants."""
    server.client = Client(params)
    server.trusted = server.client.options.get("trusted") is not False
    server.documents.encoding = encoding_of(server.workspace.position_encoding)
    configuration.take_options(server)
    workspace_folders.remember(server, params)


def complete_capabilities(capabilities: types.ServerCapabilities) -> None:
    """Say what cannot be inferred from the registered features."""
    capabilities.execute_command_provider = types.ExecuteCommandOptions(
        commands=sorted(commands.COMMANDS), work_done_progress=True
    )
    capabilities.experimental = {
        "regreen": {
            "version": 1,
            "requests": sorted((FIX, PREPARE, REPORT, RUN_TESTS)),
            "notifications": sorted((FOLLOW_TESTS, OVERVIEW, STATUS, TESTS, TEST_RUN)),
            "providersWithKeys": list(providers_with_keys()),
        }
    }


def initialized(server: RegreenServer, params: types.InitializedParams) -> None:
    """Register for what the client sends on request only, and open the folders."""
    del params
    configuration.register(server)
    watched_files.register(server)
    server.spawn(workspace_folders.open_remembered(server))


async def shutdown(server: RegreenServer, params: Any) -> None:
    """Cancel everything; answered when it has stopped."""
    del params
    server.protocol.stop()
    await server.close()


def leave(server: RegreenServer, params: Any) -> None:
    """End the process: 0 after a shutdown, 1 without."""
    del params
    server.end(0 if server.protocol.stopped else 1)


def cancel_progress(server: RegreenServer, params: types.WorkDoneProgressCancelParams) -> None:
    """Cancel the job behind a progress display."""
    if not server.tokens.cancel(params.token):
        logger.debug("There is no progress %r to cancel", params.token)
