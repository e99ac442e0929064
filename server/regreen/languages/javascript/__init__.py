"""JavaScript and TypeScript: Vitest, Jest, Mocha, node:test, Ava, Bun, Deno, and the TypeScript compiler."""

from .explain import JAVASCRIPT
from .language import TYPESCRIPT, JavaScript

__all__ = ["JAVASCRIPT", "TYPESCRIPT", "JavaScript"]
