"""Sessions on one workspace: a second server repairs nothing and says why; what was interrupted is put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from regreen.app import Session, Settings, open_session
from regreen.checkpoints import Locks
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, TextEdit, make_patch
from regreen.core.errors import Busy, Conflict
from regreen.core.events import Event, Notice, RepairEnded
from regreen.core.repair import Outcome, RepairReport
from regreen.core.trace import RunId, Trace, TraceId
from regreen.journal import FileJournal, state_dir_for
from tests.support.workspace import lay

RUN = Trace(TraceId("2" * 32), RunId("20260101-000000-abcdef"))
PATCH = make_patch({"a.py": ("x = 1\n", (TextEdit(4, 5, "2"),)), "b.py": ("x = 1\n", (TextEdit(4, 5, "2"),))})


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    return lay(tmp_path / "ws", "-- a.py --\nx = 1\n-- b.py --\nx = 1\n")


@contextmanager
def opened(root: Path, told: list[Event]) -> Iterator[Session]:
    session = open_session(str(root), Settings(), told.append)
    try:
        yield session
    finally:
        session.close()


def notices(told: list[Event]) -> list[str]:
    return [event.message for event in told if isinstance(event, Notice)]


def remember(root: Path, outcome: Outcome, patch: Patch | None = PATCH) -> None:
    """Let the journal know a repair."""
    report = RepairReport(RUN.run_id, RUN.trace_id, 1.0, 1.0, (), None, outcome, "", (), patch)
    FileJournal(state_dir_for(root)).record(RUN, RepairEnded(report))


def outcome_on_disk(root: Path) -> Outcome:
    (report,) = FileJournal(state_dir_for(root)).reports()
    return report.outcome


def texts(root: Path) -> set[str]:
    return {(root / name).read_text() for name in ("a.py", "b.py")}


def test_a_second_server_repairs_nothing_and_takes_over_when_the_first_ends(root: Path) -> None:
    told: list[Event] = []
    with opened(root, told) as second:
        with opened(root, []) as first:
            first.start()
            second.start()
            assert "Another server (process " in notices(told)[0]
            with pytest.raises(Busy, match="Another server") as caught:
                second.recover()
            assert "takes over by itself" in caught.value.next_step
            assert second.text("a.py") == "x = 1\n"
            assert first.recover() == ()
        assert second.recover() == ()


def test_a_shell_may_work_beside_an_idle_server_and_not_beside_a_working_one(root: Path) -> None:
    remember(root, Outcome.REPAIRED_NOT_APPLIED)
    with opened(root, []) as server, opened(root, []) as shell:
        server.start()
        refused: list[str] = []

        def deliver_while_the_shell_tries(*arguments: object) -> object:
            with pytest.raises(Busy) as caught:
                shell.recover()
            refused.append(caught.value.message)
            return server.to_files(RUN.run_id)(*arguments)  # type: ignore[arg-type]

        server.apply_kept(Cancellation(), RUN, RUN.run_id, deliver_while_the_shell_tries)  # type: ignore[arg-type]
        assert "Apply the kept fix" in refused[0]
        assert shell.recover() == ()
    assert texts(root) == {"x = 2\n"}


def test_an_applied_fix_is_undone_and_redone_by_files(root: Path) -> None:
    remember(root, Outcome.REPAIRED_NOT_APPLIED)
    with opened(root, []) as session:
        session.apply_kept(Cancellation(), RUN, RUN.run_id, session.to_files(RUN.run_id))
        assert (texts(root), outcome_on_disk(root)) == ({"x = 2\n"}, Outcome.REPAIRED)
        (root / "a.py").write_text("x = 2\n\n\nmine = 3\n")
        session.undo(Cancellation(), RUN, RUN.run_id, session.to_files(RUN.run_id))
        assert (root / "a.py").read_text() == "x = 1\n\n\nmine = 3\n"
        assert outcome_on_disk(root) is Outcome.UNDONE
        session.undo(Cancellation(), RUN, RUN.run_id, session.to_files(RUN.run_id))
        assert (root / "a.py").read_text() == "x = 2\n\n\nmine = 3\n"
        assert outcome_on_disk(root) is Outcome.REPAIRED


def test_an_undo_of_lines_that_changed_since_writes_nothing(root: Path) -> None:
    remember(root, Outcome.REPAIRED)
    (root / "a.py").write_text("x = 3\n")
    (root / "b.py").write_text("x = 2\n")
    with opened(root, []) as session, pytest.raises(Conflict):
        session.undo(Cancellation(), RUN, RUN.run_id, session.to_files(RUN.run_id))
    assert texts(root) == {"x = 3\n", "x = 2\n"}


class Interrupted(BaseException):
    """The process ends here, so to speak: nothing after it is run."""


def interrupt_after_delivery(session: Session, undo: bool) -> None:
    """Deliver into the files, and end before that can be written down."""
    deliver = session.to_files(RUN.run_id)

    def and_die(*arguments: object) -> object:
        deliver(*arguments)  # type: ignore[arg-type]
        raise Interrupted

    work = session.undo if undo else session.apply_kept
    with pytest.raises(Interrupted):
        work(Cancellation(), RUN, RUN.run_id, and_die)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "undo", "after"),
    [
        (Outcome.REPAIRED_NOT_APPLIED, False, Outcome.REPAIRED),
        (Outcome.UNDONE, True, Outcome.REPAIRED),
        (Outcome.REPAIRED, True, Outcome.UNDONE),
    ],
)
def test_history_tells_what_an_interrupted_delivery_came_to(
    root: Path, before: Outcome, undo: bool, after: Outcome
) -> None:
    remember(root, before)
    if before is Outcome.REPAIRED:
        for name in ("a.py", "b.py"):
            (root / name).write_text("x = 2\n")
    with opened(root, []) as session:
        interrupt_after_delivery(session, undo)
    assert outcome_on_disk(root) is before
    told: list[Event] = []
    with opened(root, told) as session:
        session.start()
        assert session.board.reports[0].outcome is after, told
    assert outcome_on_disk(root) is after
    assert notices(told) == ["A delivery was interrupted when all files were in place; it was finished."]
    assert texts(root) == ({"x = 1\n"} if after is Outcome.UNDONE else {"x = 2\n"})


def test_a_server_that_starts_while_a_shell_works_says_nothing_of_it(root: Path) -> None:
    told: list[Event] = []
    with Locks(state_dir_for(root)).working("Fix test_x"), opened(root, told) as server:
        server.start()
        assert notices(told) == []
        with pytest.raises(Busy, match="Fix test_x"):
            server.recover()
    assert server.recover() == ()
