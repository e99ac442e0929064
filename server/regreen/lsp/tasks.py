"""One way to start a job, for commands, custom requests and saved files: one token, one progress, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from regreen.app import Job
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.events import Event
from regreen.core.trace import Trace

from .folders import Folder
from .host import RegreenServer
from .progress import Token, WorkDone

T = TypeVar("T")


def start_job(
    server: RegreenServer,
    folder: Folder,
    title: str,
    work: Callable[[Cancellation, Trace], T],
    token: Token | None = None,
    *,
    gives_way: bool = False,
) -> Job[T]:
    """Start a job with its progress display and return at once.

    A job that `gives_way` is cancelled when a person asks for another one.

    Raises:
        Busy: another job runs on the folder.
    """

    def emit(event: Event) -> None:
        server.take_event(folder, event)

    job = server.jobs.start(folder.root, title, emit, work, gives_way=gives_way)
    display = WorkDone(server.protocol, server.tokens, title, job.cancel)
    folder.display = display
    folder.token = token
    if token is not None:
        display.begin(token)
    elif server.client.work_done_progress:
        server.spawn(display.begin_when_allowed())
    job.future.add_done_callback(lambda _: server.call_soon(_take_display_away, folder, display, job))
    return job


async def outcome_of(server: RegreenServer, job: Job[T]) -> T:
    """Wait for a job's end. When the waiting is cancelled, so is the job.

    Raises:
        RegreenError, Cancelled: as the work says.
    """
    done = asyncio.Event()
    job.future.add_done_callback(lambda _: server.call_soon(done.set))
    try:
        await done.wait()
    except asyncio.CancelledError:
        job.cancel()
        raise
    return job.future.result(timeout=0)


def _take_display_away(folder: Folder, display: WorkDone, job: Job[T]) -> None:
    error = job.future.exception(timeout=0)
    display.end("Cancelled" if isinstance(error, Cancelled) else "Failed" if error else "Done")
    if folder.display is display:
        folder.display = None
        folder.step = ""
        folder.repairing = ()
