"""Saves and restores trees, and delivers accepted patches.

Invariant: attempts never write into the user's tree; `deliver` is the only door to it; it writes nothing but
the patch it is given, and never over a text that it did not expect. Nothing here asks why.
"""

from .benches import collect
from .copying.left_out import LeftOut
from .copying.survey import Limits
from .copying.workbench import CopyCheckpoints, CopyWorkbench
from .delivery.deliver import Delivery, deliver
from .locks import Holder, Locks
from .overlay.workbench import OverlayCheckpoints, OverlayWorkbench
from .recoverers import recover
from .recovery import Ending, KeptCopy, Recovery, Told

__all__ = [
    "CopyCheckpoints",
    "CopyWorkbench",
    "Delivery",
    "Ending",
    "Holder",
    "KeptCopy",
    "LeftOut",
    "Limits",
    "Locks",
    "OverlayCheckpoints",
    "OverlayWorkbench",
    "Recovery",
    "Told",
    "collect",
    "deliver",
    "recover",
]
