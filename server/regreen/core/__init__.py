"""Values and ports. Standard library only, no I/O, everything frozen.

Invariant: names the things of the domain and nothing else; every other room may import it, it imports none.
Import the subject's module (`from regreen.core.edit import Patch`): each is a door of its own.
"""
