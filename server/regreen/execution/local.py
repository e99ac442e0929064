"""Runs a command on this machine, confined when it works in a workbench, with an environment that holds no secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from regreen.core.cancel import Cancellation
from regreen.core.testing import CommandSpec, Ended, RawRun
from regreen.core.trace import Clock, SystemClock

from .process import POLL, Tree
from .reported import Reported
from .sandbox import Sandbox, without_sandbox

OUTPUT_CAP = 8 * 1024 * 1024  # bytes kept of both streams together

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
        report = Reported(spec, on_report)
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
        return RawRun(
            spec, _ended(code), 0 if code is None else code, stdout, stderr, report.text, seconds, report.is_rewritten()
        )

    def _watch(
        self, cancel: Cancellation, spec: CommandSpec, tree: Tree, report: Reported, started: float
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
