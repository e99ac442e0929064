"""Has nextest run the tests that cargo has built: a process for each test, as the workspace is set up for.

Both streams of nextest are read as one: libtest's events are JSON lines, and what is printed for a person says how a
process ended. Nextest counts a test that ends its process with status 0 as passed; here it must have said so itself.
"""

import json
import os
import re
import shutil
import signal
import subprocess
from typing import Any, Dict, List

from regreen_cargo_report import err, say  # type: ignore[import-not-found]

_LIBRARIES = frozenset(["lib", "rlib", "dylib", "cdylib", "staticlib"])
_OUTCOMES = {"ok": "passed", "failed": "failed", "ignored": "skipped"}
# How nextest says what became of a test, such as SIGABRT: in how long, which of how many, the binary, the test.
_HEADING = re.compile(
    r"^ *(?P<status>[A-Z][\w -]*?) \[[ >]*[\d.]+s\] +(?:\([ \d/─-]+\) +)?(?P<binary>\S+) +(?P<test>\S.*)$"
)
_COLUMN = 12  # where the word for it ends
_INNER = "    "  # what a test printed stands deeper than what nextest says of it
_ENDED = "test result: "  # the harness itself came to its end
_BEGAN = "running 1 test"
_STATUS = re.compile(r"\(test failed with exit code (\d+)\)")
_LONGEST = 100000  # characters of a filter
_OPTIONS = (
    "--message-format=libtest-json-plus", "--color=never", "--retries=0", "--no-tests=pass", "--show-progress=none",
    "--status-level=all", "--final-status-level=none", "--success-output=immediate", "--failure-output=immediate",
    "--user-config-file=none",
)  # fmt: skip


def is_there(environment):
    """Tell whether cargo would find nextest."""
    home = environment.get("CARGO_HOME") or os.path.join(environment.get("HOME", ""), ".cargo")
    path = os.pathsep.join([environment.get("PATH", ""), os.path.join(home, "bin")])
    return shutil.which("cargo-nextest", path=path) is not None


class Nextest(object):
    """One run of nextest over some targets: `binaries` is a list of (package, target, Binary, names or [] for all)."""

    def __init__(self, build, base, report, binaries, stop):
        self._build, self._base, self._report, self._stop = build, base, report, stop
        self._binaries = {_key(package["name"], target): binary for package, target, binary, _ in binaries}
        self._chosen = binaries
        self._selective = any(names for _, _, _, names in binaries)
        self._wanted = {binary.id(name) for _, _, binary, names in binaries for name in names}
        self._current: Any = None
        self._open: Dict[str, Any] = {}  # id -> (binary, name): began and not ended
        self._heading = None
        self._said: Dict[Any, List[str]] = {}  # (id of the binary, test) -> status, then what it printed
        self._apart: List[str] = []  # what belongs to no test

    def run(self):
        """Run to the end; returns whether nextest itself came to its end, and the exit code."""
        argv = self._build.command("nextest", None, [])
        argv[2:2] = ["run"]
        argv += _OPTIONS
        argv.append("--max-fail=1" if self._stop else "--no-fail-fast")
        if self._selective:
            argv += ["--ignore-default-filter", "-E", self._filter()]
        environment = dict(self._build.environment, NEXTEST_EXPERIMENTAL_LIBTEST_JSON="1")
        for name in [name for name in environment if name.startswith("NEXTEST_") and name not in _KEPT]:
            del environment[name]
        process = subprocess.Popen(
            argv,
            cwd=self._base,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for raw in process.stdout or ():
            self._take(raw.decode("utf-8", "replace"))
        code = process.wait()
        for binary, name in list(self._open.values()):
            self._died(binary, name, -signal.SIGKILL if code == 0 else code, "")
        return code in (0, 100), code

    def _filter(self):
        parts = []
        for package, target, _, names in self._chosen:
            part = "package(=%s) & kind(=%s) & binary(=%s)" % (package["name"], _kind(target), target["name"])
            if names and sum(len(name) + 10 for name in names) < _LONGEST:
                part += " & (%s)" % " | ".join("test(=%s)" % name for name in names)
            parts.append("(%s)" % part)
        return " | ".join(parts)

    def _take(self, line):
        event = _event(line)
        if event is not None:
            self._heading = None
            self._on(event)
            return
        heading = _HEADING.match(line) if line[_COLUMN : _COLUMN + 2] == " [" else None
        if heading is not None:
            self._heading = (heading["binary"], heading["test"].strip())
            self._said[self._heading] = [heading["status"]]
        elif self._heading is not None and (line.startswith(_INNER) or not line.strip()):
            self._said[self._heading].append(line[len(_INNER) :])
        if heading is None or heading["status"] != "PASS":
            say(err(), line)

    def _on(self, event):
        if event["type"] == "suite":
            about = event.get("nextest") or {}
            self._current = (about.get("crate"), about.get("kind"), about.get("test_binary"))
            return
        binary = self._binaries.get(self._current)
        name = event.get("name", "").partition("$")[2]
        if binary is None or not name:
            return
        what, key = event.get("event"), binary.id(name)
        if what == "started":
            if self._selective and key not in self._wanted:
                return  # It is only said to be there.
            path, line = binary.locator.find(binary.source, name)
            self._open[key] = (binary, name)
            if not self._selective:  # The settings may leave tests out of a run of all.
                self._report.send("collected", ids=[key])
            self._report.send("test", id=key, path=path, line=line)
        elif what in _OUTCOMES and key in self._open:
            self._end(binary, name, what, event)

    def _end(self, binary, name, what, event):
        said = self._said.pop((_id(self._current), name), [])
        body = "".join(said[1:])
        is_over = _ENDED in body
        if what == "ok" and _BEGAN in body and not is_over:
            self._died(binary, name, 0, body)
        elif what == "failed" and said and _BEGAN in body and not is_over and not said[0].startswith("TIMEOUT"):
            found = _STATUS.search(body)
            number = getattr(signal, said[0].split()[0], None) if said[0].startswith("SIG") else None
            self._died(binary, name, int(found[1]) if found else -int(number or signal.SIGKILL), body)
        else:
            del self._open[binary.id(name)]
            text, seconds = event.get("stdout") or "", event.get("exec_time") or 0.0
            message = str(event.get("message") or event.get("reason") or "")
            limit = {"limit": "%g s" % round(seconds, 1)} if said[:1] == ["TIMEOUT"] else {}
            self._report.end(binary.id(name), _OUTCOMES[what], text, seconds, message=message, **limit)

    def _died(self, binary, name, code, text):
        self._open.pop(binary.id(name), None)
        self._report.failed = True
        path, line = binary.locator.find(binary.source, name)
        self._report.send("died", id=binary.id(name), path=path, line=line, code=code, text=text[-8000:])


_KEPT = frozenset(["NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "NEXTEST_PROFILE"])


def _event(line):
    if not line.startswith('{"type":"'):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and event.get("type") in ("suite", "test") else None


def _kind(target):
    kind = target["kind"][0]
    return "lib" if kind in _LIBRARIES else kind


def _key(package, target):
    return (package, _kind(target), target["name"])


def _id(key):
    """Return what nextest calls a binary."""
    package, kind, name = key
    if kind in ("lib", "proc-macro"):
        return package
    return "%s::%s" % (package, name if kind == "test" else "%s/%s" % (kind, name))
