"""What a file was before is read from git, and nothing that a repository configures is run for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from regreen.checkpoints import GitHistory
from regreen.core.cancel import Cancellation


def test_the_texts_of_the_last_two_commits_come_newest_first(tmp_path: Path) -> None:
    commit(tmp_path, "one\n")
    commit(tmp_path, "two\n")
    (tmp_path / "shop.py").write_text("three\n")
    assert before(tmp_path) == ("two\n", "one\n")


def test_a_file_that_is_new_was_empty_before(tmp_path: Path) -> None:
    commit(tmp_path, "one\n")
    assert before(tmp_path, "new.py") == ("", "")


def test_a_workspace_below_the_repository_has_its_history(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "shop.py").write_text("inner\n")
    commit(tmp_path, "outer\n")
    assert before(tmp_path / "package")[0] == "inner\n"


def test_without_a_repository_there_is_no_history(tmp_path: Path) -> None:
    assert before(tmp_path) == ()


def test_nothing_that_the_repository_configures_is_run(tmp_path: Path) -> None:
    commit(tmp_path, "one\n")
    trap, mark = tmp_path / "trap", tmp_path / "it-ran"
    trap.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n")
    trap.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "diff.trap.textconv",
                    "filter.trap.smudge", "filter.trap.clean", "filter.trap.process", "alias.cat-file"):  # fmt: skip
        git(tmp_path, "config", setting, str(trap))
    (tmp_path / ".gitattributes").write_text("*.py filter=trap diff=trap\n")
    assert before(tmp_path)[0] == "one\n"
    assert not mark.exists()


def before(root: Path, path: str = "shop.py") -> tuple[str, ...]:
    return GitHistory(str(root)).before(Cancellation(), path)


def commit(root: Path, text: str) -> None:
    (root / "shop.py").write_text(text)
    if not (root / ".git").exists():
        git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "A change")


def git(root: Path, *arguments: str) -> None:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=root, env=environment, check=True, capture_output=True)
