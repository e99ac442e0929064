"""Where patches come from.

Invariant: turns a request into a proposal; never touches the workspace.
"""

from .search import SearchProvider

__all__ = ["SearchProvider"]
