"""Runs one program once for each candidate, each in a process of its own with limits."""

import os
import resource
import signal
import subprocess
import time

PICK = "REGREEN_PICK"
LINES = "REGREEN_LINES"
_STEP = 0.004
LEAST = 0.4  # CPU seconds that a candidate has, whatever the tests took as they were
MORE = 10  # times the CPU seconds that they took
_LARGEST = 64 << 20  # bytes of a file that a candidate may write
_TOLD = 4000  # characters kept of what a failing test prints


class Limits(object):
    """What a candidate may take."""

    def __init__(self, wall, memory, scratch):
        self.wall = wall
        self.memory = memory
        self.output = os.path.join(scratch, "output")
        self.cpu = wall  # until the tests were seen as they are
        self.lines = None  # the file in which marks in the text tell of themselves

    def inside(self):
        """Set what the system itself holds; runs in the child."""
        for kind, most in ((resource.RLIMIT_AS, self.memory), (resource.RLIMIT_FSIZE, _LARGEST)):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Program(object):
    """A test binary, and the arguments that choose the wanted tests and those to keep (None: it has none)."""

    def __init__(self, argv, cwd, environment, wanted, keep, place=""):
        self.argv = argv
        self.cwd = cwd
        self.environment = environment
        self.wanted = wanted
        self.keep = keep
        self.place = place  # of its tests, as their names begin


class Ran(object):
    """How one process ended."""

    def __init__(self, code, cpu, text):
        self.code = code  # None: it was stopped
        self.cpu = cpu
        self.text = text


def try_all(programs, picks, limits, report):
    """Report a verdict for each candidate, after one for the tests as they are."""
    before = _Verdict(programs, 0, limits)
    report.send("untouched", wanted=before.wanted, keep=before.keep, seconds=before.cpu)
    limits.cpu = max(LEAST, MORE * before.cpu)
    if before.wanted == "passes":
        return
    for pick in picks:
        found = _Verdict(programs, pick, limits, keep=before.keep == "passes")
        report.send("trial", pick=pick, verdict=found.name, text=found.text)


def measured(programs, limits, report, tests):
    """Report which lines each test runs, for binaries that write a profile, or whose text tells of them."""
    profile = limits.output + ".profile"
    limits.lines = profile
    for test in tests:
        program = programs[test["program"]]
        if os.path.exists(profile):
            os.unlink(profile)
        ran = run_once(program, [word.replace("{profile}", profile) for word in test["argv"]], 0, limits)
        text = ""
        if os.path.exists(profile):
            with open(profile) as stream:
                text = stream.read()
        report.send("lines", test=test["name"], passed=ran.code == 0, profile=text)


class _Verdict(object):
    """What the wanted tests say to a candidate, and those to keep if the wanted ones pass."""

    def __init__(self, programs, pick, limits, keep=True):
        self.cpu = 0.0
        self.text = ""
        self.keep = ""
        self.wanted = self._all(programs, "wanted", pick, limits)
        if keep and (self.wanted == "passes" or not pick):
            self.keep = self._all(programs, "keep", pick, limits)
        self.name = "breaks" if self.wanted == "passes" and self.keep == "fails" else self.wanted
        if self.wanted == "passes" and self.keep in ("hangs", "crashes"):
            self.name = "breaks"

    def _all(self, programs, what, pick, limits):
        for program in programs:
            arguments = getattr(program, what)
            if arguments is None:
                continue
            ran = run_once(program, arguments, pick, limits)
            self.cpu += ran.cpu
            if ran.code != 0:
                self.text = self.text or ran.text
                return "hangs" if ran.code is None else "fails"
        return "passes"


def run_once(program, arguments, pick, limits):
    """Run a program with one pick; everything that it started is gone afterwards."""
    environment = dict(program.environment)
    environment[PICK] = str(pick)
    if limits.lines:
        environment[LINES] = limits.lines
    with open(limits.output, "w+b") as output:
        process = subprocess.Popen(
            program.argv + arguments,
            cwd=program.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=limits.inside,  # noqa: PLW1509 - this program has no threads then
        )
        code, cpu = _wait(process, limits)
        output.seek(0)
        text = output.read(_TOLD).decode("utf-8", "replace")
    return Ran(code, cpu, text)


def _wait(process, limits):
    """Wait for the end of a process, and end it when it takes too much; its whole group is gone afterwards."""
    deadline = time.time() + limits.wall
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    step = 0.001
    code = process.poll()
    stopped = False
    while code is None and not stopped:
        time.sleep(step)
        step = min(step * 1.5, 4 * _STEP)
        code = process.poll()
        stopped = code is None and (limits.cpu < _taken(process.pid) or deadline < time.time())
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (OSError, ProcessLookupError):
        pass
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (None if stopped else code), spent


def _taken(pid):
    """Return the CPU seconds that a process took so far; 0 where the system does not tell."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as stream:
            fields = stream.read().rsplit(b")", 1)[-1].split()
        return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError):
        return 0.0
