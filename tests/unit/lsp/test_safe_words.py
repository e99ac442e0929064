"""Every way in which a text of others reaches an editor: nothing steers, nothing hides, no link but ours."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.core.trace import RunId, TraceId
from regreen.lsp import to_lsp
from regreen.lsp.markdown import Code, Heading, Links, Paragraph, to_markdown, to_plain
from regreen.lsp.plain import plain
from regreen.pages import repair_page, visible

EVIL = "\x1b[31mred\x1b]8;;command:x\x07\u202e\u200b\U000e0041 \x9b2J [run](command:evil?1)"
EVIL += " <a href='command:evil'> ```\n```"
_PARTS = st.sampled_from(
    ["\x1b[1m", "\x1b]0;t\x07", "\u202e", "\u200b", "`", "```", "~~~", "[a](command:b)", "<a>", "\n", "x"]
)
TEXTS = st.lists(_PARTS, max_size=10).map("".join)


def is_harmless(text: str) -> bool:
    return visible(text) == text


@given(TEXTS)
def test_a_hover_holds_no_link_of_others_and_no_fence_that_they_close(text: str) -> None:
    blocks = (
        Heading(text),
        Paragraph(text),
        Code(text),
        Code(text, "diff"),
        Links((("ours", "command:regreen.fix?1"),)),
    )
    shown = to_markdown(blocks)
    assert is_harmless(shown)
    outside = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", shown, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?<!\\)\]\((command:[^)]*)\)", outside) == ["command:regreen.fix?1"]
    assert is_harmless(to_plain(blocks))


@given(TEXTS)
def test_messages_and_progress_are_harmless(text: str) -> None:
    assert is_harmless(plain(text))


def test_a_report_on_the_wire_and_on_its_page_is_harmless() -> None:
    failure = Failure(FailureKind.ASSERTION, TestId(".", f"t.py::{EVIL}"), "a.py", 1, EVIL, advice=EVIL)
    report = RepairReport(
        RunId("r"), TraceId("t"), 0.0, 0.0, (failure.test,), failure, Outcome.EXHAUSTED, EVIL, (), None
    )
    assert is_harmless(to_lsp.fix_result(report).message)
    assert is_harmless(to_lsp.test_name(failure.test))
    page = repair_page(report, (report,))
    assert is_harmless(page.replace("\r", ""))
    assert "<a href='command:evil'>" not in page
