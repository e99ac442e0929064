"""What one file defines and imports, read off its tree: each grammar by its own module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .outline_go import outline_go
from .outline_javascript import outline_javascript
from .outline_python import outline_python
from .outline_rust import outline_rust
from .outlined import Outline
from .parse import Parsed

# The name of a grammar -> what reads its trees.
_OUTLINES: Mapping[str, Callable[[Parsed], Outline]] = MappingProxyType(
    {
        "go": outline_go,
        "javascript": outline_javascript,
        "python": outline_python,
        "rust": outline_rust,
        "tsx": outline_javascript,
        "typescript": outline_javascript,
    }
)


def outline(parsed: Parsed) -> Outline:
    """Read the outline of a parsed file.

    Raises:
        KeyError: nothing reads the trees of its grammar, which is a bug.
    """
    return _OUTLINES[parsed.language](parsed)
