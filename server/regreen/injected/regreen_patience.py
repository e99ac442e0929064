"""Ends a test that takes too much processor time, as a failure of its own: the others are still run.

An endless loop would cost the whole run its time otherwise, once for each of its cases. Waiting costs nothing here.
Standard library only, Python 3.8 and later.
"""

import os
import signal
import threading

_AGAIN = 1.0  # seconds of processor time after which what caught the end of a test is told again
_LESS = 5.0  # what comes after a test that was ended has so much less
_LEAST = 2.0


class Patience:
    """Watches one test at a time; `ended` makes the exception that ends it."""

    def __init__(self, ended):
        self.ended = ended
        self.seconds = _number(os.environ.pop("REGREEN_PATIENCE", ""))
        self.is_on = False

    def begin(self):
        """Let the time of a test begin, where nobody else uses this clock."""
        if not self.seconds or not hasattr(signal, "setitimer"):
            return
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGPROF) is not signal.SIG_DFL or any(signal.getitimer(signal.ITIMER_PROF)):
            return
        signal.signal(signal.SIGPROF, self._on_time)
        self.is_on = True
        signal.setitimer(signal.ITIMER_PROF, self.seconds, _AGAIN)

    def end(self):
        """Stop the clock."""
        if self.is_on:
            self.is_on = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            if signal.getsignal(signal.SIGPROF) == self._on_time:
                signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def _on_time(self, _signal, _frame):
        if not self.is_on:
            return
        limit = self.seconds
        self.seconds = min(limit, max(_LEAST, limit / _LESS))
        raise self.ended("Timeout >%gs of processor time in one test" % limit)


def _number(text):
    try:
        return float(text)
    except ValueError:
        return 0.0
