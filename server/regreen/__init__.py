"""Regreen: a language server that repairs failing tests and never loses work."""

__version__ = "0.1.0"
