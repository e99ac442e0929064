"""A server process over fake sessions: `python -m tests.support.serve_fake [port]`."""

from __future__ import annotations

import sys

from regreen.lsp.serving import serve_stdio, serve_tcp
from tests.support.engine import FakeEngine

if __name__ == "__main__":
    if 1 < len(sys.argv):
        sys.exit(serve_tcp("127.0.0.1", int(sys.argv[1]), make_engine=FakeEngine))
    sys.exit(serve_stdio(FakeEngine))
