"""What a repository itself calls to test its Python: tox, nox, Hatch, make and CI name a runner and what it looks at.

What they say is only read: the commands that are run are built by Regreen.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from regreen.core.workspace import Evidence
from regreen.languages.folders import inside, parent
from regreen.languages.manifest import Manifest, Manifests, join

_TABLES = (
    ("pyproject.toml", ("tool", "hatch", "envs")),
    ("pyproject.toml", ("tool", "pdm", "scripts")),
    ("pyproject.toml", ("tool", "poe", "tasks")),
    ("pyproject.toml", ("tool", "tox")),
    ("hatch.toml", ("envs",)),
)
_RECIPES = ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile")
_WORKFLOW = re.compile(r"^\.github/workflows/[^/]+\.ya?ml$|^\.circleci/config\.yml$|^\.gitlab-ci\.yml$|^\.travis\.yml$")
_CALL = re.compile(
    r"(?:^|[\s;&|(:/-])(?:-m +(?P<module>unittest|pytest|twisted\.trial|[\w.]+\.tests?|tests?)"
    r"|(?P<program>pytest|py\.test|trial))(?=\s|$)(?P<rest>.*)"
)
_NOT_A_CALL = re.compile(r"\b(?:install|add|extras?|deps|name)\b.*$|^\s*#")
_QUOTED_LIST = re.compile(r"[\"'] *, *[\"']")
_DEFAULT = re.compile(r"\{posargs:([^{}]*)\}")
_END = re.compile(r"[;&|)\]]")
_SETTINGS = {"-s": "start", "--start-directory": "start", "-p": "pattern", "--pattern": "pattern", "-t": "top",
    "--top-level-directory": "top"}  # fmt: skip
_PLACES = ("start", "pattern", "top")  # what the words without an option mean, in this order
_FLAGS = {"start": "-s", "pattern": "-p", "top": "-t"}
_RUNNERS = {"py.test": "pytest", "twisted.trial": "trial"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A runner as the repository calls it: arguments for the interpreter."""

    runner: str
    arguments: tuple[str, ...]
    evidence: Evidence
    pattern: str = ""  # of the files that unittest is told to look for
    start: str = ""  # the folder or file in which the tests are, relative to the workspace


@dataclass(frozen=True, slots=True)
class _Line:
    manifest: Manifest
    number: int
    text: str


def find_spoken(manifests: Manifests, folder: str) -> Spoken | None:
    """Return the first call of a test runner in the entries of a project's folder; None when there is none."""
    for line in _lines(manifests, folder):
        match = None if _NOT_A_CALL.search(line.text) else _CALL.search(_QUOTED_LIST.sub(" ", line.text))
        if match is None:
            continue
        found = _read(manifests, folder, match["module"] or match["program"], _words(match["rest"]))
        if found is not None:
            evidence = Evidence("runner", line.manifest.path, line.number, line.manifest.digest)
            return replace(found, evidence=evidence, start=_start(manifests, folder, found.start))
    return None


def _lines(manifests: Manifests, folder: str) -> Iterator[_Line]:
    """Yield the lines of commands, those of the tools that make environments for tests first."""
    for name in ("tox.ini", "setup.cfg"):
        if (manifest := manifests.get(folder, name)) is not None:
            for section in sorted(manifest.table):
                for key, value in manifest.section(section).items():
                    if key.startswith("commands") and section.removeprefix("tox:").startswith("testenv"):
                        yield from _numbered(manifest, str(value).splitlines())
    for name, keys in _TABLES:
        if (manifest := manifests.get(folder, name)) is not None:
            yield from _numbered(manifest, _texts(manifest.section(*keys)))
    if (manifest := manifests.get(folder, "noxfile.py")) is not None:
        yield from _numbered(manifest, (line for line in manifest.text.splitlines() if ".run(" in line))
    for name in _RECIPES:
        if (manifest := manifests.get(folder, name)) is not None:
            yield from _numbered(manifest, (line for line in manifest.text.splitlines() if line[:1] in ("\t", " ")))
    for path in sorted(manifests.known) if folder == "." else ():
        if _WORKFLOW.match(path) and (manifest := manifests.get(parent(path), path.rpartition("/")[2])) is not None:
            yield from _numbered(manifest, manifest.text.splitlines())


def _texts(table: Mapping[str, object]) -> Iterator[str]:
    """Yield the texts in a table, those in its tables and lists included."""
    for value in table.values():
        if isinstance(value, Mapping):
            yield from _texts(value)
            continue
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str):
                yield from text.splitlines()


def _numbered(manifest: Manifest, lines: Iterator[str] | list[str]) -> Iterator[_Line]:
    numbers = {line.strip(): number for number, line in reversed(list(enumerate(manifest.text.splitlines(), 1)))}
    for line in lines:
        held = (number for text, number in numbers.items() if line.strip() in text)
        yield _Line(manifest, numbers.get(line.strip()) or min(held, default=1), line)


def _words(rest: str) -> list[str]:
    """Return the words of a command; what stands for the arguments of a person becomes what is there without any."""
    text = _END.split(_DEFAULT.sub(r"\1", rest))[0]
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        words = text.replace('"', " ").replace("'", " ").split()
    return [word for word in words if "{" not in word and "$" not in word]


def _start(manifests: Manifests, folder: str, named: str) -> str:
    """Return the folder that a path or the name of a package means; "" when there is none."""
    plain = named.removeprefix("./").rstrip("/")
    places = (join(folder, each) for each in (plain, f"src/{plain}") if plain and plain != ".")
    return next((each for each in places if any(inside(path, each) for path in manifests.known)), "")


def _read(manifests: Manifests, folder: str, called: str, words: list[str]) -> Spoken | None:
    """Return what one call says; None when it says nothing of all tests."""
    nowhere = Evidence("runner", "", 0)
    runner = _RUNNERS.get(called, called)
    if runner == "pytest":
        return Spoken(runner, ("-m", "pytest"), nowhere)
    plain = tuple(word for word in words if not word.startswith("-"))
    if runner == "trial":
        start = plain[0].replace(".", "/") if len(plain) == 1 else ""
        return Spoken(runner, ("-m", "twisted.trial", *plain), nowhere, start=start) if plain else None
    if runner != "unittest":
        path = called.replace(".", "/")
        holders = (join(folder, each) for each in (f"{path}/__main__.py", f"src/{path}/__main__.py"))
        if not any(each in manifests.known for each in holders):
            return None
        return Spoken("unittest", ("-m", called), nowhere, start=path)
    if words[:1] == ["discover"]:
        told = _discovery(words[1:])
        options = tuple(word for name in _PLACES if name in told for word in (_FLAGS[name], told[name]))
        arguments = ("-m", "unittest", "discover", *options)
        return Spoken(runner, arguments, nowhere, told.get("pattern", ""), told.get("start", ""))
    return None if plain else Spoken(runner, ("-m", "unittest", "discover"), nowhere)


def _discovery(words: list[str]) -> dict[str, str]:
    """Return where discovery starts, its pattern and its top, as far as they are told."""
    told: dict[str, str] = {}
    waiting = ""
    for word in words:
        name, equals, value = word.partition("=")
        if waiting:
            told[waiting], waiting = word, ""
        elif name in _SETTINGS and equals:
            told[_SETTINGS[name]] = value
        elif name in _SETTINGS:
            waiting = _SETTINGS[name]
        elif not word.startswith("-"):
            told.setdefault(next((each for each in _PLACES if each not in told), "top"), word)
    return {name: value.rstrip("/") or "." for name, value in told.items()}
