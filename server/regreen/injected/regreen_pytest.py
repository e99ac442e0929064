"""Reports a pytest run as JSON lines, one write for each event, so that a crash loses nothing.

Loaded with `-p regreen_pytest`. Standard library and pytest only; Python 3.8 and pytest 6 are the oldest it meets.
It never changes the outcome of a test: whatever goes wrong in here is swallowed, and the run goes on unreported.
"""

import builtins
import contextlib
import difflib
import faulthandler
import json
import linecache
import os
import re
import signal
import sys
from typing import Any, Dict

import pytest

_PYTHON = "%d.%d.%d" % sys.version_info[:3]
_PID = os.getpid()
_REPORT = os.environ.pop("REGREEN_REPORT", "")
_NONCE = os.environ.pop("REGREEN_NONCE", "")
_START = os.path.realpath(os.getcwd())
_ROOT = os.path.realpath(os.environ.pop("REGREEN_ROOT", os.getcwd()))
_ORIGINAL = os.path.realpath(os.environ.pop("REGREEN_ORIGINAL", _ROOT))
_SCRATCH = os.environ.pop("REGREEN_SCRATCH", "")

_TEXT, _LONG = 4000, 16000  # characters kept of a message or a value, of a rendering or a captured section
_HEAD, _TAIL = 20, 80  # frames kept of a deep stack
_DEPTH = 6  # exceptions kept of a chain

# What a repository's own options may switch on and a repair cannot live with: parallel workers (their exceptions
# stay in other processes), debuggers, runs that leave out tests because of an earlier run, files written into the tree.
_OPTIONS: Dict[str, Any] = {
    "numprocesses": None, "dist": "no", "tx": [], "looponfail": False, "usepdb": False, "trace": False,
    "lf": False, "failedfirst": False, "newfirst": False, "stepwise": False, "cacheclear": False,
    "xmlpath": None, "htmlpath": None, "json_report": False, "report_log": None,
    "cov_source": [], "randomly_reorganize": False,
}  # fmt: skip

_QUIETLY = contextlib.suppress(Exception)  # around every hook: it can neither fail nor answer
_INSTALLED = re.compile(r"[\\/](site|dist)-packages[\\/]")
_current: Dict[str, Any] = {"id": "", "compared": None}
_pending: Dict[Any, Any] = {}


def _send(event, _open=os.open, _write=os.write, _close=os.close, _getpid=os.getpid):
    # Bound here because a test may replace them in `os`; opened anew each time because a test may close every
    # descriptor it finds. A forked child of a test must not speak for the run.
    if not _REPORT or _getpid() != _PID:
        return
    with _QUIETLY:
        line = (json.dumps(dict(event, nonce=_NONCE)) + "\n").encode("ascii", "replace")
        handle = _open(_REPORT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        _write(handle, line)
        _close(handle)


def _clip(value, limit=_TEXT):
    text = value if isinstance(value, str) else str(value)
    if limit < len(text):
        text = text[: limit // 2] + "\n[...]\n" + text[-limit // 2 :]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _repr(value):
    with _QUIETLY:
        return _clip(repr(value), 2000)
    return "<unprintable>"


def _where(path):
    """Return a path relative to the tested tree with slashes, or the absolute path."""
    real = os.path.realpath(os.path.join(_ROOT, str(path)))
    return real[len(_ROOT) + 1 :].replace(os.sep, "/") if real.startswith(_ROOT + os.sep) else real


def _name(cls):
    module = getattr(cls, "__module__", "")
    return cls.__qualname__ if module in ("builtins", "", None) else "%s.%s" % (module, cls.__qualname__)


def _exception(error, depth=0, seen=()):
    if error is None or depth == _DEPTH or id(error) in seen:
        return None
    seen = (*seen, id(error))
    wrapped = _unwrapped(error)
    if wrapped is not None:
        return _exception(wrapped, depth, seen)
    parts = getattr(error, "exceptions", None)
    inner = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if isinstance(parts, (tuple, list)) and parts and isinstance(parts[0], BaseException):
        inner = parts[0]
    frames, innermost = _frames(error.__traceback__)
    return {
        "type": _name(type(error)),
        "lineage": [_name(cls) for cls in type(error).__mro__ if cls is not object],
        "message": _message(error),
        "attributes": _attributes(error, innermost),
        "frames": frames,
        "cause": _exception(inner, depth + 1, seen),
    }


def _unwrapped(error):
    """Return what a wrapper of the runner holds: the real cause of a collection error, a doctest's own exception."""
    kind = type(error).__name__
    if kind == "CollectError":
        return error.__cause__
    if kind == "MultipleDoctestFailures" and getattr(error, "failures", None):
        return error.failures[0]
    if kind == "UnexpectedException" and getattr(error, "exc_info", None):
        return error.exc_info[1]
    return None


def _message(error):
    with _QUIETLY:
        return _clip(str(getattr(error, "msg", "") or "") if isinstance(error, pytest.fail.Exception) else str(error))
    return "<unprintable>"


def _frames(traceback):
    found = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    innermost = found[-1][0] if found else None
    found = found[next((n for n, (frame, _) in enumerate(found) if _is_own(frame.f_code.co_filename)), 0) :]
    if _HEAD + _TAIL < len(found):
        found = found[:_HEAD] + found[-_TAIL:]
    return [_frame(frame, line) for frame, line in found], innermost


def _is_own(path):
    return path[:1] != "<" and not os.path.isabs(_where(path)) and not _INSTALLED.search(path)


def _frame(frame, line):
    path = frame.f_code.co_filename
    code = linecache.getline(path, line or 0, frame.f_globals).strip()
    function = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    return [path if path.startswith("<") else _where(path), line or 0, function, _clip(code, 400)]


_PLAIN = ("name", "path", "name_from", "errno", "strerror", "msg", "lineno", "offset", "text", "code", "argname")


def _attributes(error, innermost):
    found = {}
    for name in _PLAIN:
        value = getattr(error, name, None)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            found[name] = _clip(value)
    for name in ("filename", "filename2"):
        value = getattr(error, name, None)
        if isinstance(value, (str, bytes)):
            text = os.fsdecode(value)
            # Only a syntax error's file is a place; another error's is what the program asked for, as it asked.
            found[name] = _where(text) if isinstance(error, SyntaxError) and text[:1] != "<" else _clip(text)
    if isinstance(error, SyntaxError):
        found["python"] = _PYTHON
    if isinstance(error, KeyError) and error.args:
        found["key"] = _repr(error.args[0])
    if isinstance(error, UnicodeError) and hasattr(error, "encoding"):
        found["value"] = _clip(str(error.encoding))
    notes = getattr(error, "__notes__", None)
    if notes:
        found["notes"] = _clip("\n".join(str(note) for note in notes))
    found.update(_owner(error))
    found.update(_doctest(error))
    found.update(_comparison(error))
    suggestion = _suggestion(error, innermost)
    if suggestion:
        found["suggest"] = suggestion
    return found


def _owner(error):
    if not isinstance(error, AttributeError) or not hasattr(error, "obj") or getattr(error, "name", None) is None:
        return {}
    owner = error.obj
    if type(owner) is type(sys):
        return {"owner": owner.__name__, "owner_kind": "module"}
    if isinstance(owner, type):
        return {"owner": owner.__qualname__, "owner_kind": "type"}
    return {"owner": type(owner).__qualname__, "owner_kind": "instance"}


def _doctest(error):
    if type(error).__name__ != "DocTestFailure":
        return {}
    line = (error.test.lineno or 0) + error.example.lineno + 1
    return {
        "filename": _where(error.test.filename), "lineno": str(line), "text": _clip(error.example.source.strip()),
        "expected": _clip(error.example.want.strip()), "actual": _clip(error.got.strip()),
    }  # fmt: skip


def _comparison(error):
    compared = _current["compared"]
    if compared is None or not isinstance(error, AssertionError):
        return {}
    operator, left, right = compared
    # An earlier comparison that the test caught must not speak for a later, plain AssertionError.
    if (" %s " % operator) not in str(error) or left[:12] not in str(error):
        return {}
    return {"left": left, "operator": operator, "right": right}


def _suggestion(error, innermost):
    wrong = getattr(error, "name", None)
    if isinstance(error, AttributeError) and isinstance(wrong, str) and hasattr(error, "obj"):
        # Reading the class's own tables runs no code of the user's; dir() may.
        owner = error.obj
        classes = owner.__mro__ if isinstance(owner, type) else type(owner).__mro__
        names = {name for cls in classes for name in vars(cls)} | set(getattr(owner, "__dict__", None) or ())
        return _closest(wrong, names)
    if isinstance(error, KeyError) and innermost is not None and error.args and isinstance(error.args[0], str):
        tables = [value for value in innermost.f_locals.values() if type(value) is dict]
        near = _closest(error.args[0], {key for table in tables for key in table if isinstance(key, str)})
        return repr(near) if near else ""
    if isinstance(error, NameError) and innermost is not None:
        wrong = wrong if isinstance(wrong, str) else str(error).partition("'")[2].partition("'")[0]
        inner = {*innermost.f_locals, *innermost.f_code.co_varnames}
        unbound = isinstance(error, UnboundLocalError)
        return _closest(wrong, inner if unbound else inner.union(innermost.f_globals, vars(builtins)))
    if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
        wanted = getattr(error, "name_from", None) or str(error).partition("cannot import name '")[2].partition("'")[0]
        module = sys.modules.get(getattr(error, "name", None) or "")
        return _closest(wanted, set(vars(module))) if wanted and module is not None else ""
    return ""


def _closest(wrong, names):
    names = sorted(name for name in names if isinstance(name, str) and name != wrong and name.isidentifier())
    names = [name for name in names if name[:1] != "_" or wrong[:1] == "_"]
    return (difflib.get_close_matches(wrong, names, 1, 0.7) or [""])[0]


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config):
    with _QUIETLY:
        _neutralise(early_config.known_args_namespace)
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    with _QUIETLY:
        _neutralise(config.option)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    with _QUIETLY:
        _neutralise(config.option)
        if _SCRATCH:  # asked for right after this; an option would be an error where the cache is switched off
            config._inicache["cache_dir"] = os.path.join(_SCRATCH, "cache")
        _send({"event": "start", "python": _PYTHON, "prefix": _where(sys.prefix), "root": _ROOT})
        if hasattr(faulthandler, "register") and hasattr(signal, "SIGUSR2") and _REPORT:
            # The stack of a run that hangs. The handler is not Python code: it works while none can run.
            stack = os.open(_REPORT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            faulthandler.register(signal.SIGUSR2, file=stack, all_threads=True)


def _neutralise(options):
    for name, value in _OPTIONS.items():
        if hasattr(options, name):
            setattr(options, name, value)


def pytest_collectstart(collector):
    with _QUIETLY:
        path = getattr(collector, "path", None) or getattr(collector, "fspath", "")
        if str(path).endswith(".py"):
            _send({"event": "collecting", "id": collector.nodeid, "path": _where(path)})


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    with _QUIETLY:
        report = outcome.get_result()
        if report.outcome == "failed":
            call = getattr(report, "call", None)
            error = call.excinfo.value if call is not None and call.excinfo is not None else None
            _send({
                "event": "collect_error", "id": report.nodeid,
                "path": _where(getattr(collector, "path", None) or getattr(collector, "fspath", "")),
                "text": _clip(report.longreprtext, _LONG), "exception": _exception(error),
                "sections": _sections(report),
            })  # fmt: skip


def pytest_collection_finish(session):
    with _QUIETLY:
        ids = [item.nodeid for item in session.items]
        for start in range(0, len(ids), 200):
            _send({"event": "collected", "ids": ids[start : start + 200]})


def pytest_runtest_logstart(nodeid, location):
    with _QUIETLY:
        _current["id"] = nodeid
        _pending.clear()
        _send({"event": "test", "id": nodeid, "path": _place(location), "line": (location[1] or 0) + 1})


def pytest_runtest_logfinish(nodeid):
    with _QUIETLY:
        _send({"event": "end", "id": nodeid})


def _place(location):  # relative to the folder that pytest calls the root, which is where it was started
    return _where(os.path.join(_START, location[0]))


def pytest_assertrepr_compare(op, left, right):
    with _QUIETLY:
        _current["compared"] = (op, _repr(left), _repr(right))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    yield  # unittest's own hook puts the exception into the call
    with _QUIETLY:
        _pending.pop((item.nodeid, call.when), None)
        if call.excinfo is not None:
            _pending[item.nodeid, call.when] = _exception(call.excinfo.value)
        _current["compared"] = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    with _QUIETLY:
        failed = report.outcome == "failed"
        if report.outcome == "passed" and report.when != "call":
            return
        _send({
            "event": "report", "id": report.nodeid, "when": report.when, "outcome": report.outcome,
            "seconds": report.duration, "xfail": hasattr(report, "wasxfail"), "subtest": _subtest(report),
            "path": _place(report.location), "line": (report.location[1] or 0) + 1,
            "exception": _pending.pop((report.nodeid, report.when), None) if failed else None,
            "text": _clip(report.longreprtext, _LONG) if failed else "",
            "sections": _sections(report) if failed else [],
        })  # fmt: skip


def _subtest(report):
    context = getattr(report, "context", None)
    if context is None or not hasattr(context, "kwargs"):
        return ""
    values = ", ".join("%s=%s" % pair for pair in dict(context.kwargs).items())
    message = "[%s]" % context.msg if context.msg else ""
    return _clip(" ".join(part for part in (message, "(%s)" % values if values else "") if part) or "(<subtest>)", 400)


def _sections(report):
    return [[_clip(name, 100), _clip(content, _LONG)] for name, content in report.sections[:8]]


def pytest_warning_recorded(warning_message, nodeid):
    with _QUIETLY:
        text = str(warning_message.message)
        if "was never awaited" in text or "exception in thread" in text.lower():
            _send({
                "event": "warning", "id": nodeid or _current["id"], "kind": warning_message.category.__name__,
                "message": _clip(text), "path": _where(warning_message.filename), "line": warning_message.lineno,
            })  # fmt: skip


def pytest_internalerror(excrepr, excinfo):
    with _QUIETLY:
        _send({"event": "internal", "text": _clip(excrepr, _LONG), "exception": _exception(excinfo.value)})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    with _QUIETLY:
        _send({"event": "finish", "status": int(session.exitstatus), "foreign": _foreign()})


def _foreign():
    """List modules that came from the original tree although another one is tested."""
    if _ORIGINAL == _ROOT:
        return []
    fine = tuple(os.path.realpath(path) + os.sep for path in (_ROOT, sys.prefix, sys.base_prefix))
    paths = ((name, getattr(module, "__file__", None)) for name, module in sorted(sys.modules.items()))
    real = [(name, os.path.realpath(path)) for name, path in paths if isinstance(path, str)]
    found = [name for name, path in real if path.startswith(_ORIGINAL + os.sep) and not path.startswith(fine)]
    return [name for name in found if not _INSTALLED.search(dict(real)[name])][:200]
