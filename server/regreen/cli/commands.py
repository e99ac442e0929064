"""The table of commands, one row each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from . import (
    bench,
    classify,
    config,
    demo,
    doctor,
    export,
    fix,
    inspect,
    mutate,
    prepare,
    recover,
    replay,
    runs,
    serve,
    stats,
    test,
)


@dataclass(frozen=True, slots=True)
class Command:
    """A row: the name, what it does, its arguments, and what runs it and returns the exit status."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS = (
    Command("demo", "Show the whole repair loop on small broken workspaces.", demo.arguments, demo.run),
    Command("inspect", "Say what a workspace is and how it is tested.", inspect.arguments, inspect.run),
    Command("prepare", "Make the environment of a project ready.", prepare.arguments, prepare.run),
    Command("test", "Run tests and classify what fails.", test.arguments, test.run),
    Command("fix", "Repair failing tests, protected by a checkpoint.", fix.arguments, fix.run),
    Command("mutate", "Tell which small changes of the code its tests would not notice.", mutate.arguments, mutate.run),
    Command("classify", "Explain saved runner output, such as a CI log.", classify.arguments, classify.run),
    Command("history", "List the repairs of a workspace.", runs.history_arguments, runs.history),
    Command("show", "Show one repair: its attempts, diffs and verdicts.", runs.show_arguments, runs.show),
    Command("replay", "Make a past repair once more from its recording, and compare.", replay.arguments, replay.run),
    Command("stats", "Show the figures of past repairs, against their targets.", stats.arguments, stats.run),
    Command("export", "Write past repairs as trajectories for training.", export.arguments, export.run),
    Command("bench", "Repair a folder of cases several times, and compare.", bench.arguments, bench.run),
    Command("undo", "Take back a repair's own edits; undo again to redo.", runs.undo_arguments, runs.undo),
    Command("recover", "Finish or take back what a crash interrupted.", recover.arguments, recover.run),
    Command("config", "Show what may be done in a workspace, and who says so.", config.arguments, config.run),
    Command("doctor", "Check that this machine and workspace are ready.", doctor.arguments, doctor.run),
    Command("serve", "Run the language server.", serve.arguments, serve.run),
)
