"""regreen serve: the language server."""

from __future__ import annotations

import argparse

from regreen.core.errors import UsageError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="speak over standard input and output (the default)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="listen on this address; port 0 takes a free one")


def run(options: argparse.Namespace) -> int:
    """Serve until the client leaves."""
    # A third of a short command's time would go into the types of a protocol that only this one speaks.
    from regreen.lsp import serve_stdio, serve_tcp

    if not options.tcp:
        return serve_stdio()
    host, colon, port = options.tcp.rpartition(":")
    if not colon or not port.isdecimal() or 65535 < int(port):
        raise UsageError(f"{options.tcp!r} is no HOST:PORT.", next_step="Write it like 127.0.0.1:2087.")
    return serve_tcp(host or "127.0.0.1", int(port))
