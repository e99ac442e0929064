"""Remembers what happened: every event of every run, one line each.

Invariant: append-only, private to the person, outside of the workspace. Nothing here decides anything.
"""

from .journal import FileJournal, Problem
from .place import state_dir_for
from .schema import VERSION, Entry

__all__ = ["VERSION", "Entry", "FileJournal", "Problem", "state_dir_for"]
