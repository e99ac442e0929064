"""Own thread pool: one job for each root, each with its own token and trace.

Invariant: this is one of the two places that catch every exception: a bug in a job is logged with its trace id,
told once, and never stops the server.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import Busy, RegreenError, exhausted
from regreen.core.events import Emit, JobEnded, JobStarted
from regreen.core.trace import Clock, SystemClock, Trace, new_trace

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Job(Generic[T]):
    """A running job. Its future carries the result, or a RegreenError, Cancelled or bug as exception."""

    def __init__(self, title: str, trace: Trace, *, gives_way: bool = False) -> None:
        self.title = title
        self.trace = trace
        self.gives_way = gives_way
        self.gave_way = False  # it was cancelled because another job was wanted
        self.cancellation = Cancellation()
        self.future: Future[T] = Future()

    def cancel(self) -> None:
        """Ask the job to stop; it does at its next step."""
        self.cancellation.cancel()


class Jobs:
    """Starts jobs and knows which one runs on which root."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[Job[object], threading.Thread]] = {}
        self._closed = False

    def start(
        self,
        root: str,
        title: str,
        emit: Emit,
        work: Callable[[Cancellation, Trace], T],
        *,
        gives_way: bool = False,
    ) -> Job[T]:
        """Start a job on its own thread and return at once.

        A job that `gives_way` (nobody asked for it by name) is cancelled when another one is wanted on its root; the
        other begins when it has cleaned up.

        Raises:
            Busy: another job runs on this root, or the server is shutting down.
        """
        job: Job[T] = Job(title, new_trace(self._clock), gives_way=gives_way)
        with self._lock:
            before = self._make_way(root)
            arguments = (root, job, emit, work, before)
            thread = threading.Thread(
                target=self._run, args=arguments, name=f"regreen-job-{job.trace.run_id}", daemon=True
            )
            self._running[root] = (job, thread)  # type: ignore[assignment]
            thread.start()
        return job

    def running(self, root: str) -> Job[object] | None:
        """Return the job that runs on a root."""
        entry = self._running.get(root)
        return None if entry is None else entry[0]

    def cancel(self, root: str) -> bool:
        """Ask the job of a root to stop; tell whether there was one."""
        job = self.running(root)
        if job is None:
            return False
        job.cancel()
        return True

    def close(self, *, seconds_each: float = 2.0) -> None:
        """Cancel every job and wait for each, but not for ever; start no more."""
        with self._lock:
            self._closed = True
            entries = list(self._running.values())
        for job, _ in entries:
            job.cancel()
        for _, thread in entries:
            thread.join(seconds_each)

    def _make_way(self, root: str) -> threading.Thread | None:
        """Return the thread that the next job of a root must wait for."""
        if self._closed:
            raise Busy("The server is shutting down.", next_step="Start it again and repeat the command.")
        if root not in self._running:
            return None
        job, thread = self._running[root]
        if not job.gives_way:
            raise Busy(
                f"“{job.title}” is running on this workspace.",
                next_step="Wait for it, or cancel it with regreen.cancel.",
            )
        job.gave_way = True
        job.cancel()
        return thread

    def _run(
        self,
        root: str,
        job: Job[T],
        emit: Emit,
        work: Callable[[Cancellation, Trace], T],
        before: threading.Thread | None,
    ) -> None:
        if before is not None:
            before.join()
        emit(JobStarted(job.trace, job.title))
        try:
            ended = _Ended(result=work(job.cancellation, job.trace))
        except Cancelled as stop:
            ended = _Ended(exception=stop, cancelled=True)
        except RegreenError as problem:
            ended = _Ended(exception=problem, error=str(problem))
        except Exception as bug:
            # A disk that is full or fails is no bug, wherever it was met.
            trouble = exhausted(bug) if isinstance(bug, OSError) else None
            if trouble is None:
                logger.exception("job %r failed (trace %s)", job.title, job.trace.trace_id)
                ended = _Ended(exception=bug, error=_apology(job.title, job.trace, bug))
            else:
                ended = _Ended(exception=trouble, error=str(trouble))
        with self._lock:
            if self._running[root][0] is job:
                del self._running[root]
        emit(JobEnded(job.trace, job.title, ended.error, ended.cancelled))
        if ended.exception is None:
            job.future.set_result(ended.result)  # type: ignore[arg-type]
        else:
            job.future.set_exception(ended.exception)


@dataclass(frozen=True, slots=True)
class _Ended:
    result: object = None
    exception: Exception | None = None
    error: str = ""
    cancelled: bool = False


def _apology(title: str, trace: Trace, bug: Exception) -> str:
    return (
        f"Internal error in “{title}” (trace {trace.trace_id}): {bug!r}. "
        "Your files are untouched; please report it with the log."
    )
