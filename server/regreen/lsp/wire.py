"""The protocol, hardened: pygls' machinery with its known weaknesses closed.

What is different from the base class, each with a test in tests/unit/lsp/test_wire.py or tests/e2e/test_lsp_wire.py:
only the top level of a message is structured; wrong params are answered with -32602; futures do not pile up; a
cancelled request or command cancels its handler; each request gets exactly one answer; only the loop thread writes;
requests out of order (before initialize, after shutdown, twice the same id) are refused.

Invariant: this is one of the places that catch every exception. A bug is logged with its stack and answered.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import json
import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from .faults import (
    CANCELLED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    NOT_INITIALIZED,
    Fault,
    fault_of,
)
from .framing import Frame, FramingFault
from .messages import (
    INVALID_REQUEST,
    PARSE_ERROR,
    Malformed,
    MsgId,
    Notification,
    Request,
    Response,
    is_id,
    read_message,
)

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)
Send = Callable[[bytes], None]

# Handled by rows of server.py instead: the base class' versions run commands beyond their cancellation, cut lines where
# LSP does not, wait for pools, or exit from inside a callback.
_REPLACED = (
    types.EXIT,
    types.SHUTDOWN,
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
    types.WORKSPACE_EXECUTE_COMMAND,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL,
)


class HardenedProtocol(LanguageServerProtocol):
    """Takes frames in, calls handlers, sends answers."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        for method in _REPLACED:
            self.fm.builtin_features.pop(method, None)
        self._asked: dict[MsgId, tuple[Future[Any], type[Any] | None]] = {}
        self._numbers = itertools.count(1)
        self.complete: Callable[[types.ServerCapabilities], None] = lambda _: None
        self.clean: Callable[[str], str] = str  # takes secrets out of what faults say
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._send: Send | None = None

    # -- life

    def attach(self, loop: asyncio.AbstractEventLoop, send: Send) -> None:
        """Write through `send`, on the thread of `loop` (the calling one) only."""
        self._loop, self._loop_thread, self._send = loop, threading.get_ident(), send

    def detach(self) -> None:
        """Write no more; whoever waits for the client learns that it is gone."""
        self._send = None
        for future, _ in list(self._asked.values()):
            if not future.done():
                future.set_exception(JsonRpcException("the client is gone", INTERNAL_ERROR))
        self._asked.clear()

    @property
    def stopped(self) -> bool:
        """Tell whether the client asked for the shutdown."""
        return bool(self._shutdown)

    @property
    def in_flight(self) -> int:
        """Return how many handlers have not ended."""
        return len(self._request_futures)

    def stop(self) -> None:
        """Refuse requests from here on and cancel the ones that run, except the one that asks for it."""
        self._shutdown = True
        for msg_id, future in list(self._request_futures.items()):
            if msg_id != self.msg_id and not future.done():
                future.cancel()

    # -- in

    def receive(self, item: Frame | FramingFault) -> None:
        """Take what the framer found."""
        if isinstance(item, FramingFault):
            logger.warning("Skipped bytes that are no message: %s", item.reason)
            self._answer_fault(None, Fault(PARSE_ERROR, f"Parse error: {item.reason}"))
            return
        try:
            contextvars.copy_context().run(self._dispatch, read_message(item.body))
        except Exception:
            logger.exception("Could not handle a message")

    def _dispatch(self, message: Request | Notification | Response | Malformed) -> None:
        match message:
            case Request():
                self._take_request(message)
            case Notification():
                self._take_notification(message)
            case Response():
                self._take_response(message)
            case Malformed(id=msg_id, code=code, reason=reason):
                logger.warning("Skipped a malformed message: %s", reason)
                self._answer_fault(msg_id, Fault(code, reason))

    def _take_request(self, request: Request) -> None:
        refusal = self._refusal(request)
        if refusal is not None:
            self._answer_fault(request.id, refusal)
            return
        try:
            params = self._params(request.method, request.payload)
        except Exception as error:  # noqa: BLE001  cattrs raises whatever a converter meets
            self._answer_fault(request.id, Fault(INVALID_PARAMS, f"Invalid params: {_reason(error)}"))
            return
        self._ctx_msg_id.set(request.id)
        self._execute_handler(
            request.id,
            self._get_handler(request.method),
            lambda future: self._send_handler_result(future, msg_id=request.id),
            (params,),
        )

    def _refusal(self, request: Request) -> Fault | None:
        if self._shutdown:
            return Fault(INVALID_REQUEST, "the server is shutting down")
        if self._workspace is None and request.method != types.INITIALIZE:
            return Fault(NOT_INITIALIZED, "the server is not initialized")
        if self._workspace is not None and request.method == types.INITIALIZE:
            return Fault(INVALID_REQUEST, "the server is initialized already")
        if request.id in self._request_futures:
            return Fault(INVALID_REQUEST, f"request {request.id!r} is still being answered")
        if not self._knows(request.method):
            return Fault(METHOD_NOT_FOUND, f"unknown method {request.method!r}")
        return None

    def _take_notification(self, notification: Notification) -> None:
        method = notification.method
        if method == types.CANCEL_REQUEST:
            self._cancel(notification.payload.get("params"))
            return
        if method != types.EXIT and (self._workspace is None or self._shutdown):
            return
        if not self._knows(method):
            logger.debug("Ignored notification %r", method)
            return
        try:
            params = self._params(method, notification.payload)
        except Exception as error:  # noqa: BLE001  as above
            logger.warning("Ignored notification %r with wrong params: %s", method, _reason(error))
            return
        # The key only has to differ from ids of requests, which are never tuples.
        key: Any = (method, next(self._numbers))
        self._execute_handler(key, self._get_handler(method), self._check_handler_result, (params,))

    def _take_response(self, response: Response) -> None:
        future, result_type = self._asked.pop(response.id, (None, None))
        if future is None or future.done():
            logger.warning("Ignored an answer to a request that is not open: %r", response.id)
            return
        error = response.payload.get("error")
        if error is not None:
            message = error.get("message") if isinstance(error, dict) else error
            future.set_exception(JsonRpcException(str(message), INTERNAL_ERROR))
            return
        try:
            result = response.payload.get("result")
            future.set_result(
                self._converter.structure(response.payload, result_type).result if result_type else result
            )
        except Exception as problem:  # noqa: BLE001  as above
            future.set_exception(JsonRpcException(f"the client's answer is malformed: {_reason(problem)}"))

    def _cancel(self, params: object) -> None:
        msg_id = params.get("id") if isinstance(params, dict) else None
        future = self._request_futures.get(msg_id) if is_id(msg_id) else None
        if future is not None:
            future.cancel()

    def _knows(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _params(self, method: str, payload: dict[str, Any]) -> Any:
        """Structure the params of a method that LSP knows; those of our own are checked by their handler."""
        message_type = self.get_message_type(method)
        if message_type is None:
            return payload.get("params")
        if payload.get("params") is None:
            payload = {**payload, "params": {}}
        return self._converter.structure(payload, message_type).params

    # -- handlers

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Callable[..., Any],
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        def ended(future: Future[Any]) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, ended, args, kwargs)

    def _send_handler_result(self, future: Future[Any], *, msg_id: MsgId) -> None:
        """Answer a request, whatever became of it."""
        if future.cancelled():
            self._answer_fault(msg_id, CANCELLED)
            return
        error = future.exception()
        if error is not None:
            self._answer_fault(msg_id, self._judge(error))
            return
        try:
            body = self._encode({"jsonrpc": "2.0", "id": msg_id, "result": future.result()})
        except Exception as bug:  # noqa: BLE001  a result that cannot be sent must not leave the client waiting
            self._answer_fault(msg_id, self._judge(bug))
            return
        self._write(body)

    def _check_handler_result(self, future: Future[Any]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._server.report_server_error(Exception(self._judge(error).message), JsonRpcException)

    def _judge(self, error: BaseException) -> Fault:
        fault = fault_of(error).cleaned(self.clean)
        if fault.bug:
            logger.error("Internal error", exc_info=error)
        return fault

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Answer the handshake, with what the base class cannot infer."""
        result = yield from super().lsp_initialize(params)
        self.complete(result.capabilities)
        return result

    # -- out

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification."""
        message = {"jsonrpc": "2.0", "method": method}
        self._write(self._encode(message if params is None else {**message, "params": params}))

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: MsgId | None = None,
    ) -> Future[Any]:
        """Send a request; the future carries the answer, or a JsonRpcException."""
        if msg_id is None:
            msg_id = self.next_id()
        future: Future[Any] = Future()
        if callback is not None:
            future.add_done_callback(lambda done: callback(done.result()))
        self._asked[msg_id] = (future, self.get_result_type(method))
        message = {"jsonrpc": "2.0", "id": msg_id, "method": method}
        self._write(self._encode(message if params is None else {**message, "params": params}))
        return future

    def next_id(self) -> str:
        """Return an id for a request of ours."""
        return f"regreen-{next(self._numbers)}"

    def withdraw(self, msg_id: MsgId) -> None:
        """Tell the client that a request of ours is no longer wanted; its answer is still taken."""
        self.notify(types.CANCEL_REQUEST, types.CancelParams(id=msg_id))

    def _answer_fault(self, msg_id: MsgId | None, fault: Fault) -> None:
        self._write(self._encode({"jsonrpc": "2.0", "id": msg_id, "error": fault.payload()}))

    def _encode(self, message: dict[str, Any]) -> bytes:
        body = json.dumps(message, default=self._serialize_message, separators=(",", ":"), allow_nan=False)
        return f"Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii")

    def _write(self, frame: bytes) -> None:
        if self._loop is None or self._send is None:
            return
        if threading.get_ident() != self._loop_thread:
            self._loop.call_soon_threadsafe(self._write, frame)
            return
        self._send(frame)


def make_converter() -> Converter:
    """Return a converter that takes strings and numbers for what they are, and coerces nothing."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook(str, _string)
    converter.register_structure_hook(int, _integer)
    return converter


def _string(value: object, wanted: type[str]) -> str:
    """Structure a string, or a string enumeration."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {type(value).__name__}")
    return wanted(value)


def _integer(value: object, wanted: type[int]) -> int:
    """Structure a whole number, an enumeration of such, or a bool."""
    if isinstance(value, bool) != (wanted is bool):
        raise TypeError(f"expected {wanted.__name__}, got {value!r}")
    if not isinstance(value, int | float) or value != int(value):
        raise TypeError(f"expected a whole number, got {value!r}")
    return wanted(value)


def _reason(error: BaseException) -> str:
    """Return the innermost reason of a structuring error, on one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
