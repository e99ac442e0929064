"""Python: pytest and unittest."""

from .explain import PYTHON
from .language import Python
from .naming import named_tests

__all__ = ["PYTHON", "Python", "named_tests"]
