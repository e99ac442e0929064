"""Everything a caller can act on, as a tree.

    RegreenError               carries the message and the next step
    ├── UsageError             exit 2: wrong argument or configuration
    │   └── StaleRequest       the workspace moved on since the command was offered
    ├── Refused                exit 3: a gate or a policy says no
    │   └── WorkbenchRefused   the workbench cannot prove that it tests the copied code
    ├── CannotRun              exit 4: the environment cannot do it
    │   ├── ToolMissing        an interpreter or a runner is not there
    │   ├── NoTests            nothing to run
    │   ├── Unrecorded         a strict replay was asked what the recorded run was not
    │   └── ProviderDown       no provider can answer now
    │       ├── RateLimited    may be asked again at `retry_at`
    │       └── QuotaExhausted is out until `resets_at`
    ├── Busy                   exit 4: another job is running on this root
    ├── Conflict               exit 1: somebody else changed what was to be written
    │   └── RollbackConflict   the same, found while restoring
    └── UnreadableSource       exit 4: a file that cannot be read as text

What is expected (a red test, a refused proposal, an exhausted search) is a value, never an exception.
"""

from __future__ import annotations

import errno
from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit status of every shell command."""

    DONE = 0
    NOT_REPAIRED = 1
    USAGE = 2
    REFUSED = 3
    CANNOT_RUN = 4
    CANCELLED = 130


class RegreenError(Exception):
    """An error that a person can act on.

    `next_step` is a full sentence that says what to do; every error has one.
    """

    status = ExitStatus.CANNOT_RUN

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}"


class UsageError(RegreenError):
    """A wrong argument or a wrong configuration: correct it and call again."""

    status = ExitStatus.USAGE


class StaleRequest(UsageError):
    """The command was offered for a workspace that has changed since: ask again."""


class Refused(RegreenError):
    """A gate or a policy says no; `rule` names which."""

    status = ExitStatus.REFUSED

    def __init__(self, message: str, *, next_step: str, rule: str) -> None:
        super().__init__(message, next_step=next_step)
        self.rule = rule


class WorkbenchRefused(Refused):
    """The workbench cannot prove that what it tests is the copied code."""


class CannotRun(RegreenError):
    """The environment cannot do it: install or repair something, then call again."""


# What a machine says that has no room, no handles or no memory left, or whose disk fails: no matter where it is met.
_EXHAUSTED = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EFBIG}
)


def exhausted(error: OSError) -> CannotRun | None:
    """Return what a person is told when the machine itself cannot go on; None when it is something else."""
    if error.errno not in _EXHAUSTED:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return CannotRun(
        f"The machine cannot go on: {where}{error.strerror}.",
        next_step="Make room (on the disk, or by closing programs), or set REGREEN_STATE_DIR to a folder elsewhere.",
    )


class ToolMissing(CannotRun):
    """An interpreter, a runner or a program is not there."""


class NoTests(CannotRun):
    """There is nothing to run."""


class Unrecorded(CannotRun):
    """A strict replay was asked what was not asked in the recorded run; the message names the first difference."""


class ProviderDown(CannotRun):
    """The provider cannot answer now: go to the next one."""


class RateLimited(ProviderDown):
    """The provider asks to wait until `retry_at` (epoch seconds)."""

    def __init__(self, message: str, *, next_step: str, retry_at: float) -> None:
        super().__init__(message, next_step=next_step)
        self.retry_at = retry_at


class QuotaExhausted(ProviderDown):
    """The provider is out until `resets_at` (epoch seconds, or None when unknown)."""

    def __init__(self, message: str, *, next_step: str, resets_at: float | None) -> None:
        super().__init__(message, next_step=next_step)
        self.resets_at = resets_at


class Busy(RegreenError):
    """Another job is running on this root: cancel it or wait."""


class Conflict(RegreenError):
    """Somebody else changed what was to be written: nothing was overwritten."""

    status = ExitStatus.NOT_REPAIRED

    def __init__(self, message: str, *, next_step: str, paths: tuple[str, ...]) -> None:
        super().__init__(message, next_step=next_step)
        self.paths = paths


class RollbackConflict(Conflict):
    """Somebody else wrote while the tree was being restored."""


class UnreadableSource(RegreenError):
    """A file that cannot be read as text: fix its encoding or leave it out."""
