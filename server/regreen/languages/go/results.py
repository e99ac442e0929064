"""What a package's log amounts to: one result for each test that ended or that ended the process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.testing import ExceptionFacts, Frame, TestId, TestOutcome, TestResult

from .entries import entries
from .ginkgo import first_spec
from .log import Package, Part
from .stack import Call, Goroutine, goroutines, races
from .where import Whereabouts

FAILED = "go.TestFailure"
PANIC = "go.Panic"
FATAL = "go.FatalError"
RACE = "go.DataRace"
TIMEOUT = "go.Timeout"
EXIT = "go.Exit"

_GOOD = {"pass": TestOutcome.PASSED, "skip": TestOutcome.SKIPPED}
_DIES = re.compile(r"^(?P<word>panic: |fatal error: |SIG[A-Z]+: )(?P<text>.*)$", re.MULTILINE)
_AGAIN = re.compile(r" \[recovered(?:, repanicked)?\]$")
_TIMED_OUT = re.compile(r"^test timed out after (?P<limit>\S+)")
_RUNNING = re.compile(r"^\t\t(?P<test>\S+) \([^)]+\)$", re.MULTILINE)
_TEST_FUNCTION = re.compile(r"\.(?P<name>(?:Test|Fuzz|Example|Benchmark)\w*)(?:\.func\d+)*(?:\.\d+)*$")
_SUITE_PANIC = re.compile(r"^\s+\S+\.go:\d+: test panicked: (?P<text>.*)$", re.MULTILINE)
_STATUS = re.compile(r"^exit status (?P<code>\d+)$|^signal: (?P<signal>.+)$", re.MULTILINE)


class PackageReading:
    """Reads one package of a log, for one project."""

    def __init__(self, package: Package, where: Whereabouts, project: str) -> None:
        self._package = package
        self._where = where
        self._project = project

    def ended(self, name: str) -> TestResult | None:
        """Return the result of a test that just ended; None when its sub-tests say it all, or it never started."""
        part = self._package.part(name)
        if part.action in _GOOD:
            return self._good(part)
        if self._is_forged(part) or any(child.action == "fail" for child in self._package.children(name)):
            return None
        return self._failed(part)

    def results(self) -> tuple[TestResult, ...]:
        """Return all results, in the order in which the tests ended; what ended the process comes last."""
        package = self._package
        good = [part for name in package.ended if (part := package.part(name)).action in _GOOD]
        found = [self._good(part) for part in good if not self._is_forged(part)]
        if package.action in ("pass", "skip"):
            return (*found, *self._swallowed())
        death = self._death()
        blamed = {result.id for result in death}
        for name in package.ended:
            result = self.ended(name) if package.part(name).action == "fail" else None
            if result is not None and result.id not in blamed and not (death and self._says_nothing(name)):
                found.append(result)
        if death:
            return (*found, *death)
        bad = any(result.outcome is TestOutcome.FAILED for result in found)
        return (*found, *self._exit(bad))

    def _swallowed(self) -> Iterator[TestResult]:
        """Yield the tests that failed in a package whose TestMain calls it fine, against the verdict of its tests."""
        if self._package.verdict != "FAIL":
            return
        for name in self._package.ended:
            part = self._package.part(name)
            result = self.ended(name) if part.started and part.action == "fail" else None
            if result is not None:
                yield result

    @property
    def is_settled(self) -> bool:
        """Tell whether every test that started has ended."""
        return all(part.action for part in self._package.parts.values() if part.started)

    def _is_forged(self, part: Part) -> bool:
        return self._package.verbose and not part.started

    def _says_nothing(self, name: str) -> bool:
        """Tell whether a failed test has no word of its own: the panic ended it."""
        return not entries(self._package.part(name).printed.text)

    def _good(self, part: Part) -> TestResult:
        return TestResult(self._id(part.name), _GOOD[part.action], "", 0, seconds=part.seconds)

    def _failed(self, part: Part) -> TestResult:
        printed = part.printed.text
        raced = "race detected during execution of test" in printed
        if raced and (facts := self._race(printed) or self._race(self._package.printed.text)):
            return self._result(part.name, facts, printed, part.seconds)
        if match := _SUITE_PANIC.search(printed):
            # A suite recovers its tests' panics, and prints the stack below its own call of recover.
            stacks = goroutines(printed[match.end() :])
            calls = stacks[0].calls if stacks else ()
            raised = next((n + 1 for n, call in enumerate(calls) if call.function == "panic"), 0)
            frames = tuple(self._where.frame(call) for call in reversed(calls[raised:]))
            facts = ExceptionFacts(PANIC, (PANIC,), match["text"], frames=frames)
            return self._result(part.name, facts, printed, part.seconds)
        # Without events, what a suite prints stands before the line that names its test.
        spec = first_spec(printed) or (None if printed.strip() else first_spec(self._package.printed.text))
        if spec is not None:
            stacks = goroutines(spec.rest) if spec.how == "PANICKED" else ()
            kind = {"PANICKED": PANIC, "TIMEDOUT": TIMEOUT}.get(spec.how, FAILED)
            own = self._where.frame(Call(spec.path, spec.line, part.name))
            frames = self._frames(stacks[0]) if stacks else (own,)
            return self._result(
                part.name, ExceptionFacts(kind, (kind,), spec.text, frames=frames), spec.block, part.seconds
            )
        said = entries(printed)
        folder = self._where.folder(self._package.path)
        frames = tuple(
            Frame(f"{folder}/{each.file}".removeprefix("./"), each.line, part.name, inside=True) for each in said
        )
        message = next((each.text for each in said if each.text), printed.strip())
        facts = ExceptionFacts(FAILED, (FAILED,), message, frames=frames)
        return self._result(part.name, facts, printed, part.seconds)

    def _race(self, printed: str) -> ExceptionFacts | None:
        found = races(printed)
        if not found or not found[0]:
            return None
        stacks = [self._frames(stack) for stack in found[0]]
        first = next((stack for stack in stacks if any(frame.inside for frame in stack)), stacks[0])
        accesses = "; ".join(stack.state.partition(" by ")[0] for stack in found[0][:2])
        return ExceptionFacts(RACE, (RACE,), f"data race: {re.sub(r' at 0x[0-9a-f]+', '', accesses)}", frames=first)

    def _death(self) -> tuple[TestResult, ...]:
        """Return what a panic, a fatal error or the time limit ended."""
        package = self._package
        holders = [*(part for part in package.parts.values() if part.started or not package.verbose), None]
        for holder in holders:
            printed = package.printed.text if holder is None else holder.printed.text
            match = next((m for m in _DIES.finditer(printed) if goroutines(printed[m.start() :])), None)
            if match is not None:
                return tuple(self._dead(match, printed[match.start() :], holder))
        return ()

    def _dead(self, match: re.Match[str], dump: str, holder: Part | None) -> Iterator[TestResult]:
        stacks = goroutines(dump)
        message = _message(dump, match)
        limit = _TIMED_OUT.match(message)
        if limit is not None:
            yield from self._timed_out(message, limit["limit"], dump, stacks, holder)
            return
        stack = stacks[0] if match["word"] == "panic: " else self._with_own(stacks)
        if (waiting := self._blocked(message, stacks)) is not None:
            stack = waiting
        kind = PANIC if match["word"] == "panic: " else FATAL
        name = self._victim(holder, stacks)
        in_test = stack.of_a_test or any(_TEST_FUNCTION.search(call.function) for call in stack.calls)
        alone = (
            kind == PANIC and stack.creator is not None and not stack.of_a_test and not stack.state.startswith("main")
        )
        attributes = {
            "creator": self._creator(stack) if alone else "",
            "goroutine": "own" if alone and bool(name or not in_test) else "",
            "setup": self._setup_of(stack) if not name else "",
        }
        in_setup = not name and bool(attributes["setup"] or self._package.by_events)
        facts = ExceptionFacts(
            kind, (kind,), message, tuple(sorted((k, v) for k, v in attributes.items() if v)), self._frames(stack)
        )
        yield self._result(name, facts, dump, phase="setup" if in_setup else "call")

    def _timed_out(
        self, message: str, limit: str, dump: str, stacks: tuple[Goroutine, ...], holder: Part | None
    ) -> Iterator[TestResult]:
        listed = _RUNNING.findall(dump.partition("\n\n")[0])
        names = [name for name in listed if not any(other.startswith(f"{name}/") for other in listed)]
        if not names:
            names = [holder.name] if holder is not None else [part.name for part in self._open_parts()[-1:]] or [""]
        for name in names:
            running = sorted((stack for stack in stacks if name and stack.runs(name)), key=lambda stack: stack.waits)
            stack = self._with_own(tuple(running) or stacks)
            facts = ExceptionFacts(TIMEOUT, (TIMEOUT,), message, (("limit", limit),), self._frames(stack))
            yield self._result(name, facts, dump, phase="call" if name else "setup")

    def _victim(self, holder: Part | None, stacks: tuple[Goroutine, ...]) -> str:
        """Return the test that a dump belongs to: the innermost that had begun; "" when none had."""
        package = self._package
        if holder is not None:
            silent = [
                child.name
                for child in package.children(holder.name)
                if child.action in ("fail", "") and not any(package.children(child.name))
            ]
            # The runtime prints below the outermost test what happened in a sub-test.
            last = [name for name in package.ended if name in silent] or silent
            return last[-1] if last else holder.name
        named = [
            match["name"]
            for stack in stacks
            for call in (*stack.calls, *((stack.creator,) if stack.creator else ()))
            if (match := _TEST_FUNCTION.search(call.function)) and match["name"] != "TestMain"
        ]
        return named[0] if named else next((part.name for part in reversed(self._open_parts())), "")

    def _exit(self, has_failed: bool) -> Iterator[TestResult]:
        """Yield what ended the process without a word: the test that was running, else the set-up of the package."""
        package = self._package
        if package.failed_build or "failed]" in package.note:
            return
        running = self._open_parts()
        if not running and has_failed:
            return
        status = _STATUS.search(package.printed.text + package.note)
        text = (running[-1].printed.text if running else "") or package.printed.text
        attributes: dict[str, str] = {}
        if status is not None:
            attributes = {"exit_code": status["code"] or "", "signal": status["signal"] or ""}
        if not running and package.ended:
            attributes["after"] = "tests"
        facts = ExceptionFacts(
            EXIT, (EXIT,), text.strip(), tuple(sorted((key, value) for key, value in attributes.items() if value))
        )
        yield self._result(running[-1].name if running else "", facts, text, phase="call" if running else "setup")

    def _open_parts(self) -> list[Part]:
        return [part for part in self._package.parts.values() if part.started and not part.action]

    def _blocked(self, message: str, stacks: tuple[Goroutine, ...]) -> Goroutine | None:
        """Return the goroutine of a bubble of testing/synctest that waits for what never comes."""
        if "all goroutines in bubble are blocked" not in message:
            return None
        waiting = (stack for stack in stacks if "synctest bubble" in stack.state)
        return next((stack for stack in waiting if any(self._where.frame(call).inside for call in stack.calls)), None)

    def _with_own(self, stacks: tuple[Goroutine, ...]) -> Goroutine:
        """Return the first stack of a test that leads into the workspace, else the first that does."""
        own = [stack for stack in stacks if any(self._where.frame(call).inside for call in stack.calls)]
        return next((stack for stack in own if stack.of_a_test), next(iter(own), stacks[0]))

    def _frames(self, stack: Goroutine) -> tuple[Frame, ...]:
        return tuple(self._where.frame(call) for call in reversed(stack.calls))

    def _creator(self, stack: Goroutine) -> str:
        return "" if stack.creator is None else stack.creator.function

    def _setup_of(self, stack: Goroutine) -> str:
        """Return which part of the set-up a stack runs in: TestMain, or the package's initialisation."""
        functions = [call.function for call in stack.calls]
        if any(function.endswith(".TestMain") for function in functions):
            return "TestMain"
        return "init" if any(re.search(r"\.init(?:\.\d+|\.func\d+)*$", name) for name in functions) else ""

    def _result(
        self, name: str, facts: ExceptionFacts, text: str, seconds: float = 0.0, phase: str = "call"
    ) -> TestResult:
        outcome = TestOutcome.FAILED if name else TestOutcome.ERROR
        return TestResult(self._id(name), outcome, "", 0, phase, seconds, facts, text[:20_000])

    def _id(self, name: str) -> TestId:
        return TestId(self._project, self._where.test_name(self._package.path, name))


def _message(dump: str, match: re.Match[str]) -> str:
    """Return what a panic says, up to the stack; the same said again by a recovering test is left out."""
    text = dump[match.start("text") - match.start() :]
    head = re.split(
        r"\n(?=\[signal |\ngoroutine |goroutine \d+ |\truntime stack|\truning tests|\trunning tests)", text
    )[0]
    lines = [_AGAIN.sub("", line) for line in head.splitlines()]
    first = lines[0] if lines else ""
    kept = [first, *(line for line in lines[1:] if line.strip() and line.strip() != f"panic: {first}")]
    if first.startswith("goroutine "):
        return match["text"]
    return "\n".join(kept).strip()
