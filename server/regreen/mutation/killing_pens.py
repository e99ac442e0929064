"""The pens by grammar."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .killing_go import PEN as GO
from .killing_javascript import PEN as JAVASCRIPT
from .killing_pen import Pen
from .killing_rust import PEN as RUST

PENS: Mapping[str, Pen] = MappingProxyType(
    {"go": GO, "javascript": JAVASCRIPT, "rust": RUST, "tsx": JAVASCRIPT, "typescript": JAVASCRIPT}
)  # fmt: skip
