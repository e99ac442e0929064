"""The light bulb: a table of offers, each tied to the diagnostics that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsprotocol import types

from regreen.core.failure import Failure
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.lsp import to_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import (
    COMMAND_FIX,
    COMMAND_SHOW_REPORT,
    COMMAND_STRENGTHEN,
    COMMAND_UNDO,
    FixArgs,
    Place,
    ReportArgs,
    UndoArgs,
)
from regreen.lsp.protocol_mutation import StrengthenArgs
from regreen.lsp.uris import to_path

from . import diagnostics, endings
from .hover import tests_at
from .preparing import offered

_MAX_TESTS = 20
_MAX_LINES = 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands at the cursor."""

    folder: Folder
    path: str
    tests: tuple[TestId, ...]  # red, or defined here
    failures: tuple[Failure, ...]
    reports: tuple[RepairReport, ...]  # oldest first
    diagnostics: tuple[types.Diagnostic, ...]  # of the request's context, ours among them


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that is offered. With `disabled`, only as a hint why it is not."""

    command: types.Command
    preferred: bool = False
    disabled: str = ""


def code_action(server: RegreenServer, params: types.CodeActionParams) -> list[types.CodeAction | types.Command] | None:
    """Return the actions at a range."""
    only = params.context.only
    if only and not any(kind in ("", types.CodeActionKind.QuickFix) for kind in only):
        return None
    scene = _scene(server, params)
    if scene is None:
        return None
    offers = [*_choices(scene), *(offer for row in _ROWS if (offer := row(scene)) is not None)]
    return [action for offer in offers if (action := _action(server, scene, offer)) is not None]


def _scene(server: RegreenServer, params: types.CodeActionParams) -> Scene | None:
    found = server.folders.find(to_path(params.text_document.uri))
    if found is None:
        return None
    folder, path = found
    board = folder.session.board
    given = params.context.diagnostics
    ours = tuple(diagnostic for diagnostic in given if diagnostic.source == to_lsp.SOURCE)
    diagnostics.take_others(server, folder, path, [one for one in given if one.source != to_lsp.SOURCE])
    lines = {diagnostic.range.start.line + 1 for diagnostic in ours}
    lines |= set(
        range(params.range.start.line + 1, min(params.range.end.line + 2, params.range.start.line + _MAX_LINES))
    )
    tests = tuple(dict.fromkeys(test for line in sorted(lines) for test in tests_at(folder, path, line)))
    failures = tuple(dict.fromkeys(failure for test in tests for failure in board.failures_of(test)))
    failures = _meant(failures, ours)
    reports = {report.run_id: report for test in tests for report in board.reports_for(test)}
    ordered = tuple(report for report in board.reports if report.run_id in reports)
    return Scene(folder, path, tests, failures, ordered, ours)


def _meant(failures: tuple[Failure, ...], ours: Sequence[types.Diagnostic]) -> tuple[Failure, ...]:
    """Return the failures of the given diagnostics, if they name any; several can stand on one line."""
    named = {found.data.get("fingerprint") for found in ours if isinstance(found.data, dict)}
    chosen = tuple(failure for failure in failures if failure.fingerprint in named)
    return chosen or failures


def _fix(scene: Scene) -> Offer | None:
    return _repair(scene, "Fix with agent", preferred=True, dry_run=False)


def _dry_run(scene: Scene) -> Offer | None:
    return _repair(scene, "Fix with agent (dry run)", preferred=False, dry_run=True)


def _repair(scene: Scene, title: str, *, preferred: bool, dry_run: bool) -> Offer | None:
    if not scene.failures:
        return None
    curable = [failure for failure in scene.failures if failure.kind.editable]
    project = (curable or scene.failures)[0].test.project
    tests = dict.fromkeys(failure.test for failure in curable if failure.test.project == project)
    args = FixArgs(
        uri=scene.folder.uri,
        tests=tuple(to_lsp.test_ref(test) for test in list(tests)[:_MAX_TESTS]),
        generation=scene.folder.session.generation,
        dry_run=dry_run,
    )
    command = types.Command(title=title, command=COMMAND_FIX, arguments=[args.as_argument()])
    if curable:
        return Offer(command, preferred)
    first = scene.failures[0]
    return Offer(command, disabled=first.advice or f"No edit of the code cures {first.kind.label}.")


def _prepare(scene: Scene) -> Offer | None:
    command = offered(scene.folder, scene.failures, scene.path)
    return None if command is None else Offer(command, preferred=not any(one.kind.editable for one in scene.failures))


def _kept(scene: Scene) -> Offer | None:
    last = scene.reports[-1] if scene.reports else None
    if last is None or last.outcome is not Outcome.REPAIRED_NOT_APPLIED or last.patch is None or not scene.failures:
        return None
    args = FixArgs(uri=scene.folder.uri, apply_run=last.run_id)
    title = "Apply the kept fix"
    return Offer(types.Command(title=title, command=COMMAND_FIX, arguments=[args.as_argument()]))


def _choices(scene: Scene) -> list[Offer]:
    """Offer the answers to the question of the last repair, or the repair again with a rule lifted that refused it."""
    last = scene.reports[-1] if scene.reports and scene.failures else None
    if last is None:
        return []
    return [
        Offer(types.Command(title=action.title, command=action.command, arguments=list(action.arguments)))
        for action in (
            *endings.choices(scene.folder, last),
            *endings.ways(scene.folder, last),
            *endings.lifts(scene.folder, last),
        )
    ]


def _show(scene: Scene) -> Offer | None:
    if not scene.reports:
        return None
    args = ReportArgs(uri=scene.folder.uri, run_id=scene.reports[-1].run_id)
    title = "Show repair attempts"
    return Offer(types.Command(title=title, command=COMMAND_SHOW_REPORT, arguments=[args.as_argument()]))


def _undo(scene: Scene) -> Offer | None:
    last = scene.reports[-1] if scene.reports else None
    if last is None or last.outcome not in (Outcome.REPAIRED, Outcome.UNDONE) or last.patch is None:
        return None
    title = "Undo the agent's fix" if last.outcome is Outcome.REPAIRED else "Redo the agent's fix"
    args = UndoArgs(uri=scene.folder.uri, run_id=last.run_id)
    return Offer(types.Command(title=title, command=COMMAND_UNDO, arguments=[args.as_argument()]))


def _strengthen(scene: Scene) -> Offer | None:
    hint = next((one for one in scene.diagnostics if one.code == to_lsp.SURVIVOR), None)
    if hint is None:
        return None
    place = Place(line=hint.range.start.line, character=hint.range.start.character)
    uri = scene.folder.uri_of(scene.path)
    args = StrengthenArgs(uri=uri, position=place)
    return Offer(types.Command(title="Strengthen tests", command=COMMAND_STRENGTHEN, arguments=[args.as_argument()]))


_ROWS: tuple[Callable[[Scene], Offer | None], ...] = (_fix, _dry_run, _prepare, _kept, _strengthen, _show, _undo)


def _action(server: RegreenServer, scene: Scene, offer: Offer) -> types.CodeAction | types.Command | None:
    if offer.disabled and not server.client.disabled_actions:
        return None
    if not server.client.action_literals:
        return offer.command
    return types.CodeAction(
        title=offer.command.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=list(scene.diagnostics) or None,
        is_preferred=offer.preferred or None,
        disabled=types.CodeActionDisabled(reason=offer.disabled) if offer.disabled else None,
        command=None if offer.disabled else offer.command,
    )
