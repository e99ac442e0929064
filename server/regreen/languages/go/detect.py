"""Go modules of a workspace, every fact read from its files and backed by evidence. Nothing is run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from regreen.core.ports import Tree
from regreen.core.workspace import Dependency, Evidence, Project
from regreen.languages.digest import digest_of

from .gates import gates
from .gomod import ModFile, read_mod
from .habits import Habits, find_habits

# The go command passes over these, wherever they lie; a fixture's module is no module of the project.
_PASSED_OVER = frozenset({"vendor", "testdata", "node_modules", "fixtures", "__fixtures__"})
_GENERATED_ENDINGS = (".pb.go", ".pb.gw.go", ".gen.go", "_gen.go", "_generated.go", "_easyjson.go", ".twirp.go")
_GENERATED_STARTS = ("zz_generated", "generated_")
_OTHERS_CODE = frozenset({"vendor", "third_party"})
_ASIDE = "vendor.mod"
TEST_PATTERNS = ("*_test.go",)


def detect(tree: Tree) -> tuple[Project, ...]:
    """Find the Go projects of a workspace, sorted by folder."""
    works = _read(tree, "go.work")
    listed = _listed(works)
    modules = {
        _folder(mod.path): mod
        for mod in _read(tree, "go.mod")
        if _folder(mod.path) in listed or not _is_hidden(mod.path)
    }
    # A repository may keep its module's file under another name, and put a link to it where go looks.
    for mod in _read(tree, _ASIDE):
        if not _is_hidden(mod.path) and mod.first("module"):
            modules.setdefault(_folder(mod.path), mod)
    owned = _owned(tree, modules)
    found = [_project(tree, modules[folder], works, owned[folder]) for folder in sorted(modules)]
    return tuple(found) or _without_module(tree)


def _project(tree: Tree, mod: ModFile, works: tuple[ModFile, ...], files: tuple[str, ...]) -> Project:
    folder = _folder(mod.path)
    habits = find_habits(tree, folder, files, tuple(each.arguments[0] for each in mod.all("require")))
    environment, work_evidence = _workspace(tree, folder, works)
    tests = tuple(dict.fromkeys(_folder(path) for path in files if path.endswith("_test.go")))
    return Project(
        path=folder,
        language="go",
        name=_name(tree, mod),
        package_manager="go",
        runner=habits.runner,
        interpreter=go_program(tree),
        test_command=habits.test_command,
        cwd=folder,
        test_dirs=tests,
        dependencies=_dependencies(mod),
        prepare=_prepare(tree, mod, files),
        gates=gates(go_program(tree), habits.test_command),
        generated=_generated(files),
        vendored=_vendored(files),
        evidence=(*_manifest_evidence(tree, mod), *habits.evidence, *work_evidence, *_test_evidence(files)),
        confidence=1.0 if mod.first("module") else 0.5,
        test_patterns=TEST_PATTERNS,
        problems=_problems(mod),
        shuffles=True,
        environment=environment,
    )


def _without_module(tree: Tree) -> tuple[Project, ...]:
    """Return the tests of a workspace that has no module at all: a tree from the time before there were any."""
    files = tuple(path for path in tree.files if path.endswith(".go") and not _is_hidden(path))
    tests = tuple(dict.fromkeys(_folder(path) for path in files if path.endswith("_test.go")))
    if not tests:
        return ()
    return (
        Project(
            path=".",
            language="go",
            name=posixpath.basename(tree.root),
            package_manager="go",
            runner="go-test",
            interpreter=go_program(tree),
            test_command=Habits().test_command,
            cwd=".",
            test_dirs=tests,
            prepare=(("go", "mod", "init", posixpath.basename(tree.root) or "workspace"),),
            evidence=_test_evidence(files),
            confidence=0.4,
            test_patterns=TEST_PATTERNS,
            problems=(
                "There are Go tests but no go.mod. Create one with `go mod init <name>`, then run the tests again.",
            ),
        ),
    )


def go_program(tree: Tree) -> str:
    """Return the go command: of $GOROOT, else on the PATH, else where the installer puts it; "" when there is none."""
    root = tree.environment.get("GOROOT", "")
    for program in (f"{root}/bin/go" if root else "", tree.search_path("go"), "/usr/local/go/bin/go"):
        if program and tree.is_executable(program):
            return program
    return ""


def _read(tree: Tree, name: str) -> tuple[ModFile, ...]:
    paths = (path for path in tree.files if path == name or path.endswith(f"/{name}"))
    texts = ((path, tree.read(path)) for path in paths)
    return tuple(read_mod(path, text) for path, text in texts if text is not None)


def _listed(works: Iterable[ModFile]) -> frozenset[str]:
    """Return the folders that workspace files list, unless the workspace file is itself somebody else's."""
    return frozenset(
        _join(_folder(work.path), each.arguments[0])
        for work in works
        if not _is_hidden(work.path)
        for each in work.all("use")
    )


def _is_hidden(path: str) -> bool:
    parts = path.split("/")[:-1]
    return any(part in _PASSED_OVER or part.startswith(("_", ".")) for part in parts)


def _owned(tree: Tree, modules: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the files of each module: a module inside of another one is no part of it."""
    found: dict[str, list[str]] = {folder: [] for folder in modules}
    owners: dict[str, str] = {}
    for path in tree.files:
        folder = _folder(path)
        if folder not in owners:
            owners[folder] = next((each for each in _above(folder) if each in found), "")
        if owners[folder]:
            found[owners[folder]].append(path)
    return {folder: tuple(files) for folder, files in found.items()}


def _workspace(
    tree: Tree, folder: str, works: tuple[ModFile, ...]
) -> tuple[tuple[tuple[str, str], ...], tuple[Evidence, ...]]:
    """Tell whether the go.work around a module lists it; one that does not must be switched off."""
    around = {_folder(work.path): work for work in works}
    nearest = next((around[each] for each in _above(folder) if each in around), None)
    if nearest is None:
        return (), ()
    for each in nearest.all("use"):
        if _join(_folder(nearest.path), each.arguments[0]) == folder:
            return (), (_evidence(tree, "workspace", nearest.path, each.line),)
    return (("GOWORK", "off"),), (_evidence(tree, "workspace", nearest.path, 1),)


def _name(tree: Tree, mod: ModFile) -> str:
    module = mod.first("module")
    folder = _folder(mod.path)
    return module.arguments[0] if module else posixpath.basename(tree.root if folder == "." else folder)


def _dependencies(mod: ModFile) -> tuple[Dependency, ...]:
    """Return what the module itself imports; what only its dependencies need is marked as indirect."""
    return tuple(
        Dependency(each.arguments[0], each.arguments[1] if 1 < len(each.arguments) else "")
        for each in mod.all("require")
        if "indirect" not in each.comment
    )


def _prepare(tree: Tree, mod: ModFile, files: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    folder = _folder(mod.path)
    if posixpath.basename(mod.path) == _ASIDE:
        return ()  # It takes a link, which is for a person to make.
    if not mod.all("require") or _join(folder, "vendor/modules.txt") in files:
        return ()
    local = {each.arguments[0] for each in mod.all("replace") if each.arguments[-1].startswith(".")}
    remote = [each for each in mod.all("require") if each.arguments[0] not in local]
    if not remote:
        return ()
    has_sums = tree.read(_join(folder, "go.sum")) is not None
    return (("go", "mod", "download"),) if has_sums else (("go", "mod", "tidy"),)


def _generated(files: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        path
        for path in files
        if path.endswith(_GENERATED_ENDINGS)
        or (path.endswith(".go") and posixpath.basename(path).startswith(_GENERATED_STARTS))
    )


def _vendored(files: tuple[str, ...]) -> tuple[str, ...]:
    found = set()
    for path in files:
        parts = path.split("/")[:-1]
        at = next((number for number, part in enumerate(parts) if part in _OTHERS_CODE), None)
        if at is not None:
            found.add("/".join(parts[: at + 1]))
    return tuple(sorted(found))


def _manifest_evidence(tree: Tree, mod: ModFile) -> tuple[Evidence, ...]:
    module, require = mod.first("module"), mod.first("require")
    return (
        _evidence(tree, "name", mod.path, module.line if module else 1),
        _evidence(tree, "package_manager", mod.path, module.line if module else 1),
        *((_evidence(tree, "dependencies", mod.path, require.line),) if require else ()),
        *((_evidence(tree, "version", mod.path, go.line),) if (go := mod.first("go")) else ()),
    )


def _test_evidence(files: tuple[str, ...]) -> tuple[Evidence, ...]:
    first = next((path for path in files if path.endswith("_test.go")), "")
    return (Evidence("test_dirs", first, 1),) if first else ()


def _problems(mod: ModFile) -> tuple[str, ...]:
    if posixpath.basename(mod.path) == _ASIDE:
        return (f"{mod.path}: go looks for a go.mod. Link it (ln -s {_ASIDE} go.mod), as the repository's scripts do.",)
    if mod.first("module"):
        return ()
    return (
        f"{mod.path}: it names no module. Write `module <path>` in its first line; until then nothing can be built.",
    )


def _evidence(tree: Tree, fact: str, path: str, line: int) -> Evidence:
    text = tree.read(path)
    return Evidence(fact, path, line, "" if text is None else digest_of(text))


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _join(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def _above(folder: str) -> tuple[str, ...]:
    found = [folder]
    while found[-1] != ".":
        found.append(_folder(found[-1]))
    return tuple(found)
