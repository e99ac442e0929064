"""The road of a repair: reproduce, plan, edit, test, classify, at most three attempts, then rollback.

Invariant: orders the steps and nothing else. It meets the rooms that have effects as ports only (`core.ports`),
never writes in the person's tree, and calls nothing green that the runner did not run.
"""

from .loop import repair
from .task import Layer, OpenTrials, Ports, Task

__all__ = ["Layer", "OpenTrials", "Ports", "Task", "repair"]
