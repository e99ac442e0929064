"""The fix templates of Go, JavaScript, TypeScript and Rust: what they share, then what each alone asks for."""

from collections.abc import Mapping
from types import MappingProxyType

from regreen.providers.templates.site import Template

from . import (
    arguments,
    beforehand,
    changes,
    go,
    guards,
    ingredients,
    insertions,
    javascript,
    names,
    operators,
    parts,
    rust,
    spelling,
    statements,
    texts,
    together,
    unasked,
    unchanged,
    values,
    wraps,
)
from .grammar import GO, JAVASCRIPT, RUST, Grammar
from .macros import opened

_SHARED = (
    spelling,
    names,
    operators,
    values,
    arguments,
    statements,
    guards,
    wraps,
    ingredients,
    insertions,
    texts,
    together,
    changes,
    unchanged,
    unasked,
    beforehand,
    parts,
)


def _table(grammar: Grammar, own: tuple[Template, ...]) -> tuple[Template, ...]:
    return own + tuple(template for subject in _SHARED for template in subject.templates(grammar))


TABLES: Mapping[str, tuple[Template, ...]] = MappingProxyType(
    {
        "go": _table(GO, go.TEMPLATES),
        "javascript": _table(JAVASCRIPT, javascript.TEMPLATES + unasked.JAVASCRIPT_TEMPLATES),
        "rust": _table(RUST, rust.TEMPLATES),
    }
)

__all__ = ["TABLES", "opened"]
