"""Runs test binaries: libtest's own events are read as they happen, and a crash is pinned on its test."""

import json
import os
import subprocess
from typing import List

from regreen_cargo_report import copy_lines, err, out, say  # type: ignore[import-not-found]

_UNSTABLE = ("-Z", "unstable-options", "--format=json", "--report-time")
_CRASHES = 12  # of one binary; after that its other tests stay without a result
_LONGEST = 100000  # characters of names on a command line
_OUTCOMES = {"ok": "passed", "failed": "failed", "ignored": "skipped"}


class Binary(object):
    """One executable of tests."""

    def __init__(self, program, place, cwd, environment, report, locator, source):
        self.program = program
        self.place = place
        self.cwd = cwd
        self.environment = environment
        self.report = report
        self.locator = locator
        self.source = source  # absolute path of the target's root file

    def names(self):
        """Return the tests that the binary says it has; None when it does not understand the question."""
        found = self._popen(["--list", "--format", "terse"], stderr=subprocess.DEVNULL)
        text = found.communicate()[0].decode("utf-8", "replace")
        if found.returncode != 0:
            return None
        return [line[: -len(": test")] for line in text.splitlines() if line.endswith(": test")]

    def run(self, names, stop):
        """Run some of its tests to the end, in spite of crashes; returns whether to go on with other binaries."""
        waiting = list(names)
        for _ in range(_CRASHES):
            if not waiting:
                break
            attempt = _Attempt(self, waiting, stop)
            if attempt.stopped:
                return False
            if attempt.finished:
                if attempt.code != (101 if attempt.failed else 0):
                    self._died("", attempt)
                return not (stop and self.report.failed)
            suspects = [name for name in attempt.started if name not in attempt.ended]
            self._blame(suspects, attempt)
            if stop or not (suspects or attempt.ended):
                return not stop
            waiting = [name for name in waiting if name not in attempt.ended and name not in suspects]
        return True

    def whole(self, name, stop):
        """Run a binary that has no harness: it is one test, and its exit code says what became of it."""
        path, line = self.locator.find(self.source, "main")
        self.report.send("collected", ids=[self.id(name)])
        self.report.send("test", id=self.id(name), path=path, line=line)
        process = self._popen([])
        kept: List[str] = []
        readers = [copy_lines(process.stdout, out(), kept), copy_lines(process.stderr, err(), kept)]
        code = process.wait()
        for reader in readers:
            reader.join(5)
        self.report.end(self.id(name), "passed" if code == 0 else "failed", "".join(kept))
        return not (stop and code != 0)

    def id(self, name):
        """Return the id of one of its tests."""
        return "%s::%s" % (self.place, name) if name else self.place

    def start(self, names, alone):
        """Start the binary on some tests."""
        selected = [] if _LONGEST < sum(len(name) + 1 for name in names) else ["--exact", *list(names)]
        threads = ["--test-threads=1"] if alone else []
        return self._popen(list(_UNSTABLE) + threads + selected, unstable=True)

    def _popen(self, arguments, stderr=subprocess.PIPE, unstable=False):
        environment = dict(self.environment)
        if unstable:
            environment["RUSTC_BOOTSTRAP"] = "1"
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=self.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def _blame(self, suspects, crash):
        """Find out which of the tests that were under way ended the process: each runs once more on its own."""
        if len(suspects) < 2:
            self._died("".join(suspects), crash)
            return
        n_dead = 0
        for name in suspects:
            attempt = _Attempt(self, [name], False, alone=True)
            if name not in attempt.ended:
                self._died(name, attempt)
                n_dead += 1
        if not n_dead:
            self._died("", crash)

    def _died(self, name, attempt):
        self.report.failed = True
        path, line = self.locator.find(self.source, name) if name else (self.locator.relative(self.source), 0)
        text = "".join(attempt.errors)[-8000:]
        self.report.send("died", id=self.id(name), path=path, line=line, code=attempt.code, text=text)


class _Attempt(object):
    """One process, read to its end."""

    def __init__(self, binary, names, stop, alone=False):
        self._binary = binary
        self._wanted = set(names)
        self.started, self.ended = [], set()
        self.failed = False
        self.finished = False  # the harness itself said that it had run everything
        self.stopped = False
        self.errors: List[str] = []
        process = binary.start(names, alone)
        reader = copy_lines(process.stderr, err(), self.errors)
        for raw in process.stdout or ():
            self._take(raw.decode("utf-8", "replace"))
            if stop and self.failed:
                self.stopped = True
                process.kill()
                break
        if process.stdout is not None:
            process.stdout.close()
        self.code = process.wait()
        reader.join(5)

    def _take(self, line):
        event = _event(line)
        if event is None:
            say(out(), line)
            return
        name, what = event.get("name"), event.get("event")
        if event.get("type") == "suite":
            counted = sum(event.get(key, 0) for key in ("passed", "failed", "ignored"))
            self.finished = what in ("ok", "failed") and counted == len(self.ended)
        elif name in self._wanted and what == "started":
            if name not in self.started:
                self.started.append(name)
                path, line_number = self._binary.locator.find(self._binary.source, name)
                self._binary.report.send("test", id=self._binary.id(name), path=path, line=line_number)
        elif name in self._wanted and what in _OUTCOMES and (name in self.started or what == "ignored"):
            self._end(name, what, event)

    def _end(self, name, what, event):
        if name in self.ended and what != "failed":
            return  # Printed by the test itself: the harness says it once.
        self.ended.add(name)
        self.failed = self.failed or what == "failed"
        text = event.get("stdout") or ""
        message = event.get("message") or event.get("reason") or ""
        if what == "ignored":
            path, line = self._binary.locator.find(self._binary.source, name)
            self._binary.report.send("test", id=self._binary.id(name), path=path, line=line)
        self._binary.report.end(
            self._binary.id(name), _OUTCOMES[what], text, event.get("exec_time") or 0.0, message=str(message)
        )


def _event(line):
    if not line.startswith('{ "type"') and not line.startswith('{"type"'):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    known = isinstance(event, dict) and event.get("type") in ("suite", "test")
    return event if known else None


def environment_of(base, package, artifact, built, library_paths):
    """Return the environment in which cargo would run a package's tests."""
    environment = dict(base)
    version = (package["version"].split("-")[0] + ".0.0").split(".")
    environment.update(
        {
            "CARGO_MANIFEST_DIR": os.path.dirname(package["manifest_path"]),
            "CARGO_MANIFEST_PATH": package["manifest_path"],
            "CARGO_PKG_NAME": package["name"],
            "CARGO_PKG_VERSION": package["version"],
            "CARGO_PKG_VERSION_MAJOR": version[0],
            "CARGO_PKG_VERSION_MINOR": version[1],
            "CARGO_PKG_VERSION_PATCH": version[2],
            "CARGO_PKG_VERSION_PRE": package["version"].partition("-")[2].partition("+")[0],
            "CARGO_PKG_AUTHORS": ":".join(package.get("authors") or ()),
            "CARGO_PKG_DESCRIPTION": package.get("description") or "",
            "CARGO_PKG_HOMEPAGE": package.get("homepage") or "",
            "CARGO_PKG_REPOSITORY": package.get("repository") or "",
            "CARGO_PKG_LICENSE": package.get("license") or "",
            "CARGO_PKG_LICENSE_FILE": package.get("license_file") or "",
            "CARGO_PKG_RUST_VERSION": package.get("rust_version") or "",
            "CARGO_PKG_README": package.get("readme") or "",
            "CARGO_CRATE_NAME": artifact["target"]["name"].replace("-", "_"),
        }
    )
    script = built.get(artifact.get("package_id"))
    if script is not None:
        environment["OUT_DIR"] = script.get("out_dir") or ""
        environment.update(dict(script.get("env") or ()))
    deps = os.path.dirname(artifact["executable"])
    paths = [deps, os.path.dirname(deps), *library_paths]
    for each in built.values():
        paths += [path.split("=", 1)[-1] for path in each.get("linked_paths") or ()]
    variable = "DYLD_FALLBACK_LIBRARY_PATH" if os.uname().sysname == "Darwin" else "LD_LIBRARY_PATH"
    earlier = [environment[variable]] if environment.get(variable) else []
    environment[variable] = os.pathsep.join(paths + earlier)
    return environment
