"""A patch to the editor: moved onto the buffers as they are, sent as one versioned edit, believed when applied.

Runs on a job's thread; what touches documents or the wire hops to the loop thread and back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from regreen.app import Delivered
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, rebase
from regreen.core.errors import Conflict
from regreen.pages import one_line

from . import to_lsp
from .documents import Document
from .folders import Folder
from .host import RegreenServer
from .plain import plain

T = TypeVar("T")
_ANSWER_SECONDS = 300.0
_PREVIEW_SECONDS = 3600.0  # a person is asked, and reads the diff first
_WITHDRAWN_SECONDS = 2.0
_POLL_SECONDS = 0.05
_N_TRIES = 5
KEPT = "The fix is kept; choose “Apply the kept fix” to try again."


@dataclass(frozen=True, slots=True)
class _Sent:
    id: str
    answer: Future[types.ApplyWorkspaceEditResult]


def deliver(
    server: RegreenServer, folder: Folder, cancel: Cancellation, patch: Patch, label: str, *, again: str = KEPT
) -> Delivered:
    """Bring a patch into the person's buffers; `again` tells what to do when it was not applied.

    Raises:
        Cancelled: before the edit was sent. Once it is sent, its answer counts.
    """
    if not server.client.applies_edits:
        return Delivered(False, f"This editor takes no edits from a language server. {again}")
    for _ in range(_N_TRIES):
        cancel.check()
        open_documents = _on_loop(server, cancel, partial(_documents, server, folder, patch.paths))
        try:
            moved = rebase(patch, _texts(folder, patch.paths, open_documents))
        except Conflict as conflict:
            return Delivered(False, str(conflict))
        edit = to_lsp.workspace_edit(folder, moved, open_documents, label, server.client, server.documents.encoding)
        params = types.ApplyWorkspaceEditParams(edit=edit, label=one_line(plain(label)))
        sent = _on_loop(server, cancel, partial(_send, server, folder, cancel, patch.paths, open_documents, params))
        if sent is not None:
            asked = to_lsp.is_previewed(folder.session.settings.preview, len(moved.files))
            return _judge(server, cancel, sent, _PREVIEW_SECONDS if asked else _ANSWER_SECONDS, again)
    return Delivered(False, f"The files kept changing while the edit was being applied. {again}")


def _documents(server: RegreenServer, folder: Folder, paths: tuple[str, ...]) -> dict[str, Document]:
    found = {path: server.documents.at(folder.absolute(path)) for path in paths}
    return {path: document for path, document in found.items() if document is not None}


def _texts(folder: Folder, paths: tuple[str, ...], documents: dict[str, Document]) -> dict[str, str]:
    texts = {path: documents[path].text if path in documents else folder.session.text(path) for path in paths}
    return {path: text for path, text in texts.items() if text is not None}


def _send(
    server: RegreenServer,
    folder: Folder,
    cancel: Cancellation,
    paths: tuple[str, ...],
    expected: dict[str, Document],
    params: types.ApplyWorkspaceEditParams,
) -> _Sent | None:
    """Send the edit, unless it was cancelled or a document has changed since it was made. Loop thread."""
    if cancel.cancelled or _documents(server, folder, paths) != expected:
        return None
    msg_id = server.protocol.next_id()
    return _Sent(msg_id, server.protocol.send_request(types.WORKSPACE_APPLY_EDIT, params, msg_id=msg_id))


def _judge(server: RegreenServer, cancel: Cancellation, sent: _Sent, seconds: float, again: str) -> Delivered:
    try:
        result = _answer(server, cancel, sent, seconds)
    except JsonRpcException as error:
        return Delivered(False, f"The editor refused the edit: {error.message}. {again}")
    if result is None:
        return Delivered(False, f"The editor did not answer the edit. {again}")
    if result.applied:
        return Delivered(True)
    why = f": {result.failure_reason}" if result.failure_reason else ""
    return Delivered(False, f"The editor did not apply the edit{why}. {again}")


def _answer(
    server: RegreenServer, cancel: Cancellation, sent: _Sent, seconds: float
) -> types.ApplyWorkspaceEditResult | None:
    """Wait for the answer. A cancel withdraws the edit, and then whatever the client says of it is the truth."""
    deadline = time.monotonic() + seconds
    withdrawn = False
    while time.monotonic() < deadline:
        try:
            return sent.answer.result(timeout=_POLL_SECONDS)
        except TimeoutError:
            if cancel.cancelled and not withdrawn:
                withdrawn = True
                server.call_soon(server.protocol.withdraw, sent.id)
                deadline = time.monotonic() + _WITHDRAWN_SECONDS
    return None


def _on_loop(server: RegreenServer, cancel: Cancellation, call: Callable[[], T]) -> T:
    """Call a function on the loop thread and wait for what it returns.

    Raises:
        Cancelled: the token was set meanwhile.
    """
    done = threading.Event()
    returned: list[T] = []

    def run() -> None:
        try:
            returned.append(call())
        finally:
            done.set()

    server.call_soon(run)
    while not done.wait(_POLL_SECONDS):
        cancel.check()
    if not returned:
        raise RuntimeError("the loop thread could not prepare the edit; the log says why")
    return returned[0]
