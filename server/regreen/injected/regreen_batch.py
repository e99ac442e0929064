"""Tries many candidates that were compiled into one build: one process each, picked by a number in its environment.

Started by our own interpreter with the order as JSON, in pieces that arguments hold; the report and its nonce come in
the environment.
What it says is never proof: a candidate that passes here is run once more on its own.
"""

import json
import os
import re
import subprocess
import sys

from regreen_batch_mutants import judge_all  # type: ignore[import-not-found]
from regreen_batch_runs import Limits, Program, measured, try_all  # type: ignore[import-not-found]
from regreen_cargo_batch import programs_of, runs_of, tests_of  # type: ignore[import-not-found]
from regreen_cargo_report import Report  # type: ignore[import-not-found]

_COMPLAINT = re.compile(r"^(?:vet: )?(\S+\.go):(\d+)(?::\d+)?: (.*)", re.MULTILINE)


def main():
    """Carry out the order; returns 0 once it was built."""
    order = json.loads("".join(sys.argv[1:]))
    report = Report(os.environ.pop("REGREEN_REPORT"), os.environ.pop("REGREEN_NONCE"))
    programs, examples = programs_of(order, report) if "cargo" in order else (_go(order, report), None)
    if programs is None:
        return 1
    limits = Limits(order["wall"], order["memory"], order["scratch"])
    if "measure" in order:
        measured(programs, limits, report, tests_of(programs, order) if "cargo" in order else order["measure"])
    elif order.get("mutants"):
        mutants = runs_of(programs, order) if "cargo" in order else order["mutants"]
        judge_all(programs, mutants, limits, report, order["seconds"], examples)
    else:
        try_all(programs, order["picks"], limits, report)
    report.send("finish")
    return 0


def _go(order, report):
    """Build the test binaries of some packages; None when that fails, which is reported."""
    programs = []
    for number, package in enumerate(order["packages"]):
        binary = os.path.join(order["scratch"], "batch%d.test" % number)
        argv = [word.replace("{binary}", binary) for word in package["build"]]
        building = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = building.communicate()[0]
        if building.returncode:
            _complain(said.decode("utf-8", "replace"), report)
            return None
        programs.append(Program([binary], package["cwd"], dict(os.environ), package["wanted"], package["keep"]))
    return programs


def _complain(text, report):
    for found in _COMPLAINT.finditer(text):
        report.send("broken", path=os.path.abspath(found.group(1)), line=int(found.group(2)), text=found.group(3))
    report.send("unbuilt", text=text[:4000])


if __name__ == "__main__":
    sys.exit(main())
