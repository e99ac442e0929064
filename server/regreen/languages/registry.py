"""The table of languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from regreen.core.errors import UsageError
from regreen.core.ports import Language
from regreen.core.testing import CommandSpec, Place
from regreen.core.workspace import FileFacts, Project
from regreen.syntax import Parsed

from .batching import Batching
from .explain import Explainer
from .go import GO, Go
from .go.batch import BATCHING as GO_BATCHES
from .javascript import JAVASCRIPT, TYPESCRIPT, JavaScript
from .javascript.batch import BATCHING as JAVASCRIPT_BATCHES
from .python import PYTHON, Python, mutation_command
from .rust import RUST, Rust
from .rust.batch import BATCHING as RUST_BATCHES


class TreeLanguage(Language, Protocol):
    """A language that can also index a file from a syntax tree that somebody keeps."""

    def outline_parsed(self, path: str, parsed: Parsed) -> FileFacts:
        """Index one file from its tree."""


REGISTRY: Mapping[str, TreeLanguage] = MappingProxyType(
    {language.name: language for language in (Go(), JavaScript(), Python(), Rust(), TYPESCRIPT)}
)
_EXPLAINERS: Mapping[str, Explainer] = MappingProxyType(
    {"go": GO, "javascript": JAVASCRIPT, "python": PYTHON, "rust": RUST, "typescript": JAVASCRIPT}
)
_BATCHINGS: Mapping[str, Batching] = MappingProxyType(
    {
        "go": GO_BATCHES,
        "javascript": JAVASCRIPT_BATCHES,
        "rust": RUST_BATCHES,
        "typescript": JAVASCRIPT_BATCHES,
    }
)
# How the warm worker of mutation testing is started, in languages that have one.
MutationCommand = Callable[[Project, Place], CommandSpec | None]
_MUTATION: Mapping[str, MutationCommand] = MappingProxyType({"python": mutation_command})
# The first part of a runner's name -> its language.
_RUNNERS: Mapping[str, str] = MappingProxyType(
    {
        "ava": "javascript",
        "bun": "typescript",
        "cargo": "rust",
        "cargo-nextest": "rust",
        "cargo-test": "rust",
        "deno": "typescript",
        "django": "python",
        "eslint": "javascript",
        "flake8": "python",
        "ginkgo": "go",
        "go test": "go",
        "go-test": "go",
        "gotestsum": "go",
        "jasmine": "javascript",
        "jest": "javascript",
        "mocha": "javascript",
        "mypy": "python",
        "nextest": "rust",
        "node": "javascript",
        "nose2": "python",
        "npm": "javascript",
        "playwright": "typescript",
        "pnpm": "javascript",
        "pylint": "python",
        "pyright": "python",
        "pytest": "python",
        "qunit": "javascript",
        "ruff": "python",
        "tap": "javascript",
        "tape": "javascript",
        "trial": "python",
        "tsc": "typescript",
        "unittest": "python",
        "uvu": "javascript",
        "vitest": "typescript",
        "yarn": "javascript",
    }
)


def languages() -> tuple[TreeLanguage, ...]:
    """Return all languages, sorted by name."""
    return tuple(REGISTRY[name] for name in sorted(REGISTRY))


def language_for(path: str) -> TreeLanguage | None:
    """Return the language of a file by its name, or None."""
    return next((language for language in languages() if path.endswith(language.suffixes)), None)


def explainer_for(language: str) -> Explainer:
    """Return what is known of failures in a language.

    Raises:
        KeyError: nobody registered it, which is a bug.
    """
    return _EXPLAINERS[language]


def batching_for(language: str) -> Batching | None:
    """Return how candidates of a language are tried many in one build; None where each has a run of its own."""
    return _BATCHINGS.get(language)


def mutation_for(language: str) -> MutationCommand | None:
    """Return how the warm worker of mutation testing is started; None where a language has none."""
    return _MUTATION.get(language)


def runner_names() -> tuple[str, ...]:
    """Return the names of the runners whose output can be read, sorted."""
    return tuple(sorted(_RUNNERS))


def language_of_runner(runner: str) -> str:
    """Return the language of a runner, named as "pytest" or with more behind it ("pytest-9.2/cpython3.13").

    Raises:
        UsageError: there is no such runner.
    """
    fitting = [name for name in _RUNNERS if runner.startswith(name)]
    if not fitting:
        raise UsageError(f"The runner {runner!r} is not known.", next_step=f"Name one of: {', '.join(runner_names())}.")
    return _RUNNERS[max(fitting, key=len)]
