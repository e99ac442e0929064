"""The shadow checkpoint: what a person's tree holds, saved outside of it, and put back in place.

Invariant: git serves as a store of contents only. It never sees the tree, a path, an index or the person's
repository, so that no attribute, filter, hook or configuration of theirs can matter.
"""
