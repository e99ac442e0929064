"""Which lines of some files a test runs.

Standard library only, Python 3.8 and later.
"""

import os
import sys
import threading
from typing import Any, Dict, Set

MONITORING: Any = getattr(sys, "monitoring", None)


class Lines:
    """Watches files (real paths); between `start` and `stop` the lines that run are noted."""

    def __init__(self, paths):
        self.paths = frozenset(paths)
        self.seen: Dict[str, Set[int]] = {}
        self.watchers: Dict[str, Any] = {}  # file name of a code object -> what watches its lines, None for others

    def start(self):
        for seen in self.seen.values():
            seen.clear()
        threading.settrace(self.on_call)
        sys.settrace(self.on_call)

    def stop(self):
        """Return real path -> lines, sorted."""
        sys.settrace(None)
        threading.settrace(None)
        return {path: sorted(lines) for path, lines in sorted(self.seen.items()) if lines}

    def on_call(self, frame, _event, _argument):
        name = frame.f_code.co_filename
        try:
            return self.watchers[name]
        except KeyError:
            return self.watchers.setdefault(name, self.watcher(name))

    def watcher(self, name):
        path = os.path.realpath(name) if os.path.isabs(name) else ""
        if path not in self.paths:
            return None
        add = self.seen.setdefault(path, set()).add

        def on_line(frame, _event, _argument):
            add(frame.f_lineno)
            return on_line

        return on_line


class MonitoredLines(Lines):
    """The same where the interpreter tells of each line only once: from Python 3.12 on."""

    TOOL = 1  # the number that is meant for tools that measure coverage

    def start(self):
        for seen in self.seen.values():
            seen.clear()
        if MONITORING.get_tool(self.TOOL) is None:
            MONITORING.use_tool_id(self.TOOL, "regreen")
            MONITORING.register_callback(self.TOOL, MONITORING.events.LINE, self.on_line)
        MONITORING.set_events(self.TOOL, MONITORING.events.LINE)
        MONITORING.restart_events()

    def stop(self):
        """Return real path -> lines, sorted."""
        MONITORING.set_events(self.TOOL, 0)
        return {path: sorted(lines) for path, lines in sorted(self.seen.items()) if lines}

    def on_line(self, code, line):
        name = code.co_filename
        if name not in self.watchers:
            path = os.path.realpath(name) if os.path.isabs(name) else ""
            self.watchers[name] = self.seen.setdefault(path, set()).add if path in self.paths else None
        if self.watchers[name] is not None:
            self.watchers[name](line)
        return MONITORING.DISABLE


def lines_of(paths):
    """Return what watches these files, the cheapest way that works here."""
    taken = MONITORING is not None and MONITORING.get_tool(MonitoredLines.TOOL) not in (None, "regreen")
    return Lines(paths) if MONITORING is None or taken else MonitoredLines(paths)
