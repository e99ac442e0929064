"""A small editor: speaks LSP to a server subprocess, keeps buffers, applies edits, remembers what it was shown."""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from regreen.core.errors import CannotRun
from regreen.core.text import LineIndex, PositionEncoding

# How a file's name ends -> what the protocol calls its language.
LANGUAGE_IDS = {".py": "python", ".go": "go", ".js": "javascript", ".ts": "typescript", ".rs": "rust"}
_PATIENCE = 120.0  # seconds to wait for any one thing


class Editor:
    """An LSP client over the standard streams of a server it starts. Not thread-safe: one caller."""

    def __init__(self, root: Path, environment: Mapping[str, str], on_progress: Callable[[str], None]) -> None:
        self.root = root
        self.buffers: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self._on_progress = on_progress
        self._ids = itertools.count(1)
        self._answers: dict[object, dict[str, Any]] = {}
        self._inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        command = [sys.executable, "-m", "regreen", "serve"]
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, env=dict(environment)
        )
        if self._server.stdin is None or self._server.stdout is None:
            raise CannotRun("The server has no standard streams.", next_step="Run regreen doctor.")
        self._out: IO[bytes] = self._server.stdin
        self._reader = threading.Thread(target=self._read, args=(self._server.stdout,), daemon=True)
        self._reader.start()

    @property
    def server_pid(self) -> int:
        """Return the server's process id."""
        return self._server.pid

    def initialize(self) -> dict[str, Any]:
        """Shake hands and return the server's capabilities."""
        capabilities = {
            "window": {"workDoneProgress": True},
            "workspace": {
                "applyEdit": True,
                "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}},
            },
            "textDocument": {
                "hover": {"contentFormat": ["markdown", "plaintext"]},
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
                "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True},
            },
        }
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        parameters = {
            "processId": None,
            "clientInfo": {"name": "regreen demo"},
            "rootUri": self.root.as_uri(),
            "workspaceFolders": [folder],
            "capabilities": capabilities,
        }
        result: dict[str, Any] = self.request("initialize", parameters)
        self.notify("initialized", {})
        return result

    def open(self, path: str) -> None:
        """Open a file."""
        text = (self.root / path).read_bytes().decode()
        self.buffers[path], self.versions[path] = text, 1
        language = LANGUAGE_IDS.get(path[path.rfind(".") :], "plaintext")
        document = {"uri": self.uri(path), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, path: str, text: str) -> None:
        """Put a new text into a buffer."""
        self.buffers[path] = text
        self.versions[path] += 1
        document = {"uri": self.uri(path), "version": self.versions[path]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def save(self, path: str) -> None:
        """Write a buffer to the disk and say so."""
        (self.root / path).write_bytes(self.buffers[path].encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": self.uri(path)}})

    def uri(self, path: str) -> str:
        """Return a file's URI."""
        return (self.root / path).as_uri()

    def request(self, method: str, parameters: object) -> Any:
        """Send a request and return its result, serving the server's own requests meanwhile.

        Raises:
            CannotRun: the server answers with an error, or not in time.
        """
        return self.finish(self.begin(method, parameters), method)

    def begin(self, method: str, parameters: object) -> int:
        """Send a request and return its id at once."""
        number = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
        return number

    def finish(self, number: int, what: str) -> Any:
        """Wait for the answer of a request that was begun, and return its result.

        Raises:
            CannotRun: the server answers with an error, or not in time.
        """
        self.until(lambda: number in self._answers, what)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise CannotRun(f"{what}: {answer['error'].get('message')}", next_step="Run regreen doctor.")
        return answer.get("result")

    def answered(self, number: int) -> bool:
        """Tell whether a request that was begun has its answer."""
        return number in self._answers

    def notify(self, method: str, parameters: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Serve messages until a condition holds."""
        if not condition():
            self.wait(lambda _: condition(), what)

    def wait(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Serve messages until one is wanted, and return it.

        Raises:
            CannotRun: the server ended, or nothing came in time.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                message = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise CannotRun(f"Nothing came for {what}.", next_step="Run regreen doctor.") from None
            if message is None:
                raise CannotRun(f"The server ended during {what}.", next_step="Run regreen doctor.")
            self._serve(message)
            if wanted(message):
                return message

    def close(self) -> int:
        """Shut the server down and return its exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self._out.close()
        return self._server.wait(timeout=20)

    def kill(self) -> None:
        """End the server at once, if it still runs, and close what led to it."""
        if self._server.poll() is None:
            self._server.kill()
            self._server.wait(timeout=20)
        self._reader.join(timeout=20)
        for stream in (self._server.stdin, self._server.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _serve(self, message: dict[str, Any]) -> None:
        method, parameters = message.get("method"), message.get("params") or {}
        if method == "textDocument/publishDiagnostics":
            self.diagnostics[self._path(parameters["uri"])] = parameters["diagnostics"]
        elif method == "$/progress":
            value = parameters["value"]
            self._on_progress(value.get("message") or value.get("title") or "")
        if method is None:
            self._answers[message["id"]] = message
        elif "id" in message:
            result = (
                self._apply(parameters["edit"]) if method == "workspace/applyEdit" else self._reply(method, parameters)
            )
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _reply(self, method: str, parameters: dict[str, Any]) -> object:
        return [None] * len(parameters["items"]) if method == "workspace/configuration" else None

    def _apply(self, edit: dict[str, Any]) -> dict[str, object]:
        changes = edit["documentChanges"]
        for change in changes:
            path, version = self._path(change["textDocument"]["uri"]), change["textDocument"]["version"]
            if path in self.versions and version not in (None, self.versions[path]):
                return {"applied": False, "failureReason": f"{path} has changed"}
        for change in changes:
            path = self._path(change["textDocument"]["uri"])
            if path not in self.buffers:
                self.open(path)
            self.change(path, edited(self.buffers[path], change["edits"]))
        return {"applied": True}

    def _path(self, uri: str) -> str:
        return uri.removeprefix(self.root.as_uri() + "/")

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self._out.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._out.flush()

    def _read(self, stream: IO[bytes]) -> None:
        while header := stream.readline():
            length = int(header.partition(b":")[2]) if header.lower().startswith(b"content-length") else 0
            while stream.readline().strip():
                pass
            self._inbox.put(json.loads(stream.read(length)))
        self._inbox.put(None)


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """Apply LSP text edits (UTF-16 columns) to a text."""
    index = LineIndex(text)

    def offset(place: dict[str, int]) -> int:
        return index.offset(index.from_wire(place["line"], place["character"], PositionEncoding.UTF16))

    ranges = [(offset(edit["range"]["start"]), offset(edit["range"]["end"]), edit["newText"]) for edit in edits]
    for start, end, new in sorted(ranges, reverse=True):
        text = text[:start] + new + text[end:]
    return text
