"""Saves and restores trees, and delivers accepted patches.

Invariant: attempts never write into the user's tree; `deliver` is the only door to it; it writes nothing but
the patch it is given, and never over a text that it did not expect. Only who asks for `InPlaceCheckpoints` works in
the tree itself, over a checkpoint that is on the disk before. Nothing here asks why.
"""

from .benches import claim, collect
from .copying.left_out import LeftOut
from .copying.survey import Limits
from .copying.workbench import CopyCheckpoints, CopyWorkbench
from .delivery.deliver import Delivery, deliver
from .history import GitHistory
from .in_place import InPlaceCheckpoints, InPlaceWorkbench, recover_in_place
from .locks import Holder, Locks
from .overlay.workbench import OverlayCheckpoints, OverlayWorkbench
from .recoverers import recover
from .recovery import Ending, KeptCopy, Recovery, Told
from .shadow.judge import Restored
from .shadow.store import ShadowStore
from .shadow.underway import Pending, pending

__all__ = [
    "CopyCheckpoints",
    "CopyWorkbench",
    "Delivery",
    "Ending",
    "GitHistory",
    "Holder",
    "InPlaceCheckpoints",
    "InPlaceWorkbench",
    "KeptCopy",
    "LeftOut",
    "Limits",
    "Locks",
    "OverlayCheckpoints",
    "OverlayWorkbench",
    "Pending",
    "Recovery",
    "Restored",
    "ShadowStore",
    "Told",
    "claim",
    "collect",
    "deliver",
    "pending",
    "recover",
    "recover_in_place",
]
