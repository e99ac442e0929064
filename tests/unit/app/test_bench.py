"""Cases and results of a benchmark."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.app import Bench, CaseRun, Finished, Plan, Sample, read_cases, run_bench
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import UsageError
from tests.support.workspace import lay

SAMPLE = Sample(proved=True, rolled_back=False, attempts=1, first_built=True, seconds=1.0, cpu_seconds=0.5, score=0.5)
RUN = CaseRun("one", 1, "repaired", "--- a/a.py\n+++ b/a.py\n-old\n+new\n", "passed", (SAMPLE,), 2.0, 1.0)


def test_a_result_is_read_back_as_it_was_written() -> None:
    assert CaseRun.read(RUN.document()) == RUN


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (RUN, ""),
        (replace(RUN, outcome="exhausted", diff=""), "run 1 ended repaired, run 2 exhausted"),
        (
            replace(RUN, diff=RUN.diff.replace("+new", "+newer")),
            "the patches of run 1 and run 2 differ: only run 1 has “+new”",
        ),
    ],
)
def test_the_first_run_that_differs_is_named(other: CaseRun, difference: str) -> None:
    assert Finished("one", (RUN, replace(other, n=2), replace(other, n=3))).difference == difference


def test_cases_without_a_verdict_say_nothing_of_determinism() -> None:
    broken = Finished("two", (replace(RUN, outcome="", diff="", held_out="", samples=(), error="No tests."),))
    bench = Bench((Finished("one", (RUN, replace(RUN, n=2, held_out="failed"))), broken))
    assert (bench.determinism, bench.held_out) == (1.0, (1, 2))
    assert (bench.figures.runs, bench.figures.mutation_score) == (2, 0.5)
    assert Bench((broken,)).determinism is None


def test_a_case_is_each_folder_and_its_copy_lacks_what_is_held_out(tmp_path: Path) -> None:
    lay(
        tmp_path / "cases",
        '-- b/case.json --\n{"held_out": "more/held", "tests": ["t.py::test_a"]}\n-- b/a.py --\n1\n'
        "-- b/more/held/t2.py --\n2\n-- b/more/kept.py --\n3\n-- a/a.py --\n1\n-- .git/x --\n1\n",
    )
    first, second = read_cases(tmp_path / "cases")
    assert (first.name, second.name, second.tests) == ("a", "b", ("t.py::test_a",))
    second.lay(tmp_path / "copy")
    assert sorted(file.name for file in (tmp_path / "copy").rglob("*.py")) == ["a.py", "kept.py"]
    second.lay_held_out(tmp_path / "copy")
    assert (tmp_path / "copy" / "t2.py").is_file()
    assert read_cases(tmp_path / "cases" / "b") == (second,)
    assert read_cases(tmp_path / "cases", ("a",)) == (first,)
    with pytest.raises(UsageError, match="There is no case c"):
        read_cases(tmp_path / "cases", ("a", "c"))


def test_a_case_that_cannot_be_copied_is_wrong_use(tmp_path: Path) -> None:
    root = lay(tmp_path / "cases" / "a", "-- a.py --\n1\n")
    os.mkfifo(root / "pipe")
    (case,) = read_cases(tmp_path / "cases")
    with pytest.raises(UsageError, match="cannot be copied"):
        case.lay(tmp_path / "copy")


def test_a_case_has_another_digest_when_any_of_its_files_changes(tmp_path: Path) -> None:
    root = lay(tmp_path / "cases" / "a", "-- a.py --\n1\n-- case.json --\n{}\n")
    (case,) = read_cases(tmp_path / "cases")
    before = case.digest
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "a.pyc").write_bytes(b"1")
    assert case.digest == before
    (root / "case.json").write_text('{"note": "x"}')
    assert case.digest != before


def test_a_cancelled_bench_begins_no_run(tmp_path: Path) -> None:
    lay(tmp_path / "cases" / "a", "-- a.py --\n1\n")
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run_bench(cancel, Plan(read_cases(tmp_path / "cases")), lambda message: None)
