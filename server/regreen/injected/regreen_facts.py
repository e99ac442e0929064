"""What our runners tell of a run: events as JSON lines, and every fact of an exception that can be had.

Standard library only; Python 3.8 is the oldest it meets. Whatever goes wrong in here is swallowed by who calls it.
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

PYTHON = "%d.%d.%d" % sys.version_info[:3]
QUIETLY = contextlib.suppress(Exception)  # around every hook: it can neither fail nor answer
LONG = 16000  # characters kept of a rendering or a captured section

_PID = os.getpid()
_REPORT = os.environ.pop("REGREEN_REPORT", "")
_NONCE = os.environ.pop("REGREEN_NONCE", "")
_ROOT = os.path.realpath(os.environ.pop("REGREEN_ROOT", os.getcwd()))
_ORIGINAL = os.path.realpath(os.environ.pop("REGREEN_ORIGINAL", _ROOT))
_TEXT = 4000  # characters kept of a message or a value
_HEAD, _TAIL = 20, 80  # frames kept of a deep stack
_DEPTH = 6  # exceptions kept of a chain
_INSTALLED = re.compile(r"[\\/](site|dist)-packages[\\/]")

# The last comparison that a test framework explained: (operator, left, right).
comparison: Dict[str, Any] = {"last": None}


def start():
    """Tell that a run begins, and have the stacks of a run that hangs written into its report."""
    send({"event": "start", "python": PYTHON, "prefix": where(sys.prefix), "root": _ROOT})
    if hasattr(faulthandler, "register") and hasattr(signal, "SIGUSR2") and _REPORT:
        # The handler is not Python code: it works while none can run.
        stack = os.open(_REPORT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        faulthandler.register(signal.SIGUSR2, file=stack, all_threads=True)


def finish(status):
    """Tell that a run is over."""
    send({"event": "finish", "status": int(status), "foreign": _foreign()})


def send(event, _open=os.open, _write=os.write, _close=os.close, _getpid=os.getpid):
    """Write one event into the report."""
    # Bound here because a test may replace them in `os`; opened anew each time because a test may close every
    # descriptor it finds. A forked child of a test must not speak for the run.
    if not _REPORT or _getpid() != _PID:
        return
    with QUIETLY:
        line = (json.dumps(dict(event, nonce=_NONCE)) + "\n").encode("ascii", "replace")
        handle = _open(_REPORT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        _write(handle, line)
        _close(handle)


def send_collected(ids):
    """Tell which tests there are."""
    for first in range(0, len(ids), 200):
        send({"event": "collected", "ids": ids[first : first + 200]})


def clip(value, limit=_TEXT):
    """Return a text that can be written and is not too long."""
    text = value if isinstance(value, str) else str(value)
    if limit < len(text):
        text = text[: limit // 2] + "\n[...]\n" + text[-limit // 2 :]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value):
    """Return how a value shows itself, whatever its class does then."""
    with QUIETLY:
        return clip(repr(value), 2000)
    return "<unprintable>"


def where(path):
    """Return a path relative to the tested tree with slashes, or the absolute path."""
    real = os.path.realpath(os.path.join(_ROOT, str(path)))
    return real[len(_ROOT) + 1 :].replace(os.sep, "/") if real.startswith(_ROOT + os.sep) else real


def _name(cls):
    module = getattr(cls, "__module__", "")
    return cls.__qualname__ if module in ("builtins", "", None) else "%s.%s" % (module, cls.__qualname__)


def exception(error, depth=0, seen=()):
    """Return the facts of an exception and of what caused it."""
    if error is None or depth == _DEPTH or id(error) in seen:
        return None
    seen = (*seen, id(error))
    wrapped = _unwrapped(error)
    if wrapped is not None:
        return exception(wrapped, depth, seen)
    parts = getattr(error, "exceptions", None)
    inner = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if isinstance(parts, (tuple, list)) and parts and isinstance(parts[0], BaseException):
        inner = parts[0]
        first = exception(inner, depth, seen)
        if first is not None and any(_is_own(frame[0]) for frame in first["frames"]):
            return first  # what was raised in a task of the group is what has to be cured
    frames, innermost = _frames(error.__traceback__)
    return {
        "type": _name(type(error)),
        "lineage": [_name(cls) for cls in type(error).__mro__ if cls is not object],
        "message": _message(error),
        "attributes": _attributes(error, innermost),
        "frames": frames,
        "cause": exception(inner, depth + 1, seen),
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
    with QUIETLY:
        failed = any(cls.__module__ == "_pytest.outcomes" for cls in type(error).__mro__)  # its text may add a location
        return clip(str(getattr(error, "msg", "") or "") if failed else str(error))
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
    return path[:1] != "<" and not os.path.isabs(where(path)) and not _INSTALLED.search(path)


def _frame(frame, line):
    path = frame.f_code.co_filename
    code = linecache.getline(path, line or 0, frame.f_globals).strip()
    function = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    return [path if path.startswith("<") else where(path), line or 0, function, clip(code, 400)]


_PLAIN = ("name", "path", "name_from", "errno", "strerror", "msg", "lineno", "offset", "text", "code", "argname")


def _attributes(error, innermost):
    found = {}
    for name in _PLAIN:
        value = getattr(error, name, None)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            found[name] = clip(value)
    for name in ("filename", "filename2"):
        value = getattr(error, name, None)
        if isinstance(value, (str, bytes)):
            text = os.fsdecode(value)
            # Only a syntax error's file is a place; another error's is what the program asked for, as it asked.
            found[name] = where(text) if isinstance(error, SyntaxError) and text[:1] != "<" else clip(text)
    if isinstance(error, SyntaxError):
        found["python"] = PYTHON
    if isinstance(error, KeyError) and error.args:
        found["key"] = shown(error.args[0])
    if isinstance(error, UnicodeError) and hasattr(error, "encoding"):
        found["value"] = clip(str(error.encoding))
    notes = getattr(error, "__notes__", None)
    if notes:
        found["notes"] = clip("\n".join(str(note) for note in notes))
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
        "filename": where(error.test.filename), "lineno": str(line), "text": clip(error.example.source.strip()),
        "expected": clip(error.example.want.strip()), "actual": clip(error.got.strip()),
    }  # fmt: skip


def _comparison(error):
    compared = comparison["last"]
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


def _foreign():
    """List modules that came from the original tree although another one is tested."""
    if _ORIGINAL == _ROOT:
        return []
    fine = tuple(os.path.realpath(path) + os.sep for path in (_ROOT, sys.prefix, sys.base_prefix))
    paths = ((name, getattr(module, "__file__", None)) for name, module in sorted(sys.modules.items()))
    real = [(name, os.path.realpath(path)) for name, path in paths if isinstance(path, str)]
    found = [name for name, path in real if path.startswith(_ORIGINAL + os.sep) and not path.startswith(fine)]
    return [name for name in found if not _INSTALLED.search(dict(real)[name])][:200]
