"""Starts processes: a test run from a CommandSpec on this machine, and the warm worker that tries candidates out.

Invariant: knows nothing of tests or languages; whatever it starts is gone when it returns or raises.
"""

from .local import LocalExecutor
from .trials import open_trials

__all__ = ["LocalExecutor", "open_trials"]
