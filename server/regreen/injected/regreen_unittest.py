"""Runs unittest's test cases without pytest and reports them as the pytest plugin does: the same events, the same ids.

    python regreen_unittest.py [--failfast] [--in FOLDER]... [--pattern GLOB]... [FILE|FILE::CLASS|FILE::CLASS::TEST]...

Where pytest is installed it runs them instead, with the arguments that stand behind `--`. Standard library only.
"""

import argparse
import fnmatch
import importlib
import importlib.util
import os
import random
import runpy
import sys
import unittest
from typing import Any, Dict

# Found on the import path that the run is started with, not by the name of a package.
from regreen_facts import finish, send, send_collected, start  # type: ignore[import-not-found]
from regreen_unittest_result import Result, id_of, report_unloaded, reported, tests_in  # type: ignore[import-not-found]

_PATTERNS = ("test*.py", "*_test.py")
_CLOSED = {"node_modules", "site-packages", "build", "dist", "venv", "__pycache__"}
_NOT_FOUND, _NO_TESTS = 4, 5  # pytest's own exit codes
_SEED = os.environ.pop("REGREEN_SEED", "")


def main():
    """Run what the arguments name; end as pytest would."""
    sys.path[0] = os.getcwd()
    ours, theirs = _split(sys.argv[1:])
    if importlib.util.find_spec("pytest") is not None:
        sys.argv[:] = ["pytest", *theirs]
        runpy.run_module("pytest", run_name="__main__", alter_sys=True)
    parser = argparse.ArgumentParser()
    parser.add_argument("--failfast", action="store_true")
    parser.add_argument("--in", dest="folders", action="append", default=[])
    parser.add_argument("--pattern", dest="patterns", action="append", default=[])
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(ours)
    start()
    patterns = options.patterns or _PATTERNS
    sys.exit(_run(options.names or _files_in(options.folders or ["."], patterns), patterns, options.failfast))


def _split(arguments):
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _run(names, patterns, failfast):
    suite, missing, broken = _collect(names, patterns)
    for name in missing:
        sys.stderr.write("ERROR: not found: %s\n" % name)
    if missing:
        finish(_NOT_FOUND)
        return _NOT_FOUND
    tests = list(tests_in(suite))
    send_collected([id_of(test) for test in tests])
    if not tests and not broken:
        sys.stderr.write("NO TESTS RAN: no test case was found.\n")
        finish(_NO_TESTS)
        return _NO_TESTS
    suite = _shuffled(tests) if _SEED else suite
    runner = unittest.TextTestRunner(verbosity=2, failfast=failfast, buffer=True, resultclass=Result)
    with reported(tests):
        result = runner.run(suite)
    status = 0 if result.wasSuccessful() and not broken else 1
    finish(status)
    return status


def _collect(names, patterns):
    """Return the tests that names mean, the names that mean none, and how many files could not be loaded."""
    loader, suite, missing, broken = unittest.TestLoader(), unittest.TestSuite(), [], set()
    loaded = {}
    for name in names:
        if os.path.isdir(name):
            more, _, unread = _collect(_files_in([name], patterns), patterns)
            suite.addTest(more)
            broken |= unread
            continue
        path = name.partition("::")[0]
        if path not in loaded:
            loaded[path] = _load(loader, path)
        found = loaded[path]
        if found is None:
            broken.add(path)
        elif path == name:
            suite.addTest(found)
        else:
            wanted = [test for test in tests_in(found) if (id_of(test) + "::").startswith(name + "::")]
            missing += [] if wanted else [name]
            suite.addTests(wanted)
    return suite, missing, broken


def _load(loader, path):
    """Return the tests of a file; None when it cannot be loaded, which is reported."""
    send({"event": "collecting", "id": path, "path": path})
    try:
        module = _import(path)
    except unittest.SkipTest:
        return unittest.TestSuite()
    except Exception as error:
        report_unloaded(path, error)
        return None
    return loader.loadTestsFromModule(module)


def _import(path):
    """Import a file by the name that it has below the outermost package around it."""
    folder, name = os.path.split(os.path.abspath(path))
    parts = [name[: -len(".py")]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = importlib.import_module(".".join(parts))
    if os.path.realpath(getattr(module, "__file__", None) or "") == os.path.realpath(path):
        return module
    # Another file was loaded by that name before.
    own = os.path.splitext(os.path.relpath(path))[0].replace(os.sep, "_")
    spec: Any = importlib.util.spec_from_file_location(own, path)
    module = sys.modules[own] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _files_in(folders, patterns):
    found = []
    for folder in folders:
        if os.path.isfile(folder):
            found.append(folder)
        for here, below, files in os.walk(folder):
            below[:] = sorted(
                each for each in below if each[:1] != "." and each not in _CLOSED and not _is_env(here, each)
            )
            own = (each for each in sorted(files) if any(fnmatch.fnmatch(each, one) for one in patterns))
            found += [os.path.normpath(os.path.join(here, each)).replace(os.sep, "/") for each in own]
    return list(dict.fromkeys(found))


def _is_env(here, folder):
    return os.path.isfile(os.path.join(here, folder, "pyvenv.cfg"))


def _shuffled(tests):
    """Put files, their classes and the tests of each in the order of the seed: what is set up once stays so."""
    chance = random.Random(int(_SEED))
    files: Dict[str, Any] = {}
    for test in tests:
        files.setdefault(type(test).__module__, {}).setdefault(type(test), []).append(test)
    found = []
    for classes in _drawn(chance, list(files.values())):
        for group in _drawn(chance, list(classes.values())):
            found += _drawn(chance, group)
    return unittest.TestSuite(found)


def _drawn(chance, things):
    chance.shuffle(things)
    return things


if __name__ == "__main__":
    main()
