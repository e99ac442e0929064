"""Whole values lose their secrets; what a repair edits stays exact, and can be taken back from the record."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.edit import Patch, invert, patch_between, rebase
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Attempt, Proposal, Verdict
from regreen.core.testing import Frame, TestId
from regreen.guard import Redactor, recorded, redacted, shown, unveiled
from tests.support.secret_lines import LINES, RANDOM

SECRET = "mellon-1"
REDACTOR = Redactor([SECRET])
BEFORE = f'"""Things."""\nTOKEN = "{SECRET}"\n\n\ndef add(a, b):\n    return a - b\n\n\nOTHER = "{SECRET} again"\n'
AFTER = BEFORE.replace("a - b", "a + b")
PATCH = patch_between({"calc.py": BEFORE}, {"calc.py": AFTER})


def test_every_text_of_a_value_is_cleaned_and_places_and_names_are_not() -> None:
    test = TestId(".", f"test_x.py::test[{SECRET}]")
    failure = Failure(
        FailureKind.ASSERTION, test, f"{SECRET}.py", 3, f"got {SECRET}", slots=(("actual", SECRET),),
        frames=(Frame("a.py", 1, "f", f"x = '{SECRET}'", True),), text=SECRET,
    )  # fmt: skip
    attempt = Attempt(1, "one", SECRET, PATCH, Verdict.GREEN, SECRET, failure, 0.1, evidence=(SECRET,))
    cleaned = redacted((attempt, {"k": SECRET}, MappingProxyType({"k": SECRET})), REDACTOR)
    assert cleaned[0].patch is PATCH
    assert cleaned[0].failure is not None
    assert (cleaned[0].failure.test, cleaned[0].failure.path) == (test, f"{SECRET}.py")
    without = repr(cleaned).replace(repr(PATCH), "").replace(repr(test), "").replace(f"{SECRET}.py", "")
    assert SECRET not in without
    assert type(cleaned[1]) is dict


def test_a_value_without_secrets_stays_the_one_it_is() -> None:
    value = (Proposal("one", "plain", PATCH),)
    assert redacted(value, REDACTOR) is value


def test_a_patch_is_shown_without_secrets() -> None:
    assert SECRET not in repr(shown(PATCH, REDACTOR))
    assert "a + b" in shown(PATCH, REDACTOR).files[0].after


def test_a_recorded_patch_holds_no_secret_beside_its_edits_and_can_be_taken_back_and_forth() -> None:
    kept = recorded(PATCH, REDACTOR)
    assert SECRET not in repr(kept)
    present = "# new\n" + AFTER + "# more\n"
    back = rebase(invert(unveiled(kept, {"calc.py": present})), {"calc.py": present})
    assert back.files[0].after == "# new\n" + BEFORE + "# more\n"
    assert rebase(unveiled(kept, {"calc.py": BEFORE}), {"calc.py": BEFORE}).files[0].after == AFTER


def test_an_edit_of_the_secret_itself_stays_exact() -> None:
    patch = patch_between({"a.py": f'K = "{SECRET}"\n'}, {"a.py": 'K = load("k")\n'})
    kept = recorded(patch, REDACTOR)
    present = {"a.py": 'K = load("k")\n'}
    assert rebase(invert(unveiled(kept, present)), present).files[0].after == f'K = "{SECRET}"\n'


@pytest.mark.parametrize("kind", LINES)
def test_each_kind_is_veiled_in_a_record_and_found_again(kind: str) -> None:
    line, secret = LINES[kind]
    before = f"one\n{line}\ntwo = 1 - 1\nthree\n"
    after = before.replace("1 - 1", "1 + 1")
    kept = recorded(patch_between({"a": before}, {"a": after}), REDACTOR)
    assert secret not in repr(kept)
    assert unveiled(kept, {"a": after}).files[0].base == before


@given(
    st.lists(st.sampled_from([f"k = '{SECRET}'", f'password = "{RANDOM}"', "x = 1", "", "y = 2"]), min_size=1),
    st.integers(0, 30),
)
def test_undoing_from_the_record_gives_the_text_from_before(lines: list[str], at: int) -> None:
    at %= len(lines)
    before = "".join(f"{line}\n" for line in lines)
    changed = [*lines[:at], "z = 3", *lines[at + 1 :]]
    after = "".join(f"{line}\n" for line in changed)
    patch = patch_between({"a": before}, {"a": after})
    kept = recorded(patch, Redactor([SECRET])) if patch.files else Patch(())
    if patch.files:
        assert rebase(invert(unveiled(kept, {"a": after})), {"a": after}).files[0].after == before
