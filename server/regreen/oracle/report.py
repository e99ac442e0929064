"""The oracle report: what is known of a workspace, as a JSON document and as text. docs/oracle.md describes both."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator

from regreen.core.workspace import Evidence, Project, WorkspaceModel

VERSION = 1
_SHOWN = 8  # paths of one kind in the report for a person
_SURE = ((0.9, "read from the repository's files"), (0.5, "concluded from the repository's files"))


def inspect_document(model: WorkspaceModel) -> dict[str, object]:
    """Return the JSON document of `regreen inspect --json`."""
    return {
        "version": VERSION,
        "root": model.root,
        "projects": [_project_document(project) for project in model.projects],
        "problems": list(model.problems),
    }


def inspect_text(model: WorkspaceModel) -> str:
    """Return the report for a person."""
    tests = Counter(test.project for facts in model.files.values() for test in facts.tests)
    lines = [f"Workspace {model.root}", f"  {_count(len(model.files), 'source file')}, {_count(tests.total(), 'test')}"]
    if not model.projects:
        lines.append("  no projects were found")
    for project in model.projects:
        lines += ["", *_project_lines(project, tests[project.key])]
    if model.problems:
        lines += ["", "Problems", *(f"  - {problem}" for problem in model.problems)]
    return "\n".join(lines) + "\n"


def _project_document(project: Project) -> dict[str, object]:
    return {
        "path": project.path,
        "language": project.language,
        "name": project.name,
        "package_manager": project.package_manager,
        "runner": project.runner,
        "interpreter": project.interpreter,
        "test_command": list(project.test_command),
        "runners": [
            {
                "name": use.name,
                "command": list(use.command),
                "cwd": use.cwd,
                "patterns": list(use.patterns),
                "files": list(use.files),
            }
            for use in project.runners
        ],
        "modules": [
            {"path": each.path, "name": each.name, "test_command": list(each.test_command)} for each in project.modules
        ],
        "cwd": project.cwd,
        "environment": dict(project.environment),
        "test_dirs": list(project.test_dirs),
        "source_roots": list(project.source_roots),
        "dependencies": [
            {"name": each.name, "requirement": each.requirement, "group": each.group} for each in project.dependencies
        ],
        "prepare": [list(step) for step in project.prepare],
        "gates": [list(gate) for gate in project.gates],
        "generated": list(project.generated),
        "vendored": list(project.vendored),
        "evidence": [{"fact": each.fact, "file": each.file, "line": each.line} for each in project.evidence],
        "confidence": project.confidence,
    }


def _project_lines(project: Project, n_tests: int) -> Iterator[str]:
    yield f"Project {project.name} ({project.language}) in {project.path}"
    rows = (
        ("package manager", project.package_manager, "package_manager"),
        ("runner", f"{project.runner}, {_count(n_tests, 'test')} found", "runner"),
        ("interpreter", project.interpreter or "none found", "interpreter"),
        ("all tests", shlex.join(project.test_command) or "cannot be run yet", ""),
        ("in folder", project.cwd, ""),
        ("packages", _some(tuple(each.name for each in project.modules)), ""),
        ("with", " ".join(f"{name}={value}" for name, value in project.environment), ""),
        ("tests in", _some(project.test_dirs) or "no folder found", "test_dirs"),
        ("sources in", ", ".join(project.source_roots), ""),
        ("dependencies", _dependencies(project), "dependencies"),
        *(("prepare" if number == 0 else "", shlex.join(step), "") for number, step in enumerate(project.prepare)),
        *(("checks" if number == 0 else "", shlex.join(gate), "") for number, gate in enumerate(project.gates)),
        ("generated", _some(project.generated), ""),
        ("vendored", _some(project.vendored), ""),
        ("how sure", _sure(project.confidence), ""),
    )
    for title, value, fact in rows:
        if value:
            yield f"  {title:<16} {value}{_source(project.evidence, fact)}"


def _some(paths: tuple[str, ...]) -> str:
    """Return the first of many paths, and how many more there are."""
    shown = ", ".join(paths[:_SHOWN])
    return f"{shown} and {len(paths) - _SHOWN} more" if _SHOWN < len(paths) else shown


def _dependencies(project: Project) -> str:
    if not project.dependencies:
        return "standard library only"
    groups: dict[str, list[str]] = {}
    for each in project.dependencies:
        groups.setdefault(each.group, []).append(each.name)
    return "; ".join(f"{group}: {', '.join(names)}" if group else ", ".join(names) for group, names in groups.items())


def _source(evidence: tuple[Evidence, ...], fact: str) -> str:
    found = next((each for each in evidence if each.fact == fact), None)
    if found is None:
        return ""
    return f"  [{found.file}:{found.line}]" if found.line else f"  [{found.file}]"


def _sure(confidence: float) -> str:
    words = next((words for least, words in _SURE if least <= confidence), "a default, no file says so")
    return f"{confidence:.0%}, {words}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
