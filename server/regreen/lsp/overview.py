"""How the server is, over all folders: the words, icons and choices of one place in the editor. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .markdown import Paragraph, to_markdown
from .protocol import (
    COMMAND_CANCEL,
    COMMAND_FIX,
    COMMAND_PREPARE,
    COMMAND_RUN_TESTS,
    COMMAND_SHOW_REPORT,
    COMMAND_UNDO,
    Action,
    OverviewParams,
)

_MAX_RED_FILES = 500
_SPIN = "$(sync~spin)"


@dataclass(frozen=True, slots=True)
class FolderState:
    """What one folder's part of the overview is made from."""

    uri: str
    name: str
    known: bool  # the index has seen it once
    indexing: tuple[int, int] | None  # files done, of how many
    n_files: int
    job: str  # the title of the one that runs, or ""
    step: str  # what it is doing
    n_red: int
    n_passed: int
    red_files: tuple[str, ...]  # URIs
    protection: tuple[str, ...]  # in words, and why not better; () until it was found out
    problem: str  # what went wrong although nobody asked for it
    reports: bool
    undoable: bool
    lacks_environment: bool
    figures: str = ""  # of its repairs, in words


def overview(folders: Sequence[FolderState], *, trusted: bool, ready: bool) -> OverviewParams:
    """Return what is shown of all folders."""
    red = sorted({uri for folder in folders for uri in folder.red_files})
    return OverviewParams(
        text=_text(folders, trusted=trusted, ready=ready),
        tooltip=to_markdown(tuple(map(Paragraph, _tooltip(folders, trusted=trusted, ready=ready)))),
        busy=any(folder.job for folder in folders),
        red=tuple(red[:_MAX_RED_FILES]),
        reports=any(folder.reports for folder in folders),
        undoable=any(folder.undoable for folder in folders),
        menu=tuple(_menu(folders, trusted=trusted)),
    )


def _text(folders: Sequence[FolderState], *, trusted: bool, ready: bool) -> str:
    running = next((folder.job for folder in folders if folder.job), "")
    if running:
        return f"{_SPIN} Regreen: {running}"
    indexing = next((folder.indexing for folder in folders if folder.indexing), None)
    if indexing:
        return f"{_SPIN} Regreen: indexing {indexing[0]} of {indexing[1]}"
    if not ready or not all(folder.known for folder in folders):
        return f"{_SPIN} Regreen: indexing"
    n_red = sum(folder.n_red for folder in folders)
    if n_red:
        return f"$(error) Regreen: {n_red} red"
    if any(folder.problem for folder in folders):
        return "$(warning) Regreen"
    if not trusted:
        return "$(shield) Regreen"
    return "$(check) Regreen"


def _tooltip(folders: Sequence[FolderState], *, trusted: bool, ready: bool) -> list[str]:
    lines = [line for folder in folders for line in _folder_lines(folder, named=1 < len(folders))]
    if ready and not folders:
        lines.append("No folder is open. Open the one that holds your code and its tests.")
    if not trusted:
        lines.append(
            "This workspace is not trusted: files are indexed, nothing is executed. Trust it to run its tests."
        )
    return lines


def _folder_lines(folder: FolderState, *, named: bool) -> list[str]:
    about = f"{folder.name}: " if named else ""
    if folder.job:
        state = f"{folder.job}. {folder.step}" if folder.step else f"{folder.job}."
    elif folder.indexing:
        state = f"Indexing: {folder.indexing[0]} of {folder.indexing[1]} files are read."
    elif not folder.known:
        state = "Indexing."
    else:
        state = f"Ready: {_count(folder.n_files, 'file')} indexed, {_tests(folder)}."
    words = [about + state, folder.problem, folder.figures]
    if folder.protection:
        words += [f"Repairs work in {folder.protection[0]}.", *folder.protection[1:]]
    return [word for word in words if word]


def _tests(folder: FolderState) -> str:
    if not folder.n_red and not folder.n_passed:
        return "no test was run yet"
    return f"{folder.n_red} red, {folder.n_passed} passed"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _menu(folders: Sequence[FolderState], *, trusted: bool) -> list[Action]:
    """Return what can be done now, the likeliest first; with several folders, once for each."""
    return [action for folder in folders for action in _choices(folder, trusted=trusted, named=1 < len(folders))]


def _choices(folder: FolderState, *, trusted: bool, named: bool) -> list[Action]:
    runs = trusted and not folder.job
    rows = (
        (bool(folder.job), f"$(debug-stop) Cancel “{folder.job}”", COMMAND_CANCEL),
        (runs and bool(folder.n_red), "$(sparkle) Fix the first red test", COMMAND_FIX),
        (runs, "$(run-all) Run all tests", COMMAND_RUN_TESTS),
        (runs and folder.lacks_environment, "$(package) Prepare the environment", COMMAND_PREPARE),
        (folder.reports, "$(book) Show the last repair", COMMAND_SHOW_REPORT),
        (folder.undoable and not folder.job, "$(discard) Undo the agent's last fix", COMMAND_UNDO),
    )
    suffix = f" in {folder.name}" if named else ""
    arguments = ({"uri": folder.uri},)
    return [Action(title=title + suffix, command=command, arguments=arguments) for fits, title, command in rows if fits]
