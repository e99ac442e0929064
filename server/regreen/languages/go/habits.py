"""How a repository itself runs its Go tests: which runner, and with which build tags.

What a repository says is only looked at; the commands are built here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence
from regreen.languages.digest import digest_of

_ENTRIES = re.compile(
    r"^(?:Makefile|makefile|GNUmakefile|justfile|Justfile|[Tt]askfile\.ya?ml|magefile\.go|.*\.mk|\.travis\.ya?ml"
    r"|\.gitlab-ci\.ya?ml|\.circleci/config\.ya?ml|\.github/workflows/[^/]+\.ya?ml|CONTRIBUTING\.md)$"
)
_GO_TEST = re.compile(r"(?:^|[\s;&|(@-])(?:go|\$[({]?GO[)}]?|gotestsum)\s+test\b(?P<arguments>.*)$")
_GINKGO = re.compile(
    r"(?:^|[\s@;&|(/])(?:ginkgo|\$[({]?GINKGO[)}]?)\s+(?:-|run\b|\./|\$)"
    r"|go\s+run\s+\S*ginkgo\s+-"
)
_INSTALL = re.compile(r"go\s+(?:install|get)\b")
_TAGS = re.compile(r"\s--?tags[= ](?P<quote>[\"']?)(?P<tags>[\w,.!-]+(?: [\w,.!-]+)*?)(?P=quote)(?=\s|$)")
_EVERYTHING = re.compile(r"(?:^|\s)\./\.\.\.(?=\s|$)")
_CONSTRAINT = re.compile(r"^//go:build (?P<tag>\w+)$", re.MULTILINE)
_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class Habits:
    """What the repository does, as commands of ours."""

    runner: str = "go-test"
    test_command: tuple[str, ...] = ("go", "test", "./...")
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    path: str
    number: int
    text: str
    digest: str


def find_habits(tree: Tree, folder: str, files: tuple[str, ...], required: tuple[str, ...]) -> Habits:
    """Read the runner and the tags off the entries of a module: its own, else those of the folders above."""
    lines = tuple(_entry_lines(tree, folder))
    suite = next((path for path in files if _holds_specs(tree, path)), "")
    if suite and (
        call := next((line for line in lines if _GINKGO.search(line.text) and not _INSTALL.search(line.text)), None)
    ):
        program = next(
            (f"{each}/ginkgo" for each in sorted(required) if re.search(r"/ginkgo(?:/v\d+)?$", each)), "./ginkgo"
        )
        return Habits("ginkgo", ("go", "run", program, "-r"), (_evidence("runner", call), Evidence("runner", suite, 1)))
    calls = [line for line in lines if _GO_TEST.search(line.text)]
    tags, seen = _tags(calls)
    if not tags:
        tags, seen = _demanded(tree, files, calls)
    options = ("-tags", tags) if tags else ()
    evidence = (*((_evidence("runner", calls[0]),) if calls else ()), *((_evidence("tags", seen),) if seen else ()))
    return Habits("go-test", ("go", "test", *options, "./..."), evidence)


def tags_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the option of a test command that chooses build tags."""
    at = command.index("-tags") if "-tags" in command else len(command)
    return command[at : at + 2]


def _tags(calls: list[_Line]) -> tuple[str, _Line | None]:
    """Return the tags without which the repository itself never tests everything."""
    whole = [line for line in calls if _EVERYTHING.search(line.text)]
    found = [match["tags"].replace(" ", ",") if (match := _TAGS.search(line.text)) else "" for line in whole]
    if not found or len(set(found)) != 1 or not found[0]:
        return "", None
    return found[0], whole[0]


def _demanded(tree: Tree, files: tuple[str, ...], calls: list[_Line]) -> tuple[str, _Line | None]:
    """Return the tag that every test file of a module asks for, when the repository itself passes it."""
    asked: set[str] = set()
    for path in files:
        if path.endswith("_test.go"):
            constraint = _CONSTRAINT.search((tree.read(path) or "").partition("\npackage ")[0])
            if constraint is None:
                return "", None
            asked.add(constraint["tag"])
    if len(asked) != 1:
        return "", None
    tag = asked.pop()
    for line in calls:
        if (match := _TAGS.search(line.text)) and tag in re.split(r"[ ,]", match["tags"]):
            return tag, line
    return "", None


def _entry_lines(tree: Tree, folder: str) -> Iterator[_Line]:
    """Yield the lines of the nearest folder that has entries, then of the ones above; continuations are joined."""
    entries: dict[str, list[str]] = {}
    for path in tree.files:
        for base in _above(folder):
            inner = path if base == "." else path.removeprefix(f"{base}/")
            if (base == "." or inner != path) and _ENTRIES.match(inner) and inner.count("/") <= 2:
                entries.setdefault(base, []).append(path)
                break
    for base in _above(folder):
        for path in entries.get(base, ()):
            yield from _lines(tree, path)


def _lines(tree: Tree, path: str) -> Iterator[_Line]:
    text = tree.read(path)
    if text is None or _LARGEST < len(text):
        return
    digest = digest_of(text)
    start, joined = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start if joined else number
        joined += line.rstrip("\\") + " "
        if not line.endswith("\\"):
            # Of a comment nothing is obeyed.
            if not joined.lstrip().startswith("#"):
                yield _Line(path, start, joined.rstrip(), digest)
            joined = ""


def _holds_specs(tree: Tree, path: str) -> bool:
    if not path.endswith("_test.go") or "suite" not in posixpath.basename(path):
        return False
    return "RunSpecs(" in (tree.read(path) or "")


def _evidence(fact: str, line: _Line) -> Evidence:
    return Evidence(fact, line.path, line.number, line.digest)


def _above(folder: str) -> tuple[str, ...]:
    found = [folder]
    while found[-1] != ".":
        found.append(found[-1].rpartition("/")[0] or ".")
    return tuple(found)
