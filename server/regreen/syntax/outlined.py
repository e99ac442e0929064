"""What one file defines, imports and mentions."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.workspace import Import, Symbol


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of one file. Invariant: symbols in the order of the text."""

    symbols: tuple[Symbol, ...]
    imports: tuple[Import, ...]
    references: tuple[str, ...]  # sorted, distinct
    bases: tuple[tuple[str, tuple[str, ...]], ...]  # qualname of a class -> its bases as written
    n_errors: int
