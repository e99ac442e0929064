"""What the cargo driver writes: JSON lines, each with the nonce of the run; and where a test is defined."""

import json
import os
import re
import sys
import threading

LONG = 16000  # characters kept of a test's output

_lock = threading.Lock()


class Report(object):
    """The growing file. Every line is one write, so that a kill loses nothing."""

    def __init__(self, path, nonce):
        self.path = path
        self.nonce = nonce
        self.failed = False

    def send(self, event, **facts):
        """Write one event."""
        line = json.dumps(dict(facts, event=event, nonce=self.nonce)) + "\n"
        with _lock:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line.encode("ascii", "replace"))
            finally:
                os.close(handle)

    def end(self, name, outcome, text="", seconds=0.0, **facts):
        """Write that a test ended."""
        if outcome != "passed" and outcome != "skipped":
            self.failed = True
        self.send("end", id=name, outcome=outcome, text=shortened(text), seconds=seconds, **facts)


def shortened(text):
    """Leave out the middle of what is too long: the panic stands at one of the ends."""
    if len(text) <= LONG:
        return text
    return text[: LONG // 2] + "\n[...]\n" + text[-LONG // 2 :]


def say(stream, text):
    """Pass on what a child printed."""
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        pass


def copy_lines(source, target, keep=None):
    """Pass a child's stream on, line by line, on a thread of its own; `keep` gets the lines. Returns the thread."""

    def run():
        for raw in source:
            line = raw.decode("utf-8", "replace")
            if keep is not None:
                keep.append(line)
                if 4000 < len(keep):
                    del keep[1000:3000]
            say(target, line)

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()
    return thread


class Locator(object):
    """Finds the file and line of a test by the usual places of modules. What a macro makes has no line."""

    def __init__(self, root):
        self.root = root
        self._texts = {}

    def find(self, target_path, name):
        """Return (path relative to the root, line or 0) of a test of a target."""
        parts = name.split("::")
        function = parts[-1]
        home = os.path.dirname(target_path)
        if os.path.basename(target_path) not in ("lib.rs", "main.rs", "mod.rs"):
            inner = os.path.join(home, os.path.splitext(os.path.basename(target_path))[0])
            homes = [home, inner]
        else:
            homes = [home]
        for n in range(len(parts) - 1, 0, -1):
            for base in homes:
                stem = os.path.join(base, *parts[:n])
                for path in (stem + ".rs", os.path.join(stem, "mod.rs")):
                    line = self._line(path, parts[n:])
                    if line is not None:
                        return self.relative(path), line
        return self.relative(target_path), self._line(target_path, [*parts[:-1], function]) or 0

    def relative(self, path):
        """Return a path relative to the root when it lies in there."""
        found = os.path.relpath(path, self.root)
        return path if found.startswith("..") else found.replace(os.sep, "/")

    def _line(self, path, parts):
        """Return the line of a function; 0 when the file has none of that name, None when there is no such file."""
        if path not in self._texts:
            try:
                with open(path, "rb") as stream:
                    self._texts[path] = stream.read().decode("utf-8", "replace")
            except OSError:
                self._texts[path] = None
        text = self._texts[path]
        if text is None:
            return None
        start = 0
        for module in parts[:-1]:
            found = re.compile(r"\bmod\s+(?:r#)?%s\s*\{" % re.escape(module)).search(text, start)
            if found is not None:
                start = found.end()
        pattern = re.compile(r"\bfn\s+(?:r#)?%s\b" % re.escape(parts[-1]))
        found = pattern.search(text, start) or pattern.search(text)
        return 0 if found is None else text.count("\n", 0, found.start()) + 1


def out():
    """Return the stream for what tests print."""
    return sys.stdout


def err():
    """Return the stream for what tools say."""
    return sys.stderr
