"""What the source says where a log is silent: a test's function, what it reaches, where it ends or waits."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from regreen.core.ports import ReadText
from regreen.core.testing import TestResult
from regreen.core.workspace import WorkspaceModel

_FUNCTION = re.compile(r"^func (?:\([^)]*\)\s*)?(?P<name>\w+)\s*[\[(]")
_CALL = re.compile(r"\b(\w+)\(")
_ENDS = re.compile(
    r"\b(?:os\.Exit|syscall\.Exit|log\.(?:Fatal|Panic)\w*|\w*[lL]og(?:ger)?\w*(?:\.\w+)?\.Fatal\w*"
    r"|unix\.Exit)\("
)
_HANDS_ON = re.compile(r"os\.Exit\(m\.Run\(\)\)")
_RESULT = re.compile(r"\b(\w+)\s*:?=\s*m\.Run\(\)")
_WAITS = re.compile(
    r"^\s*for\s*\{|^\s*for\s+[^;{]*\{|<-\s*\w|\.(?:Wait|Lock|RLock|Acquire|Accept|Read)\(\)"
    r"|\btime\.Sleep\(|\bselect\s*\{"
)
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method: its lines, first to last, 1-based."""

    name: str
    path: str
    line: int
    lines: tuple[str, ...]

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Yield its lines with their numbers, without comments."""
        for n, line in enumerate(self.lines):
            yield self.line + n, line.partition("//")[0] if '"' not in line else line


def functions(path: str, text: str) -> tuple[Function, ...]:
    """Return the functions of a file; gofmt puts the end of each at the left margin."""
    lines = text.splitlines()
    found = []
    for at, line in enumerate(lines):
        if match := _FUNCTION.match(line):
            one_line = line.rstrip().endswith("}") and line.count("{") == line.count("}")
            rest = (n for n in range(at, len(lines)) if lines[n].startswith("}"))
            end = at if one_line else next(rest, len(lines) - 1)
            found.append(Function(match["name"], path, at + 1, tuple(lines[at : end + 1])))
    return tuple(found)


class Sources:
    """The Go files of a workspace, read as they are needed."""

    def __init__(self, model: WorkspaceModel, read: ReadText) -> None:
        self._model = model
        self._read = read
        self._functions: dict[str, tuple[Function, ...]] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the workspace's own Go files, sorted."""
        return tuple(path for path in sorted(self._model.files) if path.endswith(".go") and "vendor/" not in path)

    def line(self, path: str, number: int) -> str:
        """Return a line of a file, or ""."""
        lines = (self._read(path) or "").splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def functions(self, path: str) -> tuple[Function, ...]:
        """Return the functions of a file."""
        if path not in self._functions:
            self._functions[path] = functions(path, self._read(path) or "")
        return self._functions[path]

    def around(self, path: str, line: int) -> Function | None:
        """Return the function at a line."""
        return next((each for each in self.functions(path) if each.line <= line < each.line + len(each.lines)), None)

    def file_named(self, path: str) -> str:
        """Return a path that is there, else the only file of its name or end, else ""."""
        if not path.startswith("/") and self._read(path) is not None:
            return path
        name = posixpath.basename(path)
        same = [each for each in self.paths if posixpath.basename(each) == name]
        nearer = [each for each in same if f"/{path}".endswith(f"/{each}")]
        found = nearer if len(nearer) == 1 else same
        return found[0] if len(found) == 1 else ""

    def test(self, result: TestResult) -> Function | None:
        """Return the function of a test; a sub-test's is that of its suite's method, if it is one."""
        place, colons, name = result.id.name.rpartition("::")
        first, _, rest = name.partition("/")
        paths = [path for path in self.paths if path.endswith("_test.go")]
        if result.path:
            paths = [result.path, *(path for path in paths if path != result.path)]
        elif colons:
            near = [path for path in paths if _ends_with(posixpath.dirname(path) or ".", place)]
            paths = near or paths
        method = rest.partition("/")[0]
        for wanted in (method, f"Test{method}" if method else "", first):
            found = self._named(paths, wanted) if wanted else None
            if found is not None and (wanted == first or found.lines[0].startswith("func (")):
                return found
        return None

    def main(self, folder: str | None) -> Function | None:
        """Return TestMain, of one folder if that is known."""
        paths = [path for path in self.paths if path.endswith("_test.go")]
        near = [path for path in paths if folder is not None and (posixpath.dirname(path) or ".") == folder]
        return self._named(near or paths, "TestMain")

    def reached(self, start: Function) -> tuple[Function, ...]:
        """Return what a function calls by name, some levels deep, the callees of each before itself."""
        order: list[Function] = []
        level, seen = [start], {start.name}
        for _ in range(_DEPTH):
            names = {name for each in level for name in _CALL.findall("\n".join(each.lines))} - seen
            level = [each for path in self.paths for each in self.functions(path) if each.name in names]
            order += level
            seen |= names
        return (*order, start)

    def _named(self, paths: Iterable[str], name: str) -> Function | None:
        return next((each for path in paths for each in self.functions(path) if each.name == name), None)


def exits(found: Iterable[Function], printed: str) -> tuple[str, int] | None:
    """Return the line that ends the process: the one whose words were printed, else the first that can."""
    places = [
        (each.path, number, line)
        for each in found
        for number, line in each.numbered()
        if _ENDS.search(line) and not _HANDS_ON.search(line) and not _hands_on(each, line)
    ]
    spoken = [place for place in places if any(word and word in printed for word in _words(place[2]))]
    chosen = spoken or places
    return (chosen[0][0], chosen[0][1]) if chosen else None


def waits(found: Iterable[Function]) -> tuple[str, int] | None:
    """Return the first line that loops without an end or waits for something."""
    for each in found:
        for number, line in each.numbered():
            if _WAITS.search(line) and "range" not in line:
                return each.path, number
    return None


def _hands_on(function: Function, line: str) -> bool:
    """Tell whether a line only hands on what the tests amounted to."""
    results = _RESULT.findall("\n".join(function.lines))
    return any(f"os.Exit({name})" in line for name in results)


def _words(line: str) -> list[str]:
    """Return what the strings of a line print, up to their first verb."""
    return [text.partition("%")[0].strip() for text in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]


def _ends_with(folder: str, place: str) -> bool:
    return folder == place or place == "." or f"/{folder}".endswith(f"/{place}")
