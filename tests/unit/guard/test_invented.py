"""Names that exist nowhere are refused in Python; what the index, the library or a dependency has passes."""

from __future__ import annotations

import pytest

from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import RepairRequest
from regreen.core.testing import TestId
from regreen.core.workspace import Dependency, FileFacts, Project, WorkspaceModel
from regreen.guard.invented import check_invented

BASE = "import prices\nfrom shop import cart\n\n\ndef f(a):\n    return a\n"
FILES = {
    "m.py": BASE,
    "prices.py": "from decimal import Decimal\n\nRATE = 2\n\n\ndef rate_of(region):\n    return RATE\n",
    "open.py": "def __getattr__(name):\n    return 1\n",
    "shop/__init__.py": "from .cart import Cart\n",
    "shop/cart.py": "class Cart:\n    pass\n",
    "shop/fast.pyx": "",
    "src/deep/inner.py": "X = 1\n",
}
PROJECT = Project(
    ".", "python", "x", "pip", "pytest", "", (), ".", source_roots=("src",), dependencies=(Dependency("PyYAML", ""),)
)
INVENTED = [
    "def f(a):\n    return clamp(a)\n",
    "import numpy_extra\n\n\ndef f(a):\n    return a\n",
    "from prices import rate_for\n",
    "from shop import basket\n",
    "import shop.basket\n",
    "from shop.cart import Basket\n",
    "import prices\n\n\ndef f(a):\n    return prices.rate_for(a)\n",
    "from .missing import x\n",
    "if 0:\n    undefined_name\n",
]
THERE = [
    "def f(a):\n    b = a\n    return b\n",
    "import yaml\n\n\ndef f(a):\n    return yaml.load(a)\n",
    "import math\n\n\ndef f(a):\n    return math.floor(a)\n",
    "from prices import RATE, rate_of, Decimal\n",
    "from shop import Cart, cart\n",
    "import shop.cart\n",
    "from shop.fast import quick\n",
    "from deep.inner import X\n",
    "import inner\n",
    "import open\n\n\ndef f(a):\n    return open.anything\n",
    "import prices\n\n\ndef f(prices):\n    return prices.rate_for\n",
    "from prices import *\n\n\ndef f(a):\n    return anything\n",
    "def f(a):\n    try:\n        return a\n    except TypeError as error:\n        return error\n",
    "def f(a):\n    return [x for x in a if (y := x)] or y or __name__\n",
]


def rule_of(after: str, before: str = BASE) -> str | None:
    files = {path: FileFacts(path, "python", "") for path in FILES}
    failure = Failure(FailureKind.NAME_UNDEFINED, TestId(".", "t.py::t"), "", 0, "")
    model = WorkspaceModel("/w", 1, (PROJECT,), files)
    request = RepairRequest(failure, (failure.test,), (), PROJECT, model, FILES, (), Policy())
    refusal = check_invented(request, patch_between({"m.py": before}, {"m.py": after}))
    return None if refusal is None else refusal.rule


@pytest.mark.parametrize("after", INVENTED)
def test_a_name_that_exists_nowhere_is_refused(after: str) -> None:
    assert rule_of(after) == "invented-symbol"


@pytest.mark.parametrize("after", THERE)
def test_a_name_that_is_there_passes(after: str) -> None:
    assert rule_of(after) is None


def test_what_was_missing_before_is_not_the_patchs_invention() -> None:
    before = "def f(a):\n    return clamp(a)\n\n\ndef g(a):\n    return a - 1\n"
    assert rule_of(before.replace("a - 1", "a + 1"), before) is None


def test_a_function_that_the_patch_itself_adds_elsewhere_is_there() -> None:
    files = {path: FileFacts(path, "python", "") for path in FILES}
    failure = Failure(FailureKind.NAME_UNDEFINED, TestId(".", "t.py::t"), "", 0, "")
    request = RepairRequest(
        failure, (failure.test,), (), PROJECT, WorkspaceModel("/w", 1, (PROJECT,), files), FILES, (), Policy()
    )
    after = {"m.py": "from prices import fresh\n", "prices.py": FILES["prices.py"] + "\n\ndef fresh():\n    return 1\n"}
    assert check_invented(request, patch_between({path: FILES[path] for path in after}, after)) is None
