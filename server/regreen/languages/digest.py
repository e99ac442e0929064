"""The hash that tells whether a text is still the same."""

from __future__ import annotations

import hashlib


def digest_of(text: str) -> str:
    """Return the hash that says whether a text is still the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
