"""The stories in Go, JavaScript and Rust: told where their tools are on the machine, without a network."""

from __future__ import annotations

from .stories import STORIES, Story

_GO_MOD = "module example.com/forest\n\ngo 1.21\n"

_TREE = """// Package tree adds up trees.
package tree

// Node is a node of a binary tree.
type Node struct {
	Value       int
	Left, Right *Node
}

// Sum adds up a tree.
func Sum(node *Node) int {
	return node.Value + Sum(node.Left) + Sum(node.Right)
}
"""

_TREE_TEST = """package tree

import "testing"

func TestSum(t *testing.T) {
	root := &Node{1, &Node{2, nil, nil}, nil}
	if got := Sum(root); got != 3 {
		t.Errorf("Sum = %d, want 3", got)
	}
}
"""

_PACKAGE = """{
  "name": "ticker",
  "version": "1.0.0",
  "type": "module",
  "scripts": { "test": "node --test" }
}
"""

_TICKER = """const PRICES = new Map([["ACME", 120], ["INIT", 45]]);

async function price(symbol) {
  await Promise.resolve();
  return PRICES.get(symbol) ?? 0;
}

/** What a number of shares is worth. */
export async function worth(symbol, shares) {
  const each = price(symbol);
  return each * shares;
}
"""

_TICKER_TEST = """import assert from "node:assert/strict";
import { test } from "node:test";
import { worth } from "../src/ticker.js";

test("three shares", async () => {
  assert.equal(await worth("ACME", 3), 360);
});
"""

_CARGO = """[package]
name = "label"
version = "0.1.0"
edition = "2021"
"""

_LABEL = """/// A thing with a name.
pub struct Label {
    pub name: String,
    pub shown: String,
}

/// Makes a label that is shown with its length.
pub fn label(name: String) -> Label {
    let shown = frame(name);
    Label { name, shown }
}

fn frame(text: String) -> String {
    format!("[{}:{}]", text.len(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_keeps_its_name() {
        let made = label("tea".to_string());
        assert_eq!((made.name.as_str(), made.shown.as_str()), ("tea", "[3:tea]"));
    }
}
"""

_ELSEWHERE = (
    Story(
        "forest",
        "Go: the end of a tree that nobody asked for",
        (("go.mod", _GO_MOD), ("tree/tree.go", _TREE), ("tree/tree_test.go", _TREE_TEST)),
        "tree/tree_test.go::TestSum",
        definition="func TestSum(",
        tool="go",
    ),
    Story(
        "ticker",
        "JavaScript: a promise that nobody waits for",
        (("package.json", _PACKAGE), ("src/ticker.js", _TICKER), ("test/ticker.test.js", _TICKER_TEST)),
        "test/ticker.test.js::three shares",
        definition='test("three shares"',
        tool="node",
    ),
    Story(
        "label",
        "Rust: a value that is given away and used afterwards",
        (("Cargo.toml", _CARGO), ("src/lib.rs", _LABEL)),
        "src/lib.rs::tests::a_label_keeps_its_name",
        definition="fn a_label_keeps_its_name(",
        tool="cargo",
    ),
)
ALL = (*STORIES, *_ELSEWHERE)
