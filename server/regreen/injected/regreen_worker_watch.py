"""What functions do in tests that pass: told before and after a change, it shows what no test notices.

Standard library only, Python 3.8 and later; a part of the warm worker.
"""

import hashlib
import os
import sys
from typing import Any, Dict, List, Set

from regreen_worker_shown import is_literal, shown  # type: ignore[import-not-found]

N_TESTS = 20  # tests to keep that are watched
N_SAID = 200  # answers of one test that are noted
N_CALLS = 100000  # calls of one test that are looked at
NEAR = 5  # lines that a definition may have moved: decorators, and imports that a change adds
GENERATES = 0x20 | 0x80 | 0x200  # flags of code that is left and entered again


class Watch:
    """Notes what the outermost calls of some functions answer while a test runs, and which lines of their files run."""

    def __init__(self, places, root):
        self.places = {(os.path.join(root, *path.split("/")), name): line for path, name, line in places}
        self.files = {path for path, _ in self.places}
        self.codes: Dict[Any, Any] = {}  # code -> whether it is one of the functions; None where another file holds it
        self.said: List[str] = []
        self.lines: Set[int] = set()
        self.inside: Any = None  # the outermost call that is going on
        self.raised = ""
        self.left = N_CALLS

    def start(self):
        self.said, self.lines, self.inside, self.raised, self.left = [], set(), None, "", N_CALLS
        sys.settrace(self.on_call)

    def stop(self):
        """Return how many answers were noted, a text that is another one when one of them is, and the lines."""
        sys.settrace(None)
        said = hashlib.sha256("\0".join(self.said).encode("utf-8", "replace")).hexdigest()
        return {"n": len(self.said), "said": said, "lines": sorted(self.lines)}

    def on_call(self, frame, _event, _argument):
        self.left -= 1
        if self.left < 0 or N_SAID <= len(self.said):
            sys.settrace(None)
            return None
        watched = self.is_watched(frame.f_code)
        if watched is None:
            return None
        if self.inside is not None or not watched:
            return self.on_line
        self.inside, self.raised = frame, ""
        return self.on_event

    def on_line(self, frame, event, _argument):
        if event == "line":
            self.lines.add(frame.f_lineno)
        return self.on_line

    def on_event(self, frame, event, argument):
        if event == "line":
            self.lines.add(frame.f_lineno)
        elif event == "exception":
            self.raised = "raises %s: %s" % (argument[0].__name__, shown(str(argument[1])))
        elif event == "return":
            # What was raised and caught is no answer.
            self.said.append(self.raised if self.raised and argument is None else answer(frame, argument))
            self.inside = None
        return self.on_event

    def is_watched(self, code):
        if code not in self.codes:
            path = os.path.realpath(code.co_filename)
            line = self.places.get((path, code.co_name))
            is_one = line is not None and abs(line - code.co_firstlineno) <= NEAR
            self.codes[code] = is_one if path in self.files else None
        return self.codes[code]


def answer(frame, value):
    """Return what a call gives back; where that is nothing, what it leaves in its arguments."""
    if value is not None or frame.f_code.co_flags & GENERATES:
        return shown(value) or ""
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    left = [frame.f_locals.get(name) for name in names]
    if left and hasattr(left[0], "__dict__"):
        left.append({name: part for name, part in sorted(vars(left[0]).items()) if is_literal(part)})
    return "; ".join(shown(part) or "" for part in left if isinstance(part, (list, dict, set)) and is_literal(part))


class Kept:
    """The tests to keep, with what of the workspace each of them runs."""

    def __init__(self, names):
        self.names = names
        self.lines: Dict[str, Dict[str, List[int]]] = {}  # test -> file -> lines

    def note(self, entries):
        self.lines = {entry["test"]: entry["lines"] for entry in entries}

    def of_files(self, paths, most):
        """Return the tests to keep, those that run an edited file first; of more than `most`, only those."""
        covering = [name for name in self.names if not set(self.lines.get(name, ())).isdisjoint(paths)]
        if most < len(self.names) and covering:
            return covering
        known = set(covering)
        return covering + [name for name in self.names if name not in known]

    def of_spans(self, spans):
        """Return the first tests that run a line of one of these (path, first line, last line)."""
        found = [name for name in self.names if any(self.runs(name, span) for span in spans)]
        return found[:N_TESTS]

    def runs(self, name, span):
        path, first, last = span
        return any(first <= line <= last for line in self.lines.get(name, {}).get(path, ()))
