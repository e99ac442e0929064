"""Jobs: one for each root, cancellable, never fatal."""

from __future__ import annotations

import errno
import threading

import pytest

from regreen.app import Jobs
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import Busy, CannotRun, NoTests
from regreen.core.events import Event, JobEnded, JobStarted
from regreen.core.trace import Trace


def waiting(cancel: Cancellation, trace: Trace) -> None:
    """Wait until cancelled."""
    cancel.wait(30)


def silent(event: Event) -> None:
    """Hear nothing."""


def test_a_second_job_on_a_root_is_refused_and_another_root_is_not() -> None:
    jobs = Jobs()
    first = jobs.start("/a", "First", silent, waiting)
    with pytest.raises(Busy, match="First"):
        jobs.start("/a", "Second", silent, waiting)
    jobs.start("/b", "Other", silent, waiting)
    jobs.close()
    assert isinstance(first.future.exception(5), Cancelled)


def test_the_root_is_free_again_when_the_job_has_ended() -> None:
    jobs = Jobs()
    for _ in range(3):
        assert jobs.start("/a", "Job", silent, lambda cancel, trace: 7).future.result(5) == 7


def test_cancel_stops_the_job_of_its_root_only() -> None:
    jobs = Jobs()
    one, other = jobs.start("/a", "One", silent, waiting), jobs.start("/b", "Other", silent, waiting)
    assert jobs.cancel("/a")
    assert isinstance(one.future.exception(5), Cancelled)
    assert not other.future.done()
    assert not jobs.cancel("/c")
    jobs.close()


def test_an_error_is_told_with_its_next_step() -> None:
    events: list[Event] = []

    def work(cancel: Cancellation, trace: Trace) -> None:
        raise NoTests("Nothing to run.", next_step="Write a test.")

    job = Jobs().start("/a", "Run", events.append, work)
    assert isinstance(job.future.exception(5), NoTests)
    assert [type(event) for event in events] == [JobStarted, JobEnded]
    assert events[-1] == JobEnded(job.trace, "Run", "Nothing to run. Write a test.")


def test_a_bug_is_told_with_its_trace_id_and_the_root_is_free_again(caplog: pytest.LogCaptureFixture) -> None:
    events: list[Event] = []
    jobs = Jobs()
    job = jobs.start("/a", "Run", events.append, lambda cancel, trace: 1 // 0)
    assert isinstance(job.future.exception(5), ZeroDivisionError)
    ended = events[-1]
    assert isinstance(ended, JobEnded)
    assert job.trace.trace_id in ended.error
    assert "ZeroDivisionError" in caplog.text
    assert jobs.running("/a") is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EMFILE])
def test_a_machine_that_cannot_go_on_is_no_bug(number: int, caplog: pytest.LogCaptureFixture) -> None:
    events: list[Event] = []

    def work(cancel: Cancellation, trace: Trace) -> None:
        raise OSError(number, "No", "/state/file")

    job = Jobs().start("/a", "Run", events.append, work)
    assert isinstance(job.future.exception(5), CannotRun)
    assert isinstance(events[-1], JobEnded)
    assert events[-1].error.startswith("The machine cannot go on: /state/file: No. Make room")
    assert caplog.text == ""


def test_a_file_that_is_not_there_is_a_bug() -> None:
    def work(cancel: Cancellation, trace: Trace) -> None:
        raise FileNotFoundError(errno.ENOENT, "No.")

    assert isinstance(Jobs().start("/a", "Run", silent, work).future.exception(5), FileNotFoundError)


def test_no_job_starts_after_closing_and_no_thread_is_left() -> None:
    jobs = Jobs()
    jobs.start("/a", "One", silent, waiting)
    jobs.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("regreen-job-")]
    with pytest.raises(Busy):
        jobs.start("/a", "Late", silent, waiting)


def test_a_job_that_nobody_asked_for_gives_way_and_has_cleaned_up_before_the_next_begins() -> None:
    jobs = Jobs()
    story: list[str] = []

    def on_save(cancel: Cancellation, trace: Trace) -> None:
        try:
            cancel.wait(30)
        finally:
            story.append("cleaned up")

    first = jobs.start("/a", "On save", silent, on_save, gives_way=True)
    second = jobs.start("/a", "Asked for", silent, lambda cancel, trace: story.append("began"))
    second.future.result(5)
    assert story == ["cleaned up", "began"]
    assert first.gave_way
    assert isinstance(first.future.exception(5), Cancelled)
    assert jobs.running("/a") is None
