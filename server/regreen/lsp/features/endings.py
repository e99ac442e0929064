"""How something ended that a person asked for: in words, and with what may be done next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from lsprotocol import types

from regreen.app import LIFTED_BY_OPTION
from regreen.core.repair import Outcome, RepairReport
from regreen.lsp import to_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.plain import plain
from regreen.lsp.protocol import (
    COMMAND_FIX,
    COMMAND_PREPARE,
    COMMAND_SHOW_REPORT,
    COMMAND_UNDO,
    Action,
    Ending,
    FixArgs,
    FixResult,
    FolderArgs,
    ReportArgs,
    UndoArgs,
)
from regreen.pages import one_line

from . import preparing

_GLAD = (Outcome.REPAIRED, Outcome.ALREADY_GREEN, Outcome.UNDONE)
_LEVELS = {"info": types.MessageType.Info, "warning": types.MessageType.Warning}
E = TypeVar("E", bound=Ending)


def tell_report(server: RegreenServer, folder: Folder, report: RepairReport, *, dry_run: bool) -> FixResult:
    """Say how a repair ended; return it with what may be done next."""
    glad = report.outcome in _GLAD or dry_run
    changes = {"level": "info" if glad else "warning", "actions": next_actions(folder, report)}
    return tell(server, to_lsp.fix_result(server.secrets.shown(report)).model_copy(update=changes))


def next_actions(folder: Folder, report: RepairReport) -> tuple[Action, ...]:
    """Return what may be done after a repair."""
    rows = _NEXT.get(report.outcome, (_show,))
    return (
        *choices(folder, report),
        *ways(folder, report),
        *lifts(folder, report),
        *(action for row in rows if (action := row(folder, report)) is not None),
    )


def choices(folder: Folder, report: RepairReport) -> tuple[Action, ...]:
    """Return the answers to a repair's question."""
    found = report.question.choices if report.question else ()
    return tuple(
        _action(
            plain(f"Apply Choice {n}: {choice.answer or choice.hypothesis}"),
            COMMAND_FIX,
            FixArgs(uri=folder.uri, apply_run=report.run_id, choice=n),
        )
        for n, choice in enumerate(found, 1)
    )


def lifts(folder: Folder, report: RepairReport) -> tuple[Action, ...]:
    """Return the same repair once more, with a rule lifted that refused an attempt and that a person can lift."""
    if report.patch is not None:
        return ()
    rules = dict.fromkeys(attempt.rule for attempt in report.attempts if attempt.rule in LIFTED_BY_OPTION)
    tests = tuple(to_lsp.test_ref(test) for test in report.wanted)
    return tuple(
        _action(f"Fix with agent, allowing {rule}", COMMAND_FIX, FixArgs(uri=folder.uri, tests=tests, allow=(rule,)))
        for rule in rules
    )


def ways(folder: Folder, report: RepairReport) -> tuple[Action, ...]:
    """Return the answers to what a gate, or attempts that lead nowhere, ask the person."""
    found = report.inquiry.ways if report.inquiry else ()
    tests = tuple(to_lsp.test_ref(test) for test in report.wanted)
    return tuple(
        _action(way.label, COMMAND_FIX, FixArgs(uri=folder.uri, tests=tests, allow=(way.lifts,) if way.lifts else ()))
        for way in found
        if way.lifts or way.again
    )


def tell(server: RegreenServer, ending: E) -> E:
    """Say how something ended, unless the client does so itself; return it."""
    ending = ending.model_copy(update={"message": plain(ending.message)})
    level = _LEVELS.get(ending.level, types.MessageType.Warning)
    if server.client.tells_endings:
        server.log(level, ending.message)
    else:
        server.show(level, ending.message)
    return ending


def _show(folder: Folder, report: RepairReport) -> Action | None:
    return _action("Show Report", COMMAND_SHOW_REPORT, ReportArgs(uri=folder.uri, run_id=report.run_id))


def _undo(folder: Folder, report: RepairReport) -> Action | None:
    return _action("Undo", COMMAND_UNDO, UndoArgs(uri=folder.uri, run_id=report.run_id)) if report.patch else None


def _redo(folder: Folder, report: RepairReport) -> Action | None:
    return _action("Redo", COMMAND_UNDO, UndoArgs(uri=folder.uri, run_id=report.run_id))


def _apply(folder: Folder, report: RepairReport) -> Action | None:
    return _action("Apply", COMMAND_FIX, FixArgs(uri=folder.uri, apply_run=report.run_id)) if report.patch else None


def _prepare(folder: Folder, report: RepairReport) -> Action | None:
    args = None if report.failure is None else preparing.cure(folder, (report.failure,), "")
    return None if args is None else _action("Prepare the Environment", COMMAND_PREPARE, args)


def _action(title: str, command: str, args: FolderArgs) -> Action:
    return Action(title=one_line(title), command=command, arguments=(args.as_argument(),))


_Row = Callable[[Folder, RepairReport], Action | None]
_NEXT: Mapping[Outcome, tuple[_Row, ...]] = {
    Outcome.REPAIRED: (_show, _undo),
    Outcome.UNDONE: (_show, _redo),
    Outcome.REPAIRED_NOT_APPLIED: (_apply, _show),
    Outcome.ALREADY_GREEN: (),
    Outcome.NOT_CODE: (_prepare, _show),
}
