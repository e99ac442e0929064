"""What counts in a workspace: rules of .gitignore files as git applies them, and folders that never count."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.oracle.files import FilesTree, walk_files
from regreen.oracle.ignore import IgnoreRules
from tests.support.workspace import lay


def test_rules_of_inner_folders_come_before_those_of_outer_ones(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        """
-- .gitignore --
*.log
/top.py
build/
-- a.log --
-- top.py --
-- sub/top.py --
-- sub/.gitignore --
!kept.log
secret.py
-- sub/kept.log --
-- sub/lost.log --
-- sub/secret.py --
-- sub/build/a.py --
-- secret.py --
""",
        ".gitignore secret.py sub/.gitignore sub/kept.log sub/top.py",
    )


def test_what_lies_in_an_ignored_folder_cannot_be_taken_back(tmp_path: Path) -> None:
    check_walk(tmp_path, "-- .gitignore --\nout/\n!out/a.py\n-- out/a.py --\n-- b.py --", ".gitignore b.py")


def test_the_repository_s_private_excludes_count(tmp_path: Path) -> None:
    check_walk(tmp_path, "-- .git/info/exclude --\nmine.py\n-- mine.py --\n-- a.py --", "a.py")


def test_rules_above_the_workspace_count_up_to_the_repository(tmp_path: Path) -> None:
    lay(tmp_path, "-- .gitignore --\nouter.py\n-- repo/.git/HEAD --\n-- repo/.gitignore --\ninner.py\n/part/a.py\n")
    check_walk(
        tmp_path / "repo" / "part", "-- outer.py --\n-- inner.py --\n-- a.py --\n-- b/a.py --", "b/a.py outer.py"
    )


def test_a_workspace_that_is_ignored_as_a_whole_was_opened_on_purpose(tmp_path: Path) -> None:
    lay(tmp_path, "-- .git/HEAD --\n-- .gitignore --\nscratch/\n")
    check_walk(tmp_path / "scratch" / "a", "-- a.py --", "a.py")


@pytest.mark.parametrize(
    "folder",
    [
        *(".git", ".hg", ".svn", "node_modules", "target", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache"),
        *(".pytest_cache", ".ruff_cache", "site-packages", "a-1.0.dist-info", "a.egg-info", "sub/node_modules"),
    ],
)
def test_some_folders_never_count(tmp_path: Path, folder: str) -> None:
    check_walk(tmp_path, f"-- {folder}/a.py --\n-- b.py --", "b.py")


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "CACHEDIR.TAG", "conda-meta/history"])
def test_environments_and_caches_are_known_by_their_marks(tmp_path: Path, mark: str) -> None:
    check_walk(tmp_path, f"-- any/{mark} --\n-- any/lib/a.py --\n-- b.py --", "b.py")


def test_a_package_called_target_counts(tmp_path: Path) -> None:
    check_walk(tmp_path, "-- target/__init__.py --\n-- target/a.py --", "target/__init__.py target/a.py")


def test_a_line_that_is_no_pattern_is_left_out(tmp_path: Path) -> None:
    check_walk(tmp_path, "-- .gitignore --\n!\na.py\n-- a.py --\n-- b.py --", ".gitignore b.py")


def test_a_path_is_judged_by_the_folders_above_it(tmp_path: Path) -> None:
    lay(tmp_path, "-- .gitignore --\nout/\n*.tmp\n-- env/pyvenv.cfg --")
    rules = IgnoreRules(tmp_path)
    judged = ["out/deep/a.py", "a.tmp", "env/lib/a.py", "node_modules/x/a.js", "a.py", "sub/a.py"]
    assert [rules.ignores(path, is_folder=False) for path in judged] == [True, True, True, True, False, False]
    assert rules.ignores("out", is_folder=True)
    assert not rules.ignores("out", is_folder=False)  # A file of that name is none of the rule's.


def test_links_neither_loop_nor_count_twice(tmp_path: Path) -> None:
    root = lay(tmp_path / "work", "-- a.py --\n-- sub/b.py --")
    outside = lay(tmp_path / "else", "-- c.py --") / "c.py"
    (root / "sub" / "loop").symlink_to(root)
    (root / "twice.py").symlink_to(root / "a.py")
    (root / "from_outside.py").symlink_to(outside)
    (root / "dangling.py").symlink_to(root / "gone.py")
    assert walk_files(root, IgnoreRules(root)).files == ("a.py", "from_outside.py", "sub/b.py")


def test_a_vanished_root_is_a_problem(tmp_path: Path) -> None:
    walked = walk_files(tmp_path / "gone", IgnoreRules(tmp_path / "gone"))
    assert walked.files == ()
    assert walked.problems == (
        f"The workspace folder {tmp_path / 'gone'} cannot be read (No such file or directory). "
        "Restore it or open another folder.",
    )


def test_a_special_file_does_not_count(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert walk_files(tmp_path, IgnoreRules(tmp_path)).files == ()


def test_a_tree_reads_buffers_before_files_and_nothing_that_is_no_text(tmp_path: Path) -> None:
    lay(tmp_path, "-- a.py --\nold\n-- b.py --\nb\n-- bin/tool --")
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9")
    (tmp_path / "big.toml").write_bytes(b"#" * 2_000_001)
    (tmp_path / "bin" / "tool").chmod(0o755)
    tree = FilesTree(str(tmp_path), (), {"PATH": str(tmp_path / "bin")}, {"a.py": "new\n"})
    assert [tree.read(path) for path in ("a.py", "b.py", "latin.py", "big.toml", "gone.py")] == [
        "new\n",
        "b\n",
        None,
        None,
        None,
    ]
    assert tree.is_executable("bin/tool")
    assert tree.is_executable(str(tmp_path / "bin/tool"))
    assert not tree.is_executable("b.py")
    assert not tree.is_executable("bin")
    assert (tree.search_path("tool"), tree.search_path("missing")) == (str(tmp_path / "bin" / "tool"), "")


def check_walk(root: Path, text: str, expected: str) -> None:
    lay(root, text)
    assert " ".join(walk_files(root, IgnoreRules(root)).files) == expected
