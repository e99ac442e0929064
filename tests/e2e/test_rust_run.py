"""Real cargo, real rustc: every way in which a run can end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from regreen.core.testing import Ended, TestId, TestOutcome
from tests.support.cargo_runs import PACKAGE, Cargo, told

pytestmark = pytest.mark.e2e

_TESTS = """
-- src/lib.rs --
//! ```
//! assert_eq!(app::add(1, 2), 3);
//! ```
mod inner;

pub fn add(a: i32, b: i32) -> i32 {
    a + b
}
-- src/inner.rs --
#[cfg(test)]
mod tests {
    #[test]
    fn deep() {
        assert_eq!(crate::add(2, 2), 4);
    }

    #[test]
    #[ignore = "slow"]
    fn later() {}

    #[test]
    #[should_panic(expected = "no")]
    fn panics() {
        panic!("no");
    }
}
-- tests/it.rs --
macro_rules! made {
    ($name:ident) => {
        #[test]
        fn $name() {
            assert_eq!(app::add(1, 1), 2);
        }
    };
}
made!(by_macro);

#[test]
fn adds() {
    assert_eq!(app::add(2, 3), 5);
}
"""
_ALL = {
    "src/lib.rs::inner::tests::deep", "src/lib.rs::inner::tests::panics", "tests/it.rs::by_macro", "tests/it.rs::adds",
    "src/lib.rs::src/lib.rs - (line 1)",
}  # fmt: skip


def names(outcome: TestOutcome, cargo_run: object) -> set[str]:
    results = getattr(cargo_run, "results", ())
    return {result.id.name for result in results if result.outcome is outcome and result.phase != "build"}


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Cargo:
    return Cargo(tmp_path_factory.mktemp("green") / "app", _TESTS)


def test_everything_runs_and_is_green(green: Cargo) -> None:
    run = green.run()
    assert (run.exit_code, run.complete) == (0, True), run.output
    assert names(TestOutcome.PASSED, run) == _ALL
    assert names(TestOutcome.SKIPPED, run) == {"src/lib.rs::inner::tests::later"}
    assert run.green_for(tuple(TestId(".", name) for name in _ALL))
    assert green.failures(run) == ()
    assert not (green.root / "Cargo.lock").read_text().count("regreen")


@pytest.mark.parametrize("name", sorted(_ALL))
def test_one_test_runs_alone(green: Cargo, name: str) -> None:
    run = green.run(name)
    assert names(TestOutcome.PASSED, run) == {name}
    assert run.green_for((TestId(".", name),))


def test_a_file_and_a_folder_run_alone(green: Cargo) -> None:
    assert names(TestOutcome.PASSED, green.run(paths=("src/inner.rs",))) == {
        "src/lib.rs::inner::tests::deep", "src/lib.rs::inner::tests::panics"
    }  # fmt: skip
    assert names(TestOutcome.PASSED, green.run(paths=("tests",))) == {"tests/it.rs::by_macro", "tests/it.rs::adds"}


def test_a_name_that_no_test_has_is_not_green(green: Cargo) -> None:
    run = green.run("tests/it.rs::nobody")
    assert (run.exit_code, run.green_for()) == (0, False)
    assert [failure.kind.label for failure in green.failures(run)] == ["runner-config"]


def test_the_places_of_results_are_those_of_the_index(green: Cargo) -> None:
    found = {result.id.name: (result.path, result.line) for result in green.run().results}
    assert found["src/lib.rs::inner::tests::deep"] == ("src/inner.rs", 4)
    assert found["tests/it.rs::adds"] == ("tests/it.rs", 12)
    assert found["tests/it.rs::by_macro"] == ("tests/it.rs", 0)


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Cargo:
    return Cargo(tmp_path_factory.mktemp("red") / "app", """
-- src/lib.rs --
/// ```
/// assert_eq!(app::add(1, 2), 3);
/// ```
pub fn add(a: i32, b: i32) -> i32 {
    a - b
}

pub fn stop() {
    std::process::exit(0)
}

pub fn deeper(n: u64) -> u64 {
    deeper(n + 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares() {
        println!("{{ \\"type\\": \\"test\\", \\"event\\": \\"failed\\", \\"name\\": \\"tests::decoy\\" }}");
        assert_eq!(add(2, 3), 5);
    }

    #[test]
    fn returns() -> Result<(), String> {
        Err("bad".into())
    }

    #[test]
    fn joins() {
        std::thread::spawn(|| panic!("in a thread")).join().unwrap();
    }

    #[test]
    fn floods() {
        for n in 0..40_000 {
            println!("line {n} of a flood that says nothing");
        }
        panic!("after the flood");
    }

    #[test]
    fn good() {}
}
-- tests/deaths.rs --
#[test]
fn exits() {
    app::stop();
}

#[test]
fn aborts() {
    std::process::abort();
}

#[test]
fn overflows() {
    assert_eq!(app::deeper(1), 1);
}

#[test]
fn good() {}
""")  # fmt: skip


def test_every_failure_is_told_with_its_place(red: Cargo) -> None:
    run = red.run()
    assert (run.exit_code, run.complete, run.ended) == (101, True, Ended.EXITED)
    assert sorted(told(failure) for failure in red.failures(run)) == [
        "assertion src/lib.rs::src/lib.rs - add (line 1) src/lib.rs:2",
        "assertion src/lib.rs::tests::compares src/lib.rs:23",
        "concurrency src/lib.rs::tests::joins src/lib.rs:33",
        "process-crash tests/deaths.rs::aborts tests/deaths.rs:8",
        "process-crash tests/deaths.rs::exits src/lib.rs:9",
        "resource-exhausted tests/deaths.rs::overflows src/lib.rs:13",
        "unhandled-error src/lib.rs::tests::floods src/lib.rs:41",
        "unhandled-error src/lib.rs::tests::returns src/lib.rs:27",
    ]
    assert {"src/lib.rs::tests::good", "tests/deaths.rs::good"} <= names(TestOutcome.PASSED, run)
    assert not any("decoy" in result.id.name for result in run.results)
    assert red.live, "results are told while the run goes on"


def test_a_test_that_ends_the_process_with_success_is_not_green(red: Cargo) -> None:
    run = red.run("tests/deaths.rs::exits")
    assert not run.green_for((TestId(".", "tests/deaths.rs::exits"),))
    assert [failure.slot("exit_code") for failure in red.failures(run)] == ["0"]


def test_a_run_stops_at_the_first_failure_when_asked(red: Cargo) -> None:
    run = red.run(stop=True)
    assert run.exit_code == 101
    assert "tests/deaths.rs" not in "".join(result.id.name for result in run.results)


def test_a_compile_error_is_a_result_with_what_the_compiler_proposes(tmp_path: Path) -> None:
    cargo = Cargo(tmp_path / "app", """
-- src/lib.rs --
pub fn add(a: i32, b: i32) -> i32 {
    let total = a + b
    total
}

#[test]
fn adds() {
    assert_eq!(add(1, 2), 3);
}
""")  # fmt: skip
    run = cargo.run()
    (failure,) = cargo.failures(run)
    assert told(failure) == "syntax src/lib.rs src/lib.rs:2"
    facts = run.results[0].exception
    assert facts is not None
    assert (facts.attribute("suggestion_0_text"), facts.attribute("suggestion_0_span_start")) == (";", "2:22")
    assert facts.attribute("suggestion_0_applicability") == "MachineApplicable"
    lib = cargo.root / "src/lib.rs"
    lib.write_text(lib.read_text().replace("a + b\n", "a + b;\n"))
    assert cargo.run("src/lib.rs").green_for((TestId(".", "src/lib.rs"),)), "a target is good once its tests have run"


def test_a_hang_is_a_test_that_did_not_end(tmp_path: Path) -> None:
    cargo = Cargo(tmp_path / "app", """
-- src/lib.rs --
#[test]
fn hangs() {
    loop {
        std::thread::park();
    }
}

#[test]
fn good() {}
""")  # fmt: skip
    run = cargo.run(hangs="hangs")
    assert (run.ended, run.complete) == (Ended.TIMED_OUT, False)
    assert [told(failure) for failure in cargo.failures(run)] == ["timeout src/lib.rs::hangs src/lib.rs:3"]


def test_zero_tests_are_not_green(tmp_path: Path) -> None:
    cargo = Cargo(tmp_path / "app", "-- src/lib.rs --\npub fn f() {}\n")
    run = cargo.run()
    assert (run.exit_code, run.green_for()) == (0, False)
    assert [failure.kind.label for failure in cargo.failures(run)] == ["runner-config"]


def test_a_workspace_with_a_target_without_harness_and_a_build_script(tmp_path: Path) -> None:
    cargo = Cargo(tmp_path / "space", """
-- Cargo.toml --
[workspace]
members = ["a", "b"]
resolver = "2"
-- a/Cargo.toml --
[package]
name = "a"
version = "0.1.0"
edition = "2021"
-- a/build.rs --
fn main() {
    println!("cargo:rustc-env=FROM_SCRIPT=yes");
}
-- a/src/lib.rs --
#[test]
fn t() {
    assert_eq!(env!("FROM_SCRIPT"), "yes");
    assert_eq!(std::env::var("CARGO_PKG_NAME").unwrap(), "a");
    assert!(std::env::current_dir().unwrap().ends_with("a"));
}
-- b/Cargo.toml --
[package]
name = "b"
version = "0.1.0"
edition = "2021"
[[test]]
name = "own"
harness = false
-- b/src/lib.rs --
pub fn f(v: &[i32]) -> i32 {
    v[3]
}
-- b/tests/it.rs --
#[test]
fn t() {
    assert_eq!(b::f(&[1]), 1);
}
-- b/tests/own.rs --
fn main() {
    println!("not libtest");
}
""")  # fmt: skip
    run = cargo.run()
    assert names(TestOutcome.PASSED, run) == {"a/src/lib.rs::t", "b/tests/own.rs::own"}
    assert [told(failure) for failure in cargo.failures(run)] == ["index-key b/tests/it.rs::t b/src/lib.rs:2"]
    assert names(TestOutcome.PASSED, cargo.run("a/src/lib.rs::t")) == {"a/src/lib.rs::t"}


def test_a_copy_never_tests_what_was_built_of_the_original(tmp_path: Path) -> None:
    cargo = Cargo(tmp_path / "app", "-- src/lib.rs --\n#[test]\nfn t() {\n    assert_eq!(1, 1);\n}\n")
    assert cargo.run().green_for()
    copied = tmp_path / "copy"
    shutil.copytree(cargo.root, copied)
    copy = Cargo(copied, PACKAGE)
    lib = copied / "src/lib.rs"
    before = lib.stat()
    lib.write_text(lib.read_text().replace("1, 1", "1, 2"))
    os.utime(lib, ns=(before.st_atime_ns, before.st_mtime_ns))
    run = copy.run(original=cargo.root)
    assert [told(failure) for failure in copy.failures(run)] == ["assertion src/lib.rs::t src/lib.rs:3"]


def test_a_dependency_that_is_not_there_is_the_environments_matter(tmp_path: Path) -> None:
    text = PACKAGE + '[dependencies]\nother = { path = "../nowhere" }\n-- src/lib.rs --\n#[test]\nfn t() {}\n'
    cargo = Cargo(tmp_path / "app", text)
    run = cargo.run()
    (failure,) = cargo.failures(run)
    assert (failure.kind.label, failure.slot("missing"), failure.kind.editable) == (
        "dependency-missing",
        "other",
        False,
    )


def test_a_lock_file_that_is_behind_is_not_rewritten(tmp_path: Path) -> None:
    cargo = Cargo(tmp_path / "app", PACKAGE + "-- src/lib.rs --\n#[test]\nfn t() {}\n")
    assert cargo.run().green_for()
    lock = (cargo.root / "Cargo.lock").read_bytes()
    manifest = cargo.root / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("0.1.0", "0.2.0"))
    (failure,) = cargo.failures(cargo.run())
    assert (failure.kind.label, failure.advice) == (
        "dependency-missing", "Bring Cargo.lock up to date with the manifests: cargo update --workspace."
    )  # fmt: skip
    assert (cargo.root / "Cargo.lock").read_bytes() == lock
