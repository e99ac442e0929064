"""Rust projects are found by Cargo's own rules, and each trap of real repositories is one workspace here."""

from __future__ import annotations

import pytest

from regreen.core.workspace import Project
from regreen.languages.rust import Rust
from tests.support.tree import TextTree

_PACKAGE = '[package]\nname = "{name}"\nversion = "0.1.0"\n'


def find(text: str, *programs: str) -> tuple[Project, ...]:
    programs = programs or ("/usr/bin/cargo",)
    return Rust().detect(TextTree(text, programs=programs))


def check(text: str, *expected: str) -> None:
    """Compare folder, name, runner and command of every project, one line each."""
    found = find(text)
    assert tuple(f"{each.path} {each.name} {each.runner}: {' '.join(each.test_command)}" for each in found) == expected


def package(folder: str, name: str, more: str = "") -> str:
    prefix = "" if folder == "." else f"{folder}/"
    return f"-- {prefix}Cargo.toml --\n{_PACKAGE.format(name=name)}{more}\n-- {prefix}src/lib.rs --\npub fn f() {{}}\n"


def test_a_package_alone() -> None:
    check(package(".", "app"), ". app cargo-test: cargo test")
    assert find(package(".", "app"))[0].modules == ()


def test_no_manifest_no_project() -> None:
    check("-- a.rs --\nfn main() {}\n")


def test_a_virtual_workspace_is_one_project_with_all_its_members() -> None:
    text = (
        '-- Cargo.toml --\n[workspace]\nmembers = ["crates/*"]\n' + package("crates/a", "a") + package("crates/b", "b")
    )
    check(text, ". space cargo-test: cargo test --workspace")
    assert find(text)[0].source_roots == ("crates/a/src", "crates/b/src")
    assert [(each.path, each.name, " ".join(each.test_command)) for each in find(text)[0].modules] == [
        ("crates/a", "a", "cargo test --package a"),
        ("crates/b", "b", "cargo test --package b"),
    ]


def test_a_root_package_with_members_tests_them_all() -> None:
    text = package(".", "app", '[workspace]\nmembers = ["derive"]') + package("derive", "app_derive")
    check(text, ". app cargo-test: cargo test --workspace")


def test_a_root_package_that_is_its_own_workspace_is_plain() -> None:
    check(package(".", "app", "[workspace]"), ". app cargo-test: cargo test")


def test_a_path_dependency_in_a_workspace_becomes_a_member() -> None:
    text = package(".", "app", '[workspace]\n[dependencies]\nmacros = { path = "macros" }') + package(
        "macros", "macros"
    )
    check(text, ". app cargo-test: cargo test --workspace")


def test_a_path_dependency_without_a_workspace_is_a_project_of_its_own() -> None:
    text = package(".", "app", '[dependencies]\nmacros = { path = "macros" }') + package("macros", "macros")
    check(text, ". app cargo-test: cargo test", "macros macros cargo-test: cargo test")


def test_manifests_of_test_material_are_no_projects() -> None:
    folders = (
        "tests/fixtures/a",
        "tests/testsuite/cargo_add/in",
        "testdata/b",
        "examples/c",
        "fuzz",
        "vendor/d",
        "e2e/f",
    )
    check(package(".", "app") + "".join(package(each, "x") for each in folders), ". app cargo-test: cargo test")


def test_test_material_that_a_workspace_lists_is_a_member() -> None:
    text = package(".", "app", '[workspace]\nmembers = ["examples/*", "fuzz"]')
    text += package("examples/one", "one") + package("fuzz", "app-fuzz")
    assert find(text)[0].source_roots == ("examples/one/src", "fuzz/src", "src")


def test_a_manifest_that_the_workspace_does_not_list_is_none() -> None:
    text = '-- Cargo.toml --\n[workspace]\nmembers = ["a"]\n' + package("a", "a") + package("b", "b")
    check(text, ". space cargo-test: cargo test --workspace")


def test_an_excluded_package_counts_when_it_has_tests() -> None:
    root = package(".", "app", '[workspace]\nmembers = ["a"]\nexclude = ["tool", "bare"]') + package("a", "a")
    tool = package("tool", "tool") + "-- tool/tests/it.rs --\n#[test]\nfn works() {}\n"
    check(
        root + tool + package("bare", "bare"),
        ". app cargo-test: cargo test --workspace",
        "tool tool cargo-test: cargo test",
    )


def test_a_crate_below_a_folder_of_another_language_is_found() -> None:
    text = '-- pyproject.toml --\n[project]\nname = "py"\n' + package("core", "py-core")
    check(text, "core py-core cargo-test: cargo test")


@pytest.mark.parametrize(
    ("workflow", "options"),
    [
        ('matrix:\n  include:\n    - features: "--features full"\nrun: cargo test ${{ matrix.features }}\n', ("full",)),
        (
            'env:\n  SET: --features "full more"\nsteps:\n  - run: cargo test ${{ env.SET }} --color=always\n',
            ("full more",),
        ),
    ],
)
def test_the_variables_of_a_workflow_say_which_features_are_tested(workflow: str, options: tuple[str, ...]) -> None:
    manifest = package(".", "app", "[features]\nfull = []\nmore = []\n")
    found = find(manifest + f"-- .github/workflows/ci.yml --\n{workflow}")[0]
    assert found.test_command == ("cargo", "test", "--features", *options)


def test_of_many_sets_of_features_the_one_that_most_jobs_test_counts() -> None:
    sets = ("extra", "extra", "extra,std", "std", "full_", "std,full_")
    rows = "".join(f'    - features: "--features {each}"\n' for each in sets)
    check_options(
        f"matrix:\n  include:\n{rows}run: cargo test ${{{{ matrix.features }}}}\n",
        "--features",
        "extra",
        features="extra = []\nstd = []\nfull_ = []",
    )


def test_a_nextest_configuration_decides_the_runner() -> None:
    found = find(package(".", "app") + "-- .config/nextest.toml --\n[profile.ci]\nretries = 1\n")[0]
    assert (found.runner, found.test_command, found.confidence) == ("nextest", ("cargo", "nextest", "run"), 1.0)
    assert ("cargo", "install", "cargo-nextest", "--locked") in found.prepare
    assert ("runner", ".config/nextest.toml", 1) in [(each.fact, each.file, each.line) for each in found.evidence]


def test_continuous_integration_decides_the_runner() -> None:
    text = package(".", "app") + "-- .github/workflows/ci.yml --\njobs:\n  test:\n    - run: cargo nextest run\n"
    assert find(text)[0].runner == "nextest"


CI = "-- .github/workflows/ci.yml --\njobs:\n  test:\n    steps:\n"


def check_options(ci: str, *expected: str, features: str = "full = []\nextra = []\nstd = []") -> None:
    text = package(".", "app", f"[features]\n{features}") + CI + ci
    assert find(text)[0].test_command == ("cargo", "test", *expected)


def test_the_features_that_continuous_integration_asks_for_are_asked_for() -> None:
    check_options("      - run: cargo test --all-features\n", "--all-features")
    check_options("      - run: cargo test --features full\n      - run: cargo test\n", "--features", "full")
    check_options("      - run: cargo test --features extra\n", "--features", "extra")


def test_default_features_that_are_tested_are_enough() -> None:
    check_options("      - run: cargo test\n      - run: cargo test --features extra\n")
    check_options("      - run: cargo test --no-default-features\n")


def test_features_of_other_packages_and_of_unknown_names_are_left_out() -> None:
    check_options("      - run: cargo test -p other --features full\n")
    check_options("      - run: cargo test --features nightly\n")
    check_options("      - run: cd inner && cargo test --features full\n")
    check_options("      # - run: cargo test --features full\n")
    check_options("      - run: cargo test --features ${{ matrix.features }}\n")


def test_a_folded_command_is_one_command() -> None:
    check_options(
        "      - run: >\n          cargo test\n          --all-features\n          --verbose\n", "--all-features"
    )
    check_options("      - run: |\n          cargo test \\\n            --features full\n", "--features", "full")


def test_the_features_of_a_makefile_set_that_is_called_full() -> None:
    text = package(".", "app", "[features]\na = []\nb = []")
    text += '-- Makefile --\n_FEATURES_full = --features "a b"\ntest-%:\n\tcargo test ${_FEATURES_${@:test-%=%}}\n'
    text += CI + "      - run: make test-${{matrix.features}}\n"
    assert find(text)[0].test_command == ("cargo", "test", "--features", "a b")


def test_a_pinned_toolchain_is_the_first_step_of_preparation() -> None:
    text = (
        package(".", "app")
        + '-- rust-toolchain.toml --\n[toolchain]\nchannel = "1.98"\n-- Cargo.lock --\nversion = 4\n'
    )
    assert find(text)[0].prepare == (("rustup", "toolchain", "install", "1.98"), ("cargo", "fetch", "--locked"))


def test_a_toolchain_in_the_old_form() -> None:
    assert (
        find(package(".", "app") + "-- rust-toolchain --\nnightly-2026-01-01\n")[0].prepare[0][-1]
        == "nightly-2026-01-01"
    )


def test_dependencies_of_all_members_are_listed_once_without_their_own_packages() -> None:
    text = '-- Cargo.toml --\n[workspace]\nmembers = ["a", "b"]\n[workspace.dependencies]\nserde = "1.2"\n'
    text += package(
        "a", "a", '[dependencies]\nserde.workspace = true\nb = { path = "../b" }\n[dev-dependencies]\ninsta = "1"'
    )
    text += package("b", "b", '[dependencies]\nserde = "1"\njson = { package = "serde_json", version = "1" }')
    found = find(text)[0].dependencies
    assert [(each.name, each.requirement, each.group) for each in found] == [
        ("serde", "1.2", ""), ("serde_json", "1", ""), ("insta", "1", "dev")
    ]  # fmt: skip


def test_a_broken_manifest_is_a_problem_with_its_line() -> None:
    found = find("-- Cargo.toml --\n[package\nname = 1\n-- src/lib.rs --\nfn f() {}\n")
    assert [each.path for each in found] == ["."]
    assert found[0].problems[0].startswith("Cargo.toml:1: this is not valid TOML")


def test_a_workspace_without_members_is_a_problem() -> None:
    found = find('-- Cargo.toml --\n[workspace]\nmembers = ["gone/*"]\n')
    assert found[0].problems[0].startswith("Cargo.toml: no member of this Cargo workspace was found.")


def test_without_cargo_there_is_no_interpreter_and_still_a_project() -> None:
    found = find(package(".", "app"), "/usr/bin/python3")[0]
    assert (found.interpreter, found.test_command) == ("", ("cargo", "test"))


def test_test_folders_are_those_of_tests_and_of_sources_with_tests() -> None:
    text = package(".", "app") + "-- src/a.rs --\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\n"
    text += "-- tests/it.rs --\n#[test]\nfn t() {}\n"
    assert find(text)[0].test_dirs == ("src", "tests")


def test_inline_tables_over_several_lines_are_read() -> None:
    more = '[dependencies]\nserde = {\n  version = "1", # why\n  features = ["derive"],\n}\n'
    found = find(package(".", "app", more))[0]
    assert ([each.name for each in found.dependencies], found.problems) == (["serde"], ())


def test_workflows_of_templates_say_nothing() -> None:
    text = package(".", "app") + "-- templates/x/.github/workflows/ci.yml --\n- run: cargo nextest run --all-features\n"
    assert find(text)[0].test_command == ("cargo", "test")


def test_a_command_for_the_whole_workspace_counts_wherever_its_manifest_is() -> None:
    check_options(
        "      - run: cargo test --workspace --all-features --manifest-path ${{ matrix.it }}\n", "--all-features"
    )
    check_options("      - run: cargo +${{ env.MSRV }} test --all-features\n", "--all-features")


def test_the_name_of_a_step_is_no_command() -> None:
    check_options("      - name: Run cargo test\n        run: cargo test --features extra\n", "--features", "extra")
