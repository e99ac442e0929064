"""What is read off Go modules: each trap of real repositories as a small tree."""

from __future__ import annotations

import pytest

from regreen.core.workspace import Project
from regreen.languages.go.detect import detect
from tests.support.tree import TextTree

TEST = """
-- app_test.go --
package app
"""
SUITE = """
-- go.mod --
module example.com/app
require github.com/onsi/ginkgo/v2 v2.1.0
-- books/books_suite_test.go --
package books

func TestBooks(t *testing.T) { RunSpecs(t, "Books") }
"""


def test_a_module_says_everything_about_itself() -> None:
    project = only(
        """
-- go.mod --
// The module.
module "example.com/wagon/v2" // here

go 1.26

require (
	github.com/google/uuid v1.6.0
	golang.org/x/sys v0.1.0 // indirect
)
-- go.sum --
x
-- wagon.go --
-- wagon_test.go --
-- inner/a_test.go --
-- api/wagon.pb.go --
-- third_party/x/x.go --
"""
    )
    assert (project.path, project.name, project.language) == (".", "example.com/wagon/v2", "go")
    assert (project.package_manager, project.runner, project.interpreter) == ("go", "go-test", "/usr/bin/go")
    assert project.test_command == ("go", "test", "./...")
    assert project.test_dirs == ("inner", ".")
    assert [(each.name, each.requirement) for each in project.dependencies] == [("github.com/google/uuid", "v1.6.0")]
    assert project.prepare == (("go", "mod", "download"),)
    assert project.generated == ("api/wagon.pb.go",)
    assert project.vendored == ("third_party",)
    assert project.confidence == 1.0
    assert ("name", "go.mod", 2) in [(each.fact, each.file, each.line) for each in project.evidence]
    assert ("dependencies", "go.mod", 7) in [(each.fact, each.file, each.line) for each in project.evidence]


def test_a_module_without_requirements_uses_the_standard_library_only() -> None:
    project = only(f"-- go.mod --\nmodule a\n\ngo 1.26\n{TEST}")
    assert (project.dependencies, project.prepare) == ((), ())


def test_missing_sums_are_tidied_and_vendored_modules_need_nothing() -> None:
    needs = "-- go.mod --\nmodule a\nrequire b.org/c v1.0.0\n"
    assert only(needs).prepare == (("go", "mod", "tidy"),)
    assert only(f"{needs}-- vendor/modules.txt --\n# b.org/c v1.0.0\n").prepare == ()


def test_modules_that_are_replaced_by_folders_are_not_fetched() -> None:
    text = "-- go.mod --\nmodule a\nrequire b.org/c v0.0.0\nreplace b.org/c => ./c\n-- c/go.mod --\nmodule b.org/c\n"
    assert [project.prepare for project in projects(text)] == [(), ()]


@pytest.mark.parametrize(
    "folder", ["vendor/x", "testdata/mod", "a/_fixtures/b", ".cache/x", "node_modules/x", "test/fixtures/x"]
)
def test_modules_that_the_go_command_passes_over_are_no_projects(folder: str) -> None:
    text = f"-- go.mod --\nmodule a\n-- {folder}/go.mod --\nmodule b\n"
    assert [project.path for project in projects(text)] == ["."]


def test_a_fixture_that_a_workspace_lists_is_a_project() -> None:
    text = "-- go.work --\nuse ./testdata/x\n-- testdata/x/go.mod --\nmodule x\n"
    assert [project.path for project in projects(text)] == ["testdata/x"]


def test_a_workspace_file_of_vendored_code_is_nobodys() -> None:
    text = """
-- go.mod --
module a
-- vendor/m/go.work --
use ./sub
-- vendor/m/sub/go.mod --
module m
"""
    assert [project.path for project in projects(text)] == ["."]


def test_every_nested_module_is_a_project_of_its_own() -> None:
    text = """
-- go.mod --
module a
-- a_test.go --
-- examples/go.mod --
module a/examples
-- examples/e_test.go --
-- tools/mod/go.mod --
module a/tools
"""
    assert [(each.path, each.cwd, each.test_dirs) for each in projects(text)] == [
        (".", ".", (".",)),
        ("examples", "examples", ("examples",)),
        ("tools/mod", "tools/mod", ()),
    ]


def test_a_module_outside_of_the_workspace_file_runs_without_it() -> None:
    text = """
-- go.work --
go 1.26

use (
	.
	./api
)
-- go.mod --
module a
-- api/go.mod --
module a/api
-- tools/go.mod --
module a/tools
"""
    found = {project.path: project for project in projects(text)}
    assert {path: project.environment for path, project in found.items()} == {
        ".": (),
        "api": (),
        "tools": (("GOWORK", "off"),),
    }
    assert ("workspace", "go.work", 4) in [(each.fact, each.file, each.line) for each in found["."].evidence]


def test_ginkgo_runs_what_the_repository_runs_with_ginkgo() -> None:
    project = only(f"{SUITE}-- Makefile --\ntest:\n\tgo run github.com/onsi/ginkgo/v2/ginkgo -r -p\n")
    assert project.runner == "ginkgo"
    assert project.test_command == ("go", "run", "github.com/onsi/ginkgo/v2/ginkgo", "-r")


@pytest.mark.parametrize(
    "makefile",
    ["test:\n\tgo test ./...", "tools:\n\tgo install github.com/onsi/ginkgo/v2/ginkgo -x", "# ginkgo -r\n"],
    ids=["go-test", "installed-only", "comment"],
)
def test_ginkgo_suites_that_the_repository_runs_with_go_test_stay_there(makefile: str) -> None:
    assert only(f"{SUITE}-- Makefile --\n{makefile}\n").runner == "go-test"


@pytest.mark.parametrize(
    ("workflow", "command"),
    [
        ("run: go test -tags=unit ./...", ("go", "test", "-tags", "unit", "./...")),
        ("run: go test -race --tags 'a b' ./...", ("go", "test", "-tags", "a,b", "./...")),
        ("run: go test -tags=unit ./...\n  run: go test ./...", ("go", "test", "./...")),
        ("run: go test -tags=unit ./pkg", ("go", "test", "./...")),
        ("# go test -tags=unit ./...", ("go", "test", "./...")),
    ],
)
def test_tags_are_those_without_which_everything_is_never_tested(workflow: str, command: tuple[str, ...]) -> None:
    text = f"-- go.mod --\nmodule a\n-- .github/workflows/ci.yml --\nsteps:\n  {workflow}\n"
    assert only(text).test_command == command


def test_a_module_whose_tests_all_ask_for_a_tag_gets_it() -> None:
    text = """
-- go.mod --
module a
-- a_test.go --
//go:build compliance

package a
-- Makefile --
test:
	go test -v --tags=compliance ./compliance/...
"""
    assert only(text).test_command == ("go", "test", "-tags", "compliance", "./...")


def test_the_go_command_of_goroot_goes_before_the_one_on_the_path() -> None:
    programs = ("/opt/go/bin/go", "/usr/bin/go")
    tree = TextTree("-- go.mod --\nmodule a\n", programs=programs, environment={"GOROOT": "/opt/go"})
    assert detect(tree)[0].interpreter == "/opt/go/bin/go"
    assert detect(TextTree("-- go.mod --\nmodule a\n", programs=()))[0].interpreter == ""


def test_tests_without_any_module_are_a_project_that_says_so() -> None:
    project = only("-- a_test.go --\npackage a\n")
    assert project.confidence < 0.5
    assert "go mod init" in project.problems[0]


def test_go_files_without_tests_and_modules_are_no_project() -> None:
    assert projects("-- scripts/gen.go --\npackage main\n") == ()


def test_a_manifest_without_a_module_line_is_a_problem() -> None:
    project = only("-- sub/go.mod --\ngo 1.26\n")
    assert (project.name, project.confidence) == ("sub", 0.5)
    assert project.problems[0].startswith("sub/go.mod: it names no module.")


def test_a_module_whose_file_has_another_name_is_one_that_says_what_to_do() -> None:
    project = only(
        "-- vendor.mod --\nmodule a\nrequire b v1\n-- a_test.go --\npackage a\n-- vendor/b/vendor.mod --\nmodule b\n"
    )
    assert (project.path, project.name, project.runner) == (".", "a", "go-test")
    assert project.prepare == ()
    assert "ln -s vendor.mod go.mod" in project.problems[0]


def projects(text: str) -> tuple[Project, ...]:
    return detect(TextTree(text, programs=("/usr/bin/go",)))


def only(text: str) -> Project:
    (project,) = projects(text)
    return project
