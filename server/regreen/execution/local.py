"""Runs a command on this machine, confined when it works in a workbench, with an environment that holds no secrets."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.testing import CommandSpec, Ended, RawRun
from regreen.core.trace import Clock, SystemClock

from .process import POLL, Tree
from .sandbox import Sandbox, without_sandbox

OUTPUT_CAP = 8 * 1024 * 1024  # bytes kept of both streams together
REPORT_CAP = 128 * 1024 * 1024  # bytes read of a report: those of some 100,000 tests; what is behind counts as not said
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

# What a test run needs of our environment. Everything else, secrets above all, stays out.
_ALLOWED = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|TERM|VIRTUAL_ENV|CONDA_PREFIX"
    r"|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|PYENV_ROOT|XDG_RUNTIME_DIR|XDG_CACHE_HOME"
    r"|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE"
    # Where toolchains lie and what they build for; none of these holds a secret.
    r"|GOPATH|GOROOT|GOCACHE|GOMODCACHE|GOFLAGS|GOOS|GOARCH|GOTOOLCHAIN|GOEXPERIMENT|GOWORK|CGO_ENABLED|CC|CXX"
    r"|CARGO_HOME|CARGO_TARGET_DIR|RUSTUP_HOME|RUSTUP_TOOLCHAIN|NVM_DIR|NVM_BIN|VOLTA_HOME|FNM_DIR|PNPM_HOME"
    r"|COREPACK_HOME|JAVA_HOME|ASDF_DATA_DIR|MISE_DATA_DIR"
    # Windows cannot start a program without these.
    r"|SYSTEMROOT|SYSTEMDRIVE|COMSPEC|PATHEXT|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|NUMBER_OF_PROCESSORS",
    re.IGNORECASE,
)


def allowed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of an environment that a run may see."""
    return {name: value for name, value in sorted(environment.items()) if _ALLOWED.fullmatch(name)}


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Runs commands: the person's own as theirs, those of a workbench in the sandbox."""

    clock: Clock = field(default_factory=SystemClock)
    sandbox: Sandbox = field(default_factory=without_sandbox)

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: Callable[[str], None] | None = None) -> RawRun:
        """Run to the end, the timeout or the cancel; the whole process tree is gone afterwards.

        Raises:
            Cancelled: the token was set; the tree was killed.
            ToolMissing: the program is not there.
            CannotRun: the folder is not there, the system refuses, or nothing here can confine it.
        """
        cancel.check()
        report = _Report(spec, on_report)
        report.clear()
        started = self.clock.monotonic()
        environment = {**allowed_environment(os.environ), **dict(spec.env)}
        with Tree(spec, environment, OUTPUT_CAP, self.sandbox.start) as tree:
            code = self._watch(cancel, spec, tree, report, started)
            if code is None:
                tree.ask_for_stack()
                tree.end()
            else:
                tree.kill()
            stdout, stderr = tree.output
        report.poll(tree)
        seconds = self.clock.monotonic() - started
        return RawRun(spec, _ended(code), 0 if code is None else code, stdout, stderr, report.text, seconds)

    def _watch(
        self, cancel: Cancellation, spec: CommandSpec, tree: Tree, report: _Report, started: float
    ) -> int | None:
        """Return the exit code, or None when the time is up."""
        while True:
            code = tree.wait(POLL)
            report.poll(tree)
            if code is not None:
                return code
            if cancel.cancelled:
                tree.end()
                cancel.check()
            if spec.timeout <= self.clock.monotonic() - started:
                return None


def _ended(code: int | None) -> Ended:
    if code is None:
        return Ended.TIMED_OUT
    return Ended.SIGNALLED if code < 0 else Ended.EXITED


class _Report:
    """Follows line by line what a run reports: in a growing file, or on its standard output."""

    def __init__(self, spec: CommandSpec, on_line: Callable[[str], None] | None) -> None:
        self._path = spec.report
        self._printed = spec.report_is_stdout
        self._on_line = on_line
        self._lines: list[str] = []
        self._offset = 0
        self._rest = b""  # of a line that has no end yet

    @property
    def text(self) -> str:
        """Return the lines of the file; standard output has its own place in a RawRun."""
        return "".join(line + "\n" for line in self._lines)

    def clear(self) -> None:
        """Remove what an earlier run left: its lines must not speak for this one."""
        if self._path:
            Path(self._path).unlink(missing_ok=True)

    def poll(self, tree: Tree) -> None:
        """Hand out the full lines that are new."""
        fresh = self._rest + (tree.fresh_output() if self._printed else self._read())
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._rest = fresh[len(complete) :]
        for line in complete.decode("utf-8", "replace").split("\n")[:-1]:
            if not self._printed:
                self._lines.append(line)
            if self._on_line is not None:
                self._on_line(line)

    def _read(self) -> bytes:
        """Return what is new in the file: what tests put in its place instead of a file is not read."""
        if not self._path:
            return b""
        try:
            descriptor = os.open(self._path, _OPEN)
        except OSError:  # Not there yet, or made unreadable: then nothing was reported.
            return b""
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return b""
        with open(descriptor, "rb") as stream:
            stream.seek(self._offset)
            fresh = stream.read(REPORT_CAP - self._offset)
        self._offset += len(fresh)
        return fresh
