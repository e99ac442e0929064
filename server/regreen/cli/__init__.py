"""The shell: the same session without an editor. Listed in docs/cli.md.

Invariant: one JSON document on standard output with --json; progress and logs on standard error; decides nothing.
"""

from .main import main

__all__ = ["main"]
