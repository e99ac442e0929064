"""Starts processes: a test run from a CommandSpec, on this machine.

Invariant: knows nothing of tests or languages; whatever it starts is gone when it returns or raises.
"""

from .local import LocalExecutor

__all__ = ["LocalExecutor"]
