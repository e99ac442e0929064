"""What go test says, line by line: its JSON events, or the text that it prints without them.

Events are believed as far as they hang together: a test that never started is none, whoever says that it failed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_KEPT = 1 << 17  # characters kept of the beginning and of the end of what one test prints
_STATUS = re.compile(r"^(?P<word>ok  |FAIL|\?   )\t(?P<package>\S+)(?:\t|\s+(?=\[))(?P<rest>.*)$")
_GOTESTSUM = re.compile(r"^=== (?P<word>FAIL|SKIP|PASS): (?P<package>\S+) (?P<test>\S*) ?\((?P<seconds>[\d.]+)s\)$")
_GOTESTSUM_END = re.compile(r"^(?:=== (?:Failed|Errors|Skipped|PASS)|DONE \d+ )")
_FRAMING = re.compile(r"^=== (?P<word>RUN|PAUSE|CONT|NAME)\s+(?P<test>\S.*)$")
_ENDED = re.compile(r"^(?P<indent> *)--- (?P<word>PASS|FAIL|SKIP): (?P<test>\S.*) \((?P<seconds>[\d.]+)s\)$")
_BENCHMARK = re.compile(r"^(?P<indent> *)--- (?P<word>FAIL|SKIP): (?P<test>Benchmark\S*)$")  # without a time
_BUILD = re.compile(r"^# (?P<package>[^\s\[]\S*)(?: \[\S+\])?$")
_VET = re.compile(r"^# \[\S+\]$")
_VERDICTS = ("FAIL", "PASS")
_ACTIONS = {"PASS": "pass", "FAIL": "fail", "SKIP": "skip"}


class Printed:
    """What something printed: its beginning and its end, when it is long."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: list[str] = []
        self._n_head = 0
        self._n_tail = 0

    def add(self, text: str) -> None:
        """Take in more of it."""
        if self._n_head < _KEPT:
            self._head.append(text)
            self._n_head += len(text)
            return
        self._tail.append(text)
        self._n_tail += len(text)
        if 2 * _KEPT < self._n_tail:
            kept = "".join(self._tail)[-_KEPT:]
            self._tail, self._n_tail = [kept], len(kept)

    def end_line(self) -> None:
        """Let what comes next begin on a line of its own."""
        last = (self._tail or self._head or ["\n"])[-1]
        if not last.endswith("\n"):
            self.add("\n")

    @property
    def text(self) -> str:
        """Return what was kept."""
        return "".join(self._head) + "".join(self._tail)


@dataclass(slots=True)
class Part:
    """One test, as far as it is known."""

    name: str
    started: bool = False
    action: str = ""  # pass, fail, skip: the last one counts
    seconds: float = 0.0
    printed: Printed = field(default_factory=Printed)


@dataclass(slots=True)
class Package:
    """The tests of one package."""

    path: str
    parts: dict[str, Part] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)  # names of tests, as they ended
    printed: Printed = field(default_factory=Printed)  # outside of any test
    action: str = ""
    verdict: str = ""  # of the tests, before what TestMain makes of it: the last PASS or FAIL that stands alone
    note: str = ""  # of its last line: "[build failed]", "[no test files]", "0.008s"
    failed_build: str = ""
    verbose: bool = False  # each test says when it starts
    by_events: bool = False  # so that a test that is not here did not start

    def part(self, name: str) -> Part:
        """Return a test by name."""
        if name not in self.parts:
            self.parts[name] = Part(name)
        return self.parts[name]

    def children(self, name: str) -> Iterator[Part]:
        """Yield the sub-tests of a test, on all levels."""
        return (part for part in self.parts.values() if part.name.startswith(f"{name}/"))


@dataclass(slots=True)
class Build:
    """What the compiler, the loader or vet printed of one package."""

    package: str
    printed: Printed = field(default_factory=Printed)
    is_vet: bool = False


class GoLog:
    """Reads a log. `packages` and `builds` hold what is known so far, in the order of their first mention."""

    def __init__(self) -> None:
        self.packages: dict[str, Package] = {}
        self.builds: dict[str, Build] = {}
        self.loose = Printed()  # of the go command itself
        self._open = Package("")  # of a text, whose last line names it
        self._test = ""
        self._building: Build | None = None

    def feed(self, line: str) -> tuple[tuple[Package, str], ...]:
        """Read a line; return what ended with it: (package, test), or (package, "") for the package itself."""
        event = _event(line)
        return self._take(event) if event is not None else self._read(line)

    def close(self) -> None:
        """Keep what a text that stops in the middle says of a package that it does not name."""
        if self._open.parts or "\ngoroutine " in self._open.printed.text:
            self.packages.setdefault("", self._open)
            self._open = Package("")

    def _take(self, event: dict[str, Any]) -> tuple[tuple[Package, str], ...]:
        action, output = str(event.get("Action", "")), str(event.get("Output", ""))
        if action.startswith("build-"):
            self._on_build(str(event.get("ImportPath", "")), output)
            return ()
        path, name = str(event.get("Package", "")), str(event.get("Test", ""))
        package = self.packages.setdefault(path, Package(path))
        package.by_events = True
        if action == "output":
            self._on_output(package, name, output)
            return ()
        if action == "run":
            package.verbose = True
            package.part(name).started = True
            return ()
        if action not in _ACTIONS.values():
            return ()
        seconds = event.get("Elapsed")
        if name:
            return _end(package, name, action, seconds if isinstance(seconds, int | float) else 0.0)
        package.action = action
        package.failed_build = str(event.get("FailedBuild", ""))
        return ((package, ""),)

    def _on_build(self, name: str, output: str) -> None:
        build = self.builds.setdefault(name, Build(name.partition(" ")[0]))
        if _VET.match(output.strip()):
            build.is_vet = True
        elif match := _BUILD.match(output.strip()):
            # What is missing has the import path of its own; whoever needs it is named here.
            build.package = match["package"]
        else:
            build.printed.add(output)

    def _on_output(self, package: Package, name: str, output: str) -> None:
        line = output.rstrip("\n")
        if not name and line in _VERDICTS:
            package.verdict = line
        if not name and (match := _STATUS.match(line)):
            package.note = match["rest"]
        elif name and (_FRAMING.match(line) or _ENDED.match(line)):
            package.part(name).printed.end_line()
        else:
            (package.part(name).printed if name else package.printed).add(output)

    def _read(self, line: str) -> tuple[tuple[Package, str], ...]:
        """Read a line of plain text."""
        if match := _STATUS.match(line):
            return self._on_status(match)
        if match := _GOTESTSUM.match(line):
            return self._on_gotestsum(match)
        if match := _BUILD.match(line):
            self._building = self.builds.setdefault(line[2:], Build(match["package"]))
            return ()
        if self._building is not None and not _FRAMING.match(line) and not _ENDED.match(line):
            self._building.is_vet = self._building.is_vet or bool(_VET.match(line))
            self._building.printed.add("" if _VET.match(line) else line + "\n")
            return ()
        self._building = None
        if match := _FRAMING.match(line):
            self._test = match["test"]
            self._open.part(self._test).started |= match["word"] == "RUN"
            self._open.verbose |= match["word"] == "RUN"
            return ()
        if match := _ENDED.match(line) or _BENCHMARK.match(line):
            self._test = match["test"]
            seconds = float(match.groupdict().get("seconds") or 0)
            return _end(self._open, self._test, _ACTIONS[match["word"]], seconds)
        self._on_text(line)
        return ()

    def _on_text(self, line: str) -> None:
        if line in _VERDICTS:
            self._open.verdict = line
        if _GOTESTSUM_END.match(line) or line in _VERDICTS:
            self._test = ""
        elif self._test:
            self._open.part(self._test).printed.add(line + "\n")
        else:
            self._open.printed.add(line + "\n")
            self.loose.add(line + "\n")

    def _on_status(self, match: re.Match[str]) -> tuple[tuple[Package, str], ...]:
        package = self._open
        package.path, package.note = match["package"], match["rest"]
        package.action = "fail" if match["word"] == "FAIL" else "pass" if match["word"] == "ok  " else "skip"
        known = self.packages.get(package.path)
        if known is None or not known.parts:
            self.packages[package.path] = package
        self._open, self._test, self._building = Package(""), "", None
        return ((self.packages[package.path], ""),)

    def _on_gotestsum(self, match: re.Match[str]) -> tuple[tuple[Package, str], ...]:
        path, name = match["package"], match["test"]
        if self._open.path != path:
            self._open = self.packages.setdefault(path, Package(path))
        self._open.action = self._open.action or _ACTIONS[match["word"]]
        self._test = name
        self._building = None
        return _end(self._open, name, _ACTIONS[match["word"]], float(match["seconds"])) if name else ()


def _end(package: Package, name: str, action: str, seconds: float) -> tuple[tuple[Package, str], ...]:
    part = package.part(name)
    part.action, part.seconds = action, seconds
    if name in package.ended:
        package.ended.remove(name)
    package.ended.append(name)
    return ((package, name),)


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and "Action" in event else None
