"""Confines what is run after an edit: no network but its own, nothing of the person's to write, little to read."""

from .probe import open_sandbox
from .sandbox import Limits, Sandbox, without_sandbox

__all__ = ["Limits", "Sandbox", "open_sandbox", "without_sandbox"]
