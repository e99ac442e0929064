"""One request to one service over httpx: streamed, bounded in time and size, cancellable at every moment."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from regreen.core.cancel import Cancellation

from .faults import Fault, fault_of, unreachable
from .stream import MOST, BrokenStream, Events
from .values import Endpoint, HttpRequest, Piece, Reply, Stop, Usage

_SLICE = 0.05  # seconds between two looks at the token
_MOST_OF_ERROR = 200_000  # bytes of an answer that is no reply
OnText = Callable[[str], None]


class ServiceFailed(Exception):
    """The service gave no reply; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class _Draft:
    """A reply while it grows."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    stop: Stop | None = None

    def add(self, piece: Piece) -> None:
        """Take a piece."""
        self.text.append(piece.text)
        self.reasoning.append(piece.reasoning)
        if piece.usage is not None:
            old, new = self.usage, piece.usage
            self.usage = Usage(max(old.sent, new.sent), max(old.cached, new.cached), max(old.received, new.received))
        self.stop = piece.stop or self.stop

    def reply(self) -> Reply:
        """Return it as it is."""
        return Reply("".join(self.text), "".join(self.reasoning), self.usage, self.stop or Stop.UNKNOWN)


def ask(
    cancel: Cancellation,
    endpoint: Endpoint,
    request: HttpRequest,
    read: Callable[[Mapping[str, Any]], Piece],
    on_text: OnText | None = None,
) -> Reply:
    """Send a request and read its stream to the end; nothing is ever sent twice.

    Raises:
        Cancelled: the token was set; the connection is closed.
        ServiceFailed: no reply came; its fault says what is wrong and for how long.
    """
    draft, events = _Draft(), Events()
    with contextlib.closing(_chunks(cancel, endpoint, request)) as chunks:
        for chunk in chunks:
            for event in _understood(events.feed(chunk)):
                _take(draft, read(event), on_text)
            if MOST < events.length:
                raise ServiceFailed(unreachable(f"{endpoint.name} did not stop answering."))
        for event in _understood(events.end()):
            _take(draft, read(event), on_text)
    return draft.reply()


def _take(draft: _Draft, piece: Piece, on_text: OnText | None) -> None:
    draft.add(piece)
    if on_text is not None and piece.text:
        on_text(piece.text)


def _understood(events: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Turn an error within a stream into a fault."""
    try:
        yield from events
    except BrokenStream as broken:
        raise ServiceFailed(fault_of(200, {}, broken.body, time.time())) from broken


def _chunks(cancel: Cancellation, endpoint: Endpoint, request: HttpRequest) -> Generator[bytes, None, None]:
    """Yield the bytes of a good answer. A thread reads them, so that a cancel need not wait for the next one."""
    connection = _Connection(endpoint, request)
    connection.start()
    deadline = time.monotonic() + endpoint.timeout
    try:
        while True:
            cancel.check()
            try:
                item = connection.items.get(timeout=_SLICE)
            except queue.Empty:
                if deadline <= time.monotonic():
                    raise ServiceFailed(
                        unreachable(f"{endpoint.name} took longer than {endpoint.timeout:g} s.")
                    ) from None
                continue
            if item is None:
                return
            if isinstance(item, Fault):
                raise ServiceFailed(item)
            yield item
            if deadline <= time.monotonic():
                raise ServiceFailed(unreachable(f"{endpoint.name} took longer than {endpoint.timeout:g} s."))
    finally:
        connection.shut()


class _Connection(threading.Thread):
    """Talks to the service on a thread of its own; ends soon after `shut`, whatever the service does."""

    def __init__(self, endpoint: Endpoint, request: HttpRequest) -> None:
        super().__init__(name=f"model-{endpoint.name}", daemon=True)
        self._endpoint = endpoint
        self._request = request
        self._socket: socket.socket | None = None
        self._shut = threading.Event()
        self.items: queue.SimpleQueue[bytes | Fault | None] = queue.SimpleQueue()

    def shut(self) -> None:
        """Break the connection off."""
        self._shut.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        """Put chunks, then None at the end, or a fault."""
        name = self._endpoint.name
        last: Fault | None = unreachable(f"The connection to {name} ended in a way that was not foreseen.")
        try:
            last = self._talk()
        except httpx.InvalidURL as error:
            last = unreachable(f"The address of {name} is wrong: {error}.")
        except httpx.HTTPError as error:
            last = unreachable(_why(self._endpoint, error))
        except UnicodeError:  # Its own words would hold the key.
            last = unreachable(_odd_key(self._endpoint))
        except (OSError, ValueError) as error:  # Certificates or proxies of the environment that are not there.
            last = unreachable(f"{name} cannot be asked: {type(error).__name__}, {error}.")
        finally:
            # Whatever happened, nobody waits for this thread.
            self.items.put(last)

    def _talk(self) -> Fault | None:
        waits = httpx.Timeout(self._endpoint.idle_timeout, connect=self._endpoint.connect_timeout)
        # Packed answers would grow after their size was looked at.
        headers, url = {**self._request.headers, "accept-encoding": "identity"}, self._request.url
        with (
            httpx.Client(timeout=waits, follow_redirects=False) as client,
            client.stream("POST", url, headers=headers, content=self._request.body) as answer,
        ):
            stream = answer.extensions.get("network_stream")
            self._socket = stream.get_extra_info("socket") if stream is not None else None
            if self._shut.is_set():
                return None
            if not answer.is_success:
                named = {name.lower(): value for name, value in answer.headers.items()}
                return fault_of(answer.status_code, named, _body(answer), time.time())
            for chunk in answer.iter_bytes():
                if self._shut.is_set():
                    return None
                self.items.put(chunk)
        return None


def _body(answer: httpx.Response) -> str:
    read = b""
    for chunk in answer.iter_bytes():
        read += chunk
        if _MOST_OF_ERROR < len(read):
            break
    return read[:_MOST_OF_ERROR].decode("utf-8", "replace")


def _odd_key(endpoint: Endpoint) -> str:
    return f"The key of {endpoint.name} holds characters that no header can carry."


def _why(endpoint: Endpoint, error: httpx.HTTPError) -> str:
    """Say why nobody answered, without a word of what was sent."""
    if isinstance(error, httpx.LocalProtocolError):  # Its own words would hold the key.
        return _odd_key(endpoint)
    if isinstance(error, httpx.ConnectTimeout | httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return f"{endpoint.name} does not answer ({type(error).__name__})."
    if "certificate" in str(error).lower() or "ssl" in str(error).lower():
        return f"The connection to {endpoint.name} is not trusted: {error}."
    if isinstance(error, httpx.ProxyError):
        return f"The proxy on the way to {endpoint.name} refused: {error}."
    return f"{endpoint.name} cannot be reached: {str(error) or type(error).__name__}."
