"""regreen recover: bring to an end what a kill or a power cut interrupted."""

from __future__ import annotations

import argparse

from regreen.app import Settings, open_session, workspace_root
from regreen.checkpoints import Recovery
from regreen.core.errors import ExitStatus

from .documents import VERSION, dump
from .workspace import add_path, show


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)


def run(options: argparse.Namespace) -> int:
    """Finish or take back what was interrupted, and say what was done."""
    session = open_session(str(workspace_root(options.path)), Settings(), show)
    try:
        recoveries = session.recover()
    finally:
        session.close()
    if options.json:
        dump({"version": VERSION, "recovered": [_document(recovery) for recovery in recoveries]})
    elif not recoveries:
        print("Nothing was interrupted.")
    else:
        print("\n".join(_text(recovery) for recovery in recoveries))
    told = any(recovery.conflicts or recovery.moved for recovery in recoveries)
    return ExitStatus.NOT_REPAIRED if told else ExitStatus.DONE


def _document(recovery: Recovery) -> dict[str, object]:
    return {
        "work": recovery.work,
        "run_id": recovery.run_id,
        "outcome": recovery.ending.value,
        "paths": list(recovery.paths),
        "conflicts": [{"path": copy.path, "kept": copy.kept} for copy in recovery.conflicts],
        "moved": [{"path": copy.path, "kept": copy.kept} for copy in recovery.moved],
        "message": recovery.message,
    }


def _text(recovery: Recovery) -> str:
    run = f" (run {recovery.run_id})" if recovery.run_id else ""
    kept = [
        f"  {copy.path or 'the record'}: left alone; the other bytes are {copy.kept}" for copy in recovery.conflicts
    ]
    moved = [f"  {copy.path}: put back; what stood there is {copy.kept}" for copy in recovery.moved]
    return "\n".join(
        [f"{recovery.work}{run}: {recovery.ending.value}", *(f"  {path}" for path in recovery.paths), *kept, *moved]
    )
