"""What functions are called with by the tests, and what the functions of candidates answer to such calls.

Standard library only, Python 3.8 and later.
"""

import ast
import base64
import itertools
import os
import pickle
import sys
from typing import Any, Dict

from regreen_worker_items import run_item  # type: ignore[import-not-found]
from regreen_worker_shown import ADDRESS, LONGEST, is_literal, shown  # type: ignore[import-not-found]
from regreen_worker_swap import CannotSwap  # type: ignore[import-not-found]

MOST_CALLS = 60  # different calls of one function that are kept
MOST_ENDLESS = 4  # calls that do not end, after which a candidate is asked no more
ENDLESS = "does not end"
HANDLE = "@"


def recorded(bench, order, say, clock):
    """Run the tests and tell the calls of a function, each different one once."""
    path = os.path.join(bench.own_root, *order["path"].split("/"))
    codes = set()
    for (name, code), functions in bench.swaps.functions.items():
        if name == path and any(function.__qualname__ == order["function"] for function in functions):
            codes.add(code)
    seen: Dict[str, Any] = {}

    def on_event(frame, event, _argument):
        if event == "call" and frame.f_code in codes and len(seen) < MOST_CALLS:
            told = arguments_of(frame)
            if told is not None:
                seen.setdefault(repr(told), told)

    for item in bench.items:
        sys.setprofile(on_event)
        try:
            with clock.of(order["cpu"]):
                run_item(item, None)
        finally:
            sys.setprofile(None)
        for told in seen.values():
            if told:
                say({"call": list(told)})
        seen.update((key, ()) for key in list(seen))


def arguments_of(frame):
    """Return the arguments of a call that has just begun as (keyword, literal) pairs; None when they cannot be told."""
    code, told = frame.f_code, []
    n_plain = code.co_argcount
    names = code.co_varnames[: n_plain + code.co_kwonlyargcount]
    # A variable that an inner function uses is in the frame, too.
    values = frame.f_locals
    for n, name in enumerate(names):
        if name not in values:
            return None
        told.append(("" if n < n_plain else name, literal(values[name])))
    at = n_plain + code.co_kwonlyargcount
    if code.co_flags & 4:
        if code.co_kwonlyargcount:
            return None
        told += [("", literal(value)) for value in values.get(code.co_varnames[at], ())]
        at += 1
    if code.co_flags & 8:
        told += [(name, literal(value)) for name, value in sorted(values.get(code.co_varnames[at], {}).items())]
    return None if any(value is None or LONGEST < len(value) for _, value in told) else tuple(told)


def literal(value):
    """Return a value as a literal, else as a handle; None when it is neither."""
    try:
        text = repr(value)
        if is_literal(value) and repr(ast.literal_eval(text)) == text:
            return text
    except Exception:
        pass
    try:
        return HANDLE + base64.b85encode(pickle.dumps(value, 2)).decode("ascii")
    except Exception:
        return None


def value_of(text):
    if text.startswith(HANDLE):
        return pickle.loads(base64.b85decode(text[1:]))  # Written by `literal` in this very worker.
    return ast.literal_eval(text)


def answers(bench, order, say, clock):
    """Make a call of each candidate's function and tell what comes of it."""
    functions = [
        function
        for (name, _), found in sorted(bench.swaps.functions.items(), key=lambda item: item[0][0])
        for function in found
        if name == os.path.join(bench.own_root, *order["path"].split("/"))
        and function.__qualname__ == order["function"]
    ]
    if not functions:
        return
    try:
        for function, code in bench.swaps.prepare(order["texts"]):
            function.__code__ = code
    except (CannotSwap, SyntaxError, ValueError):
        return
    n_endless = order["endless"]
    for n, arguments in enumerate(order["calls"]):
        if n in order["told"]:
            continue
        if MOST_ENDLESS <= n_endless:
            return
        bench.swaps.clear_caches()
        # What ends the process has been told already.
        say({"answer": ENDLESS, "n": n, "final": False})
        text = ENDLESS
        with clock.of(order["cpu"]):
            text = answer(functions[0], arguments)
        n_endless += clock.is_late
        say({"answer": ENDLESS if clock.is_late else text, "n": n, "final": True})


def answer(function, arguments):
    try:
        values = [(keyword, value_of(text)) for keyword, text in arguments]
    except Exception:
        return ""
    plain = [value for keyword, value in values if not keyword]
    named = {keyword: value for keyword, value in values if keyword}
    before = [shown(value) for _, value in values]
    try:
        found = shown(drained(function(*plain, **named)))
    except RecursionError:
        found = "raises RecursionError"
    except MemoryError:
        found = "raises MemoryError"
    except Exception as error:
        found = "raises %s: %s" % (type(error).__name__, str(error)[:200])
    after = [shown(value) for _, value in values]
    if found is None or None in after:
        return ""
    changed = ["argument %d is then %s" % (n + 1, text) for n, text in enumerate(after) if text != before[n]]
    return ADDRESS.sub("", "; ".join([found, *changed]))


def drained(value):
    """Return what a generator yields, as far as it goes."""
    if hasattr(value, "__next__") and hasattr(value, "gi_frame"):
        return list(itertools.islice(value, 100))
    return value
