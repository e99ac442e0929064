"""Glob patterns of JavaScript tools, as the plainer ones that the index matches."""

from __future__ import annotations

import re
from functools import cache

_GROUP = re.compile(r"(?P<kind>[?@+*])?(?:\((?P<round>[^()]*)\)|\{(?P<curly>[^{}]*)\})")
_MOST = 200  # forms of one pattern

_SUFFIXES = ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx")
_PLAIN = ("js", "mjs", "cjs")
_TYPED = ("ts", "mts", "cts")


def _named(words: tuple[str, ...], suffixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{word}.{suffix}" for word in words for suffix in suffixes)


# What a runner collects without being told.
DEFAULTS: dict[str, tuple[str, ...]] = {
    "vitest": _named(("*.test", "*.spec"), _SUFFIXES),
    "jest": (*_named(("*.test", "*.spec", "test", "spec"), _SUFFIXES), *_named(("__tests__/*",), _SUFFIXES)),
    "node:test": _named(("*.test", "*-test", "*_test", "test-*", "test", "test/*"), _PLAIN + _TYPED),
    "ava": _named(("test", "*.test", "test-*", "__tests__/*", "test/*", "tests/*"), _PLAIN + _TYPED),
    "mocha": _named(("test/*",), (*_PLAIN, *_TYPED)),
    "bun": _named(("*.test", "*_test", "*.spec", "*_spec"), _SUFFIXES),
    "deno": _named(("*_test", "*.test", "test"), _SUFFIXES),
    "tap": _named(("*.test", "test/*", "__tests__/*"), _PLAIN + _TYPED),
    "playwright": _named(("*.test", "*.spec"), _SUFFIXES),
}
_OTHERS = (*_named(("*.test", "*.spec"), _SUFFIXES), *_named(("test/*", "tests/*"), _SUFFIXES))


def default_patterns(runner: str) -> tuple[str, ...]:
    """Return the patterns of the files that a runner collects when nobody tells it."""
    return DEFAULTS.get(runner, _OTHERS)


@cache
def alternatives(pattern: str) -> tuple[str, ...]:
    """Return the plain patterns that one with braces and groups stands for: `*.{a,b}`, `?(c)`, `@(a|b)`."""
    found = [pattern]
    done: list[str] = []
    while found and len(found) + len(done) < _MOST:
        each = found.pop(0)
        match = _GROUP.search(each)
        if match is None:
            done.append(each)
            continue
        if match["curly"] is not None:
            options = match["curly"].split(",")
        else:
            options = match["round"].split("|")
        if match["kind"] in ("?", "*"):
            options.append("")
        found += [each[: match.start()] + option + each[match.end() :] for option in options]
    return tuple(dict.fromkeys(done + found))


def index_patterns(pattern: str) -> tuple[str, ...]:
    """Return a glob as the index matches it: by name, or by the end of the path when it holds a slash."""
    found = []
    for form in alternatives(pattern.replace("<rootDir>/", "").removeprefix("./")):
        form = form.replace("/**/", "/").removeprefix("**/").replace("**", "*")
        if form.endswith("/"):
            form += "*"
        if form and not form.startswith("!") and form not in ("*", "."):
            found.append(form)
    return tuple(dict.fromkeys(found))
