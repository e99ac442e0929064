"""Has cargo build the test binaries of a batch, and says which lines do not compile."""

import os
from typing import Any, Dict

from regreen_batch_runs import Program  # type: ignore[import-not-found]
from regreen_cargo_binary import environment_of  # type: ignore[import-not-found]
from regreen_cargo_build import Build, metadata  # type: ignore[import-not-found]
from regreen_cargo_examples import examples_of  # type: ignore[import-not-found]


class Complaints(object):
    """Takes the compiler's errors in the place of a run's report."""

    def __init__(self, report):
        self._report = report
        self.failed = False

    def send(self, event, **facts):
        """Pass on the lines that an error is about."""
        if event != "build":
            return
        message = facts["message"]
        for span in message["spans"]:
            if span["is_primary"]:
                path = os.path.join(facts["base"], _outermost(span)["file_name"])
                self._report.send("broken", path=path, line=_outermost(span)["line_start"], text=message["message"])


def programs_of(order, report):
    """Build what is chosen; return its programs and examples. When that fails, it is reported, and both are None."""
    environment = dict(os.environ)
    root, original = environment.pop("REGREEN_ROOT"), environment.pop("REGREEN_ORIGINAL")
    workspace, text = metadata(order["cargo"], environment)
    if workspace is None:
        report.send("unbuilt", text=text[:4000])
        return None, None
    build = Build(order["cargo"], Complaints(report), environment, workspace, root, original)
    wanted, keep = _by_place(order["wanted"]), _by_place(order["keep"])
    artifacts, code = build.run({place: [] for place in list(wanted) + list(keep)}, whole=False)
    if code:
        report.send("unbuilt", text="")
        return None, None
    packages = {package["id"]: package for package in workspace["packages"]}
    # What fails must stand at the start of what is printed, which is not kept as a whole.
    quietly = ["--quiet"] if order.get("mutants") else []
    programs = []
    for artifact in artifacts:
        place = os.path.relpath(artifact["target"]["src_path"], os.getcwd()).replace(os.sep, "/")
        package = packages.get(artifact["package_id"])
        if package is None or not (place in wanted or place in keep):
            continue
        libraries = build.library_paths(artifact["target"])
        variables = environment_of(build.environment, package, artifact, build.scripts, libraries)
        # Where a panic happened stands in its message; what led to it costs ten times the test itself.
        variables["RUST_BACKTRACE"] = "0"
        programs.append(
            Program(
                [artifact["executable"]],
                os.path.dirname(package["manifest_path"]),
                variables,
                quietly + ["--exact"] + wanted[place] if place in wanted else None,
                ["--exact"] + keep[place] if place in keep else None,
                place,
            )
        )
    return programs, examples_of(order, build, packages)


def tests_of(programs, order):
    """Return the tests whose lines are to be told, each with its program and the arguments that choose it."""
    homes: Dict[str, int] = {}
    for number, program in enumerate(programs):
        homes.setdefault(program.place, number)
    tests = []
    for name in order["measure"]:
        place, _, rest = name.partition("::")
        if place in homes:
            tests.append({"name": name, "program": homes[place], "argv": ["--exact", rest]})
    return tests


def runs_of(programs, order):
    """Return the order's mutants, each with the programs that may notice it and what chooses their tests."""
    places: Dict[str, Any] = {}
    for number, program in enumerate(programs):
        places.setdefault(program.place, []).append(number)
    mutants = []
    for pick, tests in order["mutants"]:
        chosen = _by_place([order["wanted"][number] for number in tests])
        runs = [
            (number, ["--quiet", "--exact"] + chosen[place]) for place in chosen for number in places.get(place, [])
        ]
        mutants.append((pick, runs))
    return mutants


def _by_place(names):
    found: Dict[str, Any] = {}
    for name in names:
        place, _, rest = name.partition("::")
        found.setdefault(place, []).append(rest)
    return found


def _outermost(span):
    """Return the place in the user's own text: that of the macro call, for what a macro made."""
    while span.get("expansion") and not span["file_name"].endswith(".rs"):
        span = span["expansion"]["span"]
    return span
