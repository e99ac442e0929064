"""The table of languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from regreen.core.ports import Language
from regreen.core.workspace import FileFacts
from regreen.syntax import Parsed

from .python import Python


class TreeLanguage(Language, Protocol):
    """A language that can also index a file from a syntax tree that somebody keeps."""

    def outline_parsed(self, path: str, parsed: Parsed) -> FileFacts:
        """Index one file from its tree."""


REGISTRY: Mapping[str, TreeLanguage] = MappingProxyType({language.name: language for language in (Python(),)})


def languages() -> tuple[TreeLanguage, ...]:
    """Return all languages, sorted by name."""
    return tuple(REGISTRY[name] for name in sorted(REGISTRY))


def language_for(path: str) -> TreeLanguage | None:
    """Return the language of a file by its name, or None."""
    return next((language for language in languages() if path.endswith(language.suffixes)), None)
