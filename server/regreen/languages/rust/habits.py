"""How a repository itself runs its Rust tests: with which runner and features, read off its CI and its task files.

The commands found are only looked at; what is run is built by Regreen.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from regreen.core.workspace import Evidence
from regreen.languages.folders import parent
from regreen.languages.manifest import Manifest, join

from .files import CargoFiles
from .workspace import Root

_TASK_FILES = frozenset(
    {"Makefile", "GNUmakefile", "makefile", "Makefile.toml", "justfile", "Justfile", ".justfile", "Taskfile.yml",
     ".gitlab-ci.yml", ".cirrus.yml", ".travis.yml", "azure-pipelines.yml", "CONTRIBUTING.md"}
)  # fmt: skip
_WORKFLOW = re.compile(r"\.github/(?:workflows|actions)/.+\.ya?ml$|ci/[^/]+\.(?:sh|bash|ya?ml)$")
# `cargo test` in its forms: a toolchain, a wrapper or an option may stand before the word, cargo may be a variable.
_TEST = re.compile(
    r"(?<![\w/-])(?:cargo|cross|\$CARGO|\$\{\{ *env\.CARGO *\}\})(?: \+(?:\$\{\{[^}]*\}\}|\S+))?(?: hack)?(?: -\S+)*"
    r" (?:test|t|nextest run|insta test)(?![\w-])(?P<rest>[^\n]*)"
)
_NARROW = re.compile(r"(?:^| )(?:-p|--package|--manifest-path|--target|--doc|--test|--example|--bench)(?:[ =]|$)")
_ALONE = re.compile(r"(?:^|[ ;&])(?:-p|--package)[ =](?P<name>[\w-]+)")
_CONTINUED = re.compile(r"\\\n\s*|\n\s+(?=--?\w)")
_NEXTEST = re.compile(r"\bcargo[ -]nextest\b|--test-runner[ =]nextest|tool: .*\bnextest\b")
_VALUED = {"--features": "--features", "-F": "--features", "--exclude": "--exclude"}
_END = re.compile(r"[|;&#`]| -- |\s--$")
_MARK = "\0"  # a line end within a command
_MAKE_CALL = re.compile(r"\bmake (?:-\S+ )*test-(?P<set>\w+|\$\{\{)")
_MAKE_SETS = re.compile(r"^_?FEATURES_(?P<set>\w+)\s*[:?]?=\s*(?P<options>[^\n]*)$", re.MULTILINE)
_NO_COMMAND = re.compile(r"\bcd |#|\b(?:name|description): ")  # what stands before, in the same line
_ALL = re.compile(r"(?:^| )--(?:workspace|all)(?: |$)")
_SET = re.compile(r"(?i)\$\S*features")  # what the variable holds is not known here
_VARIABLE = re.compile(r"\$\{\{ *(?:env|matrix)\.(?P<name>[\w-]+) *\}\}")
_WHOLE = ("full", "all")

Texts = tuple[tuple[str, str], ...]  # path and text of task files
Options = tuple[tuple[str, ...], ...]  # each with its value


@dataclass(frozen=True, slots=True)
class Habits:
    """What a repository's own test entry says."""

    runner: str  # "cargo-test" or "nextest"
    options: tuple[str, ...]  # features and exclusions that its tests need
    evidence: tuple[Evidence, ...]
    confidence: float


def find_habits(files: CargoFiles, root: Root) -> Habits:
    """Say how the repository tests what a root builds."""
    manifests = (files.cargo(folder) for folder in root.members)
    features = frozenset(name for each in manifests if each is not None for name in _features(each))
    texts = tuple(_texts(files, root))
    config = join(root.folder, ".config/nextest.toml")
    runner, evidence, confidence = "cargo-test", (files.evidence("runner", root.manifest.path),), 0.9
    if config in files.known:
        runner, evidence, confidence = "nextest", (files.evidence("runner", config),), 1.0
    elif found := _first(files, texts, _NEXTEST):
        runner, evidence = "nextest", (found,)
    elif found := _first(files, texts, _TEST):
        evidence, confidence = (found,), 1.0
    commands = tuple((path, text) for path, text in texts if not path.endswith(".md"))
    options, options_evidence = _options(files, commands, features)
    return Habits(runner, options, (*evidence, *options_evidence), confidence)


def _features(manifest: Manifest) -> Iterator[str]:
    """Yield the features of a package: an optional dependency is one as well."""
    yield from manifest.section("features")
    for name, how in manifest.section("dependencies").items():
        if isinstance(how, Mapping) and how.get("optional") is True:
            yield name


def _texts(files: CargoFiles, root: Root) -> Iterator[tuple[str, str]]:
    """Yield the task files of the root's folder, and the CI of the repository when the root is its only entry."""
    for path in files.inside("."):
        folder, name = parent(path), path.rpartition("/")[2]
        near = folder in (root.folder, ".") and name in _TASK_FILES
        if near or _WORKFLOW.match(path):
            text = files.tree.read(path) or ""
            if "cargo" in text or "make test" in text:
                yield path, text


def _first(files: CargoFiles, texts: Texts, pattern: re.Pattern[str]) -> Evidence | None:
    for path, text in texts:
        if match := pattern.search(text):
            return files.evidence("runner", path, text.count("\n", 0, match.start()) + 1)
    return None


def _options(files: CargoFiles, texts: Texts, features: frozenset[str]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Return the options that the repository's own runs of all tests need; `features` are those that there are."""
    votes: Counter[Options] = Counter()
    first: dict[Options, Evidence] = {}
    for path, text in texts:
        for line, options in _made(text, texts):
            if options and _asked_features(options) <= features:
                return _flat(options), (files.evidence("features", path, line),)
        for line, options in _spoken(text):
            if _asked_features(options) <= features:
                votes[options] += 1
                first.setdefault(options, files.evidence("features", path, line))
    if not any(votes) and (everywhere := _always_all(files, texts)) is not None:
        return ("--all-features",), (everywhere,)
    chosen = _best(votes)
    elsewhere = {match["name"] for _, text in texts for match in _ALONE.finditer(text)}
    kept = [option for option in chosen if option[0] != "--exclude" or option[-1] not in elsewhere]
    return _flat(kept), (first[chosen],) if kept else ()


def _flat(options: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(word for option in options for word in option)


def _always_all(files: CargoFiles, texts: Texts) -> Evidence | None:
    """Return where all features are asked for, when most of the runs of single packages do so as well."""
    found = [(path, line, "--all-features" in rest) for path, text in texts for line, rest in _commands(text)]
    asking = [(path, line) for path, line, all_features in found if all_features]
    if len(asking) < 2 or 2 * len(asking) < len(found):
        return None
    return files.evidence("features", *asking[0])


def _best(votes: Counter[Options]) -> Options:
    """Return the widest set of options: all features, those that are called full, the most frequent ones."""
    widest = [each for each in votes if ("--all-features",) in each]
    full = [each for each in votes if any(option[-1].strip("\"'") in _WHOLE for option in each)]
    named = [each for each in votes if each] if not votes[()] else []
    return max(widest or full or named, key=lambda each: (votes[each], each), default=())


def _spoken(text: str) -> Iterator[tuple[int, Options]]:
    """Yield the options of each command that runs all tests, with its line."""
    for line, written in _commands(text):
        for rest in _meant(written, text):
            words = _words(rest)
            if words is None or "--no-default-features" in words:
                continue  # Without the default features a corner is checked, as a job of a matrix does.
            if (_ALL.search(rest) or not _NARROW.search(rest)) and not _SET.search(rest):
                yield line, _kept(words)


def _meant(command: str, text: str) -> Iterator[str]:
    """Yield a command with each value that a workflow gives to the variable in it, as often as it does."""
    variable = _VARIABLE.search(command)
    values = re.findall(rf"^[\s-]*{re.escape(variable['name'])}: *([^\s#].*)$", text, re.MULTILINE) if variable else []
    options = [value.strip().strip("\"'") if value[0] in "\"'" else value for value in values if "--" in value]
    if variable is None or not options:
        yield command
        return
    for value in options:
        yield f"{command[: variable.start()]}{value}{command[variable.end() :]}"


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """Yield what follows each `cargo test` that is run where the text itself lies, with its line."""
    joined = _CONTINUED.sub(lambda match: _MARK * match[0].count("\n") + " ", text)
    for match in _TEST.finditer(joined):
        before = joined[joined.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not _NO_COMMAND.search(before):
            line = 1 + sum(joined.count(mark, 0, match.start()) for mark in ("\n", _MARK))
            yield line, _END.split(match["rest"].replace(_MARK, ""))[0]


def _made(text: str, texts: Texts) -> Iterator[tuple[int, Options]]:
    """Yield the features of a Makefile's set of all features, when CI asks for it by `make test-<set>`."""
    asked = {match["set"] for _, each in texts for match in _MAKE_CALL.finditer(each)}
    for match in _MAKE_SETS.finditer(text):
        words = _words(match["options"])
        if match["set"] not in _WHOLE or asked.isdisjoint({match["set"], "${{"}) or words is None:
            continue
        if not any("$" in word for word in words):
            yield text.count("\n", 0, match.start()) + 1, _kept(words)


def _kept(words: list[str]) -> Options:
    """Return the options that say which features and packages are tested; others are a matter of taste."""
    kept: list[tuple[str, ...]] = []
    for n, word in enumerate(words):
        name, equals, value = word.partition("=")
        if word == "--all-features":
            kept.append((word,))
        elif name in _VALUED and (equals or n + 1 < len(words)):
            kept.append((_VALUED[name], value if equals else words[n + 1]))
    return tuple(kept)


def _asked_features(options: Options) -> set[str]:
    named = [option[1] for option in options if option[0] == "--features"]
    return {name for each in named for name in re.split(r"[\s,]+", each) if name and "/" not in name}


def _words(text: str) -> list[str] | None:
    for candidate in (text, text.strip().strip("\"'")):
        try:
            return shlex.split(candidate)
        except ValueError:
            continue  # A quote of the line around the command was left open.
    return None
