"""One test of pytest's, run as often as wanted in one process, within its time.

Standard library and pytest only, Python 3.8 and later.
"""

import signal
import sys

from regreen_worker_task import TooLong  # type: ignore[import-not-found]

HARD = 0.1  # seconds of processor time after which what cannot be ended from within is ended with its process
OWN = frozenset({"_pytest", "pytest"})  # where pytest's own plugins are


class Clock:
    """Ends what takes too much processor time: from within where it listens, else with the whole process."""

    def __init__(self, watchman):
        self.watchman = watchman
        self.is_on = False
        self.is_late = False
        self.cpu = 0.0
        signal.signal(signal.SIGPROF, self.on_time)

    def of(self, cpu):
        """Return a context that lasts at most so long; `is_late` tells afterwards whether it was ended."""
        self.cpu = cpu
        return self

    def on_time(self, _signal, _frame):
        if self.is_on:
            self.is_late = True
            raise TooLong

    def __enter__(self):
        self.is_late = False
        self.is_on = True
        # It comes again and again: what catches everything catches this, too.
        signal.setitimer(signal.ITIMER_PROF, self.cpu, self.cpu)
        signal.setitimer(signal.ITIMER_VIRTUAL, 3 * self.cpu + HARD)
        self.watchman.is_on = True

    def __exit__(self, kind, *_error):
        self.is_on = self.watchman.is_on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return kind is TooLong


class Excinfo:
    """What `Task.explain` reads."""

    def __init__(self, value):
        self.value = value


def run_item(item, following):
    """Run one test with its fixtures; return what it raised, None when it passed."""
    if hasattr(item, "_initrequest"):
        item._initrequest()
    hook, error = item.ihook, None
    try:
        hook.pytest_runtest_setup(item=item)
        tell_passed(item, "setup")
        hook.pytest_runtest_call(item=item)
        tell_passed(item, "call")
    except BaseException as raised:
        error = raised
    # unittest's cases say what they met here instead of raising it.
    met = getattr(item, "_excinfo", None)
    if error is None and met:
        error = met[0].value
    if met:
        del item._excinfo
    try:
        hook.pytest_runtest_teardown(item=item, nextitem=following if error is None else None)
    except BaseException as raised:
        error = error or raised
    return error


def tell_passed(item, when):
    """Tell those who want to know of it, for tear-downs ask them: `tmp_path` does, and conftests with a report hook."""
    hook = getattr(item.ihook, "pytest_runtest_makereport", None)
    if hook is None or getattr(item, "_excinfo", None):
        return
    foreign = any(name_of(each.plugin).partition(".")[0] not in OWN for each in hook.get_hookimpls())
    if foreign or "tmp_path" in getattr(item, "fixturenames", ()):
        hook(item=item, call=sys.modules["_pytest.runner"].CallInfo.from_call(nothing, when=when))


def name_of(plugin):
    return getattr(plugin, "__name__", None) or type(plugin).__module__


def nothing():
    """Do what a part of a test does that passed."""


def is_torn_down(item):
    """Tell whether no fixture of an ended test is left."""
    return not getattr(getattr(item.session, "_setupstate", None), "stack", ())


def is_plain(item):
    """Tell whether a test ends in nothing but passing or raising."""
    marked = any(item.get_closest_marker(name) for name in ("xfail", "skip", "skipif"))
    return hasattr(item, "runtest") and not marked and "subtests" not in getattr(item, "fixturenames", ())
