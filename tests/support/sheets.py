"""Files of JavaScript tests, with the function that they test."""

from __future__ import annotations

from hypothesis import strategies as st

from regreen.core.text import decode
from regreen.languages import REGISTRY
from regreen.mutation import Sheet

SOURCE = "export function clamp(value, low) {\n  return value < low ? low : value;\n}\n"
NODE = 'import assert from "node:assert/strict";\nimport { test } from "node:test";\n'
REACHED = 'import { clamp } from "./clamp.js";\n'

# What JSON can say is what a literal can say.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab'\" ", min_size=1), inner, max_size=3),
    max_leaves=8,
)


def sheet_of(tests: str, source: str = SOURCE, path: str = "clamp.test.js", tested: str = "clamp.js") -> Sheet:
    """Return a file of tests and the first function of a file."""
    facts = REGISTRY["javascript"].outline(path, decode(tests.encode(), path))
    symbol = REGISTRY["javascript"].outline(tested, decode(source.encode(), tested)).symbols[0]
    taken = frozenset(case.name for case in facts.tests)
    return Sheet(path, tests, facts, f"{path}::a", tested, source, symbol, taken)
