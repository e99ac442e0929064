"""As many mutants and tests as a large file has are judged in a few starts of a runner."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in

pytestmark = pytest.mark.e2e

N_TESTS = 120
NAME = "what is added up is one more than it was " + "and " * 250
LONG = "  // " + "and so on, " * 160 + "\n"
SOURCE = (
    '-- package.json --\n{ "type": "module", "scripts": { "test": "node --test" } }\n'
    "-- total.js --\nexport function total(a) {\n" + 300 * LONG + "  return a < 9 ? a + 1 : 9;\n}\n"
    "-- total.test.js --\nimport assert from 'node:assert';\nimport { test } from 'node:test';\n"
    "import { total } from './total.js';\n"
    + "".join(f"test('{NAME}{number}', () => assert.equal(total(1), 2));\n" for number in range(N_TESTS))
)


def test_a_body_that_is_too_long_for_all_its_mutants_is_judged_in_parts(tmp_path: Path) -> None:
    mutants = mutants_in(SOURCE, "total.js")
    strength = judge_mutants("javascript", SOURCE, mutants, tmp_path)
    assert strength.complete
    assert Counter(one.fate.value for one in strength.judged) == {"Killed": 3, "Survived": 3}
