"""The files of a workbench that a shared build is made of: laid for a while, and found again in what is printed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

from regreen.core.edit import TextEdit, invert, make_patch
from regreen.core.ports import Workbench


@contextlib.contextmanager
def laid(bench: Workbench, texts: Mapping[str, str]) -> Iterator[None]:
    """Lay texts over files of a workbench, and put back what was there.

    Raises:
        Conflict: a file was changed by somebody else meanwhile.
    """
    before = {path: bench.read(path).text for path in texts}
    patch = make_patch({path: (text, (TextEdit(0, len(text), texts[path]),)) for path, text in before.items()})
    bench.apply(patch)
    try:
        yield
    finally:
        bench.apply(invert(patch))


def inside(bench: Workbench, path: str) -> str:
    """Return a path relative to the workbench; "" for what lies outside of it."""
    root = bench.enclosure.root
    for base in dict.fromkeys((root, os.path.realpath(root))):
        if path.startswith(f"{base}/"):
            return os.path.relpath(path, base)
    return "" if path.startswith("/") else os.path.normpath(path)
