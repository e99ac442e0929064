"""A workspace whose bug is in authentication: nothing touches it before a person has answered."""

from __future__ import annotations

SITE = """
-- pyproject.toml --
[project]
name = "site"
version = "1"

[tool.pytest.ini_options]
pythonpath = ["."]
-- auth/__init__.py --
-- auth/token.py --
def is_expired(now, end):
    return now < end
-- tests/test_token.py --
from auth.token import is_expired


def test_it_expires_at_its_end():
    assert is_expired(5, 5)
    assert is_expired(9, 5)
    assert not is_expired(1, 5)
"""
