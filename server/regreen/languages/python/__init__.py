"""Python: pytest and unittest."""

from .explain import PYTHON
from .language import Python

__all__ = ["PYTHON", "Python"]
