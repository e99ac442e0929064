"""Rust: cargo test and nextest."""

from .explain import RUST
from .language import Rust
from .outline import name_in

__all__ = ["RUST", "Rust", "name_in"]
