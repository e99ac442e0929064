"""A plan becomes a patch, or a reason why it cannot."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.edit import Patch, TextEdit, make_patch, patch_between

from .anchors import find_spot
from .plan import EditOrder, Plan, Unusable


def patch_of(plan: Plan, sources: Mapping[str, str], commands: frozenset[tuple[str, ...]] = frozenset()) -> Patch:
    """Make the patch of a plan. `commands` are those that the person allows.

    Raises:
        Unusable: an edit has no place, edits overlap, nothing would change, or a command is not allowed.
    """
    refused = next((command for command in plan.commands if tuple(command) not in commands), None)
    if refused is not None:
        raise Unusable(f"The command {' '.join(refused)!r} is not on the list of what may be run.")
    if not plan.edits:
        raise Unusable("The plan has no edits.")
    edits: dict[str, tuple[str, tuple[TextEdit, ...]]] = {}
    for path in sorted({order.path for order in plan.edits}):
        orders = [order for order in plan.edits if order.path == path]
        edits[path] = (_source(path, sources), _edits(path, _source(path, sources), orders))
    try:
        patch = make_patch(edits)
    except ValueError as error:
        raise Unusable("Two edits of one file overlap. Make one of them.") from error
    if all(file.base == file.after for file in patch.files):
        raise Unusable("The edits change nothing.")
    return Patch(tuple(file for file in patch.files if file.base != file.after))


def _source(path: str, sources: Mapping[str, str]) -> str:
    if path not in sources:
        raise Unusable(f"There is no file {path!r} that may be edited. Name files exactly as they were shown.")
    return sources[path]


def _edits(path: str, base: str, orders: list[EditOrder]) -> tuple[TextEdit, ...]:
    whole = [order.content for order in orders if order.content is not None]
    if whole:
        if 1 < len(orders) or orders[0].search is not None or orders[0].replace is not None:
            raise Unusable(f"{path} has a whole new text and other edits. Give one or the other.")
        new = _with_line_ends_of(base, whole[0])
        return tuple(edit for file in patch_between({path: base}, {path: new}).files for edit in file.edits)
    return tuple(sorted(_edit(path, base, order) for order in orders))


def _edit(path: str, base: str, order: EditOrder) -> TextEdit:
    if order.search is None or order.replace is None:
        raise Unusable(f"An edit of {path} needs search and replace, or content.")
    spot = find_spot(path, base, order.search, order.replace)
    return TextEdit(spot.start, spot.end, spot.text)


def _with_line_ends_of(base: str, text: str) -> str:
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in base and base.count("\r\n") == base.count("\n") else plain
