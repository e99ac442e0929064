"""Go: go test, and what runs through it."""

from .explain import GO
from .language import Go

__all__ = ["GO", "Go"]
