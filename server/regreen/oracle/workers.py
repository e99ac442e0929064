"""Index many files in worker processes.

The parser holds the interpreter lock while it works: in threads it would keep the editor from being answered. The
workers are plain children that get their share on standard input and answer on standard output: none outlives its
share, and none reads the editor's streams.
"""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from regreen.languages import REGISTRY, TreeLanguage

from .index import Indexed, Request, index_files

THRESHOLD = 300  # files; starting the workers takes about as long as indexing that many
_MAX_WORKERS = 4
_PORTION = 10  # files in one pickle: reading it back holds the interpreter lock, which must not be for long
_POLL = 0.05  # seconds between looks at `stop`

Share = tuple[str, tuple[Request, ...], tuple[str, ...]]  # root, files, names of the languages


def index_many(
    root: str,
    requests: Sequence[Request],
    languages: Sequence[TreeLanguage],
    stop: threading.Event,
    *,
    threshold: int = THRESHOLD,
) -> list[Indexed]:
    """Index files, in workers when there are many; ends early, with what is done, when `stop` is set."""
    registered = all(REGISTRY.get(language.name) == language for language in languages)
    if not registered or len(requests) < threshold:
        return index_files(root, requests, languages, stop)
    names = tuple(language.name for language in languages)
    n_workers = min(_MAX_WORKERS, os.cpu_count() or 1)
    shares: list[Share] = [(root, tuple(requests[number::n_workers]), names) for number in range(n_workers)]
    return [indexed for share, answer in _run(shares, stop) for indexed in _read(share, answer, languages, stop)]


def work() -> None:
    """Index a share, in a worker: from standard input to standard output."""
    root, requests, names = pickle.load(sys.stdin.buffer)
    languages = [REGISTRY[name] for name in names]
    for at in range(0, len(requests), _PORTION):
        portion = index_files(root, requests[at : at + _PORTION], languages, threading.Event())
        pickle.dump(portion, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


def _run(shares: list[Share], stop: threading.Event) -> list[tuple[Share, bytes | None]]:
    """Give each share to a worker; the answer is None when the worker could not be started, or died."""
    with ThreadPoolExecutor(len(shares), "regreen-worker") as pool:
        answers = list(pool.map(lambda share: _converse(share, stop), shares))
    return list(zip(shares, answers, strict=True))


def _converse(share: Share, stop: threading.Event) -> bytes | None:
    """Hand a worker its share and wait for its answer, or for `stop`."""
    worker = _start()
    if worker is None:
        return None
    with worker:
        _give(worker, share)
        while True:
            try:
                answer, _ = worker.communicate(timeout=_POLL)
            except subprocess.TimeoutExpired:
                if stop.is_set():
                    worker.kill()
            else:
                return answer if worker.returncode == 0 else None


def _give(worker: subprocess.Popen[bytes], share: Share) -> None:
    """Write the share and close the pipe; communicate() would lose the rest of it at its first timeout."""
    pipe, worker.stdin = worker.stdin, None
    if pipe is None:
        return
    try:
        with pipe:
            pipe.write(pickle.dumps(share, pickle.HIGHEST_PROTOCOL))
    except BrokenPipeError:
        return  # The worker died; its exit status says so.


def _read(
    share: Share, answer: bytes | None, languages: Sequence[TreeLanguage], stop: threading.Event
) -> list[Indexed]:
    if answer is not None:
        stream = io.BytesIO(answer)
        return [indexed for _ in range(0, len(share[1]), _PORTION) for indexed in pickle.load(stream)]
    # No memory, no right to start processes, or killed: slower here, and the same result.
    return index_files(share[0], share[1], languages, stop)


def _start() -> subprocess.Popen[bytes] | None:
    # -P and the folder: what lies in the current folder must not be imported in place of our own modules.
    command = [sys.executable, "-P", "-c", "from regreen.oracle.workers import work; work()"]
    home = str(Path(__file__).parents[2])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=home)
    except OSError:
        return None
