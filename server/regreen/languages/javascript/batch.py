"""Many candidates of a JavaScript project in one start of its runner, each with modules of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project, RunnerUse
from regreen.languages.batching import Batching, Lines, Order, driven, in_pieces

from .run import command, may_share, one_worker, runner_of
from .switch import SEEN, WRITING

_INJECTED = Path(__file__).resolve().parents[2] / "injected" / "javascript"
_DRIVER = _INJECTED / "regreen_batch.mjs"
Words = tuple[str, ...]


def batch(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to run the candidates; None when they cannot share a start of the project's runner.

    Raises:
        ToolMissing: the runner is not installed.
    """
    names = (*order.wanted, *order.keep)
    files = sorted({name.partition("::")[0] for name in names})
    uses = _uses(project, files)
    use = next(iter(uses.values()))
    started = _STARTS.get(use.name)
    if len(uses) != 1 or started is None or any("::" not in name for name in order.wanted):
        return None
    spec = command(project, Selection(names=names), place, timeout)
    argv = started(use, spec.argv)
    if argv is None:
        return None
    home = Path(place.root, project.cwd)
    facts = {
        "runner": use.name,
        "argv": argv,
        "files": [str(home / file) for file in files],
        "options": _options(use),
        "wanted": _titles(home, order.wanted),
        "keep": _titles(home, order.keep),
        "picks": order.picks,
        "switched": [str(Path(place.root, path)) for path in order.switched],
        "wall": order.wall,
        "memory": order.memory,
        "mutants": [pick for pick, _ in order.mutants],
        "seconds": order.seconds,
    }
    if use.name == "node:test":
        facts["filesOf"] = {pick: _numbers(files, tests) for pick, tests in order.mutants if tests != order.wanted}
    if order.mutants and use.name in _TELL_FILES:
        facts |= {
            "homes": dict(order.homes),
            "cheaper": _cheaper(use, argv),
            "swift": _swift(use, argv),
            "swiftIn": str(Path(place.scratch, "swift")),
            "seenIn": str(Path(place.scratch, "seen")),
        }
        spec = replace(spec, env=(*spec.env, (SEEN, str(_INJECTED / "regreen_seen.cjs"))))
    told = driven(spec, place, {})
    return replace(told, argv=(project.interpreter, str(_DRIVER), *in_pieces(json.dumps(facts))))


def measure(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to see which lines each test runs; None with other runners than Node's own.

    Raises:
        ToolMissing: the runner is not installed.
    """
    names = (*order.wanted, *order.keep)
    files = sorted({name.partition("::")[0] for name in names})
    uses = _uses(project, files)
    if list(uses) != ["node:test"]:
        return None
    home = Path(place.root, project.cwd)
    chosen = [(name, *name.partition("::")[::2]) for name in names if "::" in name]
    facts = {
        "root": place.root,
        "options": _options(uses["node:test"]),
        "files": [
            {"path": str(home / file), "tests": [(name, title) for name, path, title in chosen if path == file]}
            for file in files
        ],
        "wall": order.wall,
    }
    told = driven(command(project, Selection(names=names), place, timeout), place, {})
    return replace(
        told, argv=(project.interpreter, str(_INJECTED / "regreen_lines.mjs"), *in_pieces(json.dumps(facts)))
    )


def lines(_project: Project, profile: str) -> Lines:
    """Return the lines that a profile calls run."""
    found = json.loads(profile)
    return {str(path): frozenset(int(line) for line in found[path]) for path in sorted(found)}


def _numbers(files: list[str], tests: Words) -> list[int]:
    """Return which of the files have some of the tests."""
    having = {name.partition("::")[0] for name in tests}
    return [number for number, file in enumerate(files) if file in having]


def _options(use: RunnerUse) -> list[str]:
    return [option for option in use.options if not option.startswith("--test")]


def _uses(project: Project, files: Iterable[str]) -> dict[str, RunnerUse]:
    prefix = "" if project.cwd == "." else f"{project.cwd}/"
    return {use.name: use for use in (runner_of(project, prefix + file) for file in files)}


def _is_dear(project: Project, names: Words) -> bool:
    return "node:test" not in _uses(project, (name.partition("::")[0] for name in names))


def _shares_process(project: Project) -> bool:
    return all(may_share(use) for use in project.runners[:1])


def _titles(home: Path, names: Words) -> list[str]:
    return [f"{home / name.partition('::')[0]}::{name.partition('::')[2]}" for name in names]


def _node_test(_use: RunnerUse, argv: Words) -> Words | None:
    return argv


def _vitest(use: RunnerUse, argv: Words) -> Words | None:
    return _reporting(use, argv, "vitest")


def _jest(use: RunnerUse, argv: Words) -> Words | None:
    if use.command[1:2] == ("test",):  # A package that starts Jest with settings of its own.
        return None
    found = _reporting(use, argv, "jest")
    alone = () if any(word.startswith(("--maxWorkers", "-w")) for word in argv) else ("--runInBand",)
    return None if found is None else (*found[:2], *alone, "--forceExit=false", "--detectOpenHandles=false", *found[2:])


def _mocha(use: RunnerUse, argv: Words) -> Words | None:
    return _reporting(use, argv, "mocha")


def _reporting(use: RunnerUse, argv: Words, runner: str) -> Words | None:
    """Return the command with the reporter of batches in the place of the one that tells of runs."""
    if not use.program:
        return None
    suffix = "mjs" if runner == "vitest" else "cjs"
    ordinary, ours = (str(_INJECTED / f"{name}{runner}.{suffix}") for name in ("regreen_", "regreen_batch_"))
    return tuple(word.replace(ordinary, ours) for word in argv)


def _cheaper(use: RunnerUse, argv: Words) -> Words:
    """Return a command that costs less for each run of the same tests, where they may run so; else ()."""
    if use.name != "vitest" or any(word.startswith("--pool") for word in argv):
        return ()
    # With one worker alone, the fourth version runs all files in one context; the others give each its own anyway.
    workers = ("--maxWorkers=2",) if 4 <= _major(use) else one_worker(use)
    return (*argv[:3], "--pool=vmThreads", *workers, *argv[3:])


def _swift(use: RunnerUse, argv: Words) -> Words:
    """Return a command whose workers judge mutants themselves, one file of tests after the other; else ()."""
    if use.name == "jest":
        return argv
    if use.name != "vitest" or any(word.startswith(("--pool", "--runner")) for word in argv):
        return ()
    return (*argv[:3], "--pool=forks", *one_worker(use), *argv[3:])


def _major(use: RunnerUse) -> int:
    number = use.version.partition(".")[0]
    return int(number) if number.isdigit() else 0


_TELL_FILES = frozenset({"vitest", "jest"})  # runners that know which file of tests runs
_STARTS: Mapping[str, Callable[[RunnerUse, Words], Words | None]] = {
    "node:test": _node_test,
    "vitest": _vitest,
    "jest": _jest,
    "mocha": _mocha,
}
BATCHING = Batching(
    writings=dict.fromkeys(("javascript", "typescript", "tsx"), WRITING),
    command=batch,
    measure=measure,
    lines=lines,
    is_built=False,
    is_dear=_is_dear,
    shares_process=_shares_process,
)
