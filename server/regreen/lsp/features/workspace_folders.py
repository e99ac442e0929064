"""Workspace folders: from the handshake, and as they come and go."""

from __future__ import annotations

from pathlib import Path, PurePath

from lsprotocol import types

from regreen.core.errors import RegreenError
from regreen.core.events import Event, Notice
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.uris import to_path, to_uri

from . import code_lens, configuration, diagnostics, explorer, overview


def remember(server: RegreenServer, params: types.InitializeParams) -> None:
    """Note the folders of the handshake: workspace folders, else the root."""
    folders = [folder.uri for folder in params.workspace_folders or ()]
    if not folders and params.root_uri:
        folders = [params.root_uri]
    if not folders and params.root_path and PurePath(params.root_path).is_absolute():
        folders = [to_uri(params.root_path)]
    server.first_folders = tuple(folders)


async def open_remembered(server: RegreenServer) -> None:
    """Open the folders of the handshake."""
    try:
        for uri in server.first_folders:
            await open_folder(server, uri)
    finally:
        server.opened()
    overview.tell_soon(server)
    code_lens.refresh(server)
    for document in server.documents:
        tell_if_homeless(server, document.uri)


def did_change(server: RegreenServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Open the folders that came and close the ones that went."""
    for gone in params.event.removed:
        path = to_path(gone.uri)
        folder = server.folders.remove(path) if path else None
        if folder is not None:
            server.spawn(_close(server, folder))
    for come in params.event.added:
        server.spawn(open_folder(server, come.uri))


async def open_folder(server: RegreenServer, uri: str) -> None:
    """Start a session on a folder and tell it the buffers that are open in it."""
    root = to_path(uri)
    if root is None or server.folders.has(root):
        return
    with server.opening():
        await _open(server, uri, root)


async def _open(server: RegreenServer, uri: str, root: str) -> None:
    if not await server.in_background(Path(root).is_dir):
        server.show(types.MessageType.Error, f"There is no folder at {root}. Open one that exists.")
        return
    holder: list[Folder] = []
    early: list[Event] = []  # what a session tells while it starts, such as what it recovered

    def emit(event: Event) -> None:
        if holder:
            server.take_event(holder[0], event)
        elif isinstance(event, Notice):
            early.append(event)

    settings = await configuration.settings_for(server, uri)
    try:
        session = await server.in_background(server.make_engine, root, settings, emit)
        if not server.trusted:
            session.distrust()
        await server.in_background(session.start)
    except RegreenError as error:
        server.show(types.MessageType.Error, str(error))
        return
    folder = Folder(root, uri, session)
    holder.append(folder)
    server.folders.add(folder)
    for event in early:
        server.take_event(folder, event)
    for document in server.documents:
        found = server.folders.find(document.path)
        if found is not None and found[0] is folder:
            session.buffer_opened(found[1], document.text)
    explorer.send_soon(server, folder)
    overview.tell_soon(server)
    for problem in session.model.problems:
        server.log(types.MessageType.Warning, problem)


def tell_if_homeless(server: RegreenServer, uri: str) -> None:
    """Say why nothing happens in a file that is in no folder: aloud when no folder is open at all."""
    path = to_path(uri)
    if not server.ready or path is None or server.folders.find(path) is not None:
        return
    message = f"{path} is outside of every open folder, so its tests are not run. Open the folder that holds it."
    if len(server.folders) or server.client.takes_overview:
        server.log(types.MessageType.Info, message)
    else:
        server.show_once(types.MessageType.Warning, message)


async def _close(server: RegreenServer, folder: Folder) -> None:
    folder.closed = True
    server.jobs.cancel(folder.root)
    diagnostics.clear(server, folder)
    explorer.clear(server, folder)
    overview.tell_soon(server)
    if folder.index_display is not None:
        folder.index_display.end("Done")
    await server.in_background(folder.session.close)
