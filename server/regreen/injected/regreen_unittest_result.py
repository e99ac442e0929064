"""What unittest says of each test, as the events that the pytest plugin writes. Standard library only."""

# ruff: noqa: N802 - unittest calls these methods so.

import contextlib
import importlib
import inspect
import os
import re
import sys
import traceback
import unittest
from typing import Any, List

# Found on the import path that the run is started with, not by the name of a package.
from regreen_facts import LONG, QUIETLY, clip, exception, send, where  # type: ignore[import-not-found]

# "setUpClass (pkg.test_a.TestA)": what unittest reports in the place of a test.
_HOOK = re.compile(r"(?P<hook>(?:setUp|tearDown)(?:Class|Module)) \((?P<owner>[\w.<>]+)\)")
_START = os.getcwd()
_known: List[Any] = []  # the tests of this run


@contextlib.contextmanager
def reported(tests):
    """Make known which tests there are: one for each that a failing hook keeps from running is reported."""
    _known[:] = tests
    yield
    _known[:] = []


def tests_in(suite):
    """Yield the tests of nested suites; what stands for a module that cannot be loaded is none."""
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from tests_in(each)
        elif type(each).__name__ != "_FailedTest":
            yield each


def id_of(test):
    """Return the id that pytest gives a test: its file, its classes, its name."""
    holder = type(test)
    name = getattr(test, "_testMethodName", "")
    if type(test).__name__ == "DocTestCase":
        return "%s::%s" % (_seen(test._dt_test.filename or ""), test._dt_test.name)
    return "::".join([_seen(_file(holder)), *holder.__qualname__.split("."), name])


def report_unloaded(path, error, text=""):
    """Tell that a file cannot be loaded."""
    with QUIETLY:
        lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        send({
            "event": "collect_error", "id": path, "path": where(os.path.abspath(path)),
            "text": clip(text or lines, LONG), "exception": exception(error), "sections": [],
        })  # fmt: skip


def report_failed_test(test):
    """Tell why unittest could not load a module, by loading it again; or that a test is not there."""
    name = getattr(test, "_testMethodName", "")
    if isinstance(getattr(test, "_exception", None), AttributeError):
        sys.stderr.write("ERROR: not found: %s\n" % name)
        return
    try:
        importlib.import_module(name)
    except Exception as error:
        report_unloaded(_path_of(name), error)
    else:
        report_unloaded(_path_of(name), getattr(test, "_exception", None) or ImportError(name))


def _path_of(module):
    tail = module.replace(".", os.sep)
    for folder in sys.path:
        for path in (tail + ".py", os.path.join(tail, "__init__.py")):
            if os.path.isfile(os.path.join(folder, path)):
                return _seen(os.path.join(folder, path))
    return tail.replace(os.sep, "/") + ".py"


def _seen(path):
    """Return a path as it is seen from the folder in which the run was started."""
    return os.path.relpath(os.path.realpath(path), os.path.realpath(_START)).replace(os.sep, "/")


def _file(cls):
    return getattr(sys.modules.get(cls.__module__), "__file__", None) or cls.__module__.replace(".", os.sep) + ".py"


def _line(test):
    method = inspect.unwrap(getattr(type(test), test._testMethodName))
    return method.__code__.co_firstlineno


_Base: Any = unittest.TextTestResult


class Result(_Base):  # type: ignore[misc]
    """Prints as unittest does, and reports each event at once."""

    last: Any = None  # the test that ran last

    def startTest(self, test):
        self.last = test
        with QUIETLY:
            send({"event": "test", "id": id_of(test), "path": where(_file(type(test))), "line": _line(test)})
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        with QUIETLY:
            send({"event": "end", "id": id_of(test)})

    def addSuccess(self, test):
        self._report(test, "passed")
        super().addSuccess(test)

    def addFailure(self, test, err):
        self._report(test, "failed", err)
        super().addFailure(test, err)

    def addError(self, test, err):
        if type(test).__name__ == "_ErrorHolder":
            self._report_hook(test, err)
        elif type(test).__name__ == "_FailedTest":
            report_failed_test(test)
        else:
            self._report(test, "failed", err)
        super().addError(test, err)

    def addSkip(self, test, reason):
        if type(test).__name__ == "_ErrorHolder":
            for each, _ in self._kept(test):
                self._report(each, "skipped", when="setup")
        else:
            self._report(test, "skipped")
        super().addSkip(test, reason)

    def addExpectedFailure(self, test, err):
        self._report(test, "skipped", expected=True)
        super().addExpectedFailure(test, err)

    def addUnexpectedSuccess(self, test):
        self._report(test, "failed", text="Unexpected success")
        super().addUnexpectedSuccess(test)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._report(test, "failed", err, part=subtest._subDescription())
        super().addSubTest(test, subtest, err)

    def _report_hook(self, holder, err):
        """Report a failing hook as pytest does: of each test that it keeps from running, or of the one before it."""
        for test, when in self._kept(holder):
            self._report(test, "failed", err, when=when)

    def _kept(self, holder):
        match = _HOOK.search(str(holder))
        if match is None:
            return []
        if match["hook"].startswith("tearDown"):
            return [(self.last, "teardown")] if self.last is not None else []
        owner = match["owner"]
        return [(test, "setup") for test in _known if owner in (_dotted(type(test)), type(test).__module__)]

    def _report(self, test, outcome, err=None, when="call", expected=False, part="", text=""):
        with QUIETLY:
            failed = outcome == "failed"
            send({
                "event": "report", "id": id_of(test), "when": when, "outcome": outcome, "seconds": 0.0,
                "xfail": expected, "subtest": clip(part, 400), "path": where(_file(type(test))), "line": _line(test),
                "exception": exception(err[1]) if err is not None else None,
                "text": clip(self._exc_info_to_string(err, test), LONG) if err is not None else text,
                "sections": self._captured() if failed else [],
            })  # fmt: skip

    def _captured(self):
        streams = (("Captured stdout call", sys.stdout), ("Captured stderr call", sys.stderr))
        read = [[name, clip(stream.getvalue(), LONG)] for name, stream in streams if hasattr(stream, "getvalue")]
        return [[name, text] for name, text in read if text]


def _dotted(cls):
    return "%s.%s" % (cls.__module__, cls.__qualname__)
