"""Finds the constructs that the code rules speak of, in a syntax tree, by their real names behind aliases.

The server's own parser reads here rather than the tolerant one: what does not parse must be known as such.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator

Construct = tuple[str, str]  # (rule, what was found)

_EXIT = ("sys.exit", "os._exit", "os.abort", "exit", "quit", "SystemExit", "KeyboardInterrupt")
_TEST_AWARE = (
    "sys.modules",
    "sys._getframe",
    "inspect.stack",
    "inspect.currentframe",
    "inspect.getouterframes",
    "sys._current_frames",
    "sys.argv",
    "sys.orig_argv",
    "sys.gettrace",
    "sys.getprofile",
    "traceback.extract_stack",
    "traceback.format_stack",
    "traceback.print_stack",
    "traceback.walk_stack",
)
_FRAMES = frozenset({"f_back", "tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_globals", "f_locals"})
_SKIP = (
    "pytest.skip", "pytest.xfail", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail",
    "unittest.skip", "unittest.skipIf", "unittest.skipUnless", "unittest.expectedFailure", "unittest.SkipTest",
)  # fmt: skip
_EVAL = (
    "eval",
    "exec",
    "compile",
    "__import__",
    "importlib.import_module",
    "builtins.eval",
    "builtins.exec",
    "globals",
)
_PROCESS = (
    "os.system", "os.popen", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn", "os.posix_spawnp",
    "os.startfile", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
    *(f"os.{stem}{end}" for stem in ("exec", "spawn") for end in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
)  # fmt: skip
_PATCHING = (
    "sys.settrace", "sys.setprofile", "sys.meta_path", "sys.path_hooks", "sys.excepthook", "sys.unraisablehook",
    "atexit.register", "gc.get_objects", "gc.get_referrers", "threading.settrace", "threading.excepthook",
    "signal.signal",
)  # fmt: skip
_NETWORK = (
    "socket", "ssl", "http.client", "http.server", "urllib.request", "urllib3", "requests", "httpx", "aiohttp",
    "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "websocket", "websockets", "paramiko", "xmlrpc",
    "socketserver",
)  # fmt: skip
_NAMES = {
    name: rule
    for rule, names in (
        ("code-exit", _EXIT), ("code-test-aware", _TEST_AWARE), ("code-skip", _SKIP),
        ("code-eval", _EVAL), ("code-process", _PROCESS), ("code-patching", _PATCHING),
    )
    for name in names
}  # fmt: skip
_MODULES = {
    name: rule
    for rule, names in (
        ("code-process", ("subprocess", "multiprocessing", "pty", "pexpect")),
        ("code-eval", ("importlib", "runpy", "ctypes", "cffi", "marshal")),
        ("code-test-aware", ("pytest", "_pytest", "unittest", "nose")),
        ("code-network", _NETWORK),
    )
    for name in names
}  # fmt: skip
_PATCHED_ROOTS = frozenset({"builtins", "unittest", "pytest", "_pytest", "sys", "__builtins__"})
_BROAD = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException", "AssertionError"})
_COMPARISONS = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__"})
_ENDINGS = frozenset({"__exit__", "__aexit__"})  # what they return decides whether an exception goes on
_TEST_MARKS = ("PYTEST", "UNITTEST", "/proc/self/")


def parse(text: str) -> ast.Module | None:
    """Return the tree of a text, or None when it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def constructs(tree: ast.Module) -> Counter[Construct]:
    """Count what the rules speak of."""
    nodes = list(ast.walk(tree))
    names = _Names(nodes)
    found: Counter[Construct] = Counter()
    for node in nodes:
        found.update(_of_node(node, names))
    # A module counts once, and the name without its import counts as well: adding a forgotten import is a repair.
    found.update(dict.fromkeys(names.modules(), 1))
    return found


class _Names:
    """Which real thing a name or a dotted name stands for in one file."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        self._aliases: dict[str, str] = {}
        self._imported: set[str] = set()
        self._used = {node.id for node in nodes if isinstance(node, ast.Name)}
        self._bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        self._bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        self._bound |= {
            node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        for node in nodes:
            if isinstance(node, ast.Import):
                self._import(node)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                self._import_from(node)

    def real(self, node: ast.AST) -> str:
        """Return the dotted real name of an expression, or ""."""
        if isinstance(node, ast.Name):
            if node.id in self._aliases:
                return self._aliases[node.id]
            return "" if node.id in self._bound else node.id
        if isinstance(node, ast.Attribute):
            head = self.real(node.value)
            return f"{head}.{node.attr}" if head else ""
        if (
            isinstance(node, ast.Call)
            and self.real(node.func) in ("__import__", "importlib.import_module")
            and node.args
        ):
            name = node.args[0]
            return str(name.value) if isinstance(name, ast.Constant) else ""
        return ""

    def modules(self) -> frozenset[Construct]:
        """Return the watched modules that are imported, or used without an import."""
        used = {name for name in self._used - self._bound if name not in self._aliases}
        return frozenset(
            (rule, module)
            for module, rule in _MODULES.items()
            if module in used or any(name == module or name.startswith(module + ".") for name in self._imported)
        )

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported.add(alias.name)
            root = alias.name.partition(".")[0]
            self._aliases[alias.asname or root] = alias.name if alias.asname else root

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            self._imported |= {module, f"{module}.{alias.name}"}
            self._aliases[alias.asname or alias.name] = f"{module}.{alias.name}"


def _of_node(node: ast.AST, names: _Names) -> Iterator[Construct]:
    match node:
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
            real = names.real(node)
            if real in _NAMES:
                yield _NAMES[real], real
            elif isinstance(node, ast.Attribute) and node.attr == "skipTest":
                yield "code-skip", "skipTest"
            elif isinstance(node, ast.Attribute) and node.attr in _FRAMES:
                yield "code-test-aware", node.attr
        case ast.ExceptHandler():
            if _is_broad(node.type, names) and not _raises(node.body):
                yield "code-swallow", "except " + (ast.unparse(node.type) if node.type else "").strip() + ": …"
        case ast.Call():
            yield from _of_call(node, names)
        case ast.Try():
            if any(isinstance(inner, ast.Return) for last in node.finalbody for inner in ast.walk(last)):
                yield "code-swallow", "finally: return"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            if node.name in _COMPARISONS and (_only_constants(node.body) or _ignores_the_other(node)):
                yield "code-equal-always", node.name
            if node.name in _ENDINGS and True in _constants(node.body):
                yield "code-swallow", f"{node.name} returns True"
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            yield from _of_assignment(node, names)
        case ast.Constant(value=str() as value):
            if value.startswith(_TEST_MARKS):
                yield "code-test-aware", value[:40]
            elif value in _COMPARISONS:
                yield "code-equal-always", value
        case _:
            pass


def _of_call(node: ast.Call, names: _Names) -> Iterator[Construct]:
    real = names.real(node.func)
    if real in ("contextlib.suppress", "suppress") and any(_is_broad(arg, names) for arg in node.args):
        yield "code-swallow", ast.unparse(node)[:60]
    if real in ("setattr", "delattr", "getattr") and node.args:
        root = names.real(node.args[0]).partition(".")[0]
        if root in _PATCHED_ROOTS or root == "os":
            yield "code-patching", ast.unparse(node)[:60]
    if real == "vars" and node.args and names.real(node.args[0]) in (*_PATCHED_ROOTS, "os"):
        yield "code-patching", ast.unparse(node)[:60]


def _of_assignment(node: ast.Assign | ast.AnnAssign | ast.AugAssign, names: _Names) -> Iterator[Construct]:
    for target in _targets(node):
        inner = target.value if isinstance(target, ast.Subscript) else target
        real = names.real(inner)
        if "." in real and real.partition(".")[0] in _PATCHED_ROOTS and real != "sys.path":
            yield "code-patching", f"{real} = …"
        if isinstance(target, ast.Name) and target.id in (
            "__test__",
            "collect_ignore",
            "collect_ignore_glob",
            "pytestmark",
        ):
            yield "code-skip", f"{target.id} = …"
        # What a base class compares by is taken over with a dotted name.
        own = isinstance(node.value, ast.Lambda | ast.Name | ast.Call)
        if isinstance(target, ast.Name | ast.Attribute) and _last(target) in _COMPARISONS and own:
            yield "code-equal-always", _last(target)


def _last(target: ast.Name | ast.Attribute) -> str:
    return target.id if isinstance(target, ast.Name) else target.attr


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Iterable[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else (node.target,)


def _is_broad(node: ast.expr | None, names: _Names) -> bool:
    if node is None:
        return True
    kinds = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(names.real(kind) in _BROAD for kind in kinds)


def _raises(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Raise) for statement in body for node in ast.walk(statement))


def _only_constants(body: list[ast.stmt]) -> bool:
    values = _constants(body)
    return len(values) == 1 and values <= {True, False}


def _constants(body: list[ast.stmt]) -> set[object]:
    """Return the constants that a function returns, None for what is none."""
    return {_constant(node.value) for node in _returns(body)}


def _returns(body: list[ast.stmt]) -> list[ast.Return]:
    return [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Return)]


def _constant(node: ast.expr | None) -> object:
    """Return what an expression always is; None when that is not plain to see."""
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            return True if ast.dump(left) == ast.dump(right) else None
        case _:
            return None


def _ignores_the_other(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a comparison answers without a look at what it is compared with."""
    given = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
    answers = [each for each in _returns(node.body) if not _is_not_implemented(each.value)]
    used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return 1 < len(given) and bool(answers) and given[1] not in used


def _is_not_implemented(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "NotImplemented"
