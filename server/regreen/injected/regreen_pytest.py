"""Reports a pytest run as JSON lines, one write for each event, so that a crash loses nothing.

Loaded with `-p regreen_pytest`. Standard library and pytest only; Python 3.8 and pytest 6 are the oldest it meets.
It never changes the outcome of a test: whatever goes wrong in here is swallowed, and the run goes on unreported.
"""

import os
from typing import Any, Dict

import pytest

# Found on the import path that the run is started with, not by the name of a package.
from regreen_facts import (  # type: ignore[import-not-found]
    LONG,
    QUIETLY,
    clip,
    comparison,
    exception,
    finish,
    send,
    send_collected,
    shown,
    start,
    where,
)
from regreen_patience import Patience  # type: ignore[import-not-found]

_START = os.path.realpath(os.getcwd())
_SCRATCH = os.environ.pop("REGREEN_SCRATCH", "")

# What a repository's own options may switch on and a repair cannot live with: parallel workers (their exceptions
# stay in other processes), debuggers, runs that leave out tests because of an earlier run, files written into the tree.
_OPTIONS: Dict[str, Any] = {
    "numprocesses": None, "dist": "no", "tx": [], "looponfail": False, "usepdb": False, "trace": False,
    "lf": False, "failedfirst": False, "newfirst": False, "stepwise": False, "cacheclear": False,
    "xmlpath": None, "htmlpath": None, "json_report": False, "report_log": None,
    "cov_source": [], "randomly_reorganize": False,
}  # fmt: skip

_current: Dict[str, Any] = {"id": ""}
_pending: Dict[Any, Any] = {}
_patience = Patience(pytest.fail.Exception)


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config):
    with QUIETLY:
        _neutralise(early_config.known_args_namespace)
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    with QUIETLY:
        _neutralise(config.option)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    with QUIETLY:
        _neutralise(config.option)
        if _SCRATCH:  # asked for right after this; an option would be an error where the cache is switched off
            config._inicache["cache_dir"] = os.path.join(_SCRATCH, "cache")
        start()


def _neutralise(options):
    for name, value in _OPTIONS.items():
        if hasattr(options, name):
            setattr(options, name, value)


def pytest_collectstart(collector):
    with QUIETLY:
        path = getattr(collector, "path", None) or getattr(collector, "fspath", "")
        if str(path).endswith(".py"):
            send({"event": "collecting", "id": collector.nodeid, "path": where(path)})


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    with QUIETLY:
        report = outcome.get_result()
        if report.outcome == "failed":
            call = getattr(report, "call", None)
            error = call.excinfo.value if call is not None and call.excinfo is not None else None
            send({
                "event": "collect_error", "id": report.nodeid,
                "path": where(getattr(collector, "path", None) or getattr(collector, "fspath", "")),
                "text": clip(report.longreprtext, LONG), "exception": exception(error),
                "sections": _sections(report),
            })  # fmt: skip


def pytest_collection_finish(session):
    with QUIETLY:
        send_collected([item.nodeid for item in session.items])


def pytest_runtest_logstart(nodeid, location):
    with QUIETLY:
        _current["id"] = nodeid
        _pending.clear()
        send({"event": "test", "id": nodeid, "path": _place(location), "line": (location[1] or 0) + 1})


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_call():
    with QUIETLY:
        _patience.begin()
    yield
    with QUIETLY:
        _patience.end()


def pytest_runtest_logfinish(nodeid):
    with QUIETLY:
        send({"event": "end", "id": nodeid})


def _place(location):  # relative to the folder that pytest calls the root, which is where it was started
    return where(os.path.join(_START, location[0]))


def pytest_assertrepr_compare(op, left, right):
    with QUIETLY:
        comparison["last"] = (op, shown(left), shown(right))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    yield  # unittest's own hook puts the exception into the call
    with QUIETLY:
        _pending.pop((item.nodeid, call.when), None)
        if call.excinfo is not None:
            _pending[item.nodeid, call.when] = exception(call.excinfo.value)
        comparison["last"] = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    with QUIETLY:
        failed = report.outcome == "failed"
        if report.outcome == "passed" and report.when != "call":
            return
        send({
            "event": "report", "id": report.nodeid, "when": report.when, "outcome": report.outcome,
            "seconds": report.duration, "xfail": hasattr(report, "wasxfail"), "subtest": _subtest(report),
            "path": _place(report.location), "line": (report.location[1] or 0) + 1,
            "exception": _pending.pop((report.nodeid, report.when), None) if failed else None,
            "text": clip(report.longreprtext, LONG) if failed else "",
            "sections": _sections(report) if failed else [],
        })  # fmt: skip


def _subtest(report):
    context = getattr(report, "context", None)
    if context is None or not hasattr(context, "kwargs"):
        return ""
    values = ", ".join("%s=%s" % pair for pair in dict(context.kwargs).items())
    message = "[%s]" % context.msg if context.msg else ""
    return clip(" ".join(part for part in (message, "(%s)" % values if values else "") if part) or "(<subtest>)", 400)


def _sections(report):
    return [[clip(name, 100), clip(content, LONG)] for name, content in report.sections[:8]]


def pytest_warning_recorded(warning_message, nodeid):
    with QUIETLY:
        text = str(warning_message.message)
        if "was never awaited" in text or "exception in thread" in text.lower():
            send({
                "event": "warning", "id": nodeid or _current["id"], "kind": warning_message.category.__name__,
                "message": clip(text), "path": where(warning_message.filename), "line": warning_message.lineno,
            })  # fmt: skip


def pytest_internalerror(excrepr, excinfo):
    with QUIETLY:
        send({"event": "internal", "text": clip(excrepr, LONG), "exception": exception(excinfo.value)})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    with QUIETLY:
        finish(session.exitstatus)
