"""Compiled files of the workspace, kept by their very bytes: a child compiles only what its candidate changes.

Standard library only, Python 3.8 and later.
"""

import base64
import importlib.machinery
import marshal
import os
import pathlib
import stat
import sys

plain = {}  # type: ignore[var-annotated]  # (path, bytes) -> code, as the interpreter compiles it
rewritten = {}  # type: ignore[var-annotated]  # (path, bytes) -> code with asserts that explain themselves


def loaded_files(root):
    """Return the files of the workspace that are loaded, each with whether pytest rewrote its asserts."""
    found = []
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        loader = getattr(module, "__loader__", None)
        if isinstance(path, str) and path.endswith(".py") and os.path.realpath(path).startswith(root):
            found.append([path, type(loader).__name__ == "AssertionRewritingHook"])
    return found


def prepare(files, config):
    """Compile files ahead, as they are now."""
    for path, is_rewritten in files:
        try:
            content = read(path)
            if content is None:
                continue
            key = (path, content)
            if key in (rewritten if is_rewritten else plain):
                continue
            if is_rewritten:
                rewritten[key] = rewriter()._rewrite_test(pathlib.Path(path), config)[1]
            else:
                plain[key] = compile(key[1], path, "exec", dont_inherit=True, optimize=-1)
        except Exception:
            continue  # What cannot be compiled ahead is compiled, or fails, where it is loaded.


def packed(made):
    """Return compiled files as text, for another process of the same interpreter."""
    rows = [(is_rewritten, path, content, code) for (is_rewritten, path, content), code in made.items()]
    return base64.b64encode(marshal.dumps(rows)).decode("ascii")


def unpack(text):
    """Take what another process has compiled."""
    for is_rewritten, path, content, code in marshal.loads(base64.b64decode(text)) if text else ():
        (rewritten if is_rewritten else plain)[(path, content)] = code


def use(root="", made=None):
    """Let this process take what was compiled ahead for files that still have the same bytes.

    What it compiles itself of files below a root is put into `made`.
    """
    loader = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def source_to_code(self, data, path, *rest, **options):
        is_file = isinstance(path, str) and not isinstance(data, str)
        code = plain.get((path, bytes(data))) if is_file else None
        if code is None:
            code = compile_source(self, data, path, *rest, **options)
            if made is not None and is_file and os.path.realpath(path).startswith(root):
                made[(False, path, bytes(data))] = code
        return code

    loader.source_to_code = source_to_code  # type: ignore[method-assign]
    rewrite = rewriter()
    rewrite_test = getattr(rewrite, "_rewrite_test", None)
    if rewrite_test is None:
        return

    def rewrite_once(path, config):
        content = read(str(path))
        known = rewritten.get((str(path), content))
        if known is not None:
            return os.stat(str(path)), known
        status, code = rewrite_test(path, config)
        if made is not None and content is not None and os.path.realpath(str(path)).startswith(root):
            made[(True, str(path), content)] = code
        return status, code

    rewrite._rewrite_test = rewrite_once


def distrust_bytecode(root):
    """Load the files of the workspace from their sources: bytecode is known by time and size alone, and a mutant may
    have those of another one. What is installed is loaded as ever."""
    loader = importlib.machinery.SourceFileLoader
    usual = loader.get_code

    def get_code(self, name):
        path = self.get_filename(name)
        if "site-packages" in path or not os.path.realpath(path).startswith(root):
            return usual(self, name)
        return self.source_to_code(self.get_data(path), path)

    loader.get_code = get_code  # type: ignore[method-assign]


def read(path):
    """Return the bytes of a file; None when a test has put something else there. A pipe is not waited for."""
    with open(path, "rb", opener=at_once) as file:
        return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


def at_once(path, flags):
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def rewriter():
    """Return pytest's module that rewrites asserts; it is not public, so it may not be there."""
    return sys.modules.get("_pytest.assertion.rewrite")
