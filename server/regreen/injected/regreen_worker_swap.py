"""Functions that are swapped for those of a candidate, in a process that has loaded their files already.

What a candidate changes is found by comparing compiled code, statement by statement of the file; a change that is not
in the body of a function (a default, a constant, a decorator, an import) cannot be swapped in.
Standard library only, Python 3.8 and later.
"""

import __future__

import ast
import functools
import gc
import os
import sys
import types
import warnings
from typing import Any, Dict, List, Optional, Set, Tuple

OPTIMIZED = 1  # set in the flags of functions, not in those of class bodies and modules
FUTURES = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0
)
CachedFunction = type(functools.lru_cache()(len))


HANDLERS = (ast.ExceptHandler, *(kind for kind in (getattr(ast, "match_case", None),) if kind is not None))


class CannotSwap(Exception):
    """A candidate has to be loaded from its file."""


class Swaps:
    """The functions of the workspace that this process has loaded."""

    def __init__(self, root, called_early):
        self.root = root
        self.called_early: Set[Any] = called_early  # code that ran while the files were loaded: its results are kept
        self.files: Dict[str, Loaded] = {}
        self.functions: Dict[Tuple[str, Any], List[Any]] = {}
        self.caches: List[Any] = []
        self.modules: List[Any] = []
        self._look_around()

    def _look_around(self):
        inside: Dict[str, bool] = {}

        def is_inside(path):
            if path not in inside:
                real = os.path.realpath(path) if os.path.isabs(path) else ""
                inside[path] = real.startswith(self.root + os.sep) and "site-packages" not in real
            return inside[path]

        gc.unfreeze()
        for found in gc.get_objects():
            kind = type(found)
            if kind is types.FunctionType and is_inside(found.__code__.co_filename):
                self.functions.setdefault((os.path.realpath(found.__code__.co_filename), found.__code__), []).append(
                    found
                )
            elif kind is CachedFunction and is_inside(file_of(found)):
                self.caches.append(found)
        self.modules = [
            module for module in list(sys.modules.values()) if is_inside(getattr(module, "__file__", None) or "")
        ]

    def prepare(self, texts):
        """Return the (function, code) pairs of a candidate: path relative to the root -> its text.

        Raises:
            CannotSwap: it changes more than bodies of functions.
            SyntaxError: it does not parse.
        """
        pairs = []
        for path, text in sorted(texts.items()):
            pairs += self._of_file(os.path.join(self.root, *path.split("/")), text)
        return pairs

    def _of_file(self, path, text):
        if path not in self.files:
            self.files[path] = Loaded(path)
        pairs = []
        for old, new in self.files[path].changes(text):
            found = self.functions.get((path, old), ())
            if not found or key_of(old, path) in self.called_early:
                raise CannotSwap("not a function that is there")
            pairs += [(function, new) for function in found]
        return pairs

    def clear_caches(self):
        for cached in self.caches:
            cached.cache_clear()


class Loaded:
    """A file as it was loaded."""

    def __init__(self, path):
        with open(path, "rb") as file:
            content = file.read()
        try:
            self.text = content.decode("utf-8-sig").replace("\r\n", "\n")
            tree = ast.parse(self.text)
        except (UnicodeDecodeError, SyntaxError) as error:
            raise CannotSwap("not read") from error
        self.path = path
        self.lines = self.text.split("\n")
        self.flags = compile(content, path, "exec", dont_inherit=True).co_flags & FUTURES
        self.imports = naming_imports(tree)
        self.statements = [(first_line(statement), statement.end_lineno or 0) for statement in tree.body]
        self.codes: Dict[Tuple[int, int], Any] = {}

    def changes(self, text):
        """Return pairs of the code of a function: as it is, and as the candidate has it."""
        new = text.replace("\r\n", "\n").split("\n")
        same = 0
        while same < len(self.lines) and same < len(new) and self.lines[same] == new[same]:
            same += 1
        tail = 0
        while tail < min(len(self.lines), len(new)) - same and self.lines[-1 - tail] == new[-1 - tail]:
            tail += 1
        # Lines that stand once and then twice: the change may be said to be before or after them.
        first, last = same + 1, max(same + 1, len(self.lines) - tail)
        span = next((span for span in self.statements if span[0] <= first and last <= span[1] + (last == first)), None)
        if span is None or (span[1] < last and len(new) <= len(self.lines)):
            raise CannotSwap("between two statements")
        grown = len(new) - len(self.lines)
        if span not in self.codes:
            self.codes[span] = self._compiled(self.lines, span[0], span[1])
        code = self._compiled(new, span[0], span[1] + grown)
        found: List[Tuple[Any, Any]] = []
        compare(self.codes[span], code, found)
        return found

    def _compiled(self, lines, first, last):
        source = "\n" * (first - 1) + "\n".join(lines[first - 1 : last]) + "\n" + self.imports
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, self.path, "exec", flags=self.flags, dont_inherit=True, optimize=-1)


def compare(old, new, found):
    """Collect the functions that differ; what is run when a file is loaded must be the same."""
    if not is_same_but_constants(old, new) or len(old.co_consts) != len(new.co_consts):
        raise CannotSwap("what is run when the file is loaded differs")
    for index, one in enumerate(old.co_consts):
        other = new.co_consts[index]
        is_code = isinstance(one, types.CodeType)
        if is_code != isinstance(other, types.CodeType):
            raise CannotSwap("another constant")
        if not is_code:
            if (type(one), one) != (type(other), other) and not is_place(old, new, one, other):
                raise CannotSwap("another constant")
        elif not one.co_flags & OPTIMIZED:
            compare(one, other, found)
        elif not is_same(one, other):
            if one.co_freevars != other.co_freevars or one.co_name != other.co_name:
                raise CannotSwap("another closure")
            found.append((one, other))


def is_place(old, new, one, other):
    """Tell whether constants of a class body only say where it stands, or what its methods assign."""
    if (one, other) == (old.co_firstlineno, new.co_firstlineno):
        return "__firstlineno__" in old.co_names
    return type(one) is type(other) is tuple and "__static_attributes__" in old.co_names


def is_same(old, new):
    """Tell whether two codes do the same, wherever they stand."""
    if not is_same_but_constants(old, new) or len(old.co_consts) != len(new.co_consts):
        return False
    for index, one in enumerate(old.co_consts):
        other = new.co_consts[index]
        if isinstance(one, types.CodeType) and isinstance(other, types.CodeType):
            if not is_same(one, other):
                return False
        elif repr(one) != repr(other) or type(one) is not type(other):
            return False
    return True


def is_same_but_constants(old, new):
    return (
        old.co_code == new.co_code
        and old.co_names == new.co_names
        and old.co_varnames == new.co_varnames
        and old.co_freevars == new.co_freevars
        and old.co_cellvars == new.co_cellvars
        and old.co_flags == new.co_flags
        and old.co_argcount == new.co_argcount
        and getattr(old, "co_exceptiontable", b"") == getattr(new, "co_exceptiontable", b"")
    )


def naming_imports(tree):
    """Return a line that does nothing but tell the compiler what a file imports: it calls that in a way of its own."""
    names: Set[str] = set()
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            waiting.extend(child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.stmt, *HANDLERS)))
    names.discard("*")
    return "if 0: import %s\n" % ", ".join(sorted(names)) if names else ""


def first_line(statement):
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno] + [decorator.lineno for decorator in decorators])


def file_of(cached):
    code = getattr(getattr(cached, "__wrapped__", None), "__code__", None)
    return code.co_filename if code is not None else ""


def key_of(code, path):
    return (path, code.co_name, code.co_firstlineno)


class Early:
    """Notes which code runs while files are loaded."""

    def __init__(self):
        self.seen: Set[Any] = set()
        self.before: Optional[Any] = None

    def start(self):
        self.before = sys.getprofile()
        sys.setprofile(self.on_event)

    def stop(self):
        sys.setprofile(self.before)
        return {(os.path.realpath(name), function, line) for name, function, line in self.seen}

    def on_event(self, frame, event, _argument):
        if event == "call":
            code = frame.f_code
            self.seen.add((code.co_filename, code.co_name, code.co_firstlineno))
