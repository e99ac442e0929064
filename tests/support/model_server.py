"""A real HTTP server on loopback that answers as a model's service would, well or badly."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """What the server says to one request."""

    status: int = 200
    chunks: Sequence[bytes | float] = ()  # bytes to send, seconds to wait
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks_off: bool = False  # ends the connection in the middle of the answer


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class ModelServer(ThreadingHTTPServer):
    """Gives its answers in turn, the last one for ever."""

    daemon_threads = True

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.busy = threading.Event()  # a part of an answer was sent
        self.gone = threading.Event()  # a client hung up while it was answered
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up or mistrust."""
        self.gone.set()


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.path, headers, self.rfile.read(length)))
        answers = self.server.answers
        answer = answers.pop(0) if 1 < len(answers) else answers[0]
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.breaks_off:
            self.send_header("content-length", "1000000")
        self.end_headers()
        for chunk in answer.chunks:
            if isinstance(chunk, float):
                time.sleep(chunk)
            else:
                self.wfile.write(chunk)
                self.wfile.flush()
                self.server.busy.set()
        self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@contextlib.contextmanager
def serving(*answers: Answer, certificate: ssl.SSLContext | None = None) -> Iterator[ModelServer]:
    """Serve on a free port of loopback."""
    server = ModelServer(answers)
    if certificate is not None:
        server.socket = certificate.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
