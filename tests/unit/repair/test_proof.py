"""Green is proved: what passes and is not to be believed is found out, and no layer can be taken away from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.policy import Policy
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import Selection, TestId, TestResult, TestRun
from regreen.core.text import SourceText
from regreen.core.workspace import Project, WorkspaceModel
from regreen.languages import REGISTRY
from regreen.repair import Layer, Ports, Task, repair
from tests.support.fakes import (
    PROJECT,
    TRACE,
    FakeCheckpoints,
    FakeClock,
    FakeGates,
    FakeRunner,
    ScriptedProvider,
    fake_classify,
    no_trials,
)

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "def test_add():\n    assert add(1, 2) == 3\n\n\ndef test_red():\n    assert add(0, 0) == 1\n",
    "conftest.py": "",
}
ADD, RED = "test_calc.py::test_add", "test_calc.py::test_red"
FIX = ("calc.py", "a - b", "a + b")
Rule = Callable[[Mapping[str, str]], str]


def _model() -> WorkspaceModel:
    outline = REGISTRY["python"].outline
    facts = {path: outline(path, SourceText(text)) for path, text in FILES.items()}
    files = {
        path: replace(each, tests=tuple(replace(test, project=".") for test in each.tests))
        for path, each in facts.items()
    }
    return WorkspaceModel("/workspace", 1, (PROJECT,), files)


@dataclass
class Runner(FakeRunner):
    """A runner that collects `more` only as long as the bug is there."""

    more: dict[str, Rule] = field(default_factory=dict)

    def run(
        self,
        cancel: Cancellation,
        project: Project,
        selection: Selection,
        where: Enclosure | None,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> TestRun:
        is_fixed = "a + b" in self.checkpoints.opened[-1].files["calc.py"]
        everything, self.tests = self.tests, self.tests | ({} if is_fixed else self.more)
        try:
            return super().run(cancel, project, selection, where, on_result)
        finally:
            self.tests = everything


def play(
    add: Rule,
    more: dict[str, Rule] | None = None,
    without: frozenset[Layer] = frozenset(),
    policy: Policy | None = None,
    fix: tuple[str, str, str] = FIX,
) -> RepairReport:
    checkpoints = FakeCheckpoints(dict(FILES))
    ports = Ports(
        checkpoints, Runner(checkpoints, {ADD: add}, more=more or {}), ScriptedProvider([fix]), no_trials,
        fake_classify, FakeClock(), lambda _: None, FakeGates(checkpoints), without=without,
    )  # fmt: skip
    return repair(Cancellation(), ports, Task(TRACE, (TestId(".", ADD),), PROJECT, _model(), dict, policy or Policy()))


def honest(texts: Mapping[str, str]) -> str:
    """Fail as the test would: without the fix, and with a false assertion in it."""
    if "must fail" in texts["test_calc.py"]:
        return "assert 'regreen canary' == 'must fail'"
    return "" if "a + b" in texts["calc.py"] else "assert -1 == 3"


def blind(texts: Mapping[str, str]) -> str:
    """Pass with the patch, whatever the test says."""
    return "" if "a + b" in texts["calc.py"] else "assert -1 == 3"


def verdict(report: RepairReport) -> str:
    return report.attempts[0].verdict.value


def test_a_fix_under_which_a_false_assertion_is_noticed_is_green() -> None:
    report = play(honest)
    assert report.outcome is Outcome.REPAIRED
    assert report.attempts[0].reason == "The test ran and passed, twice."


def test_a_patch_under_which_a_false_assertion_goes_unnoticed_is_not_believed() -> None:
    report = play(blind)
    assert (verdict(report), report.outcome) == ("unproved", Outcome.EXHAUSTED)
    assert "went unnoticed" in report.attempts[0].reason


def test_a_run_that_rewrites_tests_is_not_believed() -> None:
    def rewriting(texts: Mapping[str, str]) -> str:
        if "a + b" in texts["calc.py"] and isinstance(texts, dict):
            texts["conftest.py"] = "import calc\n"
        return honest(texts)

    report = play(rewriting)
    assert (verdict(report), report.attempts[0].reason) == ("unproved", "With the patch, a run rewrites conftest.py.")


def test_a_test_that_is_not_run_any_more_is_not_believed() -> None:
    report = play(honest, {RED: lambda _: "assert 0 == 1"})
    assert verdict(report) == "unproved"
    assert report.attempts[0].reason == f"{RED} was run before and is not run any more."


def test_without_the_layer_of_proof_one_passing_run_would_do() -> None:
    assert play(blind, without=frozenset({Layer.PROOF})).outcome is Outcome.REPAIRED


SENSITIVE = Policy(sensitive=("calc.py",))
EXITS = ("calc.py", "return a - b", "import os; os._exit(0)  # a + b")


def test_the_gate_holds_without_the_layers_behind_it() -> None:
    for without in (Layer.GUARDRAILS, Layer.PROOF):
        report = play(honest, without=frozenset({without}), policy=SENSITIVE)
        assert (report.outcome, report.attempts) == (Outcome.REFUSED, ())


def test_without_the_gate_the_layers_behind_it_hold() -> None:
    gone = frozenset({Layer.GATE})
    into = play(honest, without=gone, policy=SENSITIVE)
    assert (verdict(into), into.attempts[0].rule) == ("refused", "security-scope")
    exits = play(blind, without=gone, fix=EXITS)
    assert (verdict(exits), exits.attempts[0].rule) == ("refused", "code-exit")
    both = gone | {Layer.GUARDRAILS}
    assert [verdict(play(blind, without=both, fix=fix)) for fix in (FIX, EXITS)] == ["unproved", "unproved"]
    assert play(honest, without=both, policy=SENSITIVE).outcome is Outcome.REPAIRED


def test_no_product_code_takes_a_layer_away() -> None:
    server = Path(__file__).parents[3] / "server"
    texts = {path: path.read_text(encoding="utf-8") for path in server.rglob("*.py")}
    setting = [path.name for path, text in texts.items() if re.search(r"\bwithout\s*=\s*(?!frozenset\(\))", text)]
    assert setting == []
