"""What the runners of JavaScript print: one module for each, each from text to test results."""

from .ava import read_ava
from .bun import read_bun
from .deno import read_deno
from .jest import read_jest
from .mocha import read_mocha
from .nodetest import read_node
from .others import read_eslint, read_jasmine, read_playwright, read_uvu
from .printed import Printed
from .tap import read_tap
from .tsc import read_tsc
from .vitest import read_vitest

__all__ = [
    "Printed",
    "read_ava",
    "read_bun",
    "read_deno",
    "read_eslint",
    "read_jasmine",
    "read_jest",
    "read_mocha",
    "read_node",
    "read_playwright",
    "read_tap",
    "read_tsc",
    "read_uvu",
    "read_vitest",
]
