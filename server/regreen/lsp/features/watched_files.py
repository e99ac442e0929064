"""The editor's own file watching, beside the session's."""

from __future__ import annotations

from lsprotocol import types

from regreen.lsp.host import RegreenServer
from regreen.lsp.uris import to_path

_GLOB = "**/*.{py,pyi,toml,cfg,ini,txt,lock,go,mod,sum,work,rs,js,cjs,mjs,jsx,ts,cts,mts,tsx,json,yaml,yml}"


def register(server: RegreenServer) -> None:
    """Ask the client to watch."""
    if server.client.registers_watchers:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob_pattern=_GLOB)])
        server.client_register_capability(
            types.RegistrationParams(
                [types.Registration("regreen-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]
            )
        )


def did_change(server: RegreenServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Hand the changes to their folders; editors report one change several times."""
    paths: dict[str, set[str]] = {}
    for change in params.changes:
        found = server.folders.find(to_path(change.uri))
        if found is not None:
            folder, path = found
            paths.setdefault(folder.root, set()).add(path)
    for folder in server.folders:
        if folder.root in paths:
            folder.session.files_changed(tuple(sorted(paths[folder.root])))
