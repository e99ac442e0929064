"""Runner output to core values: one reader for each structured route.

Invariant: reads text that it is given; a line that does not carry the run's nonce is not believed.
"""

from .pytest_jsonl import PytestReader

__all__ = ["PytestReader"]
