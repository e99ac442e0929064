"""The small broken workspaces of the demo. Each is what a person could have on an ordinary day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Story:
    """A workspace, the test that is red in it, and whether an edit can cure it."""

    name: str
    title: str
    files: tuple[tuple[str, str], ...]
    test: str  # the id of the red test, its file first
    curable: bool = True
    definition: str = ""  # how the line that defines the test begins; "" for Python's way
    tool: str = ""  # the program without which it cannot be told


def lay(story: Story, folder: Path) -> Path:
    """Write a story's files below a folder and return the workspace."""
    root = folder / story.name
    for path, text in story.files:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    return root


_PYPROJECT = """[project]
name = "{name}"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
"""

_SHIPPING = '''"""What it costs to send an order."""

FREE_FROM = 50


def shipping_cost(total, express=False):
    """Orders of 50 and more ship free; express always costs 9 more."""
    cost = 0 if total > FREE_FROM else 5
    if express:
        cost = cost + 9
    return cost
'''

_SHIPPING_TEST = """import pytest

from shop.shipping import shipping_cost


@pytest.mark.parametrize(
    ("total", "cost"),
    [(10, 5), (49, 5), (50, 0), (51, 0)],
)
def test_orders_from_fifty_ship_free(total, cost):
    assert shipping_cost(total) == cost


def test_express_costs_nine_more():
    assert shipping_cost(60, express=True) == 9
    assert shipping_cost(20, express=True) == 14
"""

_USERS = '''"""People and how to greet them."""


class Directory:
    def __init__(self):
        self._people = {}

    def add(self, login, name=None):
        self._people[login] = name

    def initials(self, login):
        """Return the initials, or an empty text for somebody without a name."""
        name = self._people.get(login)
        return "".join(part[0].upper() for part in name.split())
'''

_USERS_TEST = """from team.users import Directory


def test_initials_of_two_names():
    people = Directory()
    people.add("ada", "ada lovelace")
    assert people.initials("ada") == "AL"


def test_somebody_without_a_name_has_no_initials():
    people = Directory()
    people.add("guest")
    assert people.initials("guest") == ""
"""

_REPORT = '''"""Figures of a measurement."""


def spread(values):
    """Return the standard deviation of the values."""
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return math.sqrt(variance)


def summary(values):
    """Return smallest, largest and spread."""
    return min(values), max(values), round(spread(values), 2)
'''

_REPORT_TEST = """from figures.report import summary


def test_summary_of_four_values():
    assert summary([2, 4, 4, 6]) == (2, 6, 1.41)
"""

_CLIENT = '''"""Asks a service."""

import nonexistent_http_client


def fetch(url):
    return nonexistent_http_client.get(url)
'''

_CLIENT_TEST = """from remote.client import fetch


def test_fetch_is_callable():
    assert callable(fetch)
"""


def _story(package: str, module: str, title: str, code: str, test: str, name: str, *, curable: bool = True) -> Story:
    test_path = f"tests/test_{module}.py"
    files = (
        ("pyproject.toml", _PYPROJECT.format(name=package)),
        (f"src/{package}/__init__.py", ""),
        (f"src/{package}/{module}.py", code),
        (test_path, test),
    )
    return Story(package, title, files, f"{test_path}::{name}", curable)


STORIES = (
    _story(
        "shop",
        "shipping",
        "a boundary is off by one",
        _SHIPPING,
        _SHIPPING_TEST,
        "test_orders_from_fifty_ship_free[50-0]",
    ),
    _story(
        "team",
        "users",
        "a None that nobody thought of",
        _USERS,
        _USERS_TEST,
        "test_somebody_without_a_name_has_no_initials",
    ),
    _story("figures", "report", "a forgotten import", _REPORT, _REPORT_TEST, "test_summary_of_four_values"),
    _story(
        "remote",
        "client",
        "a package that is not installed: no edit can cure it",
        _CLIENT,
        _CLIENT_TEST,
        "",
        curable=False,
    ),
)
