"""A false assertion is written into the very test, of the kind that it makes, where it is reached however it ends."""

from __future__ import annotations

import pytest

from regreen.core.text import SourceText
from regreen.guard import with_canary
from regreen.languages import languages


def canary(path: str, text: str, name: str = "") -> str | None:
    language = next(each for each in languages() if path.endswith(each.suffixes))
    tests = language.outline(path, SourceText(text)).tests
    return with_canary(text, next(test for test in tests if test.name.endswith(name)))


PYTHON = '''
import unittest


def test_plain():
    """Say something."""
    if over():
        return
    assert f() == 3


class Case(unittest.TestCase):
    def test_case(self):
        self.assertTrue(f())
'''


def test_in_python_it_stands_in_a_finally_behind_the_whole_body() -> None:
    text = canary("test_m.py", PYTHON, "test_plain")
    assert text is not None
    assert "    finally:\n        assert 'regreen canary' == 'must fail'\n" in text
    assert text.index("try:") < text.index("return") < text.index("finally:")


def test_a_case_of_unittest_asserts_by_its_own_method() -> None:
    text = canary("test_m.py", PYTHON, "test_case")
    assert text is not None
    assert "self.assertEqual('regreen canary', 'must fail')" in text


@pytest.mark.parametrize(
    ("head", "written"),
    [
        ("func TestA(t *testing.T) {", 't.Cleanup(func() { t.Error("regreen canary: must fail") })'),
        ("func TestA(tt *testing.T) {", "tt.Cleanup(func() { tt.Error("),
        ("func TestA(_ *testing.T) {", "defer func() { panic("),
    ],
)
def test_in_go_it_is_cleaned_up_with_the_test(head: str, written: str) -> None:
    text = canary("m_test.go", f'package m\n\nimport "testing"\n\n{head}\n\tf()\n}}\n')
    assert text is not None
    assert f"{head} {written}" in text


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("{ expect(f()).toBe(3); }", 'finally { expect("regreen canary").toBe("must fail"); }'),
        ("{ expect(f()).to.equal(3); }", 'finally { expect("regreen canary").to.equal("must fail"); }'),
        ("{ assert.deepEqual(f(), [3]); }", 'finally { assert.deepEqual("regreen canary", "must fail"); }'),
        ("{ assert(f()); }", 'finally { assert(false, "regreen canary"); }'),
        ("{ t.is(f(), 3); }", 'finally { t.is("regreen canary", "must fail"); }'),
        ("{ if (f()) throw new Error(); }", 'finally { throw new Error("regreen canary"); }'),
        ("expect(f()).toBe(3)", '{ try { return (expect(f()).toBe(3)); } finally { expect("regreen canary")'),
    ],
)
def test_in_javascript_it_is_the_kind_of_assertion_that_the_test_makes(body: str, written: str) -> None:
    text = canary("m.test.js", f'test("adds", async (t) => {body});\n')
    assert text is not None
    assert written in text


def test_a_javascript_test_in_a_table_gets_it_too() -> None:
    text = canary(
        "m.test.ts", 'describe("m", () => {\n  it.each([1, 2])("is %i", (n) => {\n    expect(n).toBe(1);\n  });\n});\n'
    )
    assert text is not None
    assert 'finally { expect("regreen canary").toBe("must fail"); }' in text


@pytest.mark.parametrize("check", ["assert_eq!(f(), 3);", "assert!(f());"])
def test_in_rust_it_goes_off_when_the_test_goes_out_of_scope(check: str) -> None:
    text = canary(
        "src/lib.rs", f"#[cfg(test)]\nmod tests {{\n    #[test]\n    fn adds() {{\n        {check}\n    }}\n}}\n"
    )
    assert text is not None
    assert "fn adds() { struct RegreenCanary; impl Drop for RegreenCanary" in text
    assert check.partition("(")[0] + '("regreen canary"' in text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("m.test.js", 'test.fails("adds", () => { expect(1).toBe(2); });\n'),
        ("src/lib.rs", "#[test]\n#[should_panic]\nfn adds() {\n    f();\n}\n"),
        ("m.test.js", 'test("adds", body);\n'),
    ],
)
def test_none_is_written_into_a_test_that_is_to_fail_or_has_no_body(path: str, text: str) -> None:
    assert canary(path, text) is None


def test_none_is_written_into_a_text_that_has_changed_so_that_the_test_is_gone() -> None:
    (test, *_) = next(each for each in languages() if each.name == "python").outline("t.py", SourceText(PYTHON)).tests
    assert with_canary("def other():\n    pass\n", test) is None
    assert with_canary("def broken(:\n", test) is None
