"""A test is named by its target's root file and the modules that its file stands for, as cargo names it."""

from __future__ import annotations

from regreen.core.text import SourceText
from regreen.languages.rust import Rust, name_in
from tests.support.tree import TextTree

_TEST = "#[test]\nfn t() {}\n"


def names(text: str, *, folder: str = ".") -> list[str]:
    """Return the names of all tests of a workspace that belong to the project in a folder."""
    tree, rust = TextTree(text, programs=("/usr/bin/cargo",)), Rust()
    project = next(each for each in rust.detect(tree) if each.path == folder)
    found = []
    for path in tree.files:
        if path.endswith(".rs"):
            for test in rust.outline(path, SourceText(tree.read(path) or "")).tests:
                found.append(name_in(project, path, test.name))
    return found


def check(text: str, *expected: str) -> None:
    manifest = '-- Cargo.toml --\n[package]\nname = "app"\n' if "-- Cargo.toml --" not in text else ""
    assert names(manifest + text) == list(expected)


def test_a_unit_test_is_in_its_library() -> None:
    check("-- src/lib.rs --\nmod tests {\n    #[test]\n    fn t() {}\n}\n", "src/lib.rs::tests::t")


def test_modules_in_files_are_part_of_the_name() -> None:
    check(
        f"-- src/a/b.rs --\n{_TEST}-- src/a/mod.rs --\n{_TEST}-- src/lib.rs --\n{_TEST}",
        "src/lib.rs::a::b::t",
        "src/lib.rs::a::t",
        "src/lib.rs::t",
    )


def test_a_package_without_a_library_is_named_by_its_binary() -> None:
    check(f"-- src/main.rs --\n{_TEST}-- src/x.rs --\n{_TEST}", "src/main.rs::t", "src/main.rs::x::t")


def test_binaries_beside_a_library_are_targets_of_their_own() -> None:
    check(
        f"-- src/bin/one.rs --\n{_TEST}-- src/bin/two/main.rs --\n{_TEST}"
        f"-- src/lib.rs --\n{_TEST}-- src/main.rs --\n{_TEST}",
        "src/bin/one.rs::t",
        "src/bin/two/main.rs::t",
        "src/lib.rs::t",
        "src/main.rs::t",
    )


def test_each_file_of_tests_is_a_target() -> None:
    check(
        f"-- src/lib.rs --\n-- tests/a.rs --\n{_TEST}-- tests/b/main.rs --\n{_TEST}-- tests/b/c.rs --\n{_TEST}",
        "tests/a.rs::t",
        "tests/b/main.rs::c::t",
        "tests/b/main.rs::t",
    )


def test_one_named_target_takes_in_the_files_beside_it() -> None:
    manifest = '-- Cargo.toml --\n[package]\nname = "app"\nautotests = false\n'
    manifest += '[[test]]\nname = "all"\npath = "tests/tests.rs"\n'
    check(
        f"{manifest}-- src/lib.rs --\n-- tests/feature.rs --\n{_TEST}-- tests/tests.rs --\n{_TEST}",
        "tests/tests.rs::feature::t",
        "tests/tests.rs::t",
    )


def test_a_custom_path_of_the_binary_is_its_place() -> None:
    manifest = '-- Cargo.toml --\n[package]\nname = "app"\n[[bin]]\nname = "rg"\npath = "crates/core/main.rs"\n'
    check(
        f"{manifest}-- crates/core/flags/mod.rs --\n{_TEST}-- crates/core/main.rs --\n{_TEST}",
        "crates/core/main.rs::flags::t",
        "crates/core/main.rs::t",
    )


def test_tests_of_fixtures_belong_to_nothing() -> None:
    check(f"-- src/lib.rs --\n-- tests/data/demo/src/lib.rs --\n{_TEST}", "")


def test_a_library_that_is_not_tested_has_no_place() -> None:
    manifest = '-- Cargo.toml --\n[package]\nname = "app"\n[lib]\ntest = false\n'
    check(f"{manifest}-- src/lib.rs --\n{_TEST}", "")


def test_members_are_named_from_the_root_of_the_workspace() -> None:
    text = '-- Cargo.toml --\n[workspace]\nmembers = ["crates/a"]\n-- crates/a/Cargo.toml --\n[package]\nname = "a"\n'
    check(f"{text}-- crates/a/src/x.rs --\n{_TEST}-- crates/a/src/lib.rs --\n", "crates/a/src/lib.rs::x::t")


def test_a_project_in_a_folder_is_named_from_there() -> None:
    text = f'-- core/Cargo.toml --\n[package]\nname = "a"\n-- core/src/lib.rs --\n{_TEST}'
    assert names(text, folder="core") == ["src/lib.rs::t"]


def test_tests_of_libraries_and_runtimes_are_tests() -> None:
    marks = (
        "tokio::test",
        'tokio::test(flavor = "x")',
        "rstest",
        "test_case(1)",
        "wasm_bindgen_test",
        "test_log::test",
    )
    text = "".join(f"#[{mark}]\nfn t{n}() {{}}\n" for n, mark in enumerate(marks))
    facts = Rust().outline("src/lib.rs", SourceText(text))
    assert [test.name for test in facts.tests] == [f"src/lib.rs::t{n}" for n in range(len(marks))]


def test_helpers_are_no_tests() -> None:
    text = "#[cfg(test)]\nfn a() {}\n#[tokio::main]\nfn b() {}\n#[test_helper::x]\nfn c() {}\nfn test_d() {}\n"
    assert Rust().outline("src/lib.rs", SourceText(text)).tests == ()
