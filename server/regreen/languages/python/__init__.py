"""Python: pytest and unittest."""

from .explain import PYTHON
from .language import Python
from .modules import distribution, is_standard
from .naming import named_tests
from .run import mutation_command

__all__ = ["PYTHON", "Python", "distribution", "is_standard", "mutation_command", "named_tests"]
