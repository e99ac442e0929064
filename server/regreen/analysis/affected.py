"""Which test files a changed file may affect: those that reach it by imports."""

from __future__ import annotations

from regreen.core.workspace import FileFacts, Project, WorkspaceModel


def affected_tests(model: WorkspaceModel, path: str) -> tuple[str, ...]:
    """Return the test files to run after a file changed, sorted; empty means: nothing is known, run everything.

    A test file affects itself. A conftest.py, or a file that no test file reaches, gives nothing.
    """
    project = model.project_of(path)
    if project is None or path.rsplit("/", 1)[-1] == "conftest.py":
        return ()
    modules = {name: file for file in model.files for name in module_names(file, project)}
    importers: dict[str, set[str]] = {}
    for facts in model.files.values():
        for target in _targets(facts, modules, project):
            importers.setdefault(target, set()).add(facts.path)
    reached: set[str] = set()
    queue = [path]
    while queue:
        current = queue.pop()
        if current in reached:
            continue
        reached.add(current)
        queue.extend(sorted(importers.get(current, ())))
    return tuple(sorted(file for file in reached if model.tests_in(file)))


def module_names(path: str, project: Project) -> tuple[str, ...]:
    """Return the dotted names under which a file may be imported, from its source roots and from the root."""
    stem, dot, suffix = path.rpartition(".")
    if not dot or suffix not in ("py", "pyi"):
        return ()
    stem = stem.removesuffix("/__init__")
    roots = {"", *(f"{root}/" for root in (*project.source_roots, project.cwd, project.path) if root != ".")}
    names = {stem.removeprefix(root).replace("/", ".") for root in roots if stem.startswith(root)}
    # Test folders without __init__.py are put on the path by pytest: a plain name works there.
    return tuple(sorted(names | {stem.rpartition("/")[2]}))


def _targets(facts: FileFacts, modules: dict[str, str], project: Project) -> set[str]:
    """Return the workspace files that a file imports."""
    own = max(module_names(facts.path, project), key=len, default="")
    package = own if facts.path.endswith("/__init__.py") else own.rpartition(".")[0]
    found = set()
    for item in facts.imports:
        module = _absolute(item.module, package)
        for name in (f"{module}.{item.name}" if item.name else module, module):
            if name in modules:
                found.add(modules[name])
    return found - {facts.path}


def _absolute(module: str, package: str) -> str:
    level = len(module) - len(module.lstrip("."))
    if level == 0:
        return module
    parts = package.split(".") if package else []
    base = parts[: len(parts) - (level - 1)]
    return ".".join([*base, *([module[level:]] if module[level:] else [])])
