"""Examples in Rust's documentation notice mutants as other tests do, though no shared build holds them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in, told

pytestmark = pytest.mark.e2e

TEXT = """
-- Cargo.toml --
[package]
name = "calc"
version = "0.1.0"
edition = "2021"
-- src/lib.rs --
/// Triples a value.
pub fn thrice(value: i32) -> i32 {
    value.wrapping_mul(
        3,
    )
}

/// Doubles a value.
///
/// ```
/// assert_eq!(calc::twice(4), 8);
/// ```
pub fn twice(value: i32) -> i32 {
    value * 2
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_thrice() {
        assert_eq!(super::thrice(0), 0);
    }
}
"""
FATES = [
    "3 value.wrapping_mul(\n        3,\n    ) -> 0: Survived",
    "4 3 -> 4: Survived",
    "14 value * 2 -> 0: Killed, src/lib.rs - twice (line 10)",
    "14 * -> /: Killed, src/lib.rs - twice (line 10)",
    "14 2 -> 3: Killed, src/lib.rs - twice (line 10)",
]
# Older than 1.89, cargo runs examples without the target's runner.
OLDER = """#!/bin/sh
for name in $(env | sed -n 's/^\\(CARGO_TARGET_[A-Z0-9_]*_RUNNER\\)=.*/\\1/p'); do unset "$name"; done
case "$*" in *--doc*) echo once >> "$0.log" ;; esac
exec {cargo} "$@"
"""


def test_what_only_an_example_of_the_documentation_notices_is_noticed(tmp_path: Path) -> None:
    strength = judge_mutants("rust", TEXT, mutants_in(TEXT, "src/lib.rs"), tmp_path)
    assert told(strength) == FATES


def test_an_older_cargo_runs_the_examples_for_each_mutant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "bin" / "cargo"
    older.parent.mkdir()
    older.write_text(OLDER.format(cargo=shutil.which("cargo")), "utf-8")
    older.chmod(0o755)
    monkeypatch.setenv("PATH", f"{older.parent}:{os.environ['PATH']}")
    mutants = tuple(mutant for mutant in mutants_in(TEXT, "src/lib.rs") if mutant.operator == "return")
    strength = judge_mutants("rust", TEXT, mutants, tmp_path)
    assert told(strength) == [FATES[0], FATES[2]]
    n_asked = len(Path(f"{older}.log").read_text("utf-8").splitlines())
    assert n_asked == 5  # as they are, in vain for both mutants, for each of them, and as they are


def test_what_is_noticed_by_one_of_several_examples_is_noticed(tmp_path: Path) -> None:
    more = ("```should_panic", "assert_eq!(calc::twice(4), 9);", "```", "```compile_fail", "calc::once()", "```")
    text = TEXT.replace("/// Triples a value.\n", "".join(f"/// {line}\n" for line in ("Triples a value.", *more)))
    mutants = tuple(mutant for mutant in mutants_in(text, "src/lib.rs") if mutant.operator == "number")
    assert [line.partition(", ")[0] for line in told(judge_mutants("rust", text, mutants, tmp_path))] == [
        "10 3 -> 4: Survived",
        "20 2 -> 3: Killed",
    ]
