"""The oracle report, as a document and as text."""

from __future__ import annotations

import json
from types import MappingProxyType

from regreen.core.text import SourceText
from regreen.core.workspace import Dependency, Evidence, Project, WorkspaceModel
from regreen.languages.python.outline import outline_file
from regreen.oracle import inspect_document, inspect_text

PROJECT = Project(
    path=".",
    language="python",
    name="box",
    package_manager="pip",
    runner="pytest",
    interpreter="/work/my venv/bin/python",
    test_command=("/work/my venv/bin/python", "-m", "pytest"),
    cwd=".",
    test_dirs=("tests",),
    source_roots=("src",),
    dependencies=(Dependency("tiny", "tiny>=1"), Dependency("pytest", "pytest", "dev")),
    prepare=(("python3", "-m", "venv", ".venv"), (".venv/bin/python", "-m", "pip", "install", "-e", ".")),
    evidence=(Evidence("runner", "pyproject.toml", 7, "abc"), Evidence("interpreter", "$PATH", 0)),
    confidence=0.9,
)


def test_the_document_holds_what_scripts_depend_on() -> None:
    model = WorkspaceModel("/work", projects=(PROJECT,), problems=("Bad. Mend it.",))
    document = inspect_document(model)
    assert json.loads(json.dumps(document)) == document
    assert (document["version"], document["root"], document["problems"]) == (1, "/work", ["Bad. Mend it."])
    assert document["projects"] == [
        {
            "path": ".",
            "language": "python",
            "name": "box",
            "package_manager": "pip",
            "runner": "pytest",
            "interpreter": "/work/my venv/bin/python",
            "test_command": ["/work/my venv/bin/python", "-m", "pytest"],
            "runners": [],
            "modules": [],
            "cwd": ".",
            "environment": {},
            "test_dirs": ["tests"],
            "source_roots": ["src"],
            "dependencies": [
                {"name": "tiny", "requirement": "tiny>=1", "group": ""},
                {"name": "pytest", "requirement": "pytest", "group": "dev"},
            ],
            "prepare": [["python3", "-m", "venv", ".venv"], [".venv/bin/python", "-m", "pip", "install", "-e", "."]],
            "gates": [],
            "generated": [],
            "vendored": [],
            "evidence": [
                {"fact": "runner", "file": "pyproject.toml", "line": 7},
                {"fact": "interpreter", "file": "$PATH", "line": 0},
            ],
            "confidence": 0.9,
        }
    ]


def test_the_text_says_where_each_fact_comes_from() -> None:
    facts = outline_file("src/a.py", SourceText("x = 1\n"))
    model = WorkspaceModel(
        "/work", projects=(PROJECT,), files=MappingProxyType({"src/a.py": facts}), problems=("Bad. Mend it.",)
    )
    assert inspect_text(model) == EXPECTED


def test_no_dependencies_are_said_in_words() -> None:
    bare = Project(".", "python", "a", "pip", "pytest", "", (), ".")
    text = inspect_text(WorkspaceModel("/work", projects=(bare,)))
    assert "dependencies     standard library only\n" in text
    assert "all tests        cannot be run yet\n" in text
    assert "interpreter      none found\n" in text


def test_an_empty_workspace_says_so() -> None:
    assert inspect_text(WorkspaceModel("/work")) == (
        "Workspace /work\n  0 source files, 0 tests\n  no projects were found\n"
    )


EXPECTED = """\
Workspace /work
  1 source file, 0 tests

Project box (python) in .
  package manager  pip
  runner           pytest, 0 tests found  [pyproject.toml:7]
  interpreter      /work/my venv/bin/python  [$PATH]
  all tests        '/work/my venv/bin/python' -m pytest
  in folder        .
  tests in         tests
  sources in       src
  dependencies     tiny; dev: pytest
  prepare          python3 -m venv .venv
                   .venv/bin/python -m pip install -e .
  how sure         90%, read from the repository's files

Problems
  - Bad. Mend it.
"""
