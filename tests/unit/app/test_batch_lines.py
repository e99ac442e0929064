"""Which lines tests of a built language run: marks are laid, dropped where they do not compile, and taken back."""

from __future__ import annotations

from collections.abc import Callable

from regreen.app.batch_lines import Marks, spectrum_of
from regreen.app.batch_run import Said
from regreen.core.workspace import Project
from regreen.languages import Batching, batching_for
from tests.support.fakes import FakeBench

ONE = "fn one() {\n    g();\n}\n\nfn two() {\n    h();\n}\n"
PROJECT = Project(".", "rust", "calc", "cargo", "cargo-test", "/usr/bin/cargo", ("cargo", "test"), ".")
GOOD = Said(finished=True)


def rust() -> Batching:
    batching = batching_for("rust")
    assert batching is not None
    return batching


class Builds:
    """Answers for builds, from the text that stands in the workbench."""

    def __init__(self, answer: Callable[[str], Said], text: str = ONE) -> None:
        self.bench = FakeBench({"src/lib.rs": text}, {"src/lib.rs": text})
        self.texts: list[str] = []
        self._answer = answer

    def run(self) -> Said:
        self.texts.append(self.bench.files["src/lib.rs"])
        return self._answer(self.texts[-1])

    def measure(self, *among: str) -> Said:
        before = dict(self.bench.files)
        said, _ = Marks(self.bench, rust()).measure(among, self.run)
        assert self.bench.files == before
        return said


def broken_at(line: int) -> Said:
    return Said(broken=(("src/lib.rs", line, "no"),))


def test_marks_stand_in_the_text_while_the_tests_run_and_are_gone_afterwards() -> None:
    builds = Builds(lambda _: GOOD)
    assert builds.measure("src/lib.rs") == GOOD
    (text,) = builds.texts
    assert 'regreen_ran(0, "src/lib.rs:2@15-19\\n"); g();' in text


def test_a_function_whose_marks_do_not_compile_is_left_as_it_is() -> None:
    builds = Builds(lambda text: broken_at(6) if "; h();" in text else GOOD)
    assert builds.measure("src/lib.rs") == GOOD
    assert [("; g();" in text, "; h();" in text) for text in builds.texts] == [(True, True), (True, False)]


def test_a_complaint_that_marks_do_not_explain_ends_it_with_nothing_told() -> None:
    builds = Builds(lambda _: broken_at(6))
    assert builds.measure("src/lib.rs") == Said()
    assert len(builds.texts) == 2


def test_a_complaint_about_another_file_ends_it_at_once() -> None:
    builds = Builds(lambda _: Said(broken=(("build.rs", 1, "no"),)))
    assert builds.measure("src/lib.rs") == Said()
    assert len(builds.texts) == 1


def test_without_a_file_to_mark_nothing_is_built() -> None:
    builds = Builds(lambda _: GOOD)
    assert builds.measure() == Said()
    assert not builds.texts


def test_a_file_that_is_too_large_is_not_marked() -> None:
    builds = Builds(lambda _: GOOD, "// " + "x" * 300_000 + "\n" + ONE)
    assert builds.measure("src/lib.rs") == Said()
    assert not builds.texts


def test_the_lines_of_failing_and_of_passing_tests_are_counted() -> None:
    of_bad = ("bad", False, "src/lib.rs:2@0-1\nsrc/lib.rs:3@2-3\n")
    said = Said(profiles=(of_bad, ("good", True, "src/lib.rs:3@2-3\n"), ("other", False, "src/lib.rs:9@8-9\n")))
    found = spectrum_of(PROJECT, rust(), said, frozenset({"bad"}))
    assert found.lines == {"src/lib.rs": {2: (1, 0), 3: (1, 1)}}
    assert (found.n_failing, found.n_passing) == (1, 1)
