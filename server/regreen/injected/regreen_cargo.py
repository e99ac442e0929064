"""Runs the tests of a Cargo workspace and reports every event as a JSON line.

Started by our own interpreter with one argument, the order as JSON; the report, its nonce and the tree come in the
environment. It builds, asks each test binary for its tests, runs them, and at last the examples in documentation.
It writes nothing into the tree but cargo's own target folder; the lock file is kept as it is.
"""

import json
import os
import re
import sys
from typing import Any, Dict, List

import regreen_cargo_doc as doc  # type: ignore[import-not-found]
from regreen_cargo_binary import Binary, environment_of  # type: ignore[import-not-found]
from regreen_cargo_build import Build, metadata  # type: ignore[import-not-found]
from regreen_cargo_nextest import Nextest, is_there  # type: ignore[import-not-found]
from regreen_cargo_report import Locator, Report, err, say  # type: ignore[import-not-found]

_NO_HARNESS = re.compile(r"^\s*harness\s*=\s*false\b", re.MULTILINE)


def main():
    """Carry out the order; returns the exit code of the whole."""
    order = json.loads(sys.argv[1])
    report = Report(os.environ.pop("REGREEN_REPORT"), os.environ.pop("REGREEN_NONCE"))
    root = os.environ.pop("REGREEN_ROOT")
    original = os.environ.pop("REGREEN_ORIGINAL")
    environment = dict(os.environ)
    workspace, text = metadata(order, environment)
    if workspace is None:
        say(err(), text)
        report.send("finish", status=101)
        return 101
    run = Run(order, report, environment, workspace, root, original)
    status = run.everything()
    report.send("finish", status=status)
    return status


class Run(object):
    """One run over a workspace whose packages are known."""

    def __init__(self, order, report, environment, workspace, root, original):
        self.order, self.report, self.environment, self.workspace = order, report, environment, workspace
        self.root = root
        self.cwd = os.getcwd()
        self.locator = Locator(root)
        self.stop = order["stop"]
        self.by_nextest = order["nextest"] and is_there(environment)
        self.targets = self._targets()
        self.build = Build(order, report, environment, workspace, root, original)

    def everything(self):
        """Build and run what the order asks for."""
        chosen = self._chosen()
        if not chosen:
            return 0
        artifacts, code = self.build.run(chosen, whole=not self._selective)
        if code:
            return code
        going = True
        pending: List[Any] = []
        for artifact in artifacts:
            place = self._place(artifact["target"]["src_path"])
            if going and place in chosen:
                going = self._binary(artifact, place, chosen[place], pending)
        if going and pending:
            runner = Nextest(self.build, self.workspace["workspace_root"], self.report, pending, self.stop)
            came_to_end, code = runner.run()
            if not came_to_end:
                return code
            going = not (self.stop and self.report.failed)
        for place in sorted(chosen):
            if going:
                going = self._documentation(place, chosen[place])
        return 101 if self.report.failed else 0

    @property
    def _selective(self):
        return bool(self.order["names"] or self.order["paths"])

    def _targets(self):
        """Return place -> (package, target) of all that is tested."""
        found: Dict[str, Any] = {}
        for package in self.workspace["packages"]:
            for target in package["targets"]:
                if target.get("test") or target.get("doctest"):
                    found.setdefault(self._place(target["src_path"]), (package, target))
        return found

    def _chosen(self):
        """Return place -> names of tests, prefixes ending with "::", or an empty list for all."""
        if not self._selective:
            return {place: [] for place in self.targets}
        chosen: Dict[str, List[str]] = {}
        for name in self.order["names"]:
            place, _, rest = name.partition("::")
            if place in self.targets:
                chosen.setdefault(place, []).append(rest)
            else:
                say(err(), "error: no test target of this workspace is called `%s`\n" % place)
        for path in self.order["paths"]:
            for place, prefix in self._below(path):
                chosen.setdefault(place, []).append(prefix)
        return {place: [] if "" in rests else rests for place, rests in chosen.items()}

    def _below(self, path):
        """Yield the targets of a file or a folder, each with the prefix of the tests in there."""
        inner = [place for place in self.targets if path in (".", place) or place.startswith(path.rstrip("/") + "/")]
        if inner:
            for place in inner:
                yield place, ""
            return
        homes = {place: os.path.dirname(place) for place in self.targets}
        holders = [place for place, home in homes.items() if path.startswith(home + "/") or not home]
        if not holders or not path.endswith(".rs"):
            return
        deepest = max(len(homes[place]) for place in holders)
        for place in holders:
            if len(homes[place]) == deepest:
                parts = path[deepest:].strip("/")[: -len(".rs")].split("/")
                parts = parts[:-1] if parts[-1] == "mod" else parts
                yield place, "::".join(parts) + "::"

    def _place(self, source):
        return os.path.relpath(source, self.cwd).replace(os.sep, "/")

    def _binary(self, artifact, place, rests, pending):
        """Run one executable, or leave it to nextest; returns whether to go on."""
        package, target = self.targets[place]
        cwd = os.path.dirname(package["manifest_path"])
        environment = environment_of(
            self.environment, package, artifact, self.build.scripts, self.build.library_paths(target)
        )
        binary = Binary(artifact["executable"], place, cwd, environment, self.report, self.locator, target["src_path"])
        names = binary.names() if self._has_harness(package, target) else None
        if names is None:
            return binary.whole(target["name"], self.stop) if not rests or target["name"] in rests else True
        wanted = [name for name in names if not rests or _asked(name, rests)]
        if self._selective or not self.by_nextest:
            self.report.send("collected", ids=[binary.id(name) for name in wanted])
        self.report.send("built", id=place, path=self.locator.relative(target["src_path"]))
        if self.by_nextest:
            pending += [(package, target, binary, wanted if self._selective else [])] if wanted else []
            return True
        return binary.run(wanted, self.stop) if wanted else True

    def _has_harness(self, package, target):
        """Tell whether libtest runs a target; the manifest alone says so."""
        with open(package["manifest_path"], encoding="utf-8", errors="replace") as stream:
            text = stream.read()
        if _NO_HARNESS.search(text) is None:
            return True
        pieces = re.split(r"^\s*\[", text, flags=re.MULTILINE)
        name = re.compile(r"""^\s*name\s*=\s*["']%s["']""" % re.escape(target["name"]), re.MULTILINE)
        kinds = ("[test]]", "[bin]]", "[example]]", "lib]")
        ours = [piece for piece in pieces if piece.startswith(kinds) and _NO_HARNESS.search(piece)]
        return not any(name.search(piece) or (piece.startswith("lib]") and "lib" in target["kind"]) for piece in ours)

    def _documentation(self, place, rests):
        """Run the examples of one library; returns whether to go on."""
        package, target = self.targets[place]
        names = [rest for rest in rests if doc.NAME.match(rest)]
        folder = os.path.dirname(package["manifest_path"])
        if not target.get("doctest") or (rests and not names) or not doc.may_have_any(folder):
            return True
        argv = self.build.command("test", [package], ["--doc"])
        base = self.workspace["workspace_root"]
        code, finished = doc.run(argv, base, self.build.environment, place, self.report, names, self.stop, self.locator)
        if (code and not self.report.failed) or (not code and not finished):
            self.report.failed = True
            path = self.locator.relative(target["src_path"])
            self.report.send("died", id=place, path=path, line=0, code=code, text="")
        return not (self.stop and self.report.failed)


def _asked(name, rests):
    """Tell whether a test is asked for: itself, with its module, or as one that a macro made of a function."""
    return any(name == rest or name.startswith(rest if rest.endswith("::") else rest + "::") for rest in rests)


if __name__ == "__main__":
    sys.exit(main())
