"""Asks cargo what there is and lets it build the tests; what the compiler says is passed on as events."""

import hashlib
import json
import os
import re
import subprocess
import threading

from regreen_cargo_report import err, say, shortened  # type: ignore[import-not-found]

# Nothing was compiled because packages are not on this machine: with the network it may go on.
_UNRESOLVED = re.compile(
    r"offline mode|--offline|no matching package|failed to select a version|failed to download|unable to update"
    r"|can't checkout|failed to get `|failed to load source"
)
_BUILDING = re.compile(
    r"^\s+(?:Compiling|Checking|Finished|Fresh|Dirty|Building|Running)\b|^(?:warning|error)\b.*: ?.*\brustc\b"
)
_LIBRARY = frozenset(["lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro"])
_KINDS = {"bin": "--bin", "test": "--test", "example": "--example"}


def metadata(order, environment):
    """Return what cargo knows of the workspace's own packages, or None and what it says."""
    argv = [order["cargo"], "metadata", "--no-deps", "--offline", "--format-version", "1"]
    process = subprocess.Popen(
        argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    stdout, stderr = process.communicate()
    if process.returncode != 0:
        return None, stderr.decode("utf-8", "replace")
    return json.loads(stdout.decode("utf-8", "replace")), ""


class Build(object):
    """Builds the test binaries of a workspace."""

    def __init__(self, order, report, environment, workspace, root, original):
        self._order, self._report, self._workspace = order, report, workspace
        self._root, self._original = root, original
        self.environment = self._environment(environment)
        self.scripts = {}  # package id -> what its build script set
        self._offline = True
        self._seen = set()
        self._libraries = None

    def run(self, chosen, whole):
        """Build; returns the artifacts that are test binaries, and the exit code."""
        if self._root != self._original:
            _refresh(self._root, self._target_folder())
        packages, flags = (None, []) if whole else self._narrow(chosen)
        artifacts, code, text = self._attempt(packages, flags)
        if code and not artifacts and _UNRESOLVED.search(text) and self.environment.get("CARGO_NET_OFFLINE") != "true":
            self._offline = False
            artifacts, code, text = self._attempt(packages, flags)
        return artifacts, code

    def command(self, verb, packages, flags):
        """Return cargo's command for some packages, all of them for None."""
        argv = [self._order["cargo"], verb]
        if packages is None:
            argv += self._order["everything"] + self._order["options"]
        else:
            argv += [word for package in packages for word in ("-p", package["name"])] + self._features(packages)
        argv += flags
        if os.path.exists(os.path.join(self._workspace["workspace_root"], "Cargo.lock")):
            argv.append("--locked")
        return argv + (["--offline"] if self._offline else [])

    def library_paths(self, target):
        """Return where the compiler's own shared libraries lie, for the targets that are linked with them."""
        if not set(target["crate_types"]) & {"proc-macro", "dylib"}:
            return []
        if self._libraries is None:
            rustc = os.path.join(os.path.dirname(self._order["cargo"]), "rustc")
            argv = [rustc if os.path.exists(rustc) else "rustc", "--print", "sysroot"]
            try:
                found = subprocess.run(
                    argv, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
                )
                self._libraries = [os.path.join(found.stdout.decode("utf-8", "replace").strip(), "lib")]
            except OSError:
                self._libraries = []
        return self._libraries

    def _environment(self, environment):
        found = dict(environment)
        # A target folder that two trees share would make one run the other's binaries.
        if self._root != self._original and not self._workspace["target_directory"].startswith(self._root + os.sep):
            found["CARGO_TARGET_DIR"] = self._target_folder()
        return found

    def _target_folder(self):
        inside = self._workspace["target_directory"].startswith(self._root + os.sep)
        return (
            self._workspace["target_directory"] if inside else os.path.join(self._workspace["workspace_root"], "target")
        )

    def _narrow(self, chosen):
        """Return the packages and the options that build only what is asked for."""
        packages, flags = {}, []
        for package in self._workspace["packages"]:
            for target in package["targets"]:
                place = os.path.relpath(target["src_path"], os.getcwd()).replace(os.sep, "/")
                if place not in chosen or not (target.get("test") or target.get("doctest")):
                    continue
                packages[package["id"]] = package
                kind = target["kind"][0]
                flags += ["--lib"] if kind in _LIBRARY else [_KINDS.get(kind, "--test"), target["name"]]
        return list(packages.values()), _distinct(flags)

    def _features(self, packages):
        """Return the order's options as far as these packages know the features."""
        known = {name for package in packages for name in package["features"]}
        kept = []
        options = list(self._order["options"])
        while options:
            word = options.pop(0)
            if word in ("--features", "--exclude"):
                value = options.pop(0) if options else ""
                names = [name for name in re.split(r"[\s,]+", value) if name in known or "/" in name]
                if word == "--features" and names:
                    kept += [word, " ".join(names)]
            else:
                kept.append(word)
        return kept

    def _attempt(self, packages, flags):
        argv = self.command("test", packages, ["--no-run", "--message-format=json", *flags])
        process = subprocess.Popen(
            argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        said = _Said(process.stderr, held=self._offline)
        artifacts = [found for raw in process.stdout or () if (found := self._message(raw)) is not None]
        code = process.wait()
        text = said.finish(show=not (code and self._offline and _UNRESOLVED.search(said.text)) or not self._may_retry)
        return (
            sorted(artifacts, key=lambda found: (found["target"]["kind"] != ["lib"], found["target"]["src_path"])),
            code,
            text,
        )

    @property
    def _may_retry(self):
        return self.environment.get("CARGO_NET_OFFLINE") != "true"

    def _message(self, raw):
        """Take one message of cargo; returns an artifact that is a test binary."""
        try:
            message = json.loads(raw.decode("utf-8", "replace"))
        except ValueError:
            return None
        reason = message.get("reason")
        if reason == "compiler-message":
            self._diagnostic(message)
        elif reason == "build-script-executed":
            self.scripts[message["package_id"]] = message
        elif reason == "compiler-artifact" and message.get("executable") and message["profile"]["test"]:
            return message
        return None

    def _diagnostic(self, message):
        """Report an error of the compiler once, though a library is built twice."""
        found = message["message"]
        key = (found["message"], json.dumps(found["spans"], sort_keys=True))
        if not found["level"].startswith("error") or found["message"].startswith("aborting due to"):
            return
        if key in self._seen:
            return
        self._seen.add(key)
        self._report.failed = True
        place = os.path.relpath(message["target"]["src_path"], os.getcwd()).replace(os.sep, "/")
        code = dict(found.get("code") or {}, explanation=None)
        slim = dict(found, code=code, rendered=shortened(found.get("rendered") or ""))
        self._report.send("build", id=place, message=slim, base=self._workspace["workspace_root"])


class _Said(object):
    """What cargo says on its other stream: passed on as it comes, once it is clear that it builds."""

    def __init__(self, stream, held):
        self._held = held
        self._lines = []
        self._n_shown = 0
        self._thread = threading.Thread(target=self._read, args=(stream,))
        self._thread.daemon = True
        self._thread.start()

    @property
    def text(self):
        """Return everything, after the stream has ended."""
        self._thread.join(10)
        return "".join(self._lines)

    def finish(self, show):
        """Show what was held back, or forget it; returns everything."""
        text = self.text
        if show:
            say(err(), "".join(self._lines[self._n_shown :]))
        return text

    def _read(self, stream):
        for raw in stream:
            line = raw.decode("utf-8", "replace")
            self._lines.append(line)
            self._held = self._held and not _BUILDING.match(line)
            if not self._held:
                say(err(), "".join(self._lines[self._n_shown :]))
                self._n_shown = len(self._lines)


def _distinct(flags):
    """Leave out options that stand there twice."""
    found = []
    pairs = iter(flags)
    for flag in pairs:
        pair = [flag] if flag == "--lib" else [flag, next(pairs)]
        if flag != "--lib" or "--lib" not in found:
            found += pair
    return found


def _refresh(root, target):
    """Make cargo see every source whose content is not what was built: in a copy, time stamps do not tell."""
    if not os.path.isdir(target):
        return
    stamp = os.path.join(target, ".regreen-sources.json")
    try:
        with open(stamp, encoding="utf-8") as stream:
            before = json.load(stream)
    except (OSError, ValueError):
        before = {}
    present = {}
    for home, folders, files in os.walk(root):
        folders[:] = [name for name in folders if os.path.join(home, name) != target and name != ".git"]
        for name in files:
            path = os.path.join(home, name)
            try:
                with open(path, "rb") as stream:
                    digest = hashlib.blake2b(stream.read(), digest_size=16).hexdigest()
                present[os.path.relpath(path, root)] = digest
                if before.get(os.path.relpath(path, root)) != digest:
                    os.utime(path)
            except OSError:
                continue
    with open(stamp, "w", encoding="utf-8") as stream:
        json.dump(present, stream)
