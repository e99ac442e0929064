"""Python: pytest and unittest."""

from .explain import PYTHON
from .language import Python
from .naming import named_tests
from .run import mutation_command

__all__ = ["PYTHON", "Python", "mutation_command", "named_tests"]
