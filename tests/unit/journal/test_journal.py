"""The journal in files: nothing is lost by a crash, by another writer or by another version."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import resource
from pathlib import Path

import pytest

from regreen.core.edit import patch_between
from regreen.core.errors import CannotRun, UsageError
from regreen.core.events import Event, JobEnded, JobStarted, Notice, RepairEnded, Step
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.core.trace import RunId, Trace, TraceId
from regreen.journal import FileJournal
from tests.support.faults import fault


class Clock:
    """Stands where it is put."""

    def __init__(self, now: float) -> None:
        self.time = now

    def now(self) -> float:
        """Return the time it was put to."""
        return self.time

    def monotonic(self) -> float:
        """Return the time it was put to."""
        return self.time


def trace(n: int = 0, day: int = 1) -> Trace:
    return Trace(TraceId(f"{n:032x}"), RunId(f"202601{day:02}-000000-{n:06x}"))


def report(trace: Trace, started: float = 0.0) -> RepairReport:
    patch = patch_between({"m.py": "a\r\n"}, {"m.py": "b\r\né"})
    test = TestId(".", "t.py::t")
    return RepairReport(
        trace.run_id, trace.trace_id, started, 1.25, (test,), None, Outcome.REPAIRED, "Green.", (), patch
    )


def record(journal: FileJournal, trace: Trace, *events: Event) -> None:
    for event in events:
        journal.record(trace, event)


def run_file(tmp_path: Path, trace: Trace) -> Path:
    run = trace.run_id
    return tmp_path / "runs" / f"{run[:4]}-{run[4:6]}-{run[6:8]}" / f"{run}.jsonl"


def test_an_empty_journal_has_nothing(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "new")
    assert (journal.reports(), journal.report(trace().run_id), journal.problems()) == ((), None, ())
    assert not (tmp_path / "new").exists()


def test_a_report_is_found_again_by_another_journal(tmp_path: Path) -> None:
    story = report(trace())
    record(FileJournal(tmp_path), trace(), JobStarted(trace(), "fix"), RepairEnded(story), JobEnded(trace(), "fix"))
    again = FileJournal(tmp_path)
    assert again.report(trace().run_id) == story
    assert again.reports() == (story,)
    assert [type(entry.event) for entry in again.entries(trace().run_id)] == [JobStarted, RepairEnded, JobEnded]
    assert run_file(tmp_path, trace()).is_file()


def test_reports_come_oldest_first(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    for n, started in ((1, 30.0), (2, 10.0), (3, 20.0)):
        record(journal, trace(n, day=4 - n), RepairEnded(report(trace(n, day=4 - n), started)))
    assert [one.started for one in journal.reports()] == [10.0, 20.0, 30.0]


def test_events_carry_the_time_of_the_clock(tmp_path: Path) -> None:
    clock = Clock(7.0)
    journal = FileJournal(tmp_path, clock)
    journal.record(trace(), Step("one"))
    clock.time = 8.5
    journal.record(trace(), Step("two"))
    assert [entry.time for entry in journal.entries(trace().run_id)] == [7.0, 8.5]


def test_only_the_person_can_read_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        record(FileJournal(tmp_path / "state"), trace(), RepairEnded(report(trace())))
    finally:
        os.umask(old)
    for path in (tmp_path / "state").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kept", [0, 1, 30, -1])
def test_a_torn_last_line_costs_that_line_only(tmp_path: Path, kept: int) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(), Step("one"), Step("two"))
    path = run_file(tmp_path, trace())
    whole = path.read_bytes()
    second = whole.index(b"\n") + 1
    path.write_bytes(whole[: second + kept] if 0 <= kept else whole[:kept])
    torn = kept not in (0, -1)
    assert journal.entries(trace().run_id)[0].event == Step("one")
    assert [(problem.line, problem.newer) for problem in journal.problems()] == ([(2, False)] if torn else [])
    record(journal, trace(), RepairEnded(report(trace())))
    assert journal.report(trace().run_id) == report(trace())
    assert len(journal.problems()) == torn


def test_a_newer_record_is_told_and_the_others_stay_readable(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(1), RepairEnded(report(trace(1))))
    record(journal, trace(2), RepairEnded(report(trace(2))))
    path = run_file(tmp_path, trace(2))
    path.write_bytes(json.dumps(json.loads(path.read_bytes()) | {"version": 99, "new": []}).encode() + b"\n")
    assert journal.reports() == (report(trace(1)),)
    with pytest.raises(CannotRun, match=r"newer Regreen .*99") as caught:
        journal.report(trace(2).run_id)
    assert caught.value.next_step == "Upgrade Regreen to read it."
    (problem,) = journal.problems()
    assert (problem.newer, problem.line, problem.file) == (True, 1, f"runs/2026-01-01/{trace(2).run_id}.jsonl")


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(), RepairEnded(report(trace())))
    run_file(tmp_path, trace()).write_bytes(b"{}\n")
    with pytest.raises(CannotRun, match="field version"):
        journal.report(trace().run_id)


def test_a_lost_index_costs_nothing(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(1), RepairEnded(report(trace(1))))
    record(journal, trace(2), JobEnded(trace(2), "tests"))
    for content in (b"", b"torn", b'{"run_id":1}\n[]\nnull\n', b"[" * 100_000, b"\xff\xfe"):
        (tmp_path / "index.jsonl").write_bytes(content)
        assert journal.reports() == (report(trace(1)),)
    (tmp_path / "index.jsonl").unlink()
    assert journal.reports() == (report(trace(1)),)


def test_what_stands_in_the_place_of_a_run_costs_that_run_only(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    for n in (1, 2, 3):
        record(journal, trace(n), RepairEnded(report(trace(n))))
    run_file(tmp_path, trace(1)).unlink()
    run_file(tmp_path, trace(1)).mkdir()
    run_file(tmp_path, trace(2)).unlink()
    run_file(tmp_path, trace(2)).symlink_to("/etc/passwd")
    assert journal.reports() == (report(trace(3)),)
    assert [problem.file for problem in journal.problems()] == [
        f"runs/2026-01-01/{trace(n).run_id}.jsonl" for n in (1, 2)
    ]
    for n in (1, 2):
        with pytest.raises(CannotRun, match="cannot be read"):
            journal.report(trace(n).run_id)
    (tmp_path / "index.jsonl").unlink()
    (tmp_path / "index.jsonl").mkdir()
    assert journal.reports() == (report(trace(3)),)


def test_damage_of_runs_that_hold_no_repair_is_none_of_the_history(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(1), RepairEnded(report(trace(1))))
    record(journal, trace(2), JobEnded(trace(2), "tests"))
    for n in (1, 2):
        run_file(tmp_path, trace(n)).write_bytes(b"torn")
    assert len(journal.problems()) == 2
    assert [problem.file for problem in journal.problems_of_repairs()] == [f"runs/2026-01-01/{trace(1).run_id}.jsonl"]


def test_the_index_says_which_runs_are_repairs(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(1), RepairEnded(report(trace(1))), JobEnded(trace(1), "fix"))
    record(journal, trace(2), Notice("info", "x"), JobEnded(trace(2), "tests"))
    index = [json.loads(line) for line in (tmp_path / "index.jsonl").read_text().splitlines()]
    assert [(line["run_id"], line["kind"]) for line in index] == [
        (trace(1).run_id, "repair"),
        (trace(2).run_id, "other"),
    ]


@pytest.mark.parametrize("run", ["../../etc/passwd", "", "a/b", ".hidden", "a\0b", "x" * 200])
def test_a_hostile_name_is_no_run(tmp_path: Path, run: str) -> None:
    journal = FileJournal(tmp_path)
    assert journal.report(RunId(run)) is None
    with pytest.raises(UsageError):
        journal.record(Trace(TraceId("0"), RunId(run)), Step("x"))
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_a_stamp_has_a_place_as_well(tmp_path: Path) -> None:
    odd = Trace(TraceId("0"), RunId("run-1"))
    FileJournal(tmp_path).record(odd, RepairEnded(report(odd)))
    assert (tmp_path / "runs" / "undated" / "run-1.jsonl").is_file()
    assert FileJournal(tmp_path).report(odd.run_id) == report(odd)


def test_a_link_in_a_files_place_is_not_followed(tmp_path: Path) -> None:
    path = run_file(tmp_path, trace())
    path.parent.mkdir(parents=True)
    (tmp_path / "mine").write_bytes(b"mine")
    path.symlink_to(tmp_path / "mine")
    with pytest.raises(CannotRun):
        FileJournal(tmp_path).record(trace(), Step("x"))
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    record(journal, trace(), Step("one"))
    before = run_file(tmp_path, trace()).read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, hard))
    try:
        with pytest.raises(CannotRun, match="cannot be written") as caught:
            record(journal, trace(), Step("x" * 5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.next_step.endswith(".")
    assert run_file(tmp_path, trace()).read_bytes() == before


def test_a_fault_at_any_call_is_told(tmp_path: Path) -> None:
    n = 0
    while True:
        n += 1
        journal = FileJournal(tmp_path / str(n))
        with fault(n, errno.EIO) as struck:
            if struck_by(journal):
                assert journal.problems() == ()
        if not struck.struck:
            break
    assert 5 < n
    assert journal.reports() == (report(trace()),)


def struck_by(journal: FileJournal) -> bool:
    try:
        record(journal, trace(), RepairEnded(report(trace())))
    except CannotRun:
        return True
    return False


def write_many(folder: str, writer: int, n: int) -> None:
    journal = FileJournal(folder)
    for number in range(n):
        journal.record(trace(), Step(f"{writer}:{number} " + "x" * 9000))


def test_several_writers_of_one_run_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(str(tmp_path), writer, 40)) for writer in range(3)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(60)
        assert process.exitcode == 0
    journal = FileJournal(tmp_path)
    steps = [entry.event for entry in journal.entries(trace().run_id)]
    names = [step.message.split()[0] for step in steps if isinstance(step, Step)]
    assert journal.problems() == ()
    assert sorted(names) == sorted(f"{writer}:{number}" for writer in range(3) for number in range(40))
    assert [name for name in names if name.startswith("1:")] == [f"1:{number}" for number in range(40)]


DAY = 86400.0


def filled(tmp_path: Path, now: float) -> FileJournal:
    journal = FileJournal(tmp_path, Clock(now))
    for n in range(1, 6):
        record(journal, trace(n, day=n), RepairEnded(report(trace(n, day=n), float(n))))
        os.utime(run_file(tmp_path, trace(n, day=n)), (n * DAY, n * DAY))
    return journal


def kept(journal: FileJournal) -> list[float]:
    return [one.started for one in journal.reports()]


def test_old_runs_are_pruned(tmp_path: Path) -> None:
    journal = filled(tmp_path, 6 * DAY)
    assert journal.prune(3.0, 10**9) == (trace(1, 1).run_id, trace(2, 2).run_id)
    assert kept(journal) == [3.0, 4.0, 5.0]
    assert not (tmp_path / "runs" / "2026-01-01").exists()
    assert len((tmp_path / "index.jsonl").read_text().splitlines()) == 3


def test_the_oldest_runs_go_until_the_rest_is_small(tmp_path: Path) -> None:
    journal = filled(tmp_path, 6 * DAY)
    size = run_file(tmp_path, trace(5, 5)).stat().st_size
    journal.prune(1000.0, 2 * size + 5)
    assert kept(journal) == [4.0, 5.0]


def test_a_fresh_run_is_never_pruned(tmp_path: Path) -> None:
    journal = filled(tmp_path, 5 * DAY + 60)
    journal.prune(0.0, 0)
    assert kept(journal) == [5.0]


def test_pruning_what_is_small_and_young_changes_nothing(tmp_path: Path) -> None:
    journal = filled(tmp_path, 6 * DAY)
    before = (tmp_path / "index.jsonl").read_bytes()
    assert journal.prune(100.0, 10**9) == ()
    assert (tmp_path / "index.jsonl").read_bytes() == before
