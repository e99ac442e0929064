"""The table of operators: what each changes, and which weakness of the tests it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from . import arithmetic, conditions, constants, results, slices, statements
from .dialects import DIALECTS
from .spot import Make


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the table: tried at every node that has one of these roles in the grammar of a file."""

    name: str
    roles: tuple[str, ...]
    make: Make
    example: str
    why: str

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which it is tried, sorted."""
        named = (dialect for dialect in DIALECTS.values() if any(role in dialect.roles for role in self.roles))
        return tuple(sorted({dialect.name for dialect in named}))


OPERATORS: tuple[Operator, ...] = (
    Operator(
        "comparison", ("comparison",), conditions.comparison, "`a == b` → `a != b`, `True`, `False`",
        "no test tells one outcome of the comparison from the other",
    ),
    Operator(
        "boundary", ("comparison", "boundary"), conditions.boundary, "`a < b` → `a <= b`",
        "no test stands right at the boundary",
    ),
    Operator(
        "logical", ("logical",), conditions.logical, "`a and b` → `a or b`, `a`, `b`",
        "no test depends on each of the joined conditions alone",
    ),
    Operator(
        "negation", ("condition", "negation"), conditions.negation, "`if a` → `if not a`",
        "no test sees which way the condition goes",
    ),
    Operator(
        "condition", ("condition",), conditions.condition, "`if a` → `if True`, `if False`",
        "no test needs the condition, for one of its branches is never told from the other",
    ),
    Operator(
        "arithmetic", ("arithmetic",), arithmetic.arithmetic, "`a + b` → `a - b`",
        "no test looks at what is computed",
    ),
    Operator(
        "assignment", ("augmented",), arithmetic.augmented, "`a += b` → `a -= b`, `a = b`",
        "no test looks at what is added up",
    ),
    Operator(
        "step", ("step",), arithmetic.step, "`a++` → `a--`",
        "no test looks at what is counted",
    ),
    Operator(
        "sign", ("sign",), arithmetic.sign, "`-a` → `a`",
        "no test tells a value from its opposite",
    ),
    Operator(
        "number", ("number",), constants.number, "`7` → `8`",
        "no test depends on the number",
    ),
    Operator(
        "boolean", ("boolean",), constants.boolean, "`True` → `False`",
        "no test depends on the value",
    ),
    Operator(
        "text", ("string",), constants.string, '`"a"` → `""`',
        "no test depends on the text",
    ),
    Operator(
        "default", ("default",), constants.default, "`def f(a=1)` → `def f(a=2)`",
        "no test leaves the argument out and looks at what follows",
    ),
    Operator(
        "fallback", ("fallback",), constants.fallback, "`a.get(key, 0)` → `a.get(key)`",
        "no test goes without the value that is looked up",
    ),
    Operator(
        "return", ("return",), results.give_back, "`return a` → `return None`, `return 0`",
        "no test looks at what is given back",
    ),
    Operator(
        "statement", ("statement",), statements.leave_out, "`a.append(b)` → nothing",
        "no test sees what the statement does",
    ),
    Operator(
        "slice", ("slice",), slices.slice_open, "`a[1:n]` → `a[:n]`, `a[1:]`",
        "no test has more than what is taken",
    ),
    Operator(
        "raise", ("throw",), statements.throw, "`raise E` → nothing, `f()?` → `f().unwrap()`",
        "no test expects the error",
    ),
    Operator(
        "except", ("catch",), statements.catch, "`except (E, F): a` → `except E: a`, `except (E, F): raise`",
        "no test lets the error happen that is caught",
    ),
    Operator(
        "early return", ("function", "return"), statements.leave,
        "a function without a value returns at once; a lone `return` → nothing",
        "no test sees what the function does, or that it stops",
    ),
    Operator(
        "loop", ("leave",), statements.loop, "`break` → `continue`",
        "no test has anything left in the loop at that point",
    ),
)  # fmt: skip
