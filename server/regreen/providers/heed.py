"""How much of a change nobody would notice: what the tests that pass see of it, and do not mind."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.ports import Pace, Trials
from regreen.core.repair import RepairRequest, Unnoticed
from regreen.core.workspace import Symbol, SymbolKind, WorkspaceModel

from .behaviour import Behaviour
from .hunt import Survivor
from .verdict import Judged, judge

_ASKED = 3  # candidates that pass and are watched: the best, and who would take its place
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.METHOD)


def heeded(
    cancel: Cancellation,
    request: RepairRequest,
    trials: Trials,
    survivors: tuple[Survivor, ...],
    behaviour: Behaviour,
) -> tuple[tuple[Judged, ...], Mapping[str, Unnoticed]]:
    """Judge what passes, until nothing is known against the best one or enough were watched."""
    seen: dict[str, Unnoticed] = {}
    judged = judge(request, survivors, behaviour, seen)
    while trials.pace is Pace.WARM and len(seen) < _ASKED:
        patch = judged[0].survivor.candidate.patch
        if patch.digest in seen:
            break
        seen[patch.digest] = trials.unnoticed(cancel, patch, changed_functions(request.model, patch))
        judged = judge(request, survivors, behaviour, seen)
    return judged, seen


def changed_functions(model: WorkspaceModel, patch: Patch) -> tuple[Symbol, ...]:
    """Return the functions of its first file that a patch edits, of nested ones the outermost."""
    file = patch.files[0]
    facts = model.files.get(file.path)
    callables = [symbol for symbol in (facts.symbols if facts else ()) if symbol.kind in _CALLABLE]
    found = {}
    for edit in file.edits:
        holding = [symbol for symbol in callables if symbol.span.start <= edit.start < symbol.span.end]
        if holding:
            outermost = min(holding, key=lambda symbol: symbol.span.start)
            found[outermost.span.start] = outermost
    return tuple(found[start] for start in sorted(found))
