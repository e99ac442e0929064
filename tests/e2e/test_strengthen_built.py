"""Tests in other languages than Python: they pass on the code, and fail on the change that they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.node import PACKAGES, copy_packages, kept_packages
from tests.support.shell import Said, Shell
from tests.support.workspace import lay, parse_files

pytestmark = pytest.mark.e2e
JAVASCRIPT = """
-- package.json --
{ "name": "names", "type": "module", "scripts": { "test": "node --test" } }
-- names.js --
export function clamp(value, low, high) {
  if (value < low) return low;
  if (value > high) return high;
  return value;
}

export async function counted(words) {
  if (words.length > 3) throw new RangeError("too many");
  const found = {};
  for (const word of words) found[word] = (found[word] ?? 0) + 1;
  return found;
}
-- names.test.js --
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clamp, counted } from './names.js';

test('clamp', () => {
  for (const [value, wanted] of [[5, 5], [-3, 0]]) assert.equal(clamp(value, 0, 10), wanted);
});

test('counted', async () => {
  assert.ok(await counted(['a', 'b']));
});
"""
TYPESCRIPT = """
-- package.json --
{ "name": "names", "type": "module", "scripts": { "test": "vitest run" }, "devDependencies": { "vitest": "4" } }
-- src/names.ts --
export type Point = { x: number; y: number };

export const shifted = (point: Point, by = 1): Point => {
  return { x: point.x + by, y: point.y < 0 ? 0 : point.y };
};
-- test/names.spec.ts --
import { expect, it } from "vitest"
import { shifted } from "../src/names"

it("shifts", () => {
  expect(shifted({ x: 1, y: 2 })).toBeTruthy()
})
"""
GO = """
-- go.mod --
module example.com/names

go 1.21
-- names.go --
package names

import (
	"errors"
	"strings"
)

// Point is a place.
type Point struct{ X, Y int }

// Shifted moves points.
func Shifted(by int, points ...Point) []Point {
	var out []Point
	for _, p := range points {
		if p.X < 0 {
			continue
		}
		out = append(out, Point{p.X + by, p.Y})
	}
	return out
}

func initials(name string) (string, error) {
	parts := strings.Fields(name)
	if len(parts) == 0 {
		return "", errors.New("no name")
	}
	out := ""
	for _, part := range parts {
		out += strings.ToUpper(part[:1])
	}
	return out, nil
}
-- names_test.go --
package names

import "testing"

func TestShifted(t *testing.T) {
	if len(Shifted(1, Point{1, 2})) != 1 {
		t.Error("shifted")
	}
}

func TestInitials(t *testing.T) {
	if got, _ := initials("ada"); got == "" {
		t.Error(got)
	}
}
"""
RUST = """
-- Cargo.toml --
[package]
name = "names"
version = "0.1.0"
edition = "2021"
-- Cargo.lock --
version = 3

[[package]]
name = "names"
version = "0.1.0"
-- src/lib.rs --
fn initials(name: &str, dots: bool) -> Result<String, std::fmt::Error> {
    let parts: Vec<&str> = name.split_whitespace().collect();
    if parts.is_empty() {
        return Err(std::fmt::Error);
    }
    let sign = if dots { "." } else { "" };
    Ok(parts.iter().map(|part| format!("{}{}", &part[..1], sign)).collect())
}

/// Finds the first long word.
pub fn first_long<'a>(words: &[&'a str], least: usize) -> Option<&'a str> {
    words.iter().find(|word| word.len() > least).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both() {
        assert!(initials("ada lovelace", true).is_ok());
        assert!(first_long(&["ada", "lovelace"], 2).is_some());
    }
}
"""


def strengthened(tmp_path: Path, root: Path, *options: str) -> Said:
    return Shell(tmp_path).regreen("mutate", root, "--strengthen", *options, timeout=280)


def test_survivors_in_javascript_get_tests_that_notice_them(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", JAVASCRIPT)
    before = parse_files(JAVASCRIPT)
    done = strengthened(tmp_path, root, "--json").document
    found = done["strengthened"]
    assert (done["outcome"], found["applied"], found["left"]) == ("measured", True, 0)
    assert done["survived"] == found["noticed"] == 11
    text = (root / "names.test.js").read_text()
    assert text.startswith(before["names.test.js"])
    assert "  assert.strictEqual(clamp(5, 0, 0), 0);\n" in text
    assert "  await assert.rejects(counted(['a', 'b', 'a', 'b']), RangeError);\n" in text
    assert (root / "names.js").read_text() == before["names.js"]
    again = Shell(tmp_path).regreen("mutate", root, "--json", timeout=280).document
    assert (again["survived"], again["no_coverage"]) == (0, 0)


def test_typescript_under_vitest_is_told_in_its_own_words(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", TYPESCRIPT)
    copy_packages(kept_packages(*PACKAGES), root)
    said = strengthened(tmp_path, root, "--dry-run")
    assert said.status == 0, said.err
    assert "+  expect(shifted({ x: 1, y: 2 })).toEqual({ x: 2, y: 2 })\n" in said.out
    assert "Together they notice 5 changes. Dry run" in said.out
    assert "Dry run: nothing was changed." in said.out
    assert (root / "test/names.spec.ts").read_text() == parse_files(TYPESCRIPT)["test/names.spec.ts"]


def test_survivors_in_go_get_tests_that_notice_them(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", GO)
    done = strengthened(tmp_path, root, "--json").document
    found = done["strengthened"]
    assert (found["applied"], found["left"], found["noticed"]) == (True, 1, 10)
    text = (root / "names_test.go").read_text()
    assert 'import (\n\t"reflect"\n\t"testing"\n)\n' in text
    assert "\tif got := Shifted(1, Point{X: -1, Y: 2}, Point{X: 1, Y: 2}); !reflect.DeepEqual(got, " in text
    assert '\tif _, err := initials(""); err == nil {\n' in text
    again = Shell(tmp_path).regreen("mutate", root, "--json", timeout=280).document
    # What else is given back beside an error is nobody's business.
    (left,) = again["survivors"]
    assert '+\t\treturn "regreen", errors.New("no name")\n' in left["diff"]


def test_survivors_in_rust_get_tests_that_notice_them(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RUST)
    done = strengthened(tmp_path, root, "--json").document
    found = done["strengthened"]
    assert (found["applied"], found["left"], found["noticed"]) == (True, 0, done["survived"] + done["no_coverage"])
    text = (root / "src/lib.rs").read_text()
    assert '        assert!(initials("", true).is_err());\n' in text
    assert '        assert_eq!(initials("ada lovelace", false).ok(), Some("al".to_string()));\n' in text
    again = Shell(tmp_path).regreen("mutate", root, "--json", timeout=280).document
    assert (again["survived"], again["no_coverage"]) == (0, 0)
