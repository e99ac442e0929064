"""One file for each feature: from LSP, one question to the session, to LSP.

Invariant: decides nothing, and never blocks the loop thread.
"""
