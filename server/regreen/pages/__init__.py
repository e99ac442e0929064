"""What people read as a page: a repair told with pictures, as one HTML document without scripts.

Invariant: pure. What comes from code, tests and providers is shown, never obeyed: no markup of theirs works, no
invisible character stays invisible, and a page loads nothing.
"""

from .repair_page import repair_page
from .visible import one_line, told, visible, without_ansi

__all__ = ["one_line", "repair_page", "told", "visible", "without_ansi"]
