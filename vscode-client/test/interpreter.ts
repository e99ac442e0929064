import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, choose, prober, type Verdict, verdictOf } from "../src/interpreter";

const GOOD: Verdict = { version: "3.12.1", problem: "" };
const OLD: Verdict = { version: "3.9.2", problem: "is older than Python 3.11" };

function probeOf(verdicts: Record<string, Verdict>) {
  return (path: string) => Promise.resolve(verdicts[path] ?? { version: "", problem: "cannot be run: not found" });
}

test("a setting is an order: nothing else is tried", () => {
  assert.deepEqual(
    candidates(" /opt/python ", "/env/python", "linux").map(({ path }) => path),
    ["/opt/python"],
  );
});

test("without a setting the active environment comes before the PATH", () => {
  assert.deepEqual(
    candidates("", "/env/python", "linux").map(({ path }) => path),
    ["/env/python", "python3", "python"],
  );
  assert.deepEqual(
    candidates("", undefined, "win32").map(({ path }) => path),
    ["python", "py"],
  );
});

test("the first interpreter that fits is taken", async () => {
  const choice = await choose(candidates("", "/env/python", "linux"), probeOf({ "/env/python": OLD, python3: GOOD }));
  assert.equal(choice.chosen?.path, "python3");
  assert.equal(choice.message, "Python 3.12.1, python3 (from the PATH)");
});

test("when none fits, the message says what is wrong with each", async () => {
  const choice = await choose(candidates("", "/env/python", "linux"), probeOf({ "/env/python": OLD }));
  assert.equal(choice.chosen, undefined);
  assert.match(choice.message, /needs Python 3\.11 or newer/);
  assert.match(choice.message, /\/env\/python \(Python 3\.9\.2\), from the Python extension, is older than Python 3\.11/);
  assert.match(choice.message, /python3, from the PATH, cannot be run: not found/);
});

test("an answer that is not the launcher's is refused", () => {
  assert.equal(verdictOf("hello").problem, "is not a Python interpreter");
  assert.equal(verdictOf("{}").problem, "is not a Python interpreter");
  assert.deepEqual(verdictOf('{"version": "3.12.1", "problem": ""}'), GOOD);
});

test("a program that is not there cannot be run", async () => {
  const verdict = await prober("launch.py")("/nowhere/python3");
  assert.match(verdict.problem, /^cannot be run: /);
});
