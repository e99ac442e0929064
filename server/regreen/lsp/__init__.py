"""The language server: the only room that knows LSP, and the only one with async.

Invariant: translates and decides nothing; only the loop thread writes to the client; nothing on it blocks.
"""

from .server import create_server
from .serving import serve_stdio, serve_tcp

__all__ = ["create_server", "serve_stdio", "serve_tcp"]
