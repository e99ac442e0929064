"""Standard streams and TCP: a thread that reads, a thread that writes, and the loop between them.

Invariant: when a `serve_…` function returns, every job has been cancelled and no thread keeps the process alive;
nothing but whole messages ever reaches the client's side of standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from regreen.app import Secrets, log_discreetly, open_session
from regreen.core.errors import UsageError

from .engine import MakeEngine
from .intake import Intake
from .outlet import Outlet
from .server import create_server

logger = logging.getLogger(__name__)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CHUNK = 1 << 16
_DRAIN_SECONDS = 1.0
_LOG = "regreen: %(levelname)s: %(message)s"
_SWITCH_SECONDS = 0.001  # a hover must not wait 5 ms for each computing thread


@dataclass(frozen=True, slots=True)
class Channel:
    """Two streams of bytes. `read` returns b"" at the end; both raise OSError when the other side is gone."""

    read: Callable[[], bytes]
    write: Callable[[bytes], None]


def serve_stdio(make_engine: MakeEngine = open_session) -> int:
    """Serve the client at standard input and output; return the exit status."""
    configure_logging()
    sys.setswitchinterval(_SWITCH_SECONDS)
    channel = _take_standard_streams()
    return _leave(asyncio.run(serve(channel, make_engine)))


def serve_tcp(host: str, port: int, *, allow_remote: bool = False, make_engine: MakeEngine = open_session) -> int:
    """Serve the first client that connects; return the exit status. The port is told on standard error.

    Raises:
        UsageError: the address is not this machine's own, or is taken.
    """
    configure_logging()
    sys.setswitchinterval(_SWITCH_SECONDS)
    if host not in _LOOPBACK and not allow_remote:
        raise UsageError(
            f"{host} can be reached from other machines, which could then run code here.",
            next_step="Use 127.0.0.1 and a tunnel.",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {host}:{port}: {error.strerror}.", next_step="Choose another port; 0 takes a free one."
        ) from error
    return _leave(asyncio.run(_serve_first(listener, make_engine)))


async def _serve_first(listener: socket.socket, make_engine: MakeEngine) -> int:
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(code: int) -> None:
        if not stopped.done():
            stopped.set_result(code)

    with _signals(loop, stop):
        host, port = listener.getsockname()[:2]
        sys.stderr.write(f"regreen: listening on {host}:{port}\n")
        sys.stderr.flush()
        accepting = asyncio.ensure_future(loop.sock_accept(listener))
        await asyncio.wait({accepting, stopped}, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
    listener.close()
    if not accepting.done():
        accepting.cancel()
        return stopped.result()
    connection, _ = accepting.result()
    connection.setblocking(True)
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await serve(Channel(lambda: connection.recv(_CHUNK), connection.sendall), make_engine)


async def serve(channel: Channel, make_engine: MakeEngine) -> int:
    """Serve the client at a channel to the end; return the exit status."""
    loop = asyncio.get_running_loop()
    server = create_server(make_engine)
    log_discreetly(_LOG, server.secrets.clean)
    outlet = Outlet(channel.write, lambda reason: server.call_soon(_lost, reason))

    def _lost(reason: str) -> None:
        logger.error("The connection to the client is lost: %s", reason)
        server.end(1)

    server.attach(loop, outlet.send)
    intake = Intake(loop, server)
    threading.Thread(target=_read, args=(channel, server.call_soon, intake), name="regreen-in", daemon=True).start()
    with _signals(loop, server.end):
        code = await server.wait()
        intake.close()
        await server.close()
    await loop.run_in_executor(None, outlet.close, _DRAIN_SECONDS)
    server.protocol.detach()
    return code


def _read(channel: Channel, call_soon: Callable[..., None], intake: Intake) -> None:
    while True:
        try:
            chunk = channel.read()
        except OSError:
            chunk = b""
        if not chunk:
            call_soon(intake.end_of_input)
            return
        call_soon(intake.feed, chunk)


def _take_standard_streams() -> Channel:
    """Keep the standard streams for the protocol alone: other prints go to standard error, other reads get nothing."""
    incoming, outgoing = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)

    def write(message: bytes) -> None:
        rest = memoryview(message)
        while rest:
            rest = rest[os.write(outgoing, rest) :]

    return Channel(lambda: os.read(incoming, _CHUNK), write)


def configure_logging() -> None:
    """Log warnings and worse to standard error; what is meant for people goes to the client's log."""
    log_discreetly(_LOG, Secrets(os.environ).clean)
    # The library formats whole messages at INFO, whoever listens.
    logging.getLogger("pygls").setLevel(logging.WARNING)


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, end: Callable[[int], object]) -> Iterator[None]:
    handled = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    installed = []
    for number in handled:
        # Not on every platform, and only on the main thread.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, end, 128 + number)
            installed.append(number)
    try:
        yield
    finally:
        for number in installed:
            loop.remove_signal_handler(number)


def _leave(code: int) -> int:
    """Return the exit status, or end the process here when a thread would keep it alive."""
    stuck = [
        thread.name for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon
    ]
    if stuck and threading.current_thread() is threading.main_thread():
        logger.warning("Left behind: %s", ", ".join(sorted(stuck)))
        sys.stderr.flush()
        os._exit(code)
    return code
