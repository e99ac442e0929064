"""Every template makes the fix that it is there for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regreen.core.edit import apply
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import TestId
from regreen.core.workspace import FileFacts, WorkspaceModel
from regreen.providers.templates import Site, Template
from regreen.providers.templates.python import TABLE
from regreen.syntax import outline, parse, walk

TEST = TestId(".", "tests/test_it.py::test_it")
BY_NAME = {template.name: template for template in TABLE}
CLASS = "class Shop:\n    {}\n"
FUNCTION = "def make(a, b):\n    {}\n"

# (template, before, after) with what the failure says; a line of a function, when there is no line break.
ROWS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("colon", "if a:\n    b\nelse\n    c\n", "if a:\n    b\nelse:\n    c\n", {"line": "3"}),
    ("bracket", "x = f(g(a, b)\n", "x = f(g(a), b)\n", {}),
    ("bracket", "x = f(a))\n", "x = f(a)\n", {}),
    ("quote", "x = f('a)\n", "x = f('a')\n", {}),
    ("single equals", "if a = 1:\n    b\n", "if a == 1:\n    b\n", {}),
    ("comma", "x = [1 2]\n", "x = [1, 2]\n", {}),
    ("indentation", "a = 1\n  b = 2\n", "a = 1\nb = 2\n", {"line": "2"}),
    ("foreign syntax", "if a && b:\n    c\n", "if a and b:\n    c\n", {}),
    ("missing import", "x = sqrt(2)\n", "from math import sqrt\nx = sqrt(2)\n", {"symbol": "sqrt"}),
    ("misspelt name", "return first", "return a", {"symbol": "first", "suggest": "a"}),
    ("misspelt member", "a.cite() + b.cite()", "a.quote() + b.quote()", {"symbol": "cite", "suggest": "quote"}),
    ("misspelt import", "import maths\n", "import math\n", {"missing": "maths"}),
    ("misspelt keyword", "f(widht=1)", "f(width=1)", {"keyword": "widht", "suggest": "width"}),
    ("misspelt key", "return {'name': 1}['nmae']", "return {'name': 1}['name']", {}),
    ("missing await", "async def f():\n    g()\n", "async def f():\n    await g()\n", {}),
    ("missing self", CLASS.format("def f(): pass"), CLASS.format("def f(self): pass"), {}),
    ("attribute of self", "def f(self):\n    g(n)\n", "def f(self):\n    g(self.n)\n", {"symbol": "n", "line": "2"}),
    ("wrap", "return a + b", "return a + len(b)", {}),
    ("kin", "a.append(b)", "a.extend(b)", {}),
    ("method", "return f(a)", "return f(a.lower())", {}),
    ("gone through", "for x, y in a: pass", "for x, y in a.items(): pass", {}),
    ("unwrap", "return str(a)", "return a", {}),
    ("call", "return a.b", "return a.b()", {}),
    ("guard", "return a.b", "if a is None:\n        return None\n    return a.b", {}),
    ("fall back", "return f(a)", "return f((a or \"\"))", {}),
    ("conditional", "x = a.b()", "x = a.b() if a is not None else \"\"", {}),
    ("counted key", "a[b] += 1", "a[b] = a.get(b, 0) + 1", {}),
    ("counted key", "a[b].append(1)", "a.setdefault(b, []).append(1)", {}),
    ("key default", "return a[b]", "return a.get(b, 0)", {}),
    ("caught exception", "try: a()\n    except TypeError: b()", "try: a()\n    except ValueError: b()", {}),
    ("raised exception", "raise KeyError(a)", "raise ValueError(a)", {}),
    ("comparison", "return a < b", "return a <= b", {}),
    ("arithmetic", "return a + b", "return a - b", {}),
    ("augmented", "a += b", "a -= b", {}),
    ("add up", "a = b", "a += b", {}),
    ("logical", "return a or b", "return a and b", {}),
    ("operand too many", "return a + b", "return a", {}),
    ("swapped operands", "return a - b", "return b - a", {}),
    ("negate", "if a: return b", "if not a: return b", {}),
    (
        "conjunct",
        "def f(self):\n    if self.a: g()\n    h(self.n)\n",
        "def f(self):\n    if self.a and not self.n: g()\n    h(self.n)\n",
        {},
    ),
    ("taken for false", "if a: return b", "if a is not None: return b", {}),
    ("taken for false", "if not a: return b", "if a is None: return b", {}),
    ("false as well", "if a is None: return b", "if not a: return b", {}),
    ("false as well", "if a is not None: return b", "if a: return b", {}),
    ("default for false", "return a or b", "return a if a is not None else b", {}),
    ("default for false", "f(1, a or b)", "f(1, (a if a is not None else b))", {}),
    (
        "default for false",
        "a.n = b.pop('n', None) or 9",
        "a.n = b.pop('n', None)\n    if a.n is None:\n        a.n = 9",
        {},
    ),
    ("none instead", "return next(a)", "return next(a, None)", {}),
    ("none instead", "return getattr(a, b)", "return getattr(a, b, None)", {}),
    ("absent member", "return a.b", 'return getattr(a, "b", None)', {}),
    ("compared type", "return type(a) == b", "return isinstance(a, b)", {}),
    ("compared type", "return type(a) is not b", "return not isinstance(a, b)", {}),
    ("more kinds", "return isinstance(a, list)", "return isinstance(a, (list, tuple))", {}),
    ("more kinds", "return isinstance(a, (int, str))", "return isinstance(a, (int, str, float))", {}),
    ("pattern", "x = r'a+b'", "x = r'a*b'", {}),
    ("pattern", "x = r'a=[0-9]'", r"x = r'a\s*=[0-9]'", {}),
    ("pattern", "x = r'(a)[0-9]'", "x = r'(a)[0-9]?'", {}),
    ("pattern", "x = r'(IN|USING) '", "x = r'(IN|USING|FROM) '", {"code": "assert parse('from(a)')"}),
    ("pattern", "x = r'[a-z]+'", r"x = r'[a-z\-]+'", {"code": "assert parse('a-b')"}),
    ("one more word", "x = ['a', 'b']\n", "x = ['a', 'b', 'c']\n", {"code": "assert knows('c')"}),
    ("pattern", "import re\ns = '%s%s+' % (a, b)\n", "import re\ns = '%s%s*' % (a, b)\n", {}),
    ("one more entry", "x = {'A': 1, 'B': 1, 'C': 2}\n", "x = {'A': 1, 'B': 1, 'BAR': 1, 'C': 2}\n",
     {"code": "assert parse('bar')"}),
    ("taken over", "f(a.strip('-'))\n    return b", "f(a.strip('-'))\n    return b.strip('-')", {}),
    ("before a method", "f(a.replace('-', '_'))\n    return b.upper()",
     "f(a.replace('-', '_'))\n    return b.replace('-', '_').upper()", {}),
    ("formatted as one", "return '%r' % a", "return '%r' % (a,)", {}),
    ("flag of a pattern", "re.match('a', b)", "re.match('a', b, flags=re.IGNORECASE)", {}),
    ("handed on", "def f(a, b=1): pass\ndef g(b): f(2)\n", "def f(a, b=1): pass\ndef g(b): f(2, b=b)\n", {}),
    ("negate", "return [x for x in b if a(x)]", "return [x for x in b if not a(x)]", {}),
    ("rounded up", "return a // b", "return (a + b - 1) // b", {}),
    ("not too many", "return not a", "return a", {}),
    ("lower bound", "return a < 9", "return 0 <= a < 9", {}),
    ("conjunct", "if a: return b", "if a and b is not None: return b", {}),
    ("number", "return 360", "return 3600", {}),
    ("off by one", "return a[b]", "return a[b - 1]", {}),
    ("boolean", "return True", "return False", {}),
    ("text", "return 'x' if a == 'y' else b", "return 'y' if a == 'y' else b", {}),
    ("variable", "return a", "return b", {}),
    ("swapped arguments", "return f(a, b)", "return f(b, a)", {}),
    ("argument too many", "return f(a, b)", "return f(a)", {}),
    ("argument too few", "return f(a)", "return f(a, b)", {}),
    ("slice", "return a[:b]", "return a[-b:]", {}),
    ("missing return", "a + b", "return a + b", {}),
    ("returned value", "f(a)", "return f(a)", {}),
    ("return in the loop", "for x in a:\n        f()\n        return b", "for x in a:\n        f()\n    return b", {}),
    (
        "last round",
        "n = []\n    for x in a:\n        if x:\n            yield n\n        n = [x]",
        "n = []\n    for x in a:\n        if x:\n            yield n\n        n = [x]\n    if n:\n        yield n",
        {},
    ),
    ("statement too many", "f(a)\n    return b", "return b", {}),
    ("shared default", "def f(a=[]):\n    g(a)\n", "def f(a=None):\n    if a is None:\n        a = []\n    g(a)\n", {}),
    (
        "shared attribute",
        "class A:\n    n = []\n\n    def __init__(self):\n        self.m = 1\n",
        "class A:\n    def __init__(self):\n        self.n = []\n        self.m = 1\n",
        {},
    ),
    ("attribute beside", "return f(a.x, a.y)", "return f(a.y, a.y)", {}),
    ("local value", "return f(b.x)", "return f(a)", {}),
    ("ingredient", "x = a.f()\n    return a.f().g()", "x = a.f().g()\n    return a.f().g()", {}),
    ("boundary", "return a < 0", "return a == 1", {}),
    ("logical", "return a and b and a.x", "return a or b or a.x", {}),
    ("wrap both", "return a == b", "return set(a) == set(b)", {}),
    ("bounded", "a = a + b", "a = max(a + b, 0)", {}),
    ("target", "a = 1\n    b = a", "a = 1\n    a = a", {}),
    ("argument too few", "return sorted(a)", "return sorted(a, reverse=True)", {}),
    ("argument too few", "return range(a)", "return range(1, a)", {}),
    ("spelling of a text", "return 'Jupyter'", "return 'Jupiter'", {"message": "assert 'Jupyter' == 'Jupiter'"}),
    ("spelling of a text", "return 'yes'", "return 'Yes'", {}),
    ("spelling of a text", "return a + ' '", "return a + ''", {}),
    ("in all places", "return a + 'x' if a else 'x'", "return a + '' if a else ''", {}),
    ("number at hand", "b = 26\n    return a % 24", "b = 26\n    return a % 26", {}),
    ("fraction", "return a * 0.5", "return a * 2.0", {}),
    ("operand too few", "return f(a)", "return f(a - b)", {}),
    ("operand too few", "return (a + b)", "return (a + b) / 2", {}),
    ("separated", "return a + b", 'return a + "." + b', {}),
    ("joined", "return [x for x in a]", "return b + [x for x in a]", {}),
    ("swapped keys", "return a[b, 1]", "return a[1, b]", {}),
    ("target", "a[1, 2] = a[b]", "a[b] = a[b]", {}),
    ("part", "for x in a: pass", "for x in a[b:]: pass", {}),
    ("whole", "return a[b]", "return a", {}),
    ("sign", "return a", "return -a", {}),
    ("said no", "return a.x(b)", "return not a.x(b)", {}),
    ("owner", "return a.lower()", "return a", {}),
    ("either", "return a if a else b", "return b if a else a", {}),
    ("swapped elements", "return [a, b]", "return [b, a]", {}),
    ("swapped elements", "x, y = a", "y, x = a", {}),
    ("swapped sides", "return a in b", "return b in a", {}),
    ("element too many", "return (1, 2, 3)", "return (1, 3)", {}),
    ("filled", "return []", "return [[]]", {}),
    (
        "best so far",
        "top = 0\n    for x in a:\n        top = b + x\n    return top",
        "top = 0\n    for x in a:\n        top = max(top, b + x)\n    return top",
        {},
    ),
    ("boxed", "return f(a)", "return [f(a)]", {}),
    ("turned answers", "if a:\n        return True\n    return False",
     "if a:\n        return False\n    return True", {}),
    ("branch too many", "if a:\n        return 1\n    return b", "return b", {}),
    ("branch too many", "if a:\n        f(b)\n    return b", "f(b)\n    return b", {}),
    ("other keyword", "if a: b()\n    if b: a()", "if a: b()\n    elif b: a()", {}),
    ("other keyword", "if a: b()", "while a: b()", {}),
    ("loop end", "while True: a.pop()", "while a: a.pop()", {}),
    ("way out", "for x in a: break", "for x in a: continue", {}),
    ("returned instead", "return a", "return None", {}),
    ("returned instead", "return a", "return b", {}),
    ("returned instead", "return True", "return b == 0", {}),
    ("swapped statements", "a.f()\n    b.g()", "b.g()\n    a.f()", {}),
    ("swapped statements", "a.f()\n    for x in a:\n        g(x)", "for x in a:\n        g(x)\n    a.f()", {}),
    ("one by one", "yield a", "yield from a", {}),
    ("one by one", "yield from a", "yield a", {}),
    ("not remembered", "if a not in b: return f(a)", "if a not in b: b[a] = f(a)", {}),
    ("never grows", "left = list(a.parts)\n    while left:\n        x = left.pop()\n        f(x)",
     "left = list(a.parts)\n    while left:\n        x = left.pop()\n        f(x)\n        left.extend(x.parts)", {}),
    ("beyond a limit", "return a * 2", "return max(0, a - b) * 2", {}),
    ("part", "if b in a: return [*a, b]", "if b in a: return [*a[a.index(b):], b]", {}),
    ("deeper", "for x in a:\n        f(x)\n    g(b)", "for x in a:\n        f(x)\n        g(b)", {}),
    ("missing statement", "n = 0\n    f(a)\n    return n", "n = 0\n    f(a)\n    n += 1\n    return n", {}),
    ("missing statement", "seen = set()\n    f(a)\n    return b",
     "seen = set()\n    f(a)\n    seen.add(a)\n    return b", {}),
    ("missing statement",
     "class C:\n    def f(self):\n        self.n += 1\n\n    def g(self):\n        return self.a[self.n]\n",
     "class C:\n    def f(self):\n        self.n += 1\n\n    def g(self):\n        self.n += 1\n"
     "        return self.a[self.n]\n", {}),
    ("base case", "return a[0]", "if not a:\n        return []\n    return a[0]", {}),
    ("other branch", "n = 0\n    if a: n += 1", "n = 0\n    if a: n += 1\n    else:\n        n -= 1", {}),
    ("ingredient for a name", "n = len(a)\n    return f(b)", "n = len(a)\n    return f(len(a))", {}),
    ("missing statement", "while a:\n        f(b)", "while a:\n        f(b)\n        a -= 1", {}),
    ("only if", "for x in a:\n        f(x)", "for x in a:\n        if x == b:\n            f(x)", {}),
    ("only if", "if a: g()\n    f(b)", "if a: g()\n    if a:\n        f(b)", {}),
    ("turned sign", "return a == '<'", "return a == '>'", {}),
    ("turned sign", "return a == '('", "return a == '['", {}),
    ("quoted name", "return f('a')", "return f(a)", {}),
    ("middle operand", "return a ** 2 * b", "return a ** b", {}),
    ("of all", "return f(a)[-1]", "return sum(f(a))", {}),
    ("ingredient for a name", "x = a.f()\n    return f(a)", "x = a.f()\n    return f(a.f())", {}),
    ("conjunct", "if a: return b", "if a and b % 2 == 0: return b", {}),
    (
        "missing raise",
        "return a",
        'if a < 0:\n        raise ValueError(f"unusable a: {a!r}")\n    return a',
        {"message": "Failed: DID NOT RAISE <class 'ValueError'>"},
    ),
)  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "says"), ROWS, ids=[f"{row[0]}: {row[2]}"[:40] for row in ROWS])
def test_the_fix_is_among_those_of_the_template(name: str, before: str, after: str, says: dict[str, str]) -> None:
    check(BY_NAME[name], in_function(before), in_function(after), says)


def test_every_template_has_a_row() -> None:
    assert {row[0] for row in ROWS} == set(BY_NAME)


@pytest.mark.parametrize("code", ["if a and b: pass", "return [x for x in b if a]", "for x in a: pass"])
def test_nothing_is_added_to_what_is_no_number(code: str) -> None:
    assert not [text for text in fixes(BY_NAME["off by one"], in_function(code), {}) if "a + 1" in text]


def test_a_value_is_less_likely_off_by_one_than_a_position() -> None:
    code = in_function("for n in c:\n        if n < b: return a[n]")
    of_value, of_position = (weight(BY_NAME["off by one"], code, text) for text in ("n < b + 1", "n + 1 < b"))
    assert of_value < of_position


def test_a_value_is_less_likely_compared_with_a_position_than_with_a_value() -> None:
    code = "def make(a, b, c, n):\n    if a < b: return c[n]\n"
    of_position, of_value = (weight(BY_NAME["variable"], code, text) for text in ("a < n", "a < c"))
    assert of_position < of_value


def test_whether_two_things_are_the_same_is_hardly_about_their_order() -> None:
    answered, branched = (
        weight(BY_NAME["comparison"], in_function(code), "a < b") for code in ("return a == b", "if a == b: pass")
    )
    assert answered < branched


def test_a_recursion_without_an_end_is_more_likely_off_by_one() -> None:
    code = "def make(a, b):\n    return make(a, b)\n"
    endless = Failure(FailureKind.RESOURCE_EXHAUSTED, TEST, "it.py", 1, "RecursionError")
    plain = weight(BY_NAME["off by one"], code, "b + 1")
    assert plain < max(factor for text, factor in weighed(BY_NAME["off by one"], code, endless) if "b + 1" in text)


def test_a_docstring_stays_first_when_a_default_moves() -> None:
    before = 'def f(a=[]):\n    """Say."""\n    g(a)\n'
    check(
        BY_NAME["shared default"],
        before,
        before.replace("[]", "None").replace("    g", "    if a is None:\n        a = []\n    g"),
        {},
    )


def test_nothing_is_moved_behind_a_return() -> None:
    assert fixes(BY_NAME["swapped statements"], in_function("a.f()\n    return b"), {}) == []


def test_line_ends_of_the_file_are_kept() -> None:
    check(
        BY_NAME["guard"],
        "def f(a):\r\n    return a.b\r\n",
        "def f(a):\r\n    if not a:\r\n        return 0\r\n    return a.b\r\n",
        {},
    )


def in_function(code: str) -> str:
    return code if code.endswith("\n") else FUNCTION.format(code)


def check(template: Template, before: str, after: str, says: dict[str, str]) -> None:
    made = fixes(template, before, says)
    assert after.strip() in [text.strip() for text in made], f"not among {made}"


def fixes(template: Template, text: str, says: dict[str, str]) -> list[str]:
    kind = min(template.kinds, key=lambda kind: kind.code, default=FailureKind.ASSERTION)
    slots = tuple(sorted((key, value) for key, value in says.items() if key not in ("line", "message", "code")))
    failure = Failure(kind, TEST, "it.py", int(says.get("line", "1")), says.get("message", "it failed"), slots)
    failure = replace(failure, code=says.get("code", ""))
    return [made for made, _ in weighed(template, text, failure)]


def weight(template: Template, text: str, holding: str) -> float:
    """Return the factor of the likeliest fix after which the text holds another one."""
    failure = Failure(FailureKind.ASSERTION, TEST, "it.py", 1, "it failed")
    return max(factor for made, factor in weighed(template, text, failure) if holding in made)


def weighed(template: Template, text: str, failure: Failure) -> list[tuple[str, float]]:
    parsed = parse(text, "python")
    facts = FileFacts("it.py", "python", "", symbols=outline(parsed).symbols)
    lines = frozenset(range(1, text.count("\n") + 2))
    site = Site("it.py", parsed, failure, WorkspaceModel("/workspace", files={"it.py": facts}), lines)
    nodes = [node for node in walk(parsed.root) if node.type in template.nodes] if template.nodes else [parsed.root]
    made = []
    for node in nodes:
        for fix in template.make(site, node):
            try:
                made.append((apply(text, tuple(sorted(fix.edits))), fix.factor))
                assert fix.factor <= template.most
            except ValueError:  # Overlapping edits are dropped by the engine.
                continue
    return made
