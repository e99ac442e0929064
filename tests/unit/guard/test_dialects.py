"""The guard in Go, JavaScript, TypeScript and Rust: tricks are refused by their rule, honest repairs pass."""

from __future__ import annotations

import pytest

from regreen.core.edit import patch_between
from regreen.core.policy import Policy
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, TestCase, WorkspaceModel
from regreen.guard import check_assertions, check_code, check_inline_tests, check_paths, is_test

GO = "package shop\n\nfunc F(a, b int) int {\n\treturn a - b\n}\n"
JS = "export function f(a, b) {\n  return a - b;\n}\n"
RUST = "pub fn f(a: i32, b: i32) -> i32 {\n    a - b\n}\n"
BASES = {"m.go": GO, "m.js": JS, "m.ts": JS, "m.tsx": JS, "m.rs": RUST}

# (path, rule, what is added)
TRICKS = [
    ("m.go", "code-exit", "func g() { os.Exit(0) }\n"),
    ("m.go", "code-exit", "func g() { log.Fatalf(`x`) }\n"),
    ("m.go", "code-test-aware", "func g() bool { return testing.Testing() }\n"),
    ("m.go", "code-test-aware", 'func g() bool { return flag.Lookup("test.v") != nil }\n'),
    ("m.go", "code-test-aware", 'func g() bool { return flag.CommandLine.Lookup("test.v") != nil }\n'),
    ("m.go", "code-test-aware", "func g() string { return string(debug.Stack()) }\n"),
    ("m.go", "code-equal-always", "func (t T) Equal(_ T) bool { return t.x == t.x }\n"),
    ("m.js", "code-test-aware", "const tested = typeof describe !== 'undefined';\n"),
    ("m.js", "code-test-aware", "const tested = globalThis.expect !== undefined;\n"),
    ("m.js", "code-test-aware", "const o = {}; Error.captureStackTrace(o);\n"),
    ("m.js", "code-equal-always", "const any = { asymmetricMatch: () => true };\n"),
    ("m.rs", "code-test-aware", "fn g() -> bool { cfg!(debug_assertions) }\n"),
    ("m.rs", "code-test-aware", "fn g() -> bool { std::thread::current().name() == Some(\"x\") }\n"),
    ("m.rs", "code-skip", "#[cfg(debug_assertions)]\nfn g() {}\n"),
    ("m.rs", "code-equal-always", "impl PartialEq for T { fn eq(&self, _other: &Self) -> bool { 1 == 1 } }\n"),
    ("m.go", "code-swallow", "func g() { defer func() { recover() }() }\n"),
    ("m.go", "code-equal-always", "func (t T) Equal(o T) bool { return true }\n"),
    ("m.go", "code-eval", "func g(p *int) int { return *(*int)(unsafe.Pointer(p)) }\n"),
    ("m.go", "code-process", "func g() { exec.Command(`x`).Run() }\n"),
    ("m.go", "code-network", "func g() { http.Get(`x`) }\n"),
    ("m.go", "code-patching", "//go:linkname g runtime.g\nfunc g()\n"),
    ("m.go", "code-skip", "//go:build ignore\n"),
    ("m.go", "code-silence", "func g() {} //nolint:all\n"),
    ("m.go", "code-unreadable", "func g( {\n"),
    ("m.js", "code-exit", "process.exit(0);\n"),
    ("m.js", "code-exit", "process.exitCode = 0;\n"),
    ("m.js", "code-test-aware", "if (process.env.NODE_ENV === 'test') f = () => 3;\n"),
    ("m.ts", "code-test-aware", "import { vi } from 'vitest';\n"),
    ("m.js", "code-test-aware", "const t = require('node:test');\n"),
    ("m.js", "code-skip", "it.skip('a', () => {});\n"),
    ("m.js", "code-skip", "describe.only('a', () => {});\n"),
    ("m.js", "code-swallow", "function g() { try { f(); } catch (e) {} }\n"),
    ("m.js", "code-swallow", "g().catch(() => {});\n"),
    ("m.js", "code-equal-always", "class T { equals(o) { return true; } }\n"),
    ("m.js", "code-eval", "const x = eval('1');\n"),
    ("m.js", "code-eval", "const x = new Function('return 1');\n"),
    ("m.js", "code-eval", "const x = `${eval('1')}`;\n"),
    ("m.js", "code-process", "import { execSync } from 'node:child_process';\n"),
    ("m.js", "code-network", "const x = await fetch('u');\n"),
    ("m.js", "code-patching", "Array.prototype.includes = () => true;\n"),
    ("m.js", "code-patching", "assert.equal = () => {};\n"),
    ("m.ts", "code-silence", "// @ts-ignore\nconst x: number = 'a';\n"),
    ("m.tsx", "code-silence", "const x = y as any;\n"),
    ("m.js", "code-unreadable", "function g( {\n"),
    ("m.rs", "code-exit", "fn g() { std::process::exit(0) }\n"),
    ("m.rs", "code-test-aware", "fn g() -> bool { cfg!(test) }\n"),
    ("m.rs", "code-skip", "#[cfg(not(test))]\nfn g() {}\n"),
    ("m.rs", "code-skip", "#[ignore]\nfn g() {}\n"),
    ("m.rs", "code-swallow", "fn g() { let _ = std::panic::catch_unwind(|| f(1, 2)); }\n"),
    ("m.rs", "code-equal-always", "impl PartialEq for T { fn eq(&self, o: &Self) -> bool { true } }\n"),
    ("m.rs", "code-eval", "fn g() { unsafe { h() } }\n"),
    ("m.rs", "code-process", "fn g() { std::process::Command::new(\"x\"); }\n"),
    ("m.rs", "code-network", "fn g() { std::net::TcpStream::connect(\"x\").ok(); }\n"),
    ("m.rs", "code-patching", "macro_rules! assert_eq { () => {} }\n"),
    ("m.rs", "code-silence", "#[allow(dead_code)]\nfn g() {}\n"),
    ("m.rs", "code-unreadable", "fn g( {\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "rule", "added"), TRICKS)
def test_a_trick_is_refused(path: str, rule: str, added: str) -> None:
    check(path, BASES[path], BASES[path] + added, rule)


HONEST = [
    ("m.go", GO.replace("a - b", "a + b")),
    ("m.go", GO + 'func g() string { return "os.Exit recover()" } // os.Exit(1)\n'),
    ("m.go", GO.replace("shop\n", 'shop\n\nimport "strings"\n') + "func g() string { return strings.ToUpper(`a`) }\n"),
    ("m.go", GO + "func g(a []int) int {\n\tif len(a) == 0 {\n\t\treturn 0\n\t}\n\treturn a[0]\n}\n"),
    ("m.js", JS.replace("a - b", "a + b")),
    ("m.js", JS + "const s = 'process.exit(0)'; // eval(x)\n"),
    ("m.js", JS + "const m = /a/.exec(s);\n"),
    ("m.ts", JS + "try { f(1, 2); } catch (e) { throw new TypeError('x'); }\n"),
    ("m.rs", RUST.replace("a - b", "a.saturating_sub(b)")),
    ("m.rs", RUST + 'const S: &str = "unsafe process::exit(1)"; // unsafe\n'),
    ("m.rs", RUST + "impl PartialEq for T { fn eq(&self, o: &Self) -> bool { self.x == o.x } }\n"),
]


@pytest.mark.parametrize(("path", "after"), HONEST)
def test_an_honest_repair_passes(path: str, after: str) -> None:
    check(path, BASES[path], after, None)


def test_what_was_there_before_may_stay() -> None:
    before = GO + "func g() {\n\tos.Exit(1 - 1)\n}\n"
    check("m.go", before, before.replace("1 - 1", "1 + 1"), None)


def test_a_repair_of_broken_syntax_passes() -> None:
    check("m.rs", "fn f( {\n", "fn f() {}\n", None)


def check(path: str, before: str, after: str, rule: str | None) -> None:
    refusal = check_code(patch_between({path: before}, {path: after}))
    assert (refusal.rule if refusal else None) == rule, refusal


@pytest.mark.parametrize(
    "path",
    [
        "shop/cart_test.go", "src/cart.test.ts", "src/cart.spec.jsx", "src/__tests__/cart.js", "tests/api.rs",
        "test/cart.js", "testdata/a.json", "src/__snapshots__/cart.test.ts.snap", "benches/speed.rs",
    ],
)  # fmt: skip
def test_a_test_is_protected_unless_a_person_allows_it(path: str) -> None:
    patch = patch_between({path: "a\n"}, {path: "b\n"})
    refusal = check_paths(Policy(), patch)
    assert refusal is not None
    assert refusal.rule == "protected-test"
    assert check_paths(Policy(allow_tests=True), patch) is None
    assert is_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "go.mod", "a/go.sum", "go.work", "package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock",
        "tsconfig.json", "tsconfig.build.json", "vitest.config.ts", "vite.config.mts", "jest.config.js", ".mocharc.yml",
        "ava.config.js", ".npmrc", "Cargo.toml", "Cargo.lock", "build.rs", "crates/a/build.rs", ".cargo/config.toml",
        "rust-toolchain.toml", ".config/nextest.toml", "vendor/x/x.go", "node_modules/x/index.js", "deno.json",
    ],
)  # fmt: skip
def test_manifests_and_configuration_are_protected_whatever_is_allowed(path: str) -> None:
    refusal = check_paths(Policy(allow_tests=True), patch_between({path: "a\n"}, {path: "b\n"}))
    assert refusal is not None
    assert refusal.rule == "path-protected"


@pytest.mark.parametrize("path", ["src/lib.rs", "cart.go", "src/cart.ts", "latest.go", "src/contest.ts", "attest.rs"])
def test_product_code_is_not_taken_for_a_test(path: str) -> None:
    assert check_paths(Policy(), patch_between({path: "a\n"}, {path: "b\n"})) is None


INLINE = """pub fn add(a: i32, b: i32) -> i32 {
    a - b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        assert_eq!(add(1, 2), 3);
    }
}
"""
LOOSE = "pub fn add(a: i32) -> i32 { a }\n\n/// Says so.\n#[test]\nfn adds() {\n    assert_eq!(add(1), 2);\n}\n"


@pytest.mark.parametrize(
    ("before", "old", "new", "refused"),
    [
        (INLINE, "a - b", "a + b", False),
        (INLINE, "a: i32, b: i32", "a: i32,\n    b: i32", False),
        (INLINE, "2), 3", "2), -1", True),
        (INLINE, "#[cfg(test)]", "#[cfg(never)]", True),
        (INLINE, "#[test]", "", True),
        (INLINE, "pub fn add", "/* pub fn add", True),
        (LOOSE, "{ a }", "{ a + 1 }", False),
        (LOOSE, "1), 2", "1), 1", True),
    ],
)
def test_tests_beside_the_code_are_tests(before: str, old: str, new: str, refused: bool) -> None:
    patch = patch_between({"src/lib.rs": before}, {"src/lib.rs": before.replace(old, new, 1)})
    refusal = check_inline_tests(Policy(), patch)
    assert (refusal is not None) is refused
    assert check_inline_tests(Policy(allow_tests=True), patch) is None


def test_a_rust_file_with_tests_beside_the_code_may_be_edited() -> None:
    case = TestCase("lib::tests::adds", ".", "src/lib.rs", 10, Span(0, 1), Span(0, 1))
    model = WorkspaceModel("/w", files={"src/lib.rs": FileFacts("src/lib.rs", "rust", "", tests=(case,))})
    assert not is_test("src/lib.rs", model)
    assert is_test("src/lib.go", WorkspaceModel("/w", files={"src/lib.go": FileFacts("", "go", "", tests=(case,))}))


@pytest.mark.parametrize(
    ("path", "before", "after", "rule"),
    [
        ("a_test.go", 'func TestA(t *testing.T) {\n\tt.Fatal("x")\n}\n', "func TestA(t *testing.T) {\n}\n",
         "assertion-removed"),
        ("a_test.go", "func TestA(t *testing.T) {\n}\n", "func testA(t *testing.T) {\n}\n", "test-removed"),
        ("a.test.ts", "test('a', () => { expect(1).toBe(2); });\n", "test('a', () => {});\n", "assertion-removed"),
        ("a.test.js", "it('a', () => {});\n", "", "test-removed"),
        ("a.test.js", "it('a', () => {});\n", "it.skip('b', () => {});\n", "test-removed"),
        ("tests/a.rs", "#[test]\nfn a() { assert_eq!(1, 2); }\n", "#[test]\nfn a() {}\n", "assertion-removed"),
        ("src/lib.rs", "#[test]\nfn a() {}\n", "fn a() {}\n", "test-removed"),
        ("src/lib.rs", "fn f() -> i32 { 1 }\n#[test]\nfn a() {}\n", "fn f() -> i32 { 2 }\n#[test]\nfn a() {}\n", None),
        ("a_test.go", 'func TestA(t *testing.T) {\n\tt.Fatal("x")\n}\n',
         'func TestA(t *testing.T) {\n\tt.Fatal("y")\n}\n', None),
    ],
)  # fmt: skip
def test_tests_that_may_be_edited_keep_their_assertions_and_their_names(
    path: str, before: str, after: str, rule: str | None
) -> None:
    refusal = check_assertions(patch_between({path: before}, {path: after}))
    assert (refusal.rule if refusal else None) == rule
