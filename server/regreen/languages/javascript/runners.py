"""Which runners test a package: what its scripts call, its settings, its dependencies, and the files themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from regreen.core.workspace import Evidence, RunnerUse
from regreen.languages.folders import below, folders_above, inside
from regreen.languages.globs import is_test_path

from .commands import shown_command
from .globs import default_patterns, index_patterns
from .layout import JAVASCRIPT, TYPESCRIPT
from .manifest import Manifest, Manifests
from .options import kept_arguments
from .programs import find_program
from .scripts import Call, calls_from, entry_script, scripts_of

_CODE = ("js", "mjs", "cjs", "ts", "mts", "cts")
_CONFIGS: Mapping[str, tuple[str, ...]] = {
    "vitest": tuple(f"{stem}.{end}" for stem in ("vitest.config", "vitest.workspace") for end in (*_CODE, "json")),
    "jest": tuple(f"jest.config.{end}" for end in (*_CODE, "json")),
    "mocha": (".mocharc.js", ".mocharc.cjs", ".mocharc.mjs", ".mocharc.json", ".mocharc.jsonc", ".mocharc.yml",
        ".mocharc.yaml"),
    "ava": ("ava.config.js", "ava.config.mjs", "ava.config.cjs"),
    "node:test": (".borp.yaml", ".borp.yml"),
    "playwright": ("playwright.config.ts", "playwright.config.js", "playwright.config.mjs"),
}  # fmt: skip
_VITE = tuple(f"vite.config.{end}" for end in _CODE)
_VITE_TESTS = re.compile(r"^\s*test\s*:|[\"']vitest/config[\"']|[\"']vitest[\"']", re.MULTILINE)
_KEYS = ("jest", "ava", "mocha", "vitest")
# What a test file imports, or uses without an import, says whose it is. Order: the plainest word first.
_MARKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (runner, re.compile(pattern))
    for runner, pattern in (
        ("vitest", r"[\"'](?:vitest|@effect/vitest|vite-plus/test)[\"']"),
        ("node:test", r"[\"']node:test[\"']|\brequire\([\"']test[\"']\)"),
        ("bun", r"[\"']bun:test[\"']"),
        ("ava", r"[\"']ava[\"']"),
        ("playwright", r"[\"']@playwright/test[\"']"),
        ("jest", r"[\"']@jest/globals[\"']|\bjest\.(?:fn|mock|spyOn|useFakeTimers)\("),
        ("deno", r"\bDeno\.test\(|[\"'](?:jsr:)?@std/(?:testing|assert)"),
        # Plain words, which texts hold for other reasons: only where something is imported.
        *(
            (name, rf"(?:\bfrom|\bimport|\brequire\()\s*[\"']{name}[\"']")
            for name in (
                "tap",
                "tape",
                "uvu",
                "mocha",
                "qunit",
            )
        ),
    )
)
# Not QUnit: who runs it by its own program says so in a script, and a page of a browser needs the library too.
_DEPENDENCIES = ("vitest", "jest", "mocha", "ava", "tap", "tape", "uvu", "jasmine", "borp", "react-scripts")
_DECLARED = {"borp": "node:test", "react-scripts": "jest"}
_IMPORTING = re.compile(r"\b(?:from|import|import\(|require\()\s*$")
_BACKTICK = re.compile(r"(?<!\\)`")
# A browser, or types alone: never the runner of a package's unit tests while there is another.
_LAST = frozenset({"playwright", "cypress", "karma", "web-test-runner"})
_BY_FILE = frozenset({"mocha", "node:test", "ava", "tap"})  # a target is a file or a glob, not a filter
_IMPORTED = frozenset({"bun", "deno", "node:test", "playwright"})
_INHERITED = frozenset({"vitest", "jest", "ava", "mocha"})
_MOST_READ = 400  # test files that are read to tell runners apart


@dataclass(frozen=True, slots=True)
class Found:
    """The runners of a package, the first one for all of its tests."""

    uses: tuple[RunnerUse, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.4
    tests: tuple[str, ...] = ()  # the files that they collect


@dataclass(frozen=True, slots=True)
class _Sign:
    """A hint at a runner."""

    runner: str
    evidence: Evidence
    confidence: float
    calls: tuple[Call, ...] = ()
    config: str = ""  # path of its configuration


def find_runners(manifests: Manifests, folder: str, owned: tuple[str, ...], root: str, modern_yarn: bool) -> Found:
    """Say how a package is tested. `owned` are its files, `root` the folder of its workspace or ""."""
    code = tuple(path for path in owned if path.endswith(TYPESCRIPT + JAVASCRIPT))
    signs = _signs(manifests, folder, code, root)
    if not signs:
        return Found()
    uses: list[RunnerUse] = []
    for sign in signs:
        if all(use.name != sign.runner for use in uses):
            uses.append(_use(manifests, folder, sign, modern_yarn))
    uses, tests = _shared(manifests, uses, code)
    if uses[0].name == "ava" or (uses[0].name == "node:test" and (uses[0].targets or "borp" in uses[0].command[0])):
        uses[0] = replace(uses[0], files=tests)  # These must be named: by us to the runner, or by it to us.
    first = signs[0]
    return Found(tuple(uses), (first.evidence,), first.confidence if tests else min(first.confidence, 0.6), tests)


def _signs(manifests: Manifests, folder: str, code: tuple[str, ...], root: str) -> list[_Sign]:
    """Return all hints, the strongest first."""
    manifest = manifests.get(folder)
    found = [*_from_scripts(manifest), *_from_configs(manifests, folder)]
    if not found:
        found += _from_deno(manifests, folder)
    if not found and root:
        found += _from_workspace(manifests, folder, root, code)
    own = tuple(path for path in code if not _of_another(manifests, path, folder))
    spoken = tuple(_from_files(manifests, own))
    if not found:
        found += [*_from_dependencies(manifest, own), *spoken]
    elif {sign.runner for sign in found} <= _LAST:
        found += spoken
    found += [sign for sign in spoken if sign.runner in _IMPORTED]
    return sorted(found, key=lambda sign: sign.runner in _LAST)


def _from_scripts(manifest: Manifest | None) -> Iterator[_Sign]:
    scripts = {} if manifest is None else scripts_of(manifest.section("scripts"), manifest.section("wireit"))
    entry = entry_script(scripts)
    if manifest is None or not entry:
        return
    calls = calls_from(scripts, entry)
    others = calls_from(scripts, "test")
    for runner in dict.fromkeys(call.runner for call in (*calls, *others)):
        own = tuple(call for call in calls if call.runner == runner)
        same = tuple(call for call in others if call.runner == runner)
        # Lists of files add up; settings of single runs do not.
        used = same if own and runner == "node:test" and len(own) < len(same) else _widest(own) or _widest(same)
        yield _Sign(runner, manifest.evidence("runner", "scripts", used[0].script or entry), 1.0, used)


def _widest(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Return the first call that names no files of its own, else the first: one before it may be of a few tests."""
    whole = (call for call in calls if not kept_arguments(call.runner, (call,)).targets)
    found = next(whole, calls[0] if calls else None)
    return () if found is None else (found,)


def _from_configs(manifests: Manifests, folder: str) -> Iterator[_Sign]:
    for runner, names in _CONFIGS.items():
        if path := manifests.first(folder, names):
            yield _Sign(runner, manifests.evidence("runner", path), 1.0, config=path)
    manifest = manifests.get(folder)
    for key in _KEYS if manifest is not None else ():
        if manifest is not None and isinstance(manifest.get(key), Mapping):
            yield _Sign(key, manifest.evidence("runner", key), 1.0, config=manifest.path)
    if path := manifests.first(folder, _VITE):
        text = manifests.tree.read(path) or ""
        if match := _VITE_TESTS.search(text):
            line = text.count("\n", 0, match.end()) + 1
            yield _Sign("vitest", manifests.evidence("runner", path, line), 0.9, config=path)


def _from_deno(manifests: Manifests, folder: str) -> Iterator[_Sign]:
    for name in ("deno.json", "deno.jsonc"):
        manifest = manifests.get(folder, name)
        if manifest is None:
            continue
        tasks = manifest.section("tasks")
        flat = {key: value.get("command") if isinstance(value, Mapping) else value for key, value in tasks.items()}
        calls = calls_from(flat, entry_script(flat))
        if manifests.get(folder) is None or any(call.runner == "deno" for call in calls):
            own = tuple(call for call in calls if call.runner == "deno")
            yield _Sign("deno", manifest.evidence("runner", "tasks"), 1.0 if own else 0.8, own[:1])


def _from_workspace(manifests: Manifests, folder: str, root: str, code: tuple[str, ...]) -> Iterator[_Sign]:
    """A member that says nothing is tested by what the workspace above it says."""
    for above in folders_above(folder)[1:]:
        manifest = manifests.get(above)
        for sign in (*_from_scripts(manifest), *_from_configs(manifests, above)):
            if sign.runner in _INHERITED and any(is_test_path(path, default_patterns(sign.runner)) for path in code):
                yield replace(sign, config=sign.config or (manifest.path if manifest is not None else ""))
        if above == root:
            return


def _from_dependencies(manifest: Manifest | None, code: tuple[str, ...]) -> Iterator[_Sign]:
    if manifest is None:
        return
    for name in _DEPENDENCIES:
        runner = _DECLARED.get(name, name)
        for group in ("devDependencies", "dependencies"):
            if name in manifest.section(group) and any(is_test_path(path, default_patterns(runner)) for path in code):
                yield _Sign(runner, manifest.evidence("runner", group, name), 0.8)


def _from_files(manifests: Manifests, code: tuple[str, ...]) -> Iterator[_Sign]:
    """Let the first test file of each runner speak."""
    seen: set[str] = set()
    for path in _test_like(code)[:_MOST_READ]:
        text = manifests.tree.read(path) or ""
        for runner, pattern in _MARKS:
            match = _spoken(pattern, text) if runner not in seen else None
            if match is not None:
                seen.add(runner)
                line = text.count("\n", 0, match.start()) + 1
                yield _Sign(runner, manifests.evidence("runner", path, line), 0.8)


def _of_another(manifests: Manifests, path: str, folder: str) -> bool:
    """Tell whether a file lies in a package of its own that is no project, an example for instance."""
    between = (each for each in folders_above(path)[1:] if each != folder and inside(each, folder))
    nested = (manifests.get(each) for each in between)
    return any(each is not None and (each.section("dependencies") or each.section("scripts")) for each in nested)


def _use(manifests: Manifests, folder: str, sign: _Sign, modern_yarn: bool) -> RunnerUse:
    """Say how a runner is started for a package."""
    home = _home(sign, folder)
    program = find_program(manifests, home, sign.runner, sign.calls)
    kept = kept_arguments(sign.runner, sign.calls)
    use = RunnerUse(
        name=sign.runner,
        command=(),
        program=program.path,
        options=kept.options,
        targets=kept.targets if home == folder else (),
        env=kept.env,
        cwd=home,
        patterns=_patterns(manifests, sign, kept.targets),
        version=program.version,
    )
    only = (below(folder, home),) if home != folder else ()
    return replace(use, command=shown_command(use, program, sign.calls, only, modern_yarn))


def _home(sign: _Sign, folder: str) -> str:
    """Return the folder in which a runner is started: the one of the settings that a member takes from above."""
    above = sign.config.rpartition("/")[0] or "."
    return above if sign.config and folder != above and inside(folder, above) else folder


def _patterns(manifests: Manifests, sign: _Sign, targets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the globs that a runner collects: what it is told, else its own."""
    told = [*_listed(manifests, sign), *(_as_glob(each) for each in targets if sign.runner in _BY_FILE)]
    found = tuple(dict.fromkeys(form for glob in told for form in index_patterns(glob)))
    return found or default_patterns(sign.runner)


_LISTS = re.compile(
    r"\b(?P<key>include|testMatch|spec|files)[\"']?\s*:\s*(?:\[(?P<many>[^\]]*)\]|(?P<one>[\"'`][^\"'`]+[\"'`]))",
    re.DOTALL,
)
_STRING = re.compile(r"[\"'`]([^\"'`]+)[\"'`]")
_TESTISH = re.compile(r"(?i)test|spec|\bt\b|check")


def _listed(manifests: Manifests, sign: _Sign) -> Iterator[str]:
    """Yield the globs in a runner's configuration; what names no test is of something else, coverage for example."""
    config = manifests.at(sign.config) if sign.config.endswith(".json") else None
    if config is not None:
        keys = (sign.runner,) if sign.config.endswith("package.json") else ()
        for key in ("testMatch", "files", "spec", "include"):
            yield from config.strings(*keys, key)
        return
    text = manifests.tree.read(sign.config) or "" if sign.config else ""
    for match in _LISTS.finditer(text):
        globs = _STRING.findall(match["many"] or match["one"] or "")
        if globs and all(_TESTISH.search(glob) for glob in globs):
            yield from globs


def _as_glob(target: str) -> str:
    """Return the glob of the files that a target means; a folder means what is in it."""
    return target if "*" in target or re.search(r"\.\w+$", target) else f"{target.rstrip('/')}/**"


def _shared(
    manifests: Manifests, uses: list[RunnerUse], code: tuple[str, ...]
) -> tuple[list[RunnerUse], tuple[str, ...]]:
    """Give each test file to one of the runners: by what it imports, else to the first whose patterns match."""
    first = [path for path in code if is_test_path(path, uses[0].patterns)]
    if len(uses) == 1:
        return uses, tuple(first)
    own: dict[str, list[str]] = {use.name: [] for use in uses}
    by_name = {use.name: use for use in uses}
    for path in [path for path in code if any(is_test_path(path, use.patterns) for use in uses)][: 10 * _MOST_READ]:
        marked = _marked(manifests, path, by_name)
        fitting = [use for use in uses if is_test_path(path, use.patterns)]
        if marked:
            own[marked].append(path)
        elif fitting[0].name != uses[0].name and not _is_guest(fitting[0]):
            own[fitting[0].name].append(path)
    rest = {path for name, paths in own.items() if name != uses[0].name for path in paths}
    shared = [replace(use, files=tuple(own[use.name]) if use is not uses[0] else ()) for use in uses]
    kept = [use for use in shared if use is shared[0] or use.files]
    return kept, tuple(sorted({*first, *own[uses[0].name]} - rest))


def _is_guest(use: RunnerUse) -> bool:
    """Tell whether a runner has only the files that import it: no word of the repository says which are its own."""
    return use.name in _IMPORTED and use.patterns == default_patterns(use.name)


def _marked(manifests: Manifests, path: str, by_name: Mapping[str, RunnerUse]) -> str:
    text = manifests.tree.read(path) or ""
    return next((runner for runner, mark in _MARKS if runner in by_name and _spoken(mark, text)), "")


def _spoken(mark: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return where a file itself says something: not in a comment, nor in source that it holds as text."""
    for match in mark.finditer(text):
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        quoted = before.count("'") % 2 or before.count('"') % 2
        held = len(_BACKTICK.findall(text, 0, match.start())) % 2
        imported = match[0][0] not in "'\"" or _IMPORTING.search(before)
        if imported and not quoted and not held and not before.lstrip().startswith(("//", "*", "/*")):
            return match
    return None


def _test_like(code: tuple[str, ...]) -> list[str]:
    patterns = (*default_patterns(""), *default_patterns("node:test"), *default_patterns("bun"))
    return [path for path in code if is_test_path(path, patterns)]
