"""Tries many mutants by the examples in documentation, each example compiled once for all of them.

rustdoc hands each example that it has compiled to the target's runner (cargo 1.89 and later): that is this file, which
runs it once for each mutant. Older ones run their examples themselves, and nothing is told here.
"""

import json
import os
import re
import subprocess
import sys
from typing import Any, Dict

from regreen_batch_runs import LEAST, MORE, Limits, Program, run_once  # type: ignore[import-not-found]

_ORDER = "REGREEN_EXAMPLES"  # the variable of the environment that holds what a runner is to do, as JSON
_EXAMPLE = re.compile(r" \(line \d+\)$")
_HOST = re.compile(r"^host: (.+)$", re.MULTILINE)


class Examples(object):
    """The examples of some packages."""

    def __init__(self, build, packages, cargo):
        self._build = build
        self._packages = packages
        self._cargo = cargo

    def judge(self, picks, limits):
        """Return what became of each mutant: pick -> (verdict, what was printed); None where that is not told."""
        found: Dict[int, Any] = dict.fromkeys(picks, ("passes", ""))
        for package in self._packages:
            told = limits.output + ".examples"
            if os.path.exists(told):
                os.unlink(told)
            if not self._run(package, {"picks": picks, "told": told, "wall": limits.wall, "memory": limits.memory}):
                return None
            if not _read(told, found):
                return None
        return found

    def _run(self, package, order):
        environment = dict(self._build.environment)
        environment[_ORDER] = json.dumps(order)
        environment[self._runner()] = "%s -B %s" % (sys.executable, os.path.abspath(__file__))
        ran = subprocess.run(
            self._build.command("test", [package], ["--doc"]),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return ran.returncode == 0

    def _runner(self):
        rustc = os.path.join(os.path.dirname(self._cargo), "rustc")
        argv = [rustc if os.path.exists(rustc) else "rustc", "-vV"]
        said = subprocess.run(argv, env=self._build.environment, stdout=subprocess.PIPE, check=False)
        host = _HOST.search(said.stdout.decode("utf-8", "replace"))
        return "CARGO_TARGET_%s_RUNNER" % (host.group(1).upper().replace("-", "_") if host else "")


def examples_of(order, build, packages):
    """Return the examples that are among the tests of an order; None when there are none."""
    places = {name.partition("::")[0] for name in order["wanted"] if _EXAMPLE.search(name)}
    chosen = []
    for package in packages.values():
        sources = {os.path.relpath(target["src_path"], os.getcwd()) for target in package["targets"]}
        if places & {source.replace(os.sep, "/") for source in sources}:
            chosen.append(package)
    return Examples(build, chosen, order["cargo"]["cargo"]) if chosen else None


def _read(told, found):
    """Note what runners told; False when none of them did, or one of them could not tell."""
    if not os.path.exists(told):
        return False
    with open(told) as stream:
        for line in stream:
            row = json.loads(line)
            if not row:
                return False
            for pick, verdict, text in row["noticed"]:
                found[pick] = (verdict, text)
    return True


def main():
    """Run one example as it is, and once for each mutant; returns the exit code of the example as it is."""
    order = json.loads(os.environ.pop(_ORDER))
    program = Program(sys.argv[1:], os.getcwd(), dict(os.environ), [], [])
    limits = Limits(order["wall"], order["memory"], os.path.dirname(order["told"]))
    limits.output = "%s.%d" % (order["told"], os.getpid())
    before = run_once(program, [], 0, limits)
    limits.cpu = max(LEAST, MORE * before.cpu)
    noticed = []
    for pick in order["picks"]:
        ran = run_once(program, [], pick, limits)
        if ran.code is None:  # A busy machine, or bad luck: once more before it is said.
            ran = run_once(program, [], pick, limits)
        if ran.code is None:
            noticed.append([pick, "hangs", ran.text])
        elif (ran.code == 0) != (before.code == 0):  # An example may be meant to panic.
            noticed.append([pick, "fails", ran.text])
    with open(order["told"], "a") as stream:
        stream.write(json.dumps({"noticed": noticed} if before.code is not None else {}) + "\n")
    os.unlink(limits.output)
    sys.stdout.write(before.text)
    return 1 if before.code is None else abs(before.code)


if __name__ == "__main__":
    sys.exit(main())
