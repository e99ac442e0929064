"""The set of small bugs is well-formed: headers, sections, kinds from a closed list, and no bug twice."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.support.workspace import parse_files

BUGS = sorted((Path(__file__).parents[2] / "bugs").glob("*.txt"))
HEADERS = ("bug", "kind", "expect", "red")
KINDS_TO_FIX = frozenset(
    [
        "argument",
        "assignment",
        "base-case",
        "call-missing",
        "comparison",
        "conjunct",
        "constant",
        "dict-default",
        "expression",
        "guard",
        "index",
        "loop-range",
        "missing-await",
        "missing-copy",
        "missing-import",
        "missing-return",
        "missing-self",
        "missing-statement",
        "missing-yield",
        "mutable-default",
        "name-typo",
        "negated",
        "off-by-one",
        "operator",
        "return-in-loop",
        "slice",
        "statement-order",
        "string-constant",
        "swapped-arguments",
        "swapped-operands",
        "syntax",
        "two-site",
        "wrap",
        "wrong-exception",
        "wrong-function",
        "wrong-variable",
    ]
)
KINDS_TO_REFUSE = frozenset(["environment", "flaky", "missing-dependency", "missing-feature", "wrong-test"])
KINDS = {"fixed": KINDS_TO_FIX, "refused": KINDS_TO_REFUSE}
FEWEST = {"fixed": 94, "refused": 18}
# Workspaces of which several bugs were made, each of them in another place.
MOST_BUGS_OF_A_MODULE = 3


def headers(text: str) -> dict[str, str]:
    """Read the lines before the first section."""
    lines = text.partition("\n-- ")[0].splitlines()
    return dict(line.split(": ", 1) for line in lines)


def is_test(path: str) -> bool:
    return path.startswith(("tests/", "heldout/", "fix/"))


@pytest.fixture(params=BUGS, ids=lambda path: path.stem)
def bug(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text("utf-8")


def test_headers_are_complete_and_in_order(bug: str) -> None:
    assert tuple(headers(bug)) == HEADERS
    assert all(headers(bug).values())


def test_kind_fits_what_is_expected(bug: str) -> None:
    found = headers(bug)
    assert found["kind"] in KINDS[found["expect"]]


def test_red_test_is_written_down(bug: str) -> None:
    path, *names = headers(bug)["red"].partition("[")[0].split("::")
    text = parse_files(bug)[path]
    assert names
    assert f"def {names[-1]}(" in text
    assert all(f"class {name}(" in text for name in names[:-1])


def test_a_bug_to_fix_has_its_fix_and_held_out_tests(bug: str) -> None:
    files = parse_files(bug)
    fixed = {path.removeprefix("fix/"): text for path, text in files.items() if path.startswith("fix/")}
    held_out = [path for path in files if path.startswith("heldout/")]
    wanted = headers(bug)["expect"] == "fixed"
    assert bool(fixed) == bool(held_out) == wanted
    assert all(files[path] != text for path, text in fixed.items())
    assert not [path for path in fixed if is_test(path)]


def test_only_syntax_bugs_do_not_parse(bug: str) -> None:
    broken = []
    for path, text in parse_files(bug).items():
        if path.endswith(".py") and not parses(text):
            broken.append(path)
    assert bool(broken) == (headers(bug)["kind"] == "syntax")
    assert not [path for path in broken if is_test(path)]


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def test_there_are_enough_bugs() -> None:
    counts = Counter(headers(path.read_text("utf-8"))["expect"] for path in BUGS)
    assert all(fewest <= counts[expect] for expect, fewest in FEWEST.items())


def test_every_kind_occurs() -> None:
    assert {headers(path.read_text("utf-8"))["kind"] for path in BUGS} == KINDS_TO_FIX | KINDS_TO_REFUSE


def test_no_two_bugs_are_the_same() -> None:
    wrong = Counter(
        files[path.removeprefix("fix/")]
        for files in (parse_files(bug.read_text("utf-8")) for bug in BUGS)
        for path in files
        if path.startswith("fix/")
    )
    assert [text for text, count in wrong.items() if 1 < count] == []


def test_few_bugs_share_a_module() -> None:
    modules = Counter(
        text
        for path in BUGS
        for name, text in parse_files(path.read_text("utf-8")).items()
        if name.endswith(".py") and text and not is_test(name)
    )
    assert [text for text, count in modules.items() if MOST_BUGS_OF_A_MODULE < count] == []
