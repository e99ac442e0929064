"""The command that runs all tests of a package, as a person would type it."""

from __future__ import annotations

from regreen.core.workspace import RunnerUse
from regreen.languages.folders import below, join

from .programs import Program
from .scripts import Call

_WORDS = {"vitest": ("run",), "playwright": ("test",)}


def shown_command(
    use: RunnerUse, program: Program, calls: tuple[Call, ...], only: tuple[str, ...], plug_and_play: bool
) -> tuple[str, ...]:
    """Return the arguments; `only` are the folders of a member that the settings above it test."""
    rest = (*use.options, *(only or use.targets))
    called = calls[0].program if calls else ()
    if called and called[0] == "borp":
        targets = tuple(word for each in use.targets for word in ("-p", each))
        return (
            (_bin(use, program, "borp", plug_and_play), *targets) if not plug_and_play else ("yarn", "borp", *targets)
        )
    if use.name == "node:test":
        return ("node", *use.options, "--test", *(only or use.targets))
    if use.name in ("bun", "deno"):
        return (use.name, "test", *rest)
    words: tuple[str, ...] = _WORDS.get(use.name, ())
    if called[1:2] == ("test",) and use.name == "jest":
        words = ("test", "--watchAll=false")
    if plug_and_play:
        return ("yarn", program.name, *words, *rest)
    return (_bin(use, program, program.name, plug_and_play), *words, *rest)


def _bin(use: RunnerUse, program: Program, name: str, plug_and_play: bool) -> str:
    return name if plug_and_play else below(join(program.folder, f"node_modules/.bin/{name}"), use.cwd)
