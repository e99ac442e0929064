"""A fake session: its tests are one-line rules, so that every feature of the server can be driven without a runner.

`def test_x():  # calc.py: a + b not a - b` passes when calc.py holds "a + b"; its repair puts it there.
Files at the root steer it: `.wait` (jobs run until they are cancelled), `.spin` (the same, computing), `.print`
(jobs write to standard output), `.deaf` (jobs do not hear a cancel for a while), `.bug` (jobs raise),
`.steps` (the only project has these preparation steps), `.fail` (they fail), `.ask` (a repair ends in a question),
`.refuse` (the rule in it refuses a repair that does not lift it).
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from pathlib import Path

from regreen.app import (
    Board,
    Deliver,
    Delivered,
    FixRequest,
    MutateRequest,
    Settings,
    Strengthened,
    TestRequest,
    next_board,
    planned_steps,
)
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, TextEdit, invert, make_patch
from regreen.core.errors import StaleRequest, UsageError
from regreen.core.events import (
    AttemptEnded,
    Emit,
    Event,
    ModelChanged,
    MutationEnded,
    Notice,
    RepairEnded,
    RunEnded,
    Step,
    TestEnded,
    TestsStarted,
    ToolSaid,
)
from regreen.core.failure import Failure, FailureKind
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.preparation import Preparation
from regreen.core.repair import Attempt, Choice, Outcome, Question, RepairReport, Verdict
from regreen.core.testing import Ended, Frame, TestId, TestOutcome, TestResult, TestRun
from regreen.core.text import Span
from regreen.core.trace import RunId, Trace
from regreen.core.workspace import Evidence, FileFacts, Project, Symbol, SymbolKind, TestCase, WorkspaceModel
from tests.support.fakes import PROJECT

_RULE = re.compile(r"^def (test_\w+)\(\):  # (\S+\.py): (.+?) not (.+)$", re.MULTILINE)
_KINDS = {  # a rule that wants one of these is about the environment, or about the build of its whole file
    "missing": FailureKind.ENVIRONMENT,
    "unbuilt": FailureKind.SYNTAX,
}


class FakeEngine:
    """One folder."""

    def __init__(self, root: str, settings: Settings, emit: Emit) -> None:
        self.root = root
        self.settings = settings
        self.board = Board()
        self.generation = 1
        self.closed = False
        self.trusted = True
        self._emit_on = emit
        self._buffers: dict[str, str] = {}
        self._touched: dict[str, int] = {}

    # -- what returns at once

    @property
    def model(self) -> WorkspaceModel:
        names = sorted({path.name for path in Path(self.root).glob("*.py")} | set(self._buffers))
        files = {name: self._facts(name) for name in names}
        return WorkspaceModel(self.root, self.generation, self._projects(), files)

    def distrust(self) -> None:
        self.trusted = False

    def start(self) -> None:
        self._emit_on(ModelChanged(self.generation, 0))

    def close(self) -> None:
        self.closed = True

    def buffer_opened(self, path: str, text: str) -> None:
        self._buffers[path] = text

    def buffer_changed(self, path: str, text: str) -> None:
        self._buffers[path] = text
        self.generation += 1
        self._touched[path] = self.generation
        self._emit_on(ModelChanged(self.generation, 0))

    def buffer_closed(self, path: str) -> None:
        del self._buffers[path]

    def files_changed(self, paths: tuple[str, ...]) -> None:
        self._emit(Notice("info", f"changed: {' '.join(paths)}"))

    def file_saved(self, path: str) -> None:
        self._emit(Notice("info", f"saved: {path}"))

    def text(self, path: str) -> str | None:
        if path in self._buffers:
            return self._buffers[path]
        file = Path(self.root, path)
        return file.read_bytes().decode() if file.is_file() else None

    def affected_by(self, path: str) -> TestRequest:
        return TestRequest(paths=(path,)) if path.startswith("test_") else TestRequest()

    # -- jobs

    def run_tests(self, cancel: Cancellation, trace: Trace, request: TestRequest) -> tuple[TestRun, ...]:
        self._obey_flags(cancel)
        self._emit(TestsStarted("."))
        results, failures = [], []
        for test, failure in self._judge_all(request):
            cancel.check()
            outcome = TestOutcome.PASSED if failure is None else TestOutcome.FAILED
            results.append(TestResult(test, outcome, test.name.partition("::")[0], 1))
            failures += [] if failure is None else [failure]
            self._emit(TestEnded(results[-1], failure))
        ids = tuple(result.id for result in results)
        run = TestRun(".", tuple(results), ids, int(bool(failures)), Ended.EXITED, 0.1, True)
        self._emit(RunEnded(run, tuple(failures), everything=request == TestRequest()))
        return (run,)

    def fix(self, cancel: Cancellation, trace: Trace, request: FixRequest, deliver: Deliver) -> RepairReport:
        asked = self.board.report(RunId(request.asked))
        blamed = tuple(failure.test for failure in self.board.failures_in(request.path)[:1])
        wanted = request.tests or (blamed if asked is None else asked.wanted)
        if not wanted:
            raise UsageError("No failing test is known here.", next_step="Run the tests first.")
        failure = next(iter(self.board.failures_of(wanted[0])), None)
        if failure is None:
            raise UsageError(f"{wanted[0].name} is not red.", next_step="Run the tests first.")
        if request.generation is not None and request.generation < self._touched.get(failure.path, 0):
            raise StaleRequest(f"{failure.path} changed since.", next_step="Run the tests again.")
        self._emit(Step("Reproducing the failure", 10))
        patch = self._patch(failure)
        if self._flag(".ask") and not request.choice:
            return self._end(self._question(trace, wanted, failure, patch))
        rule = self._refusing(request)
        if rule:
            return self._end(self._refused(trace, wanted, failure, rule))
        attempt = Attempt(1, "search", "replaced the operator", patch, Verdict.GREEN, "All tests pass.", None, 0.5)
        self._emit(AttemptEnded(trace.run_id, attempt))
        self._obey_flags(cancel)
        report = RepairReport(
            trace.run_id, trace.trace_id, 0.0, 1.5, wanted, failure, Outcome.REPAIRED, "Green.", (attempt,), patch
        )
        return self._deliver(cancel, report, deliver, request.dry_run)

    def _refusing(self, request: FixRequest) -> str:
        """Return the rule in the flag's file, "" when there is none or the request lifts it."""
        rule = (self.text(".refuse") or "").strip()
        return "" if rule in request.lifted else rule

    def _refused(self, trace: Trace, wanted: tuple[TestId, ...], failure: Failure, rule: str) -> RepairReport:
        """Return a repair that a rule of the guard refused."""
        attempt = Attempt(1, "search", "", None, Verdict.REFUSED, f"Refused by {rule}.", None, 0.5, rule=rule)
        words = (Outcome.EXHAUSTED, attempt.reason, (attempt,), None)
        return RepairReport(trace.run_id, trace.trace_id, 0.0, 1.5, wanted, failure, *words)

    def _question(self, trace: Trace, wanted: tuple[TestId, ...], failure: Failure, patch: Patch) -> RepairReport:
        """Return a repair that leaves two answers to the person."""
        choices = (Choice("replace the operator", patch, "3"), Choice("replace the function", patch, ""))
        question = Question("What is add(1, 2)?", choices)
        attempt = Attempt(1, "search", "", None, Verdict.UNDECIDED, question.text, None, 0.5, question=question)
        words = (Outcome.UNDECIDED, question.text, (attempt,), None)
        return RepairReport(trace.run_id, trace.trace_id, 0.0, 1.5, wanted, failure, *words)

    def mutate(self, cancel: Cancellation, trace: Trace, request: MutateRequest) -> Strength:
        """Find one survivor in each wanted file: its first line, which may as well be empty."""
        self._obey_flags(cancel)
        judged = []
        for path in request.paths or tuple(sorted(self.model.files)):
            first = (self.text(path) or "").partition("\n")[0]
            edit = TextEdit(0, len(first), "pass")
            mutant = Mutant(path, "statement", edit, 1, first, "pass", request.function)
            judged.append(
                Judged(mutant, Fate.SURVIVED, diff=f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{first}\n+pass\n")
            )
        strength = Strength(tuple(judged))
        self._emit(MutationEnded(strength))
        return strength

    def strengthen(
        self, cancel: Cancellation, trace: Trace, request: MutateRequest, deliver: Deliver
    ) -> tuple[Strength, Strengthened]:
        """Append one test for all survivors to the first file of tests."""
        strength = self.mutate(cancel, trace, request)
        home = next(path for path in sorted(self.model.files) if path.startswith("test_"))
        text = self.text(home) or ""
        patch = make_patch({home: (text, (TextEdit(len(text), len(text), "\n\ndef test_more():\n    pass\n"),))})
        delivered = deliver(cancel, patch, "Regreen: strengthen the tests")
        noticed = tuple(replace(one, fate=Fate.KILLED) for one in strength.survivors)
        tests = (TestId(".", f"{home}::test_more"),)
        found = Strengthened(patch, noticed, tests, applied=delivered.applied, reason=delivered.reason)
        self._emit(MutationEnded(found.improved(strength)))
        return strength, found

    def apply_kept(self, cancel: Cancellation, trace: Trace, run_id: RunId, deliver: Deliver) -> RepairReport:
        report = self.board.report(run_id)
        if report is None:
            raise UsageError(f"There is no run {run_id}.", next_step="Fix again.")
        return self._deliver(cancel, report, deliver, False)

    def undo(self, cancel: Cancellation, trace: Trace, run_id: RunId, deliver: Deliver) -> RepairReport:
        report = self.board.report(run_id)
        if report is None or report.patch is None:
            raise UsageError(f"There is no run {run_id}.", next_step="Fix again.")
        delivered = deliver(cancel, invert(report.patch), f"Undo {run_id}")
        if not delivered.applied:
            raise UsageError(f"Not undone. {delivered.reason}", next_step="Try again.")
        return self._end(replace(report, outcome=Outcome.UNDONE, reason="Undone."))

    def prepare(self, cancel: Cancellation, trace: Trace, key: str) -> tuple[Preparation, ...]:
        found = planned_steps(self.model, key)
        self._emit(ToolSaid("Resolving"))
        self._obey_flags(cancel)
        code = 1 if self._flag(".fail") else 0
        ran = [
            replace(step, ended=Ended.EXITED, exit_code=code, tail="No room") for each in found for step in each.steps
        ]
        return tuple(replace(each, steps=tuple(ran)) for each in found)

    # -- inside

    def _projects(self) -> tuple[Project, ...]:
        if not self._flag(".steps"):
            return ()
        steps = tuple(tuple(line.split()) for line in Path(self.root, ".steps").read_text().splitlines())
        evidence = (Evidence("dependencies", "pyproject.toml", 1),)
        return (replace(PROJECT, prepare=steps, evidence=evidence, prepared=False),)

    def _deliver(self, cancel: Cancellation, report: RepairReport, deliver: Deliver, dry_run: bool) -> RepairReport:
        if report.patch is None:
            return self._end(report)
        label = "Regreen: fix it"
        delivered = Delivered(False, "Dry run.") if dry_run else deliver(cancel, report.patch, label)
        if delivered.applied:
            return self._end(replace(report, outcome=Outcome.REPAIRED, reason="Green, and applied."))
        reason = f"Green, and not applied: {delivered.reason}"
        return self._end(replace(report, outcome=Outcome.REPAIRED_NOT_APPLIED, reason=reason))

    def _end(self, report: RepairReport) -> RepairReport:
        self._emit(RepairEnded(report))
        return report

    def _emit(self, event: Event) -> None:
        self.board = next_board(self.board, event)
        self._emit_on(event)

    def _rules(self) -> list[tuple[TestId, int, str, str, str]]:
        found = []
        for path in sorted(self.model.files):
            text = self.text(path) or ""
            for match in _RULE.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append((TestId(".", f"{path}::{match[1]}"), line, match[2], match[3], match[4]))
        return found

    def _judge_all(self, request: TestRequest) -> list[tuple[TestId, Failure | None]]:
        chosen = []
        for test, line, path, right, wrong in self._rules():
            file = test.name.partition("::")[0]
            if (request.tests and test not in request.tests) or (request.paths and file not in request.paths):
                continue
            text = self.text(path) or ""
            failure = None if right in text else self._failure(test, file, line, path, text, right, wrong)
            chosen.append((test, failure))
        return chosen

    def _failure(self, test: TestId, file: str, line: int, path: str, text: str, right: str, wrong: str) -> Failure:
        kind = _KINDS.get(right, FailureKind.ASSERTION)
        test = TestId(".", file) if kind is FailureKind.SYNTAX else test
        lines = re.split(r"\r\n|\n|\r", text)
        culprit = next((n for n, content in enumerate(lines, 1) if wrong in content), 1)
        frames = (
            Frame(file, line, test.name, "assert it"),
            Frame("/usr/lib/elsewhere.py", 3, "outside", inside=False),
            Frame(path, culprit, "add", lines[culprit - 1].strip()),
        )
        message = f"wanted {right}, found {wrong}"
        return Failure(kind, test, path, culprit, message, (), frames, file, line, advice="Look at the operator.")

    def _patch(self, failure: Failure) -> Patch:
        _, _, path, right, wrong = next(rule for rule in self._rules() if rule[0] == failure.test)
        text = self.text(path) or ""
        start = text.index(wrong)
        return make_patch({path: (text, (TextEdit(start, start + len(wrong), right),))})

    def _facts(self, path: str) -> FileFacts:
        text = self.text(path) or ""
        cases, symbols = [], []
        for match in _RULE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            span, name = Span(*match.span()), Span(*match.span(1))
            cases.append(TestCase(f"{path}::{match[1]}", ".", path, line, span, name))
            symbols.append(Symbol(match[1], match[1], SymbolKind.FUNCTION, span, name, line, line + 1))
        return FileFacts(path, "python", "", tuple(symbols), tests=tuple(cases))

    def _obey_flags(self, cancel: Cancellation) -> None:
        if self._flag(".print"):
            print("stray words", flush=True)  # noqa: T201
            os.write(1, b"stray bytes\n")
        while self._flag(".wait"):
            cancel.wait(0.02)
        if self._flag(".bug"):
            raise ZeroDivisionError("a bug in a job")
        while self._flag(".spin"):
            cancel.check()
            sum(range(20_000))
        if self._flag(".deaf"):
            time.sleep(30)

    def _flag(self, name: str) -> bool:
        return Path(self.root, name).exists()
