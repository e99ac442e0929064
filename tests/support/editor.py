"""An editor for tests: raw JSON-RPC to a real server process, over its standard streams or TCP.

It keeps buffers, applies edits as an editor does (columns in UTF-16), and records what it is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from regreen.core.text import LineIndex, PositionEncoding
from regreen.lsp.engine import MakeEngine
from regreen.lsp.serving import Channel, serve

PATIENCE = 30.0
REPOSITORY = Path(__file__).resolve().parents[2]
SERVE = (sys.executable, "-m", "regreen", "serve")
FULL_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
        "codeLens": {"refreshSupport": True},
    },
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "disabledSupport": True,
        },
        "publishDiagnostics": {"relatedInformation": True},
    },
    "experimental": {"regreen": {"status": True}},
}


class Answer(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error)
        self.code = error["code"]
        self.message = error["message"]
        self.details = error.get("data", {})


class Editor:
    """One editor with one server."""

    def __init__(self, process: subprocess.Popen[bytes] | None, connection: socket.socket | None = None) -> None:
        self.process = process
        self._connection = connection
        self._ids = itertools.count(1)
        self._inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.messages: list[dict[str, Any]] = []  # everything that came, in order
        self.buffers: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.progress: list[dict[str, Any]] = []
        self.answers: dict[str, Callable[[dict[str, Any]], object]] = {
            "workspace/applyEdit": lambda params: self.apply(params["edit"]),
            "workspace/configuration": lambda params: [None for _ in params["items"]],
            "window/showDocument": lambda params: {"success": True},
        }
        self.stderr: list[bytes] = []
        self.codes: queue.Queue[int] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        if process is not None and process.stderr is not None:
            threading.Thread(target=self._read_errors, daemon=True).start()

    @classmethod
    def start(cls, *command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Editor:
        """Start a server process on its standard streams."""
        path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, **(env or {})}
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command or SERVE, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd or REPOSITORY, env=environment
        )
        return cls(process)

    @classmethod
    def connect(cls, port: int, process: subprocess.Popen[bytes] | None = None) -> Editor:
        """Connect to a server that listens on this machine."""
        return cls(process, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))

    @classmethod
    def inside(cls, make_engine: MakeEngine) -> Editor:
        """Serve on a thread of this process: the same bytes, without the start of an interpreter."""
        ours, theirs = socket.socketpair()
        editor = cls(None, ours)

        def run() -> None:
            with theirs:
                channel = Channel(lambda: theirs.recv(1 << 16), theirs.sendall)
                editor.codes.put(asyncio.run(serve(channel, make_engine)))

        threading.Thread(target=run, daemon=True).start()
        return editor

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue

    # -- handshake

    def initialize(
        self,
        root: Path | None = None,
        *,
        capabilities: Mapping[str, Any] | None = None,
        options: object = None,
        client: str = "test editor",
        **more: object,
    ) -> dict[str, Any]:
        """Shake hands on a workspace folder; return the server's answer."""
        folders = None if root is None else [{"uri": root.as_uri(), "name": root.name}]
        params = {
            "processId": None,
            "clientInfo": {"name": client},
            "rootUri": None if root is None else root.as_uri(),
            "workspaceFolders": folders,
            "capabilities": FULL_CAPABILITIES if capabilities is None else capabilities,
            "initializationOptions": options,
            **more,
        }
        result: dict[str, Any] = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def shut_down(self) -> int:
        """Shut down and exit; return the exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.exit_code()

    def exit_code(self, patience: float = PATIENCE) -> int:
        """Wait for the server to end."""
        return self.codes.get(timeout=patience) if self.process is None else self.process.wait(patience)

    # -- messages

    def send(self, message: object) -> None:
        """Send any JSON."""
        self.send_bytes(framed(json.dumps(message).encode()))

    def send_bytes(self, data: bytes) -> None:
        """Send any bytes."""
        if self._connection is not None:
            self._connection.sendall(data)
            return
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_input(self) -> None:
        """Close the server's input."""
        if self._connection is not None:
            self._connection.shutdown(socket.SHUT_WR)
            return
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> int:
        """Send a request without waiting; return its id."""
        number = next(self._ids)
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    def answer(self, number: int | str | None, patience: float = PATIENCE) -> Any:
        """Wait for the answer to a request.

        Raises:
            Answer: it is an error.
        """
        message = self.wait(lambda seen: "method" not in seen and seen.get("id") == number, patience)
        if "error" in message:
            raise Answer(message["error"])
        return message["result"]

    def request(self, method: str, params: object, patience: float = PATIENCE) -> Any:
        """Send a request and wait for its answer."""
        return self.answer(self.ask(method, params), patience)

    def wait(self, wanted: Callable[[dict[str, Any]], bool], patience: float = PATIENCE) -> dict[str, Any]:
        """Return the first message, past or to come, that is wanted; serve the server meanwhile."""
        for seen in self.messages:
            if wanted(seen):
                return seen
        deadline = time.monotonic() + patience
        while True:
            message = self._next(deadline)
            if wanted(message):
                return message

    def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Serve the server until a condition holds."""
        deadline = time.monotonic() + patience
        while not condition():
            self._next(deadline)

    def wait_for(self, method: str, patience: float = PATIENCE, **params: object) -> dict[str, Any]:
        """Wait for a message with this method and these params; return its params."""

        def fits(message: dict[str, Any]) -> bool:
            found = message.get("params") or {}
            return (
                message.get("method") == method
                and params.items() <= {key: value for key, value in found.items() if key in params}.items()
            )

        return self.wait(fits, patience).get("params") or {}

    def told(self, method: str) -> list[dict[str, Any]]:
        """Return the params of every message with this method so far."""
        return [message.get("params") or {} for message in self.messages if message.get("method") == method]

    # -- buffers

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a file, or a text as if it were in the file; return its URI."""
        uri = path.as_uri()
        self.buffers[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        item = {"uri": uri, "languageId": "python", "version": 1, "text": self.buffers[uri]}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, *changes: Mapping[str, Any]) -> None:
        """Change a buffer by LSP change events."""
        for change in changes:
            self.buffers[uri] = _changed(self.buffers[uri], change)
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def save(self, uri: str) -> None:
        """Write a buffer to its file."""
        Path(uri.removeprefix("file://")).write_bytes(self.buffers[uri].encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def apply(self, edit: Mapping[str, Any]) -> dict[str, object]:
        """Apply a workspace edit as an editor does: all or nothing, right versions only."""
        changes = edit["documentChanges"]
        for change in changes:
            uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
            if version != self.versions.get(uri):
                return {"applied": False, "failureReason": f"{uri} is at another version"}
        for change in changes:
            uri = change["textDocument"]["uri"]
            if uri not in self.buffers:
                self.open(Path(uri.removeprefix("file://")))
            ordered = sorted(
                change["edits"], key=lambda one: (one["range"]["start"]["line"], one["range"]["start"]["character"])
            )
            self.change(uri, *({"range": one["range"], "text": one["newText"]} for one in reversed(ordered)))
        return {"applied": True}

    # -- inside

    def _next(self, deadline: float) -> dict[str, Any]:
        try:
            message = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"nothing more came; so far: {self.messages[-5:]}\n{self.errors()}") from None
        if message is None:
            self._inbox.put(None)
            raise AssertionError(f"the server ended; so far: {self.messages[-5:]}\n{self.errors()}")
        self.messages.append(message)
        self._serve(message)
        return message

    def _serve(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params") or {}
        if method == "textDocument/publishDiagnostics":
            self.diagnostics[params["uri"]] = params["diagnostics"]
        elif method == "$/progress":
            self.progress.append(params)
        if method is None or "id" not in message:
            return
        try:
            result = self.answers.get(method, lambda _: None)(params)
        except Answer as refusal:
            error = {"code": refusal.code, "message": refusal.message}
            self.send({"jsonrpc": "2.0", "id": message["id"], "error": error})
            return
        if result is not NO_ANSWER:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _read(self) -> None:
        if self._connection is not None:
            stream = self._connection.makefile("rb")
        else:
            assert self.process is not None
            assert self.process.stdout is not None
            stream = self.process.stdout  # type: ignore[assignment]
        try:
            while body := read_frame(stream):
                self._inbox.put(json.loads(body))
        except (OSError, ValueError) as error:
            self.stderr.append(f"[the client stopped reading: {error!r}]".encode())
        self._inbox.put(None)

    def _read_errors(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr.append(line)

    def errors(self) -> str:
        """Return what the server wrote on standard error so far."""
        return b"".join(self.stderr).decode(errors="replace")


NO_ANSWER = object()  # what a function in `answers` returns to leave the server waiting


def framed(body: bytes) -> bytes:
    """Put a header before a body."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def read_frame(stream: Any) -> bytes:
    """Read one frame strictly; b"" at the end."""
    length = -1
    while line := stream.readline():
        if line == b"\r\n":
            break
        found = re.fullmatch(rb"Content-Length: (\d+)\r\n", line)
        if not found:
            raise ValueError(f"no header: {line!r}")
        length = int(found[1])
    if not line:
        return b""
    body: bytes = stream.read(length)
    return body


def place(line: int, character: int = 0) -> dict[str, int]:
    """Return an LSP position."""
    return {"line": line, "character": character}


def span(line: int, start: int, end_line: int | None = None, end: int | None = None) -> dict[str, Any]:
    """Return an LSP range."""
    return {
        "start": place(line, start),
        "end": place(line if end_line is None else end_line, start if end is None else end),
    }


def _changed(text: str, change: Mapping[str, Any]) -> str:
    if "range" not in change:
        return str(change["text"])
    index = LineIndex(text)
    start, end = (
        index.offset(index.from_wire(at["line"], at["character"], PositionEncoding.UTF16))
        for at in (change["range"]["start"], change["range"]["end"])
    )
    return text[:start] + str(change["text"]) + text[end:]
