"""Tests in JavaScript that would notice a mutant, in the words of the file that they join."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from hypothesis import given, settings

from regreen.mutation import PENS, Answer, Fact, How, told_answers, told_calls
from regreen.mutation.killing_javascript_words import manner_of
from tests.support.sheets import NODE, REACHED, SOURCE, VALUES, sheet_of

PEN = PENS["javascript"]
CHECK = '\ntest("a", () => {\n  assert.equal(1, 1);\n});\n'


def check_stated(tests: str, fact: Fact, expected: str, source: str = SOURCE) -> None:
    """Compare what is added to a file of tests."""
    sheet = sheet_of(tests, source)
    reach = PEN.reach(sheet)
    assert reach is not None
    draft = PEN.state(sheet, reach, (fact,))
    assert draft.text.removeprefix(tests.rstrip()).strip("\n") == expected.strip("\n")


def check_reached(tests: str, callee: str, *imports: str, source: str = SOURCE, path: str = "clamp.test.js") -> None:
    """Compare how a file of tests calls the function."""
    reach = PEN.reach(sheet_of(tests, source, path))
    assert reach is not None
    assert (reach.callee, reach.imports) == (callee, imports)


GIVES = Fact(("1", "2"), Answer(How.GIVES, "2"), "boundary")


def test_what_a_call_answers_is_stated_with_the_assertions_of_the_file() -> None:
    head = '\ntest("clamp boundary", () => {\n  '
    check_stated(NODE + REACHED + CHECK, GIVES, f"{head.strip()}\n  assert.strictEqual(clamp(1, 2), 2);\n}});")
    expects = REACHED + '\ntest("a", () => {\n  expect(1).toBe(1);\n});\n'
    check_stated(expects, GIVES, 'test("clamp boundary", () => {\n  expect(clamp(1, 2)).toBe(2);\n});')
    imports = "import { expect } from 'chai'\nimport { clamp } from './clamp'\n"
    chai = f"{imports}\nit('a', () => {{\n\texpect(1).to.equal(1)\n}})\n"
    listed = Fact(("1",), Answer(How.GIVES, '["a"]'), "slice")
    check_stated(chai, listed, "it('clamp slice', () => {\n\texpect(clamp(1)).to.deep.equal(['a'])\n})")


def test_lists_and_objects_are_compared_deeply() -> None:
    fact = Fact(("1",), Answer(How.GIVES, "{ a: [1] }"), "slice")
    added = 'test("clamp slice", () => {\n  assert.deepStrictEqual(clamp(1), { a: [1] });\n});'
    check_stated(NODE + REACHED + CHECK, fact, added)


def test_what_is_thrown_is_expected() -> None:
    fact = Fact(("1",), Answer(How.THROWS, "RangeError"), "raise")
    added = 'test("clamp raise", () => {\n  assert.throws(() => clamp(1), RangeError);\n});'
    check_stated(NODE + REACHED + CHECK, fact, added)
    unknown = Fact(("1",), Answer(How.REJECTS, ""), "raise")
    added = 'test("clamp raise", async () => {\n  await assert.rejects(clamp(1));\n});'
    check_stated(NODE + REACHED + CHECK, unknown, added)


def test_a_promise_is_waited_for() -> None:
    fact = Fact(("1",), Answer(How.RESOLVES, "2"), "number")
    added = 'test("clamp number", async () => {\n  assert.strictEqual(await clamp(1), 2);\n});'
    check_stated(NODE + REACHED + CHECK, fact, added)


def test_what_a_library_cannot_say_is_not_stated() -> None:
    chai = 'import { assert } from "chai";\nimport { clamp } from "./clamp.js";\n'
    sheet = sheet_of(chai)
    reach = PEN.reach(sheet)
    assert reach is not None
    assert PEN.state(sheet, reach, (Fact(("1",), Answer(How.REJECTS, ""), "raise"),)).tests == ()


def test_a_title_is_given_once() -> None:
    tests = NODE + REACHED + '\ntest("clamp boundary", () => {});\n'
    sheet = sheet_of(tests)
    reach = PEN.reach(sheet)
    assert reach is not None
    draft = PEN.state(sheet, reach, (GIVES, GIVES))
    assert draft.tests == ("clamp.test.js::clamp boundary 2", "clamp.test.js::clamp boundary 3")


def test_a_function_is_reached_the_way_that_the_file_imports_it() -> None:
    check_reached(NODE + 'import { clamp as c } from "./clamp.js";', "c")
    check_reached(NODE + 'import * as all from "./clamp.js";\nall.clamp(1);', "all.clamp")
    check_reached('const { clamp: c } = require("./clamp");', "c")
    default = SOURCE.replace("export function", "export default function")
    check_reached(NODE + 'import limited from "./clamp.js";', "limited", source=default)
    required = SOURCE.replace("export ", "") + "module.exports = clamp;\n"
    check_reached('const limited = require("./clamp");', "limited", source=required)


def test_a_function_that_no_test_imports_is_imported() -> None:
    loads = 'import { clamp } from "./clamp.js";'
    check_reached(NODE, "clamp", loads)
    check_reached(NODE + 'import { a } from "./a";', "clamp", 'import { clamp } from "./clamp";')
    check_reached("const a = require('./a')\n", "clamp", "const { clamp } = require('./clamp')")
    check_reached(NODE, "clamp", 'import { clamp } from "../clamp.js";', path="test/clamp.test.js")
    sheet = sheet_of(NODE + CHECK)
    reach = PEN.reach(sheet)
    assert reach is not None
    assert f"{NODE.rstrip()}\n{loads}\n" in PEN.state(sheet, reach, (GIVES,)).text


def test_a_function_that_is_not_exported_is_not_reached() -> None:
    assert PEN.reach(sheet_of(NODE, SOURCE.removeprefix("export "))) is None


def test_an_assertion_that_the_file_lacks_is_imported() -> None:
    sheet = sheet_of('import { test } from "node:test";\nimport { clamp } from "./clamp.js";\n' + CHECK)
    reach = PEN.reach(sheet)
    assert reach is not None
    assert 'import assert from "node:assert/strict";\n' in PEN.state(sheet, reach, (GIVES,)).text


def test_a_function_tells_its_calls_and_what_it_answers(tmp_path: Path) -> None:
    lists = "(first, ...rest) => ({ first, n: rest.length })"
    for source, calls, answers in (
        (SOURCE, "clamp(1, 2); clamp(1, 2); clamp(() => 1);", ["2", "2"]),
        (f"export const clamp = {lists};", 'clamp("a"); clamp([1, { a: -0 }], "b");', None),
        ('export async function clamp(n) {\n  if (n < 0) throw new RangeError("no"); return n; }', "clamp(-1);", None),
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        sink = folder / "told"
        sheet = sheet_of(NODE + REACHED, source)
        told = PEN.record(sheet, str(sink)).replace("export ", "")
        (folder / "a.js").write_text(f"{told}\ntry {{ {calls} }} catch {{}}\n")
        subprocess.run(["node", str(folder / "a.js")], check=False, timeout=60, capture_output=True)
        found = told_calls(sink.read_text())
        reach = PEN.reach(sheet)
        assert reach is not None
        sink.unlink()
        draft = PEN.ask(sheet, reach, found, str(sink))
        (folder / "clamp.test.js").write_text(draft.text)
        (folder / "clamp.js").write_text(source)
        (folder / "package.json").write_text('{ "type": "module" }')
        subprocess.run(["node", "--test", str(folder)], check=False, timeout=60, capture_output=True)
        said = told_answers(sink.read_text())
        if answers is None:
            assert [(found[n], said[n].how, said[n].text) for n in sorted(said)] in (
                [
                    (('"a"',), How.GIVES, '{ first: "a", n: 0 }'),
                    (("[1, { a: -0 }]", '"b"'), How.GIVES, "{ first: [1, { a: -0 }], n: 1 }"),
                ],
                [(("-1",), How.REJECTS, "RangeError")],
            )
        else:
            assert (found, said) == ((("1", "2"),), {0: Answer(How.GIVES, "2")})


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_quotes_are_the_files_own_and_the_value_is_the_same(value: object) -> None:
    manner = manner_of(sheet_of("const a = require('a');\n" + REACHED.replace('"', "'")))
    written = manner.quoted(json.dumps(value, ensure_ascii=False))
    double = manner_of(sheet_of(NODE)).quoted(json.dumps(value, ensure_ascii=False))
    assert double == json.dumps(value, ensure_ascii=False)
    assert unquoted(written) == value


def unquoted(text: str) -> object:
    """Read a literal of JavaScript whose texts stand in either kind of quotes."""
    found, at = "", 0
    while at < len(text):
        sign = text[at]
        if sign in "'\"":
            end = at + 1
            while text[end] != sign:
                end += 2 if text[end] == "\\" else 1
            inner = text[at + 1 : end]
            found += f'"{inner}"' if sign == '"' else '"' + inner.replace('"', '\\"') + '"'
            at = end + 1
        else:
            found += sign
            at += 1
    return json.loads(found)
