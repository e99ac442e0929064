"""Names that exist nowhere: in no file of the index, not in the standard library, in no declared dependency.

Python only: elsewhere a compiler says so, before any test runs. A name on a branch that no test takes would stay
unnoticed otherwise.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regreen.core.edit import Patch
from regreen.core.repair import RepairRequest
from regreen.languages import installed_as, is_standard_module

from .constructs import parse
from .refusal import Refusal, refuse

_BUILT_IN = frozenset(dir(builtins)) | {
    "__annotations__", "__builtins__", "__cached__", "__class__", "__dict__", "__doc__", "__file__", "__loader__",
    "__module__", "__name__", "__package__", "__path__", "__qualname__", "__spec__", "reveal_type",
}  # fmt: skip
_Imported = tuple[str, str]  # module with leading dots, name ("" for the module itself)


def check_invented(request: RepairRequest, patch: Patch) -> Refusal | None:
    """Refuse a patch that uses a name, an import or a member of the workspace's modules that does not exist."""
    if request.project.language != "python":
        return None
    after = {file.path: file.after for file in patch.files}
    modules = _Modules(request, after)
    for file in patch.files:
        old, new = parse(file.base), parse(file.after)
        if not file.path.endswith(".py") or old is None or new is None:
            continue
        before, now = _Names(old), _Names(new)
        for what in (
            *sorted(now.unbound - before.unbound),
            *(f"{module} {name}".strip() for module, name in sorted(now.imported - before.imported)
              if not modules.has(file.path, module, name)),
            *sorted(member for member in now.members - before.members if not modules.has_member(now, member)),
        ):  # fmt: skip
            said = f"`{what}` in {file.path}, which exists nowhere: not in the index, a library or a dependency."
            return refuse("invented-symbol", f"The patch uses {said}", file.path)
    return None


class _Names:
    """What one file binds, imports and uses. A name that is bound anywhere in it counts as bound."""

    def __init__(self, tree: ast.Module) -> None:
        nodes = list(ast.walk(tree))
        imports = list(_imports(nodes))
        self.imported: frozenset[_Imported] = frozenset((module, name) for module, name, _ in imports)
        self.bound = frozenset(_bound(nodes))
        has_star = any(name == "*" for _, name, _ in imports)
        known = self.bound | {alias for _, _, alias in imports} | _BUILT_IN
        loads = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        self.unbound: frozenset[str] = frozenset() if has_star else frozenset(loads - known)
        # Names that stand for modules and nothing else: alias -> module.
        self.modules = {
            alias: f"{module}.{name}" if name and not module.endswith(".") else module + name
            for module, name, alias in imports
            if alias not in self.bound and (name or "." not in module)
        }
        self.members = frozenset(
            f"{node.value.id}.{node.attr}"
            for node in nodes
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.value, ast.Name)
            and node.value.id in self.modules
        )


def _imports(nodes: list[ast.AST]) -> Iterator[tuple[str, str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((each.name, "", each.asname or each.name.partition(".")[0]) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((module, each.name, each.asname or each.name) for each in node.names)


def _bound(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.ExceptHandler(name=str() as name):
                yield name
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name
            case ast.MatchMapping(rest=str() as name):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case _:
                yield from (each.name for each in getattr(node, "type_params", ()))


@dataclass(frozen=True, slots=True)
class _Modules:
    """The modules that there are, with the patch laid over the files."""

    request: RepairRequest
    after: Mapping[str, str]

    def has(self, path: str, module: str, name: str) -> bool:
        """Tell whether something that a file imports is there."""
        dotted = _absolute(path, module)
        top = dotted.partition(".")[0]
        if dotted == module and is_standard_module(top):
            return True
        own = self._paths(dotted)
        if own:
            return not name or name == "*" or any(self._holds(each, dotted, name) for each in own)
        if module.startswith(".") or self._paths(top):
            return self._beside(dotted)
        # Whatever puts another folder on the path is not looked into: any file or folder of that name will do.
        return self._is_declared(top) or self._is_anywhere(top)

    def has_member(self, names: _Names, member: str) -> bool:
        """Tell whether a module has a member; only of the workspace's own modules is that known."""
        alias, _, name = member.partition(".")
        module = names.modules[alias]
        own = () if module.startswith(".") or is_standard_module(module) else self._paths(module)
        imported = {each for each, inner in names.imported if not inner and each.startswith(f"{module}.")}
        return not own or bool(imported) or any(self._holds(each, module, name) for each in own)

    def _holds(self, path: str, module: str, name: str) -> bool:
        text = self.after.get(path) or self.request.sources.get(path, "")
        tree = parse(text)
        if tree is None or self._paths(f"{module}.{name}") or self._beside(f"{module}.{name}"):
            return True
        names = _Names(tree)
        # What a module gives by a function of its own, or takes from elsewhere as a whole, cannot be told from here.
        is_open = "__getattr__" in names.bound or "globals()" in text or any(each == "*" for _, each in names.imported)
        aliases = {alias for _, _, alias in _imports(list(ast.walk(tree)))}
        return is_open or name in names.bound or name in aliases or (name.startswith("__") and name.endswith("__"))

    def _paths(self, dotted: str) -> tuple[str, ...]:
        """Return the files of a module, below any folder from which it may be imported."""
        stem = dotted.replace(".", "/")
        ends = (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyi")
        files = self.request.model.files
        found = [path for root in self._roots() for end in ends if (path := root + end) in files]
        if not found and any(path.startswith(tuple(f"{root}{stem}/" for root in self._roots())) for path in files):
            return (stem,)  # a package without a file of its own
        return tuple(found)

    def _roots(self) -> tuple[str, ...]:
        project = self.request.project
        folders = ("", project.cwd, project.path, *project.source_roots, *project.test_dirs)
        return tuple(dict.fromkeys(f"{each}/" if each not in ("", ".") else "" for each in folders))

    def _beside(self, dotted: str) -> bool:
        """Tell whether another kind of file has the name, such as one that is compiled."""
        stem = dotted.replace(".", "/")
        return any(re.match(rf"{re.escape(root + stem)}\.[^/]+$", path)
                   for root in self._roots() for path in self.request.model.files)  # fmt: skip

    def _is_anywhere(self, top: str) -> bool:
        return any({top, f"{top}.py"} & set(path.split("/")) for path in self.request.model.files)

    def _is_declared(self, top: str) -> bool:
        wanted = {_normal(top), _normal(installed_as(top))}
        if any(_normal(each.name) in wanted for each in self.request.project.dependencies):
            return True
        used = (each for facts in self.request.model.files.values() for each in facts.imports)
        return any(each.module.partition(".")[0] == top for each in used)


def _absolute(path: str, module: str) -> str:
    """Return the dotted name of what a file imports."""
    level = len(module) - len(module.lstrip("."))
    if not level:
        return module
    folder = path.split("/")[:-level]
    return ".".join(part for part in (*folder, module.lstrip(".")) if part)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
