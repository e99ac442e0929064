"""Settings: from the handshake, from a push, or asked for folder by folder."""

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from regreen.app import Settings
from regreen.core.errors import UsageError
from regreen.lsp.host import RegreenServer

from . import code_lens, diagnostics

SECTION = "regreen"
_ANSWER_SECONDS = 5.0
_OPTIONS = frozenset({"settings", "trusted", "commandsWait"})


def take_options(server: RegreenServer) -> None:
    """Read the settings in the handshake's initializationOptions: under "settings", or at the top."""
    options = server.client.options
    given = options.get("settings", {key: value for key, value in options.items() if key not in _OPTIONS})
    server.settings = _read(server, given, server.settings)


def register(server: RegreenServer) -> None:
    """Ask to be told about changes."""
    if server.client.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        server.client_register_capability(
            types.RegistrationParams(
                [types.Registration("regreen-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options)]
            )
        )


async def did_change(server: RegreenServer, params: types.DidChangeConfigurationParams) -> None:
    """Take other settings."""
    if isinstance(params.settings, dict) and not server.client.configuration:
        server.settings = _read(server, params.settings.get(SECTION, params.settings), server.settings)
    for folder in server.folders:
        folder.session.settings = await settings_for(server, folder.uri)
        diagnostics.publish_anew(server, folder)
    code_lens.refresh(server)


async def settings_for(server: RegreenServer, uri: str) -> Settings:
    """Return the settings of a folder."""
    if not server.client.configuration:
        return server.settings
    item = types.ConfigurationItem(scope_uri=uri, section=SECTION)
    asking = server.protocol.send_request_async(types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items=[item]))
    try:
        answer = await asyncio.wait_for(asking, _ANSWER_SECONDS)
    except (JsonRpcException, TimeoutError):
        return server.settings
    given = answer[0] if isinstance(answer, list | tuple) and answer else None
    return server.settings if given is None else _read(server, given, server.settings)


def _read(server: RegreenServer, given: Any, otherwise: Settings) -> Settings:
    if not isinstance(given, dict):
        return otherwise
    try:
        return Settings.from_editor({key: value for key, value in given.items() if value is not None})
    except UsageError as error:
        server.show_once(types.MessageType.Error, str(error))
        return otherwise
