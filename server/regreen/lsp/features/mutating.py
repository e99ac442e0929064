"""Would the tests notice? Mutates a file, a function or a folder, and shows what no test notices."""

from __future__ import annotations

from regreen.app import MutateRequest
from regreen.core.cancel import Cancellation
from regreen.core.mutation import MEANS, Fate, Strength
from regreen.core.trace import Trace
from regreen.core.workspace import SymbolKind
from regreen.lsp import from_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol_mutation import MutateArgs, MutateResult, StrengthenArgs, SurvivorResult
from regreen.lsp.tasks import outcome_of, start_job

from . import diagnostics

_FUNCTIONS = (SymbolKind.FUNCTION, SymbolKind.METHOD)


async def mutate(server: RegreenServer, folder: Folder, args: MutateArgs) -> MutateResult:
    """Run it as a job; the hints are shown when the answer comes.

    Raises:
        UsageError: the request names what is not there.
    """
    path, function = meant(server, folder, args)
    request = MutateRequest((path,) if path else (), function, args.since, args.seconds)

    def work(cancel: Cancellation, trace: Trace) -> Strength:
        return folder.session.mutate(cancel, trace, request)

    strength = await outcome_of(server, start_job(server, folder, "Mutating", work, args.work_done_token))
    await diagnostics.settle(server, folder)
    return _result(folder, strength, function or path or "this code")


def meant(server: RegreenServer, folder: Folder, args: MutateArgs | StrengthenArgs) -> tuple[str, str]:
    """Return the file and the function that a message means, each "" when it means no single one."""
    path = from_lsp.file_of(server.folders, folder, args)
    return path, args.function or _around(folder, path, args)


def _around(folder: Folder, path: str, args: MutateArgs | StrengthenArgs) -> str:
    """Return the innermost function around the position that a message means, "" where there is none."""
    facts = folder.session.model.files.get(path)
    if args.position is None or facts is None:
        return ""
    line = args.position.line + 1
    holding = [one for one in facts.symbols if one.kind in _FUNCTIONS and one.line <= line <= one.end_line]
    return max(holding, key=lambda symbol: symbol.line).qualname if holding else ""


def _result(folder: Folder, strength: Strength, where: str) -> MutateResult:
    outcome = "refused" if strength.refused else "measured" if strength.complete else "incomplete"
    return MutateResult(
        message=f"{strength.in_words(where)} {MEANS}" if strength.n_counting else strength.in_words(where),
        level="warning" if strength.refused else "info",
        outcome=outcome,
        score=None if strength.score is None else round(strength.score, 4),
        killed=sum(one.fate is Fate.KILLED for one in strength.judged),
        timeout=sum(one.fate is Fate.TIMEOUT for one in strength.judged),
        survived=sum(one.fate is Fate.SURVIVED for one in strength.judged),
        no_coverage=sum(one.fate is Fate.NO_COVERAGE for one in strength.judged),
        survivors=tuple(
            SurvivorResult(
                uri=folder.uri_of(one.mutant.path),
                line=one.mutant.line - 1,
                function=one.mutant.function,
                operator=one.mutant.operator,
                diff=one.diff,
            )
            for one in strength.survivors
        ),
    )
