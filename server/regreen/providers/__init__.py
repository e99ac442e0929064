"""Where patches come from.

Invariant: turns a request into a proposal; never touches the workspace.
"""

from .cassette import Cassette, Manifest, Recorded, Replay, Tape, read_cassette
from .models import (
    LOCAL,
    PRESETS,
    WIRES,
    Budget,
    Cap,
    Cascade,
    CommandKey,
    DayBook,
    EditorKey,
    Endpoint,
    EnvironmentKey,
    Keyless,
    KeyringKey,
    KeySource,
    Ledger,
    Live,
    Member,
    ModelProvider,
    Preset,
    Price,
    Purse,
    Scope,
    Structured,
    found_locally,
)  # fmt: skip # isort: skip
from .search import SearchProvider

__all__ = [
    "LOCAL", "PRESETS", "WIRES", "Budget", "Cap", "Cascade", "Cassette", "CommandKey", "DayBook", "EditorKey",
    "Endpoint", "EnvironmentKey", "KeySource", "Keyless", "KeyringKey", "Ledger", "Live", "Manifest", "Member",
    "ModelProvider", "Preset", "Price", "Purse", "Recorded", "Replay", "Scope", "SearchProvider", "Structured", "Tape",
    "found_locally", "read_cassette",
]  # fmt: skip
