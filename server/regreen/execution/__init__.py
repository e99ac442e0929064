"""Starts processes: a test run from a CommandSpec on this machine, and the warm workers that try candidates
out and judge mutants.

Those of a workbench are started in a sandbox, the best one that was found to work here.

Invariant: knows nothing of tests or languages; whatever it starts is gone when it returns or raises.
"""

from .held import held_folder
from .local import LocalExecutor
from .mutation import judge_mutants
from .sandbox import Sandbox, open_sandbox, without_sandbox
from .trials import open_trials

__all__ = ["LocalExecutor", "Sandbox", "held_folder", "judge_mutants", "open_sandbox", "open_trials", "without_sandbox"]
