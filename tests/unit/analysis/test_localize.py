"""The lines to blame come from the traceback, the spectrum, the message, and the names that lines share."""

from __future__ import annotations

from dataclasses import replace

from regreen.analysis import by_file, localize
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Spectrum, Suspect
from regreen.core.testing import TestId
from regreen.core.workspace import FileFacts, TestCase, WorkspaceModel
from regreen.syntax import outline, parse

SHOP = "RATE = 2\nOTHER = 3\n\n\ndef price(n):\n    return n * RATE\n\n\ndef name(n):\n    return n\n"
FAILURE = Failure(FailureKind.ASSERTION, TestId(".", "tests/test_shop.py::test_price"), "", 0, "assert 1 == 2")
FAILURE_PATH = "tests/test_shop.py"
NOTHING = Spectrum({}, 0, 0)


def test_lines_that_only_failing_tests_run_come_first() -> None:
    lines = {"shop.py": {6: (1, 0), 10: (1, 3)}}
    found = suspects(Spectrum(lines, 1, 3))
    assert found[0].line == 6
    assert score(found, 10) < score(found, 6)


def test_the_deepest_frame_comes_before_what_was_merely_run() -> None:
    failure = replace(FAILURE, kind=FailureKind.INDEX_KEY, path="shop.py", line=10)
    found = suspects(Spectrum({"shop.py": {6: (1, 0)}}, 1, 0), failure)
    assert (found[0].line, found[0].score) == (10, 1.0)
    assert 0 < score(found, 6) < 1.0


def test_a_constant_that_a_suspicious_line_reads_is_blamed_and_its_neighbour_is_not() -> None:
    found = suspects(Spectrum({"shop.py": {6: (1, 0)}}, 1, 0))
    assert 0 < score(found, 1) < score(found, 6)
    assert not score(found, 2)


def test_a_constant_of_another_file_is_blamed_only_where_it_is_imported() -> None:
    spectrum = Spectrum({"shop.py": {6: (1, 0)}}, 1, 0)
    files = {"shop.py": SHOP, "rates.py": "RATE = 4\n"}
    assert not [suspect for suspect in among(files, spectrum) if suspect.path == "rates.py"]
    importing = {**files, "shop.py": SHOP.replace("RATE = 2", "from rates import RATE")}
    assert [suspect for suspect in among(importing, spectrum) if suspect.path == "rates.py"]


def test_a_constant_of_another_file_of_the_same_go_package_needs_no_import() -> None:
    sources = {"shop.go": GO.replace("n - 1", "n - Rate"), "rate.go": "package shop\n\nvar Rate = 2\n"}
    symbols = {path: outline(parse(text, "go")).symbols for path, text in sources.items()}
    facts = {path: FileFacts(path, "go", "", symbols=found) for path, found in symbols.items()}
    spectrum = Spectrum({"shop.go": {8: (1, 0)}}, 1, 0)
    found = localize(FAILURE, spectrum, WorkspaceModel("/workspace", files=facts), tuple(sources), sources)
    assert [suspect.line for suspect in found if suspect.path == "rate.go"] == [3]


def test_a_value_that_the_failing_test_is_called_after_is_blamed() -> None:
    files = {"shop.py": "PRICE_LIST = 1\nLIST = 2\n\n\ndef price(n):\n    return n\n"}
    found = among(files, Spectrum({"shop.py": {6: (1, 0)}}, 1, 0), "def test_price_list(): pass\n", "test_price_list")
    assert 0 < score(found, 1)
    assert not score(found, 2)


def test_of_a_long_constant_the_lines_that_the_test_speaks_of_are_blamed_most() -> None:
    rows = "".join(f"    '{name}': 1,\n" for name in ("apple", "pear", "price", "plum"))
    table = f"KINDS = {{\n{rows}}}\n\n\ndef price(n):\n    return KINDS[n]\n"
    test = "def test_price():\n    assert price('pear') == 2\n"
    found = among({"shop.py": table}, Spectrum({"shop.py": {10: (1, 0)}}, 1, 0), test)
    assert score(found, 2) < score(found, 3)


def test_the_definition_of_a_suspicious_function_is_blamed() -> None:
    assert 0 < score(suspects(Spectrum({"shop.py": {6: (1, 0)}}, 1, 0)), 5)


def test_a_function_that_cannot_be_called_so_is_blamed_though_it_never_ran() -> None:
    message = "TypeError: name() takes 0 positional arguments but 1 was given"
    assert 0 < score(suspects(NOTHING, replace(FAILURE, kind=FailureKind.CALL_ARITY, message=message)), 9)


def test_a_file_that_may_not_be_edited_is_never_blamed() -> None:
    assert not localize(FAILURE, Spectrum({"shop.py": {6: (1, 0)}}, 1, 0), model(), ())


def test_without_any_trace_every_line_of_every_symbol_is_a_little_suspicious() -> None:
    assert {suspect.line for suspect in suspects(NOTHING)} == {1, 2, 5, 6, 9, 10}


GO = """package shop

func Price(n int) int {
	return net(n) + 1
}

func net(n int) int {
	return n - 1
}

func Other(n int) int {
	return n
}
"""
GO_TEST = """package shop

func check(n int) bool {
	return Price(n) == 3
}

func TestPrice(t *testing.T) {
	if !check(2) {
		t.Fatal(1)
	}
}

func TestOther(t *testing.T) {
	Other(1)
}
"""


def test_without_a_spectrum_the_functions_that_the_test_reaches_by_name_are_blamed() -> None:
    found = reach("shop::TestPrice")
    assert 0 < score(found, 8) < score(found, 4)
    assert not score(found, 12)
    assert {suspect.path for suspect in found} == {"shop.go"}


def test_of_a_test_that_the_index_does_not_know_the_whole_file_speaks() -> None:
    assert 0 < score(reach("shop::TestElsewhere"), 12)


def reach(name: str) -> tuple[Suspect, ...]:
    sources = {"shop.go": GO, "shop_test.go": GO_TEST}
    facts = {
        path: FileFacts(path, "go", "", symbols=outline(parse(text, "go")).symbols) for path, text in sources.items()
    }
    case = next(symbol for symbol in facts["shop_test.go"].symbols if symbol.name == "TestPrice")
    tests = (TestCase("shop::TestPrice", ".", "shop_test.go", case.line, case.span, case.name_span),)
    facts["shop_test.go"] = replace(facts["shop_test.go"], tests=tests)
    failure = replace(FAILURE, test=TestId(".", name), test_path="shop_test.go")
    return localize(failure, NOTHING, WorkspaceModel("/workspace", files=facts), ("shop.go",), sources)


def test_each_line_is_named_once_and_the_order_is_fixed() -> None:
    spectrum = Spectrum({"shop.py": {10: (1, 0), 6: (1, 0)}}, 1, 0)
    found = suspects(spectrum)
    assert len({suspect.line for suspect in found}) == len(found)
    assert found == suspects(Spectrum({"shop.py": {6: (1, 0), 10: (1, 0)}}, 1, 0))


def test_suspects_are_given_by_file_and_line() -> None:
    assert by_file((Suspect("a.py", 3, 0.5), Suspect("b.py", 1, 0.2))) == {"a.py": {3: 0.5}, "b.py": {1: 0.2}}


def among(
    files: dict[str, str], spectrum: Spectrum, test: str = "def test_price(): pass\n", name: str = "test_price"
) -> tuple[Suspect, ...]:
    trees = {path: outline(parse(text, "python")) for path, text in {**files, FAILURE_PATH: test}.items()}
    facts = {
        path: FileFacts(path, "python", "", symbols=found.symbols, imports=found.imports)
        for path, found in trees.items()
    }
    case = trees[FAILURE_PATH].symbols[0]
    failure = replace(FAILURE, test=TestId(".", f"{FAILURE_PATH}::{name}"), test_path=FAILURE_PATH)
    tests = (TestCase(failure.test.name, ".", FAILURE_PATH, case.line, case.span, case.name_span),)
    facts[FAILURE_PATH] = replace(facts[FAILURE_PATH], tests=tests)
    workspace = WorkspaceModel("/workspace", files=facts)
    return localize(failure, spectrum, workspace, tuple(files), {**files, FAILURE_PATH: test})


def model() -> WorkspaceModel:
    facts = FileFacts("shop.py", "python", "", symbols=outline(parse(SHOP, "python")).symbols)
    return WorkspaceModel("/workspace", files={"shop.py": facts})


def suspects(spectrum: Spectrum, failure: Failure = FAILURE) -> tuple[Suspect, ...]:
    return localize(failure, spectrum, model(), ("shop.py",), {"shop.py": SHOP})


def score(found: tuple[Suspect, ...], line: int) -> float:
    return next((suspect.score for suspect in found if suspect.line == line), 0.0)
