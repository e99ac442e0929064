"""What one file defines and imports."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.text import Span
from regreen.core.workspace import Import, Symbol


@dataclass(frozen=True, slots=True)
class TestBlock:
    """A test that is written as a call, such as `it("adds", …)`: its title behind those of the suites around it."""

    titles: tuple[str, ...]
    line: int  # 1-based
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of one file. Invariant: symbols in the order of the text."""

    symbols: tuple[Symbol, ...]
    imports: tuple[Import, ...]
    bases: tuple[tuple[str, tuple[str, ...]], ...]  # qualname of a class -> its bases as written
    n_errors: int
    # Where a definition's name starts -> the attributes before it, as written, without their brackets.
    attributes: tuple[tuple[int, tuple[str, ...]], ...] = ()
    blocks: tuple[TestBlock, ...] = ()  # tests that are calls, in the order of the text
