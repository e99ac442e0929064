"""Projects are found again only when something that they were concluded from is no longer as it was."""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from regreen.core.ports import Tree
from regreen.core.workspace import Project
from regreen.languages import REGISTRY, languages
from regreen.languages.python import Python
from regreen.oracle.conclusions import Conclusions, in_order
from regreen.oracle.files import FilesTree, walk_files
from regreen.oracle.ignore import IgnoreRules
from regreen.oracle.store import IndexStore
from tests.support.workspace import lay

OLD = 1_000_000_000  # seconds; a time stamp that is settled
BOX = """
-- pyproject.toml --
[project]
name = "box"
dependencies = ["rich"]
-- tests/test_box.py --
import pytest
def test_lid(): pass
-- web/package.json --
{"name": "web", "scripts": {"test": "vitest run"}}
-- web/src/a.test.ts --
import { test } from "vitest";
-- pkg/go.mod --
module example.com/pkg
-- pkg/a_test.go --
package pkg
-- crate/Cargo.toml --
[package]
name = "crate"
-- crate/src/lib.rs --
pub fn a() {}
"""


class Counted(Python):
    """Python, counting how often its projects are looked for."""

    looks: list[str]

    def __init__(self) -> None:
        Python.__init__(self)
        object.__setattr__(self, "looks", [])  # as the frozen class does it

    def detect(self, tree: Tree) -> tuple[Project, ...]:
        """Find projects, and count."""
        self.looks.append(tree.root)
        return REGISTRY["python"].detect(tree)


def tree_of(root: Path, environment: Mapping[str, str], buffers: Mapping[str, str] | None = None) -> FilesTree:
    """Return a tree of what lies in a folder."""
    files = walk_files(root, IgnoreRules(root)).files
    return FilesTree(str(root), files, environment, buffers or {})


def laid(root: Path) -> Path:
    """Lay the workspace with time stamps that are settled."""
    lay(root, BOX)
    for path in root.rglob("*"):
        os.utime(path, (OLD, OLD))
    return root


def _environment(root: Path) -> None:
    lay(root, "-- .venv/pyvenv.cfg --\nhome = /usr\n-- .venv/bin/python --\n")
    (root / ".venv/bin/python").chmod(0o755)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a manifest": lambda root: lay(root, "-- pyproject.toml --\n[project]\nname = 'lid'\n"),
    "a new manifest": lambda root: lay(root, "-- lib/pyproject.toml --\n[project]\nname = 'lib'\n"),
    "a manifest that is gone": lambda root: (root / "web/package.json").unlink(),
    "a script": lambda root: lay(root, '-- web/package.json --\n{"name": "web", "scripts": {"test": "jest"}}\n'),
    "an import in a test": lambda root: lay(root, "-- web/src/a.test.ts --\nimport test from 'ava';\n"),
    "an ignored environment": _environment,
    "a module's name": lambda root: lay(root, "-- pkg/go.mod --\nmodule example.com/other\n"),
    "a crate's tests": lambda root: lay(root, "-- crate/tests/it.rs --\n#[test]\nfn a() {}\n"),
    "a manifest that cannot be read": lambda root: (root / "pyproject.toml").write_bytes(b"\xff\xfe\xfa"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_concluded_anew(tmp_path: Path, change: str) -> None:
    root = laid(tmp_path)
    conclusions = Conclusions(languages())
    conclusions.projects(tree_of(root, {}))
    CHANGES[change](root)
    tree = tree_of(root, {})
    afresh = in_order(project for language in languages() for project in language.detect(tree))
    assert conclusions.projects(tree) == afresh


def test_what_did_not_change_is_not_looked_for_again(tmp_path: Path) -> None:
    root = laid(tmp_path)
    python = Counted()
    conclusions = Conclusions((python,))
    found = conclusions.projects(tree_of(root, {}))
    os.utime(root / "pyproject.toml", (OLD + 1, OLD + 1))  # as a checkout that changes nothing leaves it
    assert conclusions.projects(tree_of(root, {})) == found
    assert len(python.looks) == 1


def test_variables_count_when_they_were_asked_for(tmp_path: Path) -> None:
    root = laid(tmp_path)
    python = Counted()
    conclusions = Conclusions((python,))
    for environment in ({"TERM": "a"}, {"TERM": "b"}):
        conclusions.projects(tree_of(root, environment))
    assert len(python.looks) == 1
    conclusions.projects(tree_of(root, {"VIRTUAL_ENV": "/elsewhere"}))
    assert len(python.looks) == 2


def test_an_unsaved_manifest_is_the_truth_while_it_is_open(tmp_path: Path) -> None:
    root = laid(tmp_path)
    conclusions = Conclusions((REGISTRY["python"],))
    names = []
    for buffers in ({}, {"pyproject.toml": "[project]\nname = 'typed'\n"}, {}):
        names.append(conclusions.projects(tree_of(root, {}, buffers))[0].name)
    assert names == ["box", "typed", "box"]


def test_conclusions_are_kept_for_the_next_start(tmp_path: Path) -> None:
    root, state = laid(tmp_path / "work"), tmp_path / "state"
    state.mkdir()
    store = IndexStore(state)
    earlier = Conclusions(languages())
    found = earlier.projects(tree_of(root, {"PATH": "/nowhere"}))
    assert len(found) == 4
    assert store.save_projects(earlier.rows())
    assert not earlier.changed
    later = Conclusions(languages())
    later.take_over(store.load_projects())
    assert later.projects(tree_of(root, {"PATH": "/nowhere"})) == found
    assert not later.changed
    assert later.rows() == earlier.rows()


def test_stored_conclusions_that_are_not_whole_are_left_out(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    assert store.load_projects() == ()
    assert store.save_projects((("python", ()),))
    assert store.load_projects() == (("python", ()),)
    file = tmp_path / "projects.bin"
    file.write_bytes(file.read_bytes()[:-1] + marshal.dumps(0)[:1])
    assert store.load_projects() == ()
    assert not IndexStore(tmp_path / "gone").save_projects(())
