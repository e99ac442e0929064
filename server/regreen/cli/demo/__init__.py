"""regreen demo: an editor's side of the road, told readably."""

from .command import arguments, run

__all__ = ["arguments", "run"]
