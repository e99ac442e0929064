"""Recorded traffic with whoever proposes: written while a repair runs, read back strictly by a replay."""

from .folder import Cassette, Manifest, Recorded, read_cassette
from .replay import Replay
from .tape import Tape

__all__ = ["Cassette", "Manifest", "Recorded", "Replay", "Tape", "read_cassette"]
