"""A pytest plugin that runs the tests in another order, chosen by a number: the same number, the same order.

Files are shuffled, and the tests inside of each: what is set up for a file is set up once, as always.
"""

import os
import random

import pytest

_SEED = os.environ.pop("REGREEN_SEED", "")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the tests in the order of the seed."""
    if not _SEED:
        return
    files: "dict[str, list[object]]" = {}
    for item in items:
        files.setdefault(str(getattr(item, "path", None) or item.fspath), []).append(item)
    chance = random.Random(int(_SEED))
    groups = list(files.values())
    chance.shuffle(groups)
    for group in groups:
        chance.shuffle(group)
    items[:] = [item for group in groups for item in group]
