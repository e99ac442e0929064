"""What files were at the last commits of the person's repository, read without running anything that it configures.

Only contents are asked for, by name: no filter, no text conversion, no hook, no monitor and no remote takes part.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.errors import ToolMissing

from .shadow.blobs import git_program

_COMMITS = ("HEAD", "HEAD~1")
_SECONDS = 10.0  # for a repository on a disk that does not answer
_OPTIONS = ("--no-pager", "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class GitHistory:
    """The commits of the repository that holds a workspace, if there is one."""

    root: str

    def before(self, cancel: Cancellation, path: str) -> tuple[str, ...]:
        """Return a file's text at the last two commits, newest first; "" where it was not there.

        Empty when there is no repository, no git, or no answer.

        Raises:
            Cancelled: the token was set.
        """
        return () if "\n" in path else self._texts(cancel, [f"{commit}:./{path}" for commit in _COMMITS])

    def at(self, cancel: Cancellation, revision: str, paths: tuple[str, ...]) -> dict[str, str] | None:
        """Return the files' texts at a revision, "" where one was not there; None when there is no such revision.

        Raises:
            Cancelled: the token was set.
        """
        known = tuple(path for path in paths if "\n" not in path)
        if not known or "\n" in revision or revision.startswith("-"):
            return None
        found = self._texts(cancel, [f"{revision}^{{tree}}", *(f"{revision}:./{path}" for path in known)], "tree")
        return dict(zip(known, found[1:], strict=True)) if found and found[0] else None

    def _texts(self, cancel: Cancellation, names: list[str], *kinds: str) -> tuple[str, ...]:
        """Return the texts of blobs (and of what else is let through) by name; () when there is no answer at all."""
        cancel.check()
        try:
            program = git_program(self.root)
            asked = "".join(f"{name}\n" for name in names)
            ran = subprocess.run(
                [program, *_OPTIONS, "cat-file", "--batch"],
                input=os.fsencode(asked), cwd=self.root, env=self._environment(), capture_output=True,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (ToolMissing, OSError, subprocess.TimeoutExpired):
            return ()
        return () if ran.returncode else tuple(_texts(ran.stdout, (b"blob", *(kind.encode() for kind in kinds))))

    def _environment(self) -> dict[str, str]:
        # The person's own settings say which repositories of others they trust.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME") if name in os.environ}
        return kept | _ENVIRONMENT


def _texts(said: bytes, kinds: tuple[bytes, ...]) -> list[str]:
    """Read the answers: a line with kind and size, then the content; or a line that says that there is none."""
    texts = []
    while said:
        head, _, said = said.partition(b"\n")
        words = head.split()
        if len(words) != 3 or words[1] not in kinds:
            texts.append("")
            continue
        size = int(words[2])
        texts.append(said[:size].decode("utf-8", "replace"))
        said = said[size + 1 :]
    return texts
