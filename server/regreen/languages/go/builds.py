"""What the compiler, the loader, vet and the go command say before anything runs, as results of their own."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from regreen.core.testing import ExceptionFacts, TestId, TestOutcome, TestResult

from .log import Build
from .where import Whereabouts

COMPILE = "go.CompileError"
VET = "go.VetError"
MODULE = "go.ModuleError"

_AT = re.compile(
    r"^(?:vet: )?(?P<path>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:go|s|c|h|cc|cpp|swig"
    r"|swigcxx)):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<text>.+)$"
)
_IN_MANIFEST = re.compile(r"^(?P<path>\S*go\.(?:mod|work|sum)):(?P<line>\d+): (?P<text>.+)$")
_IMPORTS = re.compile(r"^\s*imports (?P<package>\S+?)(?: from (?P<file>\S+\.go))?(?:: (?P<text>.+))?$")
_NOISE = re.compile(
    r"^go: (?:downloading|finding|extracting|added|upgraded|downgraded|creating|found|warning|to add)\b"
)
_TOO_MANY = re.compile(r"too many errors$")


@dataclass(frozen=True, slots=True)
class BuildError:
    """One complaint. `path` is as printed; line 0 is unknown."""

    text: str
    path: str = ""
    line: int = 0
    column: int = 0
    imported: str = ""  # the import by which a circle closes


def errors_of(text: str) -> tuple[BuildError, ...]:
    """Return the complaints in what was printed for one package."""
    found: list[BuildError] = []
    for block in _blocks(text.splitlines()):
        error = _error(block)
        if error is not None and not _TOO_MANY.search(error.text):
            found.append(error)
    return tuple(found)


def build_results(builds: Iterable[Build], where: Whereabouts, project: str) -> tuple[TestResult, ...]:
    """Return one result for each complaint, the same one only once: several variants of a package are built."""
    found: dict[tuple[str, int, str], TestResult] = {}
    for build in builds:
        for error in errors_of(build.printed.text):
            facts = _facts(error, build, where)
            key = (facts.attribute("filename"), error.line, error.text)
            name = where.test_name(build.package, "")
            path = facts.attribute("filename")
            result = TestResult(
                TestId(project, name), TestOutcome.ERROR, path, 0, "build", exception=facts, text=error.text
            )
            found.setdefault(key, result)
    return tuple(found.values())


def loose_result(text: str, where: Whereabouts, project: str) -> TestResult | None:
    """Return what the go command itself complained about, outside of any package; None when it did not."""
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if _complains(line)), None)
    if start is None:
        return None
    told = "\n".join(line for line in lines[start:] if not _NOISE.match(line)).strip()[:4000]
    place = next((match for line in told.splitlines() if (match := _IN_MANIFEST.match(line) or _AT.match(line))), None)
    attributes: tuple[tuple[str, str], ...] = ()
    if place is not None:
        path, inside = where.source(place["path"], "")
        attributes = (("filename", path), ("inside", "yes" if inside else ""), ("lineno", place["line"]))
    facts = ExceptionFacts(MODULE, (MODULE,), told, attributes)
    return TestResult(TestId(project, ""), TestOutcome.ERROR, "", 0, "build", exception=facts, text=told)


def _complains(line: str) -> bool:
    if _NOISE.match(line):
        return False
    return bool(
        re.match(
            r"go: |go\.(?:mod|work): |flag provided but not defined|flag needs an argument|invalid value .* for flag"
            r"|malformed import path|no Go files in |no required module provides|package \S+ is not in"
            r"|matched no packages|pattern .+: |build constraints exclude|cannot find package|\S*go\.(?:mod|work"
            r"|sum):\d+:"
            r"|go(?:-\d|\d)?\S* .*(?:toolchain|version)|-race requires|cannot find main module|testing: .*(?:invalid"
            r"|unknown)"
            r"|(?:\w*sh: .*)?\bgo: (?:command )?not found|no such tool |build cache is (?:required|disabled)"
            r"|failed to initialize build cache|no packages to test|can't load package",
            line,
        )
    )


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yield a complaint with the lines that go on with it."""
    block: list[str] = []
    for line in lines:
        goes_on = block and (line.startswith(("\t", "    ")) or not line.strip())
        if block and not goes_on:
            yield block
            block = []
        if line.strip():
            block.append(line)
    if block:
        yield block


def _error(block: list[str]) -> BuildError | None:
    head = block[0].strip()
    if match := _AT.match(head):
        text = "\n".join([match["text"], *(line.strip() for line in block[1:])])
        return BuildError(text, match["path"], int(match["line"]), int(match["column"] or 0))
    if head.startswith("package "):
        return _of_imports(block)
    return BuildError("\n".join(line.strip() for line in block))


def _of_imports(block: list[str]) -> BuildError:
    """Read a chain of imports: the first link closes the circle, the last one says what is wrong."""
    first: tuple[str, str] = ("", "")
    text = " ".join(line.strip() for line in block)
    for line in block[1:]:
        if match := _AT.match(line.strip()):
            return BuildError(match["text"], match["path"], int(match["line"]), int(match["column"] or 0))
        if (match := _IMPORTS.match(line)) and not first[0]:
            first = (match["package"], match["file"] or "")
    package, file = first
    folder = block[0].strip().removeprefix("package ").partition(" ")[0]
    return BuildError(text, f"{folder}/{file}" if file else "", 0, 0, package)


def _facts(error: BuildError, build: Build, where: Whereabouts) -> ExceptionFacts:
    kind = VET if build.is_vet else COMPILE
    path, inside = "", False
    if error.imported and error.path:
        package, _, file = error.path.rpartition("/")
        path, inside = posixpath.normpath(posixpath.join(where.folder(package), file)), True
    elif error.path:
        path, inside = where.source(error.path, build.package)
    attributes = {
        "column": str(error.column or ""),
        "filename": path if inside else "",
        "imported": error.imported,
        "lineno": str(error.line or ""),
        "package": build.package,
    }
    return ExceptionFacts(kind, (kind,), error.text, tuple(sorted((k, v) for k, v in attributes.items() if v)))
