"""Our custom messages about small changes that the tests should notice; the other half of `protocol.py`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .protocol import Ending, FolderArgs, Message, TestRef


class MutateArgs(FolderArgs):
    """`regreen/mutate`, `regreen.mutate`: this function, else the one at `position`, else the file `uri`, else all."""

    function: str = ""
    since: str = ""  # a revision: only lines that are new or another since
    seconds: Annotated[float, Field(ge=0, strict=False)] = 0.0  # after which no further mutant is begun


class StrengthenArgs(FolderArgs):
    """`regreen/strengthen`, `regreen.strengthen`: write tests; for what, as in `regreen.mutate`."""

    function: str = ""
    dry_run: bool = False


class SurvivorResult(Message):
    """A small change of the code that no test notices."""

    uri: str
    line: int  # 0-based
    function: str
    operator: str
    diff: str


class MutateResult(Ending):
    """What mutating some code said of its tests."""

    outcome: str  # measured, incomplete, refused
    score: float | None  # 0 to 1
    killed: int
    timeout: int
    survived: int
    no_coverage: int
    survivors: tuple[SurvivorResult, ...]


class StrengthenResult(Ending):
    """Tests that were written for what the tests did not notice."""

    outcome: str  # applied, not-applied, nothing-found, refused
    tests: tuple[TestRef, ...]
    noticed: int  # changes that the new tests notice
    left: int  # changes that still go unnoticed
    diff: str
