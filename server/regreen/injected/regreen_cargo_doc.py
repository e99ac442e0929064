"""Runs the tests in documentation: rustdoc prints them as text, each of them in a process of its own."""

import os
import re
import subprocess

from regreen_cargo_report import copy_lines, err, out, say  # type: ignore[import-not-found]

_TEST = re.compile(
    r"^test (?P<name>.+? \(line (?P<line>\d+)\))(?: - (?:compile fail|compile|should panic))*"
    r" \.\.\. (?P<what>ok|FAILED|ignored)\b"
)
_BLOCK = re.compile(r"^---- (?P<name>.+?) stdout ----$")
_CODE = re.compile(
    r"^\s*(?://[/!]|/?\*\*?).*(?:```|~~~| {5,}\S)|doc\s*=\s*include_str!|#!?\[cfg_attr\(.*doc\b", re.MULTILINE
)
_OUTCOMES = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}
NAME = re.compile(r"^.+ - .*\(line \d+\)$|^.+\.(?:rs|md) \(line \d+\)$")


def may_have_any(folder):
    """Tell whether a package's sources hold what could be an example in documentation."""
    for home, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "target" and not name.startswith(".")]
        for name in files:
            if name.endswith(".rs"):
                with open(os.path.join(home, name), "rb") as stream:
                    if _CODE.search(stream.read().decode("utf-8", "replace")):
                        return True
    return False


def run(argv, base, environment, place, report, names, stop, locator):
    """Run the examples of one package; returns (exit code of cargo, whether the harness said that it was done).

    `base` is the folder from which rustdoc counts the paths that it prints.
    """
    # rustdoc cuts its arguments at blanks, so a name cannot be given as a whole: more may run than is asked for.
    command = argv + (["--", *sorted({_filter(name) for name in names})] if names else [])
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    reader = copy_lines(process.stderr, err())
    reading = _Reading(place, report, base, locator, names)
    for raw in process.stdout or ():
        line = raw.decode("utf-8", "replace")
        if not reading.take(line.rstrip("\n")):
            say(out(), line)
        if stop and reading.n_failed:
            break
    code = process.wait()
    reader.join(5)
    reading.close()
    return (code if reading.n_failed or not names else 0), reading.finished or stop


def _filter(name):
    """Return a part of an example's name that has no blanks: its item, or its file."""
    path, _, rest = name.partition(" - ")
    item = rest.partition(" (line")[0].split(" ")[0]
    return item if item and not item.startswith("(") else path.partition(" ")[0]


class _Reading(object):
    """Reads one package's results."""

    def __init__(self, place, report, base, locator, wanted):
        self._wanted = set(wanted)
        self._place, self._report, self._base, self._locator = place, report, base, locator
        self._failing = {}  # name -> lines of its block
        self._seen = set()
        self._block = None
        self._over = False
        self.n_failed = 0
        self.finished = False

    def take(self, line):
        """Read one line; returns whether it was the harness's own."""
        result = _TEST.match(line)
        block = _BLOCK.match(line)
        if result is not None and not self._over and result["name"] not in self._seen:
            if not self._wanted or result["name"] in self._wanted:
                self._result(result)
        elif line == "failures:" and not self._over:
            self._over = True
        elif block is not None and block["name"] in self._failing:
            self._block = self._failing[block["name"]]
        elif line.startswith("test result: "):
            self.finished = True
        elif self._block is not None and line != "failures:":
            self._block.append(line)
        else:
            self._block = None
            return False
        return True

    def close(self):
        """Report the failed ones with what was printed about them."""
        for name in self._failing:
            self._report.end(self._id(name), "failed", "\n".join(self._failing[name]).strip("\n"))

    def _id(self, name):
        return "%s::%s" % (self._place, name)

    def _result(self, match):
        name = match["name"]
        self._seen.add(name)
        path = os.path.join(self._base, name.partition(" - ")[0].partition(" (line")[0])
        self._report.send("collected", ids=[self._id(name)])
        self._report.send("test", id=self._id(name), path=self._locator.relative(path), line=int(match["line"]))
        if match["what"] == "FAILED":
            self.n_failed += 1
            self._failing[name] = []
        else:
            self._report.end(self._id(name), _OUTCOMES[match["what"]])
