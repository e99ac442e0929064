"""What a mutant changes, found in a process that has loaded its file; and a file planted for one that loads it later.

The statement of the file that holds the mutant is compiled as it is and as the mutant has it; what differs says which
functions get other code. A mutant of what runs while the file is loaded (defaults, decorators, class bodies) has to be
planted instead: whoever imports the file gets the mutant's.
Standard library only, Python 3.8 and later.
"""

import __future__

import ast
import base64
import importlib.machinery
import marshal
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
    """The text of a file, compiled piece by piece as far as mutants ask for it."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        tree = ast.parse(text)
        self.starts = [0] + [at + 1 for at, sign in enumerate(text) if sign == "\n"] + [len(text)]
        self.flags = flags_of(tree)
        self.imports = naming_imports(tree)
        self.spans = joined([span_of(one) for one in tree.body])
        classes = [one for one in tree.body if isinstance(one, ast.ClassDef)]
        self.members = {span_of(one): [span_of(each) for each in one.body if is_function(each)] for one in classes}
        self.pieces: Dict[Any, Any] = {}

    def changes(self, start, end, replacement):
        """Return what differs: (code as it is, the mutant's, whether its own instructions differ, whether it is
        defined where the file is loaded). Empty: the mutant does what the text does.

        Raises:
            CannotSwap: it changes what runs while the file is loaded.
            SyntaxError: it does not compile.
        """
        if "\r" in self.text.replace("\r\n", ""):
            raise CannotSwap("lines that end in another way")
        span = self.holding(self.spans, start, end)
        if span is None:
            raise CannotSwap("between two statements")
        piece = self.piece(span, self.holding(self.members.get(span, ()), start, end) or span)
        new = self.compiled(piece.before + self.text[piece.first : start] + replacement + self.text[end : piece.last])
        found: List[Tuple[Any, Any, bool, bool]] = []
        differing(piece.code, new, found, inside=False)
        return found

    def holding(self, spans, start, end):
        return next((span for span in spans if self.starts[span[0] - 1] <= start and end <= self.end(span)), None)

    def piece(self, span, part):
        """Return a part of a statement, compiled as it is; of a class the methods before it are left out."""
        if part not in self.pieces:
            lines = self.text[self.starts[span[0] - 1] : self.starts[part[0] - 1]].split("\n")
            for first, last in self.members.get(span, ()):
                if last < part[0]:
                    lines[first - span[0] : last - span[0] + 1] = [""] * (last - first + 1)
            before = "\n" * (span[0] - 1) + "\n".join(lines)
            first, last = self.starts[part[0] - 1], self.end(part)
            self.pieces[part] = Piece(before, first, last, self.compiled(before + self.text[first:last]))
        return self.pieces[part]

    def end(self, span):
        return self.starts[min(span[1], len(self.starts) - 1)]

    def compiled(self, text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = text + "\n" + self.imports
            return compile(source, self.path, "exec", flags=self.flags, dont_inherit=True, optimize=-1)


class Piece:
    """What is compiled for the mutants of one function: its lines, behind what has to be there for them."""

    def __init__(self, before, first, last, code):
        self.before = before
        self.first = first  # offsets into the text
        self.last = last
        self.code = code


def is_function(node):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def span_of(statement):
    return first_line(statement), statement.end_lineno or 0


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


def written(changes):
    """Return changes as text, for another process of the same interpreter."""
    return base64.b64encode(marshal.dumps(changes)).decode("ascii")


def read(text):
    """Return the changes that another process has written, if it has."""
    return marshal.loads(base64.b64decode(text)) if text else []


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


def plant(path, text, changes):
    """Let whoever loads a file (by its real path) get another text; with the changes of its functions, where they are
    all, what is compiled of the file already serves.

    Raises:
        SyntaxError: it does not compile.
    """
    code = None
    for ahead in (plain, rewritten):
        for key in [key for key in ahead if os.path.realpath(key[0]) == path]:
            whole = ahead.pop(key)
            code = spliced(whole, changes) if changes and ahead is plain else code
    if code is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(text, path, "exec", dont_inherit=True, optimize=-1)
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


def spliced(code, changes):
    """Return the code of a file with functions exchanged; None when one of them is not there exactly once."""
    found: List[Any] = []

    def exchanged(one):
        for old, new, *_ in changes:
            if one == old:
                found.append(old)
                return new
        consts = tuple(exchanged(each) if isinstance(each, types.CodeType) else each for each in one.co_consts)
        is_same = all(each is other for each, other in zip(consts, one.co_consts))  # noqa: B905
        return one if is_same else one.replace(co_consts=consts)

    made = exchanged(code)
    return made if len(found) == len(changes) else None
