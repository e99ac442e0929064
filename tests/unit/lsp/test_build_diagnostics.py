"""Diagnostics of every kind, and of what keeps tests from being built: that is another server's business, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regreen.app import Settings
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Frame, TestId
from regreen.core.text import PositionEncoding
from regreen.lsp import to_lsp
from regreen.lsp.folders import Folder
from tests.support.calc import Desk, desk
from tests.support.editor import span
from tests.support.engine import FakeEngine

UNBUILT = "def test_add():  # calc.py: unbuilt not def double\n    pass\n"
OTHERS = {"range": span(4, 0, 4, 3), "severity": 1, "source": "other server", "message": "invalid syntax"}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    found = desk(tmp_path)
    with found.editor as editor:
        editor.change(found.tests, {"text": UNBUILT})
        yield found


def shown(at: Desk) -> list[tuple[int, int, str]]:
    found = at.editor.diagnostics.get(at.calc, [])
    return [(one["range"]["start"]["line"], one["severity"], one["code"]) for one in found]


def test_what_keeps_tests_from_being_built_is_shown_quietly(at: Desk) -> None:
    at.run()
    assert shown(at) == [(4, 3, "RG101")]


def test_it_goes_when_another_server_shows_an_error_there_and_its_repair_is_still_offered(at: Desk) -> None:
    at.run()
    titles = [one["title"] for one in at.actions(at.calc, 4, diagnostics=[OTHERS])]
    assert titles == ["Fix with agent", "Fix with agent (dry run)"]
    at.editor.until(lambda: shown(at) == [])
    at.execute("regreen.runTests")
    at.editor.until(lambda: shown(at) == [(4, 3, "RG101")])


@pytest.mark.parametrize(
    "other", [{**OTHERS, "severity": 2}, {**OTHERS, "range": span(0, 0, 0, 3)}, {**OTHERS, "source": "regreen"}]
)
def test_warnings_other_lines_and_our_own_are_no_reason(at: Desk, other: dict[str, Any]) -> None:
    at.run()
    at.actions(at.calc, 4, diagnostics=[other])
    at.execute("regreen.runTests")
    assert shown(at) == [(4, 3, "RG101")]


@pytest.mark.parametrize(("choice", "expected"), [("always", [(4, 1, "RG101")]), ("never", [])])
def test_the_person_may_choose(at: Desk, choice: str, expected: list[tuple[int, int, str]]) -> None:
    at.run()
    settings = {"regreen": {"diagnosticsOfBuild": choice}}
    at.editor.notify("workspace/didChangeConfiguration", {"settings": settings})
    at.editor.until(lambda: shown(at) == expected)
    at.actions(at.calc, 4, diagnostics=[OTHERS])
    at.execute("regreen.runTests")
    assert shown(at) == expected


@pytest.mark.parametrize("kind", FailureKind, ids=lambda kind: kind.code)
def test_each_kind_has_its_code_its_page_its_frames_and_its_test(kind: FailureKind, tmp_path: Path) -> None:
    frames = (
        Frame("t.py", 3, "test_a"),
        Frame("/usr/lib/x.py", 1, "x", inside=False),
        Frame("a.py", 2, "f", "return 1"),
    )
    failure = Failure(kind, TestId(".", "t.py::test_a"), "a.py", 2, "said", (), frames, "t.py", 3, advice="Do it.")
    folder = Folder(str(tmp_path), tmp_path.as_uri(), FakeEngine(str(tmp_path), Settings(), lambda _: None))
    found = to_lsp.diagnostic(folder, failure, 2, "    return 1", Settings(), PositionEncoding.UTF16)
    assert (found.code, found.source, found.severity) == (kind.code, "regreen", 1)
    assert found.code_description is not None
    assert found.code_description.href.endswith(f"/failures/{kind.code.lower()}-{kind.label}.md")
    assert found.message == "test_a: said\nDo it."
    related = [
        (one.location.uri.rpartition("/")[2], one.location.range.start.line) for one in found.related_information or ()
    ]
    assert related == [("a.py", 1), ("t.py", 2), ("t.py", 2)]


@pytest.mark.parametrize("kind", FailureKind, ids=lambda kind: kind.code)
def test_only_what_has_no_test_of_its_own_is_of_the_build(kind: FailureKind) -> None:
    assert not Failure(kind, TestId(".", "t.py::test_a"), "a.py", 2, "said").of_build
    expected = kind.code == "RG101" or kind.code == "RG102" or "RG104" <= kind.code <= "RG109"
    assert Failure(kind, TestId(".", "t.py"), "a.py", 2, "said").of_build is expected
