"""How the tests of a project are run: its own runner under its own Node, with a reporter of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from regreen.core.errors import ToolMissing
from regreen.core.ports import ReportReader
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.titles import SEPARATOR, VARIABLE
from regreen.core.workspace import Project, RunnerUse
from regreen.languages.events import nonce
from regreen.languages.globs import is_test_path

from .layout import JAVASCRIPT, TYPESCRIPT
from .report import JavascriptReader
from .selecting import Wanted, wanted_of
from .tap import TapReader
from .textual import TextReader

_INJECTED = Path(__file__).resolve().parents[2] / "injected" / "javascript"
# How much the files of tests have in common, as a project may say itself.
_HOW_APART = ("--pool", "--isolate", "--no-isolate", "--maxWorkers", "--minWorkers", "--browser")
Build = Callable[[RunnerUse, Wanted], tuple[str, ...]]


def command(project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
    """Say how to run the selected tests.

    Raises:
        ToolMissing: the runner is not installed, or Regreen cannot run it.
    """
    parts = _parts(project, selection)
    specs = tuple(_spec(project, use, selected, place, timeout) for use, selected in parts)
    if len(specs) == 1:
        return specs[0]
    several = [{"argv": spec.argv, "cwd": spec.cwd, "env": dict(spec.env)} for spec in specs]
    argv = (_node(project), str(_INJECTED / "regreen_several.cjs"), json.dumps(several))
    return replace(specs[0], argv=argv, report=_report(place))


def reader(project: Project, place: Place) -> ReportReader:
    """Return a reader that believes only lines with the nonce of this place."""
    if project.runner == "ava":
        return TapReader(project, place)
    if project.runner in ("bun", "deno"):
        return TextReader(project, place)
    return JavascriptReader(project, place, nonce(place))


def runner_of(project: Project, path: str) -> RunnerUse:
    """Return the runner that a file of a project belongs to; the path is relative to the root.

    Raises:
        ToolMissing: the project has no runner.
    """
    if not project.runners:
        raise ToolMissing(
            f"No test runner was found for the project in {project.path!r}.",
            next_step='Add a script "test" to its package.json that calls one, for example "vitest run".',
        )
    own = next((use for use in project.runners if path in use.files), None)
    fitting = (use for use in project.runners if is_test_path(path, use.patterns))
    return own or next(fitting, project.runners[0])


def may_share(use: RunnerUse) -> bool:
    """Tell whether the files of this runner may share a process, though each usually has its own."""
    return use.name == "vitest" and not any(word.startswith(_HOW_APART) for word in use.options)


def one_worker(use: RunnerUse) -> tuple[str, ...]:
    """Return the options by which Vitest has one worker."""
    major = use.version.partition(".")[0]
    return ("--maxWorkers=1",) if major.isdigit() and 4 <= int(major) else ("--minWorkers=1", "--maxWorkers=1")


def _parts(project: Project, selection: Selection) -> tuple[tuple[RunnerUse, Selection], ...]:
    """Share a selection among the project's runners; all runs of one go the same way as its first runner's."""
    first = runner_of(project, "")
    prefix = "" if project.cwd == "." else f"{project.cwd}/"
    names: dict[str, list[str]] = {}
    paths: dict[str, list[str]] = {}
    for name in selection.names:
        names.setdefault(runner_of(project, prefix + name.partition("::")[0]).name, []).append(name)
    for path in selection.paths:
        is_file = path.endswith(TYPESCRIPT + JAVASCRIPT)
        paths.setdefault(runner_of(project, prefix + path).name if is_file else first.name, []).append(path)
    chosen = [use for use in project.runners if use.name in names or use.name in paths] or [first]
    return tuple(
        (use, replace(selection, names=tuple(names.get(use.name, ())), paths=tuple(paths.get(use.name, ()))))
        for use in chosen
    )


def _spec(project: Project, use: RunnerUse, selection: Selection, place: Place, timeout: float) -> CommandSpec:
    build = _BUILDERS.get(use.name)
    if build is None:
        raise ToolMissing(
            f"Regreen cannot run the tests of {use.name}.",
            next_step=f"Run them yourself ({' '.join(use.command)}), and let `regreen classify` read what they print.",
        )
    wanted = wanted_of(project, use, selection, place)
    argv = (*_program(project, use, place), *build(use, wanted))
    by_report = use.name not in ("ava", *_BY_JUNIT)
    junit = _BY_JUNIT.get(use.name, ())
    argv = (*argv[:2], *(f"{word}{_report(place)}" if word.endswith("=") else word for word in junit), *argv[2:])
    env = {
        "CI": "1",
        "NO_COLOR": "1",
        "FORCE_COLOR": "0",
        **dict(use.env),
        **({"REGREEN_REPORT": _report(place), "REGREEN_NONCE": nonce(place)} if by_report else {}),
    }
    return CommandSpec(
        argv=argv,
        cwd=str(Path(place.root, use.cwd)),
        env=tuple(sorted(env.items())),
        timeout=timeout,
        report=_report(place) if by_report or junit else "",
        report_is_stdout=use.name == "ava",
    )


# Options, behind the word "test", by which a runner writes a JUnit report into a file.
_BY_JUNIT: Mapping[str, tuple[str, ...]] = {
    "bun": ("--reporter=junit", "--reporter-outfile="),
    "deno": ("--junit-path=",),
}


def _report(place: Place) -> str:
    return str(Path(place.scratch, "report.jsonl"))


def _node(project: Project) -> str:
    if project.interpreter:
        return project.interpreter
    program = project.runner if project.runner in ("bun", "deno") else "node"
    raise ToolMissing(
        f"{program} was not found for the project in {project.path!r}.",
        next_step=f"Install {program} and make sure that it is on the PATH.",
    )


def _program(project: Project, use: RunnerUse, place: Place) -> tuple[str, ...]:
    """Return what starts a runner: its file under the project's Node, or Node, Bun or Deno itself."""
    if use.name in ("node:test", "bun", "deno"):
        return (_node(project),)
    if use.program:
        return (_node(project), str(Path(place.root, use.program[0])))
    if use.command[:1] == ("yarn",):
        return use.command[:2]
    steps = " && ".join(" ".join(step) for step in project.prepare[:1])
    raise ToolMissing(
        f"{use.name} is not installed for the project in {project.path!r}.",
        next_step=f"Install its dependencies: {steps or 'npm install'}.",
    )


def _vitest(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    is_old = use.version.startswith(("0.", "1.", "2."))
    return (
        "run",
        *use.options,
        f"--reporter={_INJECTED / 'regreen_vitest.mjs'}",
        *(() if is_old else ("--includeTaskLocation",)),
        "--coverage.enabled=false",
        f"--bail={int(wanted.stop_at_first)}",
        *(("--no-isolate", *one_worker(use)) if wanted.together and may_share(use) else ()),
        *wanted.pattern("--testNamePattern", before=r"\s*" if is_old else ""),
        *(wanted.files or wanted.filters),
    )


def _jest(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    starter = use.command[1:2] == ("test",)
    return (
        *(("test", "--watchAll=false") if starter else ()),
        "--ci",
        f"--reporters={_INJECTED / 'regreen_jest.cjs'}",
        "--testLocationInResults",
        "--coverage=false",
        "--watchman=false",
        f"--bail={int(wanted.stop_at_first)}",
        *use.options,
        *wanted.pattern("--testNamePattern"),
        *(("--runTestsByPath", *wanted.files) if wanted.files else wanted.filters),
    )


def _mocha(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    return (
        *use.options,
        "--reporter",
        str(_INJECTED / "regreen_mocha.cjs"),
        "--no-parallel",
        "--bail" if wanted.stop_at_first else "--no-bail",
        *wanted.pattern("--grep"),
        *(wanted.files or wanted.filters or use.targets),
    )


def _node_test(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    everything = wanted.known if use.targets or "borp" in use.command[0] else ()
    return (
        *use.options,
        "--import",
        (_INJECTED / "regreen_node_child.mjs").as_uri(),
        "--test",
        f"--test-reporter={(_INJECTED / 'regreen_node_test.mjs').as_uri()}",
        "--test-reporter-destination=stdout",
        *(f"--test-name-pattern={pattern}" for pattern in wanted.single_patterns),
        *(wanted.files or wanted.filters or everything),
    )


def _ava(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    stop = ("--fail-fast",) if wanted.stop_at_first else ()
    titles = tuple(word for title in wanted.titles for word in ("--match", _starred(title)))
    return ("--tap", *stop, *use.options, *titles, *(wanted.files or wanted.filters or use.targets))


def _starred(title: str) -> str:
    """Return a title as Ava matches it, whatever an expression puts into it."""
    return "*".join(part.replace("*", "\\*") for part in VARIABLE.split(title))


def _bun(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    stop = ("--bail=1",) if wanted.stop_at_first else ()
    targets = wanted.files or wanted.filters or use.targets
    return ("test", *stop, *use.options, *wanted.pattern("--test-name-pattern"), *targets)


def _deno(use: RunnerUse, wanted: Wanted) -> tuple[str, ...]:
    stop = ("--fail-fast",) if wanted.stop_at_first else ()
    names = "|".join(wanted.escaped(name.rpartition(SEPARATOR)[2]) for name in wanted.titles)
    chosen = (f"--filter=/^(?:{names})$/",) if names else ()
    return ("test", *stop, *use.options, *chosen, *(wanted.files or wanted.filters or use.targets))


_BUILDERS: Mapping[str, Build] = {
    "vitest": _vitest,
    "jest": _jest,
    "mocha": _mocha,
    "node:test": _node_test,
    "ava": _ava,
    "bun": _bun,
    "deno": _deno,
}
