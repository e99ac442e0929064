"""What a mutant changes, found in a process that has loaded its file; and a file planted for one that loads it later.

The statement of the file that holds the mutant is compiled as it is and as the mutant has it; what differs says which
functions get other code. A mutant of what runs while the file is loaded (defaults, decorators, class bodies) has to be
planted instead: whoever imports the file gets the mutant's.
Standard library only, Python 3.8 and later.
"""

import __future__

import ast
import importlib.machinery
import os
import types
import warnings
from typing import Any, Dict, List, Tuple

from regreen_worker_code import plain, rewriter, rewritten  # type: ignore[import-not-found]
from regreen_worker_swap import (  # type: ignore[import-not-found]
    OPTIMIZED,
    CannotSwap,
    first_line,
    is_place,
    is_same,
    is_same_but_constants,
    key_of,
    naming_imports,
)


class Source:
    """The text of a file, compiled statement by statement as far as mutants ask for it."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        tree = ast.parse(text)
        self.starts = [0] + [at + 1 for at, sign in enumerate(text) if sign == "\n"] + [len(text)]
        self.flags = flags_of(tree)
        self.imports = naming_imports(tree)
        self.spans = joined([(first_line(one), one.end_lineno or 0) for one in tree.body])
        self.codes: Dict[Tuple[int, int], Any] = {}

    def changes(self, start, end, replacement):
        """Return what differs: (code as it is, the mutant's, whether its own instructions differ, whether it is
        defined where the file is loaded). Empty: the mutant does what the text does.

        Raises:
            CannotSwap: it changes what runs while the file is loaded.
            SyntaxError: it does not compile.
        """
        if "\r" in self.text.replace("\r\n", ""):
            raise CannotSwap("lines that end in another way")
        span = next((span for span in self.spans if self.starts[span[0] - 1] <= start and end <= self.end(span)), None)
        if span is None:
            raise CannotSwap("between two statements")
        first, last = self.starts[span[0] - 1], self.end(span)
        if span not in self.codes:
            self.codes[span] = self.compiled(span[0], self.text[first:last])
        new = self.compiled(span[0], self.text[first:start] + replacement + self.text[end:last])
        found: List[Tuple[Any, Any, bool, bool]] = []
        differing(self.codes[span], new, found, inside=False)
        return found

    def end(self, span):
        return self.starts[min(span[1], len(self.starts) - 1)]

    def compiled(self, line, text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = "\n" * (line - 1) + text + "\n" + self.imports
            return compile(source, self.path, "exec", flags=self.flags, dont_inherit=True, optimize=-1)


def flags_of(tree):
    """Return the flags of what a file imports from the future."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def joined(spans):
    """Return spans of lines with those that share a line made one."""
    found: List[Tuple[int, int]] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def differing(old, new, found, inside):
    """Collect the code that differs; `inside` of a function everything is made anew by each call."""
    is_function = bool(old.co_flags & OPTIMIZED)
    if is_same(old, new):
        return
    alike = is_alike(old, new)
    if not alike and not is_function and not inside:
        raise CannotSwap("what is run when the file is loaded differs")
    if is_function:
        if old.co_freevars != new.co_freevars or old.co_name != new.co_name:
            raise CannotSwap("another closure")
        found.append((old, new, not alike, not inside))
    if alike:
        for one, other in zip(old.co_consts, new.co_consts):  # noqa: B905
            if isinstance(one, types.CodeType):
                differing(one, other, found, inside or is_function)


def is_alike(old, new):
    """Tell whether two codes differ in nothing but the functions and classes that are defined in them."""
    if not is_same_but_constants(old, new) or len(old.co_consts) != len(new.co_consts):
        return False
    for one, other in zip(old.co_consts, new.co_consts):  # noqa: B905
        if isinstance(one, types.CodeType) != isinstance(other, types.CodeType):
            return False
        same = isinstance(one, types.CodeType) or (type(one), repr(one)) == (type(other), repr(other))
        if not same and not is_place(old, new, one, other):
            return False
    return True


def reached(swaps, path, changes):
    """Return the (function, code) pairs of a mutant, and whether one of them has run while files were loaded: "" not,
    "lines" it may have, for it changes what is on its lines alone, "all" it may have, wherever it is changed.

    Raises:
        CannotSwap: a function is not there.
    """
    pairs, early = [], ""
    for old, new, is_own, at_load in changes:
        found = swaps.functions.get((path, old), ())
        if at_load and not found:
            raise CannotSwap("not a function that is there")
        if is_own and key_of(old, path) in swaps.called_early:
            early = "lines" if has_same_names(old, new) and early != "all" else "all"
        pairs += [(function, new) for function in found]
    return pairs, early


def has_same_names(old, new):
    """Tell whether names mean the same in two codes, and both are called the same way."""
    kinds = ("co_flags", "co_varnames", "co_cellvars", "co_freevars")
    return all(getattr(old, kind) == getattr(new, kind) for kind in kinds)


def plant(path, text):
    """Let whoever loads a file (by its real path) get another text.

    Raises:
        SyntaxError: it does not compile.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(text, path, "exec", dont_inherit=True, optimize=-1)
    for ahead in (plain, rewritten):
        for key in [key for key in ahead if os.path.realpath(key[0]) == path]:
            del ahead[key]
    loader = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def source_to_code(self, data, name, *rest, **options):
        if isinstance(name, (str, bytes)) and os.path.realpath(os.fsdecode(name)) == path:
            return code
        return compile_source(self, data, name, *rest, **options)

    patched: Any = loader
    patched.source_to_code = source_to_code
    rewrite = rewriter()
    rewrite_test = getattr(rewrite, "_rewrite_test", None)
    if rewrite_test is not None:

        def rewrite_planted(name, config):
            if os.path.realpath(str(name)) == path:
                return os.stat(path), code
            return rewrite_test(name, config)

        rewrite._rewrite_test = rewrite_planted
