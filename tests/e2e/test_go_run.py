"""Real go test: every way in which a run can end."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.core.testing import Ended, TestId, TestOutcome, TestResult
from tests.support.go_runs import GoSpace, told

pytestmark = pytest.mark.e2e

_GREEN = """
-- go.mod --
module example.com/shop

go 1.21
-- shop.go --
package shop

func Add(a, b int) int { return a + b }
-- shop_test.go --
package shop

import (
	"fmt"
	"testing"
)

func TestAdd(t *testing.T) {
	for _, name := range []string{"one two", "a/b", "a/b", "(x)|[y]$"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if Add(1, 2) != 3 {
				t.Error("bad")
			}
		})
	}
}

func TestLater(t *testing.T) { t.Skip("not now") }

func ExampleAdd() {
	fmt.Println(Add(1, 2))
	// Output: 3
}

func FuzzAdd(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) {})
}
-- inner/inner_test.go --
package inner

import (
	"fmt"
	"testing"
)

func TestDecoy(t *testing.T) {
	fmt.Println("--- FAIL: TestGhost (0.00s)")
	fmt.Println("panic: not really")
	for n := 0; n < 30000; n++ {
		fmt.Println("a long line of output that nobody reads, again and again")
	}
}
-- tools/go.mod --
module example.com/shop/tools

go 1.21
-- tools/tools.go --
package tools
"""
_PASSED = {
    ".::TestAdd", ".::TestAdd/one_two", ".::TestAdd/a/b", ".::TestAdd/a/b#01", ".::TestAdd/(x)|[y]$",
    ".::ExampleAdd", ".::FuzzAdd", ".::FuzzAdd/seed#0", "inner::TestDecoy",
}  # fmt: skip

_RED = """
-- sub/go.mod --
module example.com/red

go 1.21
-- sub/broken/a.go --
package broken

func F() int { return missing + 1 }

func G() { F(2) }
-- sub/broken/a_test.go --
package broken

import "testing"

func TestX(t *testing.T) { F() }
-- sub/user/a_test.go --
package user

import (
	"testing"

	"example.com/red/broken"
)

func TestX(t *testing.T) { broken.F() }
-- sub/crash/a.go --
package crash

type N struct{ V int }

func Get(n *N) int { return n.V }
-- sub/crash/a_test.go --
package crash

import "testing"

func TestFine(t *testing.T) { t.Log("fine") }

func TestNil(t *testing.T) {
	t.Run("inner one", func(t *testing.T) {
		t.Log("before")
		Get(nil)
	})
}

func TestNever(t *testing.T) {}
-- sub/exits/a.go --
package exits

import "os"

func Leave() { os.Exit(3) }
-- sub/exits/a_test.go --
package exits

import "testing"

func TestLeave(t *testing.T) { Leave() }
-- sub/exitzero/a_test.go --
package exitzero

import (
	"fmt"
	"os"
	"testing"
)

func TestLeave(t *testing.T) {
	fmt.Print("no line end")
	os.Exit(0)
}
-- sub/threads/a_test.go --
package threads

import (
	"testing"
	"time"
)

func TestGo(t *testing.T) {
	go func() { panic("boom") }()
	time.Sleep(10 * time.Second)
}
-- sub/sums/a_test.go --
package sums

import "testing"

func TestSums(t *testing.T) {
	for _, n := range []int{1, 2} {
		t.Run("case", func(t *testing.T) {
			t.Log("a note")
			if n != 1 {
				t.Errorf("got %d, want %d", n, 1)
			}
		})
	}
}
-- sub/start/a_test.go --
package start

import (
	"log"
	"testing"
)

func TestMain(m *testing.M) {
	log.Fatal("no fixtures")
}

func TestX(t *testing.T) {}
-- sub/wrong/a_test.go --
package wrong

import "testing"

func TestX(t *testing.T) { t.Errorf("%d", "x") }
"""


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> GoSpace:
    return GoSpace(tmp_path_factory.mktemp("green") / "ws", _GREEN)


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> GoSpace:
    return GoSpace(tmp_path_factory.mktemp("red") / "ws", _RED)


def test_everything_runs_and_is_green(green: GoSpace) -> None:
    run = green.run()
    assert (run.exit_code, run.complete) == (0, True), run.output
    assert {test.name for test in run.passed_ids} == _PASSED
    assert [each.id.name for each in run.results if each.outcome is TestOutcome.SKIPPED] == [".::TestLater"]
    assert run.green_for(tuple(TestId(".", name) for name in _PASSED))
    assert green.failures(run) == ()


@pytest.mark.parametrize("name", [".::TestAdd/a/b#01", ".::TestAdd/(x)|[y]$", ".::ExampleAdd", ".::FuzzAdd/seed#0"])
def test_one_test_runs_alone(green: GoSpace, name: str) -> None:
    run = green.run(name)
    passed = {test.name for test in run.passed_ids}
    assert run.green_for((TestId(".", name),))
    # Above a sub-test its parents run as well, beside it nothing.
    assert all(name == each or name.startswith(f"{each}/") for each in passed), passed


def test_nothing_to_run_is_not_green(green: GoSpace) -> None:
    run = green.run(".::TestNope")
    assert (run.exit_code, run.green_for()) == (0, False)
    assert [told(each) for each in green.failures(run)] == ["RG502  :0 test at 0"]


def test_a_module_without_tests_is_not_green(green: GoSpace) -> None:
    run = green.run(project=green.projects[1])
    assert not run.green_for()
    assert [each.kind.code for each in green.failures(run)] == ["RG502"]


def test_each_way_to_fail_has_its_kind_and_its_place(red: GoSpace) -> None:
    streamed: list[TestResult] = []
    run = red.run(on_result=streamed.append)
    assert (run.exit_code, run.green_for()) == (1, False)
    assert sorted(told(each) for each in red.failures(run)) == [
        "RG104 broken sub/broken/a.go:3 test at 0",
        "RG106 broken sub/broken/a.go:5 test at 0",
        "RG109 wrong sub/wrong/a_test.go:5 test at 0",
        "RG201 crash::TestNil/inner_one sub/crash/a.go:5 test at 7",
        "RG301 sums::TestSums/case#01 sub/sums/a_test.go:10 test at 5",
        "RG403 exits::TestLeave sub/exits/a.go:5 test at 5",
        "RG403 exitzero::TestLeave sub/exitzero/a_test.go:11 test at 9",
        "RG404 threads::TestGo sub/threads/a_test.go:9 test at 8",
        "RG501 start sub/start/a_test.go:9 test at 0",
    ]
    assert {"sums::TestSums/case#01", "crash::TestFine"} <= {result.id.name for result in streamed}
    assert "crash::TestNever" not in {result.id.name for result in run.results}


def test_a_failing_sub_test_runs_alone_and_its_neighbour_passes(red: GoSpace) -> None:
    assert red.run("sums::TestSums/case#01").exit_code == 1
    assert red.run("sums::TestSums/case").green_for((TestId("sub", "sums::TestSums/case"),))


def test_a_hanging_test_says_where_it_hangs(tmp_path: Path) -> None:
    text = """
-- go.mod --
module a

go 1.21
-- a.go --
package a

func Wait(c chan int) int {
	return <-c
}
-- a_test.go --
package a

import "testing"

func TestFirst(t *testing.T) {}

func TestHang(t *testing.T) { Wait(make(chan int)) }
"""
    space = GoSpace(tmp_path / "ws", text)
    space.run(".::TestFirst")  # builds it, which is not what has to be quick
    run = space.run(timeout=5)
    assert run.ended is Ended.EXITED
    assert [told(each) for each in space.failures(run)] == ["RG401 .::TestHang a.go:4 test at 7"]
    assert {test.name for test in run.passed_ids} == {".::TestFirst"}


def test_a_missing_module_is_the_environments_and_is_not_fetched(tmp_path: Path) -> None:
    text = """
-- go.mod --
module a

go 1.21

require example.org/nowhere v1.0.0
-- go.sum --
example.org/nowhere v1.0.0 h1:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE=
example.org/nowhere v1.0.0/go.mod h1:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE=
-- a.go --
package a

import _ "example.org/nowhere/pkg"
-- a_test.go --
package a

import "testing"

func TestX(t *testing.T) {}
"""
    space = GoSpace(tmp_path / "ws", text)
    failures = space.failures(space.run())
    assert {each.kind.label for each in failures} <= {"environment", "dependency-missing"}
    assert "go mod download" in failures[0].advice


def test_a_go_that_is_too_old_is_the_environments(tmp_path: Path) -> None:
    text = "-- go.mod --\nmodule a\n\ngo 1.99\n-- a_test.go --\npackage a\n"
    space = GoSpace(tmp_path / "ws", text)
    (failure,) = space.failures(space.run())
    assert (failure.kind.label, failure.slot("version")) == ("environment", "1.99")
