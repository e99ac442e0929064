"""Saves and restores trees, and delivers accepted patches.

Invariant: attempts never write into the user's tree; `deliver` and `take_back` are the only doors to it, they write
nothing but the patch they are given, and never over a text that they did not expect. Nothing here asks why.
"""

from .benches import collect
from .copying.left_out import LeftOut
from .copying.survey import Limits
from .copying.workbench import CopyCheckpoints, CopyWorkbench
from .delivery.deliver import deliver, take_back

__all__ = ["CopyCheckpoints", "CopyWorkbench", "LeftOut", "Limits", "collect", "deliver", "take_back"]
