"""Preparing an environment: only our own steps, in order, streamed, and with nothing left when it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from regreen.app import planned_steps
from regreen.app.prepare import Preparer
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import Refused, ToolMissing, UsageError
from regreen.core.events import Event, Step, ToolSaid
from regreen.core.preparation import in_words
from regreen.core.testing import CommandSpec, Ended, RawRun
from regreen.core.workspace import WorkspaceModel
from regreen.execution import LocalExecutor
from tests.support.fakes import PROJECT
from tests.support.workspace import lay

VENV = ("python3", "-m", "venv", ".venv")
INSTALL = (".venv/bin/python", "-m", "pip", "install", "-e", ".")


@dataclass
class Tools:
    """An executor whose programs exit with the given codes and say two lines."""

    codes: dict[str, int] = field(default_factory=dict)
    specs: list[CommandSpec] = field(default_factory=list)

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: Callable[[str], None] | None = None) -> RawRun:
        cancel.check()
        self.specs.append(spec)
        code = self.codes.get(spec.argv[0], 0)
        if code == 127:
            raise ToolMissing(f"{spec.argv[0]} cannot be started: not there.", next_step="Install it.")
        if on_report is not None:
            on_report("one")
            on_report("two ")
        return RawRun(spec, Ended.EXITED, code, "one\ntwo \n", "", "", 1.0)


def test_the_steps_run_in_order_in_the_project_s_folder() -> None:
    tools, events = Tools(), []
    project = replace(PROJECT, path="py/a", prepare=(VENV, INSTALL))
    found = Preparer("/ws", tools, {}).run(Cancellation(), project, events.append)
    assert found.ok
    assert [step.tail for step in found.steps] == ["one\ntwo ", "one\ntwo "]
    assert [spec.argv[0] for spec in tools.specs] == ["python3", "/ws/py/a/.venv/bin/python"]
    assert {spec.cwd for spec in tools.specs} == {"/ws/py/a"}
    assert all(spec.enclosure is None for spec in tools.specs)
    assert events == [
        Step("Preparing: python3 -m venv .venv", 0), ToolSaid("one"), ToolSaid("two"),
        Step("Preparing: .venv/bin/python -m pip install -e .", 50), ToolSaid("one"), ToolSaid("two"),
    ]  # fmt: skip


def test_what_comes_after_a_failed_step_is_not_run() -> None:
    tools = Tools({"python3": 3})
    found = Preparer("/ws", tools, {}).run(Cancellation(), replace(PROJECT, prepare=(VENV, INSTALL)), ignore)
    assert not found.ok
    assert [(step.ended, step.exit_code) for step in found.steps] == [(Ended.EXITED, 3), (None, 0)]
    assert len(tools.specs) == 1


def test_a_tool_that_is_not_there_is_a_failed_step_that_says_so() -> None:
    found = Preparer("/ws", Tools({"uv": 127}), {}).run(
        Cancellation(), replace(PROJECT, prepare=(("uv", "sync"),)), ignore
    )
    (step,) = found.steps
    assert (step.ended, step.exit_code) == (Ended.NOT_STARTED, 127)
    assert step.tail == "uv cannot be started: not there. Install uv, or put it on the PATH."


@pytest.mark.parametrize(
    "argv", [("sh", "-c", "true"), ("./setup.sh",), ("make", "deps"), ("/tmp/uv", "sync"), ("uvx", "x"), ()]
)
def test_a_step_that_is_not_ours_is_refused_and_nothing_is_run(argv: tuple[str, ...]) -> None:
    tools = Tools()
    with pytest.raises(Refused) as refused:
        Preparer("/ws", tools, {}).run(Cancellation(), replace(PROJECT, prepare=(VENV, argv)), ignore)
    assert refused.value.rule == "prepare-step"
    assert tools.specs == []


def test_tools_learn_where_packages_come_from_and_no_other_secret() -> None:
    tools = Tools()
    environment = {"PIP_INDEX_URL": "i", "https_proxy": "p", "UV_CACHE_DIR": "c", "OPENAI_API_KEY": "k", "X_PIP_Y": "n"}
    Preparer("/ws", tools, environment).run(Cancellation(), replace(PROJECT, prepare=(("uv", "sync"),)), ignore)
    assert dict(tools.specs[0].env) == {"PIP_INDEX_URL": "i", "https_proxy": "p", "UV_CACHE_DIR": "c", "NO_COLOR": "1"}


def test_without_a_key_every_project_with_steps_is_meant_and_a_shared_step_comes_once() -> None:
    both = replace(PROJECT, id=".#python", prepare=(VENV, INSTALL)), replace(PROJECT, id=".#rust", prepare=(VENV,))
    other = replace(PROJECT, path="b", prepare=(VENV,))
    model = WorkspaceModel("/ws", projects=(*both, other, replace(PROJECT, path="c")))
    assert [(each.project, len(each.steps)) for each in planned_steps(model, "")] == [(".#python", 2), ("b", 1)]
    assert [each.project for each in planned_steps(model, ".#rust")] == [".#rust"]
    assert planned_steps(model, "c") == ()
    with pytest.raises(UsageError) as error:
        planned_steps(model, "nowhere")
    assert error.value.next_step == "The projects are: .#python, .#rust, b, c."


def test_the_steps_are_told_as_one_types_them() -> None:
    assert in_words(replace(PROJECT, prepare=(VENV, ("uv", "sync", "--group", "a b")))) == (
        "python3 -m venv .venv, then uv sync --group 'a b'"
    )


def test_both_streams_of_a_tool_come_line_by_line_and_a_cancel_kills_its_tree(tmp_path: Path) -> None:
    lay(tmp_path, "-- bin/uv --\n#!/bin/sh\nsleep 600 &\necho $! > pid\necho out\necho err >&2\nwait\n")
    (tmp_path / "bin/uv").chmod(0o755)
    cancel, said = Cancellation(), list[str]()

    def hear(event: Event) -> None:
        said.extend([event.line] if isinstance(event, ToolSaid) else [])
        if said == ["out", "err"]:
            cancel.cancel()

    with pytest.raises(Cancelled):
        Preparer(str(tmp_path), Local(tmp_path / "bin"), {}).run(
            cancel, replace(PROJECT, prepare=(("uv", "sync"),)), hear
        )
    state = Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


@dataclass
class Local:
    """Runs the programs of a folder for real."""

    programs: Path

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: Callable[[str], None] | None = None) -> RawRun:
        argv = (str(self.programs / spec.argv[0]), *spec.argv[1:])
        return LocalExecutor().run(cancel, replace(spec, argv=argv), on_report)


def ignore(event: Event) -> None:
    del event
