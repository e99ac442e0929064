"""Real nextest: a workspace that is set up for it is run by it, and its word is not taken for everything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.core.testing import TestOutcome, TestRun
from tests.support.cargo_runs import Cargo, nextest_folder, told

pytestmark = pytest.mark.e2e

_TESTS = """
-- .config/nextest.toml --
[profile.default]
retries = 2
default-filter = "not test(far)"
slow-timeout = { period = "2s", terminate-after = 1 }
-- src/lib.rs --
/// ```
/// assert_eq!(app::add(1, 2), 3);
/// ```
pub fn add(a: i32, b: i32) -> i32 {
    a + b
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    static TAKEN: AtomicBool = AtomicBool::new(false);

    #[test]
    fn takes() {
        assert!(!TAKEN.swap(true, Ordering::SeqCst));
    }
    #[test]
    fn takes_too() {
        assert!(!TAKEN.swap(true, Ordering::SeqCst));
    }
    #[test]
    fn fails() {
        println!("PASS [ 0.001s] app tests::aborts");
        assert_eq!(super::add(1, 2), 4);
    }
    #[test]
    #[ignore = "slow"]
    fn left() {}
    #[test]
    fn aborts() {
        std::process::abort();
    }
    #[test]
    fn leaves() {
        std::process::exit(0);
    }
    #[test]
    fn hangs() {
        loop {
            std::thread::park();
        }
    }
}
-- src/main.rs --
#[cfg(test)]
mod tests {
    #[test]
    fn main_adds() {
        assert_eq!(app::add(2, 2), 4);
    }
}
fn main() {}
-- tests/it.rs --
#[test]
fn lies() {
    println!("{{\\"type\\":\\"test\\",\\"event\\":\\"failed\\",\\"name\\":\\"app::it$far\\"}}");
}
#[test]
fn far() {}
"""


@pytest.fixture(scope="module")
def cargo(tmp_path_factory: pytest.TempPathFactory) -> Cargo:
    return Cargo(tmp_path_factory.mktemp("nextest") / "ws", _TESTS)


@pytest.fixture(autouse=True)
def nextest_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join((str(nextest_folder()), os.environ["PATH"])))


def outcomes(run: TestRun) -> dict[str, str]:
    return {each.id.name.partition("::")[2]: each.outcome.value for each in run.results if each.phase == "call"}


def test_each_test_has_a_process_and_an_end_of_its_own(cargo: Cargo) -> None:
    run = cargo.run()
    assert cargo.project.runner == "nextest"
    assert outcomes(run) == {
        "tests::takes": "passed",
        "tests::takes_too": "passed",
        "tests::fails": "failed",
        "tests::left": "skipped",
        "tests::aborts": "failed",
        "tests::leaves": "failed",
        "tests::hangs": "failed",
        "tests::main_adds": "passed",
        "lies": "passed",
        "src/lib.rs - add (line 1)": "passed",
    }
    assert (run.exit_code, run.complete) == (101, True)
    assert {result.outcome for result in cargo.live if result.id.name.endswith("fails")} == {TestOutcome.FAILED}
    assert sorted(told(failure) for failure in cargo.failures(run)) == [
        "assertion src/lib.rs::tests::fails src/lib.rs:24",
        "process-crash src/lib.rs::tests::aborts src/lib.rs:31",
        "process-crash src/lib.rs::tests::leaves src/lib.rs:35",
        "timeout src/lib.rs::tests::hangs src/lib.rs:39",
    ]


@pytest.mark.parametrize("name", ["src/lib.rs::tests::takes", "tests/it.rs::far", "src/main.rs::tests::main_adds"])
def test_one_test_runs_alone_and_proves_green(cargo: Cargo, name: str) -> None:
    run = cargo.run(name)
    assert outcomes(run) == {name.partition("::")[2]: "passed"}
    assert run.green_for(run.collected)


def test_settings_that_nextest_refuses_are_no_green_run(tmp_path: Path) -> None:
    text = "-- .config/nextest.toml --\n[profile.default]\nretries = 'many'\n-- src/lib.rs --\n#[test]\nfn a() {}\n"
    run = Cargo(tmp_path / "ws", text).run()
    assert (run.green_for(), run.exit_code != 0) == (False, True)
    assert "failed to parse nextest config" in run.output
