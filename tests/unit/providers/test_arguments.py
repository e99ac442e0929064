"""Arguments that are called like the parameters of what is called stand in the right order, mostly."""

from __future__ import annotations

import pytest

from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import TestId
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, Symbol, SymbolKind, WorkspaceModel
from regreen.providers.templates import TABLES, Site, read
from regreen.syntax import walk

NOWHERE = Span(0, 1)


def likely(call: str, *parameters: tuple[str, ...]) -> list[float]:
    """Return how likely each exchange of neighbours is, where functions `paint` with these parameters are known."""
    parsed = read(f"function f(x, y) {{\n  {call};\n}}\n", "javascript")
    symbols = tuple(
        Symbol("paint", f"paint{n}", SymbolKind.FUNCTION, NOWHERE, NOWHERE, 1, 1, names)
        for n, names in enumerate(parameters)
    )
    model = WorkspaceModel("/workspace", 0, (), {"a.js": FileFacts("a.js", "javascript", "", symbols)})
    failure = Failure(FailureKind.ASSERTION, TestId(".", "t"), "a.js", 2, "it failed")
    site = Site("a.js", parsed, failure, model, frozenset({2}))
    template = next(row for row in TABLES["javascript"] if row.name == "swapped arguments")
    nodes = [node for node in walk(parsed.root) if node.type in template.nodes]
    return [fix.factor for node in nodes for fix in template.make(site, node)]


@pytest.mark.parametrize(
    ("call", "parameters", "wanted"),
    [
        ("paint(x, y)", (("x", "y"),), "less"),
        ("this.paint(x, y)", (("x", "y"),), "less"),
        ("paint(y, x)", (("x", "y"),), "more"),
        ("paint(y, 1)", (("x", "y"),), "more"),
        ("paint(a, b)", (("x", "y"),), "as ever"),
        ("paint(x, y)", (("x", "y"), ("y", "x")), "as ever"),
        ("paint(x, y)", (("x", "y", "z"),), "as ever"),
        ("draw(x, y)", (("x", "y"),), "as ever"),
    ],
)
def test_an_exchange_is_as_likely_as_the_names_say(
    call: str, parameters: tuple[tuple[str, ...], ...], wanted: str
) -> None:
    (found,) = likely(call, *parameters)
    assert wanted == ("less" if found < 1 else "more" if 1 < found else "as ever")
