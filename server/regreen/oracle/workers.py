"""Index many files in worker processes.

The parser holds the interpreter lock while it works: in threads it would keep the editor from being answered. The
workers are plain children that get their share on standard input and answer, portion by portion, on standard output:
none outlives its share, and none reads the editor's streams.
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from regreen.languages import REGISTRY, TreeLanguage

from .index import Indexed, Request, Stamp, index_file, index_files
from .packed import FORMAT, Row, from_row, to_row

THRESHOLD = 300  # files; starting the workers takes about as long as indexing that many
_MAX_WORKERS = 4
_PORTION = 16  # files in one answer: reading it back holds the interpreter lock, which must not be for long
_POLL = 0.05  # seconds between looks at `stop` and at what else there is to do

Share = tuple[str, tuple[Request, ...], tuple[str, ...]]  # root, files, names of the languages


def nothing() -> None:
    """Do nothing between two portions."""


def index_many(
    root: str,
    requests: Sequence[Request],
    languages: Sequence[TreeLanguage],
    stop: threading.Event,
    *,
    meanwhile: Callable[[], None] = nothing,
    threshold: int = THRESHOLD,
) -> Iterator[Indexed]:
    """Index files, in workers when there are many; ends early, with what is done, when `stop` is set.

    `meanwhile` is called on this thread again and again until all is done.
    """
    registered = all(REGISTRY.get(language.name) == language for language in languages)
    if not registered or len(requests) < threshold:
        for indexed in index_files(root, requests, languages, stop):
            meanwhile()
            yield indexed
        return
    names = tuple(language.name for language in languages)
    n_workers = min(_MAX_WORKERS, os.cpu_count() or 1)
    with contextlib.ExitStack() as stack:
        answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for number in range(n_workers):
            stack.enter_context(_Worker((root, tuple(requests[number::n_workers]), names), answers))
        left = {request.path: request for request in requests}
        for indexed in _received(answers, n_workers, stop, meanwhile):
            left.pop(indexed.path, None)
            yield indexed
    # No memory, no right to start processes, or killed: slower here, and the same result.
    yield from index_files(root, tuple(left.values()), languages, stop)


def work() -> None:
    """Index a share, in a worker: from standard input to standard output."""
    gc.disable()  # Nothing here is circular, and what is made lives for one portion.
    root, requests, names = pickle.load(sys.stdin.buffer)
    languages = [REGISTRY[name] for name in names]
    for at in range(0, len(requests), _PORTION):
        indexed = [_to_answer(index_file(root, request, languages)) for request in requests[at : at + _PORTION]]
        content = marshal.dumps(indexed, FORMAT)
        sys.stdout.buffer.write(len(content).to_bytes(4, "big") + content)
        sys.stdout.buffer.flush()


def _received(
    answers: queue.SimpleQueue[bytes | None], n_workers: int, stop: threading.Event, meanwhile: Callable[[], None]
) -> Iterator[Indexed]:
    """Yield what the workers answer, until each of them has ended."""
    while n_workers and not stop.is_set():
        meanwhile()
        try:
            content = answers.get(timeout=_POLL)
        except queue.Empty:
            continue
        if content is None:
            n_workers -= 1
            continue
        for answer in marshal.loads(content):
            yield _from_answer(answer)


@dataclass(slots=True)
class _Worker:
    """One worker and the thread that talks to it; None on the queue says that it has ended."""

    share: Share
    answers: queue.SimpleQueue[bytes | None]
    process: subprocess.Popen[bytes] | None = None
    thread: threading.Thread | None = None

    def __enter__(self) -> None:
        self.process = _start()
        self.thread = threading.Thread(target=self._converse, name="regreen-worker", daemon=True)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()  # It has ended, or nobody waits for it any more.
        if self.thread is not None:
            self.thread.join()
        if self.process is not None:
            self.process.wait()

    def _converse(self) -> None:
        process = self.process
        if process is not None and process.stdin is not None and process.stdout is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(pickle.dumps(self.share, pickle.HIGHEST_PROTOCOL))
            with process.stdout as stream:
                while content := _portion(stream):
                    self.answers.put(content)
        self.answers.put(None)


def _portion(stream: IO[bytes]) -> bytes:
    """Read one answer; empty when the worker has ended, in the middle of it perhaps."""
    size = int.from_bytes(stream.read(4), "big")
    content = stream.read(size)
    return content if len(content) == size else b""


def _to_answer(indexed: Indexed) -> Row:
    stamp, facts = indexed.stamp, indexed.facts
    return indexed.path, None if facts is None else to_row(facts), None if stamp is None else stamp.row


def _from_answer(row: Row) -> Indexed:
    path, facts, stamp = row
    return Indexed(path, None if facts is None else from_row(facts), None if stamp is None else Stamp(*stamp))


def _start() -> subprocess.Popen[bytes] | None:
    # -P and the folder: what lies in the current folder must not be imported in place of our own modules.
    command = [sys.executable, "-P", "-c", "from regreen.oracle.workers import work; work()"]
    home = str(Path(__file__).parents[2])
    # The libraries may lie in folders that only this process knows of, as those that an editor's extension brings do.
    known = (path for path in sys.path if Path(path).is_absolute() and path != str(Path.cwd()))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys((home, *known)))}
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=home)
    except OSError:
        return None
