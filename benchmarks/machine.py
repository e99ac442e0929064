"""What a figure was measured on; printed first by every benchmark."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

_PACKAGES = ("pygls", "lsprotocol", "tree-sitter", "tree-sitter-python", "watchdog", "pydantic", "pytest")


def describe() -> str:
    """Return machine and versions in two lines."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, load {load}, "
        f"Python {platform.python_version()}\n{packages}"
    )


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
