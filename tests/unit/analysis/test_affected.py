"""Which tests a saved file affects."""

from __future__ import annotations

import pytest

from regreen.analysis.affected import affected_tests, module_names
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, Import, Project, TestCase, WorkspaceModel

PROJECT = Project(".", "python", "demo", "pip", "pytest", "", (), ".", source_roots=("src",))
NOWHERE = Span(0, 0)


def facts(path: str, *imports: tuple[str, str]) -> FileFacts:
    found = tuple(Import(module, name, "", 1) for module, name in imports)
    tests = (TestCase(f"{path}::test_x", ".", path, 1, NOWHERE, NOWHERE),) if "test_" in path else ()
    return FileFacts(path, "python", "", imports=found, tests=tests)


def model(*files: FileFacts) -> WorkspaceModel:
    return WorkspaceModel("/w", projects=(PROJECT,), files={file.path: file for file in files})


SHOP = model(
    facts("src/shop/__init__.py"),
    facts("src/shop/money.py"),
    facts("src/shop/cart.py", (".money", "Money")),
    facts("src/shop/api.py", ("shop", "cart")),
    facts("src/shop/lonely.py"),
    facts("tests/test_money.py", ("shop.money", "Money")),
    facts("tests/test_cart.py", ("shop.cart", "Cart")),
    facts("tests/test_api.py", ("shop", "api")),
    facts("tests/conftest.py"),
)


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        ("tests/test_cart.py", "test_cart"),
        ("src/shop/money.py", "test_api test_cart test_money"),
        ("src/shop/cart.py", "test_api test_cart"),
        ("src/shop/api.py", "test_api"),
        ("src/shop/lonely.py", ""),
        ("tests/conftest.py", ""),
    ],
)
def test_a_saved_file_affects_the_tests_that_reach_it(saved: str, expected: str) -> None:
    assert affected_tests(SHOP, saved) == tuple(f"tests/{name}.py" for name in expected.split())


def test_a_circle_of_imports_ends() -> None:
    circle = model(facts("a.py", ("b", "")), facts("b.py", ("a", "")), facts("test_a.py", ("a", "")))
    assert affected_tests(circle, "b.py") == ("test_a.py",)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/shop/cart.py", "cart shop.cart src.shop.cart"),
        ("src/shop/__init__.py", "shop src.shop"),
        ("README.md", ""),
    ],
)
def test_a_file_has_its_names_from_each_root(path: str, expected: str) -> None:
    assert " ".join(module_names(path, PROJECT)) == expected
