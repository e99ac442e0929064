"""Values as text that is the same in every process: for telling, and for comparing.

Standard library only, Python 3.8 and later; a part of the warm worker.
"""

import re

LONGEST = 2000  # characters of an argument or an answer
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def shown(value):
    try:
        text = repr(value) if is_literal(value) else described(value, 3)
    except Exception:
        return None
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def described(value, depth):
    """Return a value's text; of an object that has none of its own, its class and attributes."""
    kind = type(value)
    if kind in (list, tuple, set):
        parts = value if kind is not set else sorted(value, key=repr)
        return kind.__name__ + "(" + ", ".join(described(part, depth) for part in list(parts)[:50]) + ")"
    if "__repr__" in own_of(kind) or not depth or not hasattr(value, "__dict__"):
        return ADDRESS.sub("", repr(value))
    told = ", ".join("%s=%s" % (name, described(part, depth - 1)) for name, part in sorted(vars(value).items()))
    return "%s(%s)" % (kind.__name__, told)


def own_of(kind):
    """Return what a class and its bases say, apart from what all objects have."""
    return {name for owner in kind.__mro__[:-1] for name in vars(owner)}


def is_literal(value):
    if isinstance(value, (list, tuple, set)) and type(value) in (list, tuple, set):
        return all(is_literal(part) for part in value)
    if type(value) is dict:
        return all(is_literal(part) for pair in value.items() for part in pair)
    return type(value) in (int, float, complex, str, bytes, bool, type(None))
