"""Models behind HTTP: wire formats, faults, limits and the cascade."""

from .asking import Ask, Asker, Purse
from .budget import Amount, Budget, Cap, Price, Scope
from .cascade import Cascade, Member
from .daybook import DayBook
from .keys import AskEditor, CommandKey, EditorKey, EnvironmentKey, Keyless, KeyringKey, KeySource
from .ledger import Ledger, Standing
from .live import Live
from .local import found_locally
from .presets import LOCAL, PRESETS, Preset
from .provider import ModelProvider
from .reviewing import ModelReviewer, Register
from .values import Endpoint, Structured
from .wires import WIRES

__all__ = [
    "LOCAL", "PRESETS", "WIRES", "Amount", "Ask", "AskEditor", "Asker", "Budget", "Cap", "Cascade", "CommandKey",
    "DayBook", "EditorKey", "Endpoint", "EnvironmentKey", "KeySource", "Keyless", "KeyringKey", "Ledger", "Live",
    "Member", "ModelProvider", "ModelReviewer", "Preset", "Price", "Purse", "Register", "Scope", "Standing",
    "Structured", "found_locally",
]  # fmt: skip
