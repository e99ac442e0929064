"""How a Python project is tested: pytest's own configuration by its precedence, else what the files show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from regreen.core.workspace import Dependency, Evidence
from regreen.languages.folders import folders_above, inside, parent
from regreen.languages.globs import glob_matches, is_test_path
from regreen.languages.manifest import Manifest, Manifests, join

from .django import PATTERNS as DJANGO_PATTERNS
from .django import find_django
from .spoken import Spoken, find_spoken

DEFAULT_PATTERNS = ("test_*.py", "*_test.py")
UNITTEST_PATTERNS = ("test*.py", "*_test.py")
CASES = ("unittest", "trial")  # runners of test cases, which pytest runs as well
_SURE = 0.5  # below it, a runner is a default
FIXTURE_FOLDERS = frozenset(
    [
        "_fixtures",
        "fixtures",
        "fixture",
        "testdata",
        "test_data",
        "test-data",
        "test_assets",
        "e2e",
        "playground",
        "playgrounds",
        "examples",
        "example",
        "samples",
        "sample",
        "vendor",
        "vendored",
        "_vendor",
        "third_party",
        "node_modules",
        "site-packages",
    ]
)
_TEST_FOLDERS = frozenset({"tests", "test", "testing"})
_IMPORTS_PYTEST = re.compile(r"^\s*(?:import|from)\s+pytest\b", re.MULTILINE)
_HAS_TEST_CASE = re.compile(r"^class\s+\w+\(.*?\b\w*TestCase\b", re.MULTILINE)
_MOST_READ = 300  # test files that are asked which runner they are for
_FEW = 10  # with fewer than one in so many test files for pytest, the others are cases of unittest


@dataclass(frozen=True, slots=True)
class PytestConfig:
    """Where pytest is configured and what it says. Invariant: the values are pytest's, in their TOML or INI form."""

    manifest: Manifest
    keys: tuple[str, ...]  # the table that holds the options
    folder: str  # pytest's rootdir: relative paths of the options start here

    def words(self, option: str) -> tuple[str, ...]:
        """Return an option that is a list, in either form."""
        value = self.manifest.get(*self.keys, option)
        if isinstance(value, str):
            return (
                tuple(shlex.split(value, comments=False, posix=True)) if _quoted_right(value) else tuple(value.split())
            )
        return self.manifest.strings(*self.keys, option)


@dataclass(frozen=True, slots=True)
class TestSetup:
    """The runner of a project and what it collects."""

    runner: str
    test_dirs: tuple[str, ...]
    patterns: tuple[str, ...]
    python_path: tuple[str, ...]  # folders that pytest puts on sys.path
    evidence: tuple[Evidence, ...]
    confidence: float
    functions: tuple[str, ...] = ()  # prefixes and globs of pytest's own options; () are its defaults
    classes: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()  # of the interpreter, that run everything; () are the runner's own
    cwd: str = ""  # where that is done when it is not the project's folder
    hatch_tests: bool = False  # Hatch has an environment of its own for tests
    finds_all: bool = True  # unittest finds the tests by its own pattern


def find_tests(
    manifests: Manifests, folder: str, owned: tuple[str, ...], dependencies: tuple[Dependency, ...]
) -> TestSetup:
    """Say how a project is tested. `owned` are its files."""
    config = next(filter(None, (_config_in(manifests, each) for each in folders_above(folder))), None)
    patterns = (() if config is None else config.words("python_files")) or DEFAULT_PATTERNS
    python = tuple(path for path in owned if path.endswith(".py"))
    tests = tuple(path for path in python if is_test_path(path, patterns))
    spoken = None if config is not None else find_spoken(manifests, folder)
    runner, runner_evidence, confidence = _runner(manifests, folder, config, tests, dependencies, spoken)
    django = find_django(manifests, folder, owned) if runner in CASES or confidence < _SURE else None
    arguments: tuple[str, ...] = ()
    if django is not None:
        patterns, runner, runner_evidence, confidence = DJANGO_PATTERNS, "django", (django.evidence,), 0.9
        arguments = django.arguments
    elif runner in CASES:
        patterns = UNITTEST_PATTERNS
        if spoken is not None and spoken.runner == runner:
            patterns, arguments = (spoken.pattern,) if spoken.pattern else patterns, spoken.arguments
    if patterns != DEFAULT_PATTERNS:
        tests = tuple(path for path in python if is_test_path(path, patterns))
    if arguments and spoken is not None and spoken.start:
        tests = tuple(path for path in tests if inside(path, spoken.start)) or tests
    test_dirs, dirs_evidence = _test_dirs(manifests, folder, config, tests, owned)
    return TestSetup(
        runner=runner,
        test_dirs=test_dirs if django is None else django.test_dirs or test_dirs,
        arguments=arguments,
        cwd="" if django is None else django.cwd,
        patterns=patterns,
        python_path=() if config is None else tuple(join(config.folder, each) for each in config.words("pythonpath")),
        evidence=(*runner_evidence, *dirs_evidence),
        functions=() if config is None else config.words("python_functions"),
        classes=() if config is None else config.words("python_classes"),
        hatch_tests=_hatch_test(manifests, folder) is not None,
        finds_all=not tests or any(is_test_path(path, UNITTEST_PATTERNS[:1]) for path in tests),
        confidence=confidence if tests or config is not None else min(confidence, 0.4),
    )


def _config_in(manifests: Manifests, folder: str) -> PytestConfig | None:
    """Return the configuration that pytest would take in this folder: the first file that has one."""
    for name, keys in _FORMS:
        manifest = manifests.get(folder, name)
        if manifest is None:
            continue
        if not keys or isinstance(manifest.get(*keys), Mapping):
            found = keys or (("pytest",) if manifest.get("pytest") is not None else ())
            return PytestConfig(manifest, found, folder)
    return None


_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # pytest's own files count even when they are empty; the shared ones only with their table.
    ("pytest.toml", ()),
    (".pytest.toml", ()),
    ("pytest.ini", ()),
    (".pytest.ini", ()),
    ("pyproject.toml", ("tool", "pytest", "ini_options")),
    ("pyproject.toml", ("tool", "pytest")),
    ("tox.ini", ("pytest",)),
    ("setup.cfg", ("tool:pytest",)),
)


def _runner(
    manifests: Manifests,
    folder: str,
    config: PytestConfig | None,
    tests: tuple[str, ...],
    dependencies: tuple[Dependency, ...],
    spoken: Spoken | None,
) -> tuple[str, tuple[Evidence, ...], float]:
    if config is not None:
        return "pytest", (config.manifest.evidence("runner", *config.keys),), 1.0
    hatch = _hatch_test(manifests, folder)
    if hatch is not None:
        return "pytest", (hatch,), 1.0
    conftests = [path for path in sorted(manifests.known) if _is_conftest(path, folder)]
    if conftests:
        return "pytest", (manifests.evidence("runner", min(conftests, key=lambda path: path.count("/"))),), 0.9
    if any(dependency.name in ("pytest", "pytest-django") for dependency in dependencies):
        return "pytest", _declared(manifests, folder), 0.9
    if spoken is not None:
        return spoken.runner, (spoken.evidence,), 0.9
    return _voted(manifests, tests)


def _voted(manifests: Manifests, tests: tuple[str, ...]) -> tuple[str, tuple[Evidence, ...], float]:
    """Let the test files say whose they are: pytest runs cases of unittest as well, unless it is a rare guest."""
    of_pytest: list[Evidence] = []
    cases: list[Evidence] = []
    real = [path for path in tests if FIXTURE_FOLDERS.isdisjoint(path.split("/"))]
    for path in (real or tests)[:_MOST_READ]:
        text = manifests.tree.read(path) or ""
        for pattern, found in ((_IMPORTS_PYTEST, of_pytest), (_HAS_TEST_CASE, cases)):
            if match := pattern.search(text):
                found.append(manifests.evidence("runner", path, _line(text, match)))
                break
    if of_pytest and len(cases) < _FEW * len(of_pytest):
        return "pytest", (of_pytest[0],), 0.8
    if cases:
        return "unittest", (cases[0],), 0.8
    return "pytest", tuple(manifests.evidence("runner", path) for path in tests[:1]), 0.4


def _hatch_test(manifests: Manifests, folder: str) -> Evidence | None:
    """Return where the environment is set up in which `hatch test` runs pytest."""
    for name, keys in (("hatch.toml", ()), ("pyproject.toml", ("tool", "hatch"))):
        manifest = manifests.get(folder, name)
        if manifest is not None and manifest.get(*keys, "envs", "hatch-test") is not None:
            return manifest.evidence("runner", *keys, "envs", "hatch-test")
    return None


def _is_conftest(path: str, folder: str) -> bool:
    if not inside(path, folder) or path.rpartition("/")[2] != "conftest.py":
        return False
    return FIXTURE_FOLDERS.isdisjoint(path.split("/"))


def _declared(manifests: Manifests, folder: str) -> tuple[Evidence, ...]:
    """Return the first line of the project's top files that names pytest."""
    for path in sorted(manifests.known):
        if not path.endswith((".toml", ".txt", ".cfg", ".py", "Pipfile")) or not inside(path, folder):
            continue
        if parent(path) not in (folder, join(folder, "requirements")):
            continue
        text = manifests.tree.read(path) or ""
        if found := re.search(r"\bpytest\b(?!-)", text):
            return (manifests.evidence("runner", path, _line(text, found)),)
    return ()


def _test_dirs(
    manifests: Manifests, folder: str, config: PytestConfig | None, tests: tuple[str, ...], owned: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    named = () if config is None else config.words("testpaths")
    if config is not None and named:
        places = {place for path in owned for place in (path, *folders_above(parent(path)))}
        wanted = [join(config.folder, name.removeprefix("./").rstrip("/") or ".") for name in named]
        found = {place for place in places for pattern in wanted if glob_matches(place, pattern)}
        if found:
            return tuple(sorted(found)), (config.manifest.evidence("test_dirs", *config.keys, "testpaths"),)
    real = [path for path in tests if FIXTURE_FOLDERS.isdisjoint(path.split("/"))]
    tops = sorted({_test_folder(path, folder) for path in real or tests})
    kept = tuple(top for top in tops if not any(top != other and inside(top, other) for other in tops))
    return kept, tuple(manifests.evidence("test_dirs", _first_below(top, tests)) for top in kept[:1])


def _test_folder(path: str, folder: str) -> str:
    """Return the outermost folder named like tests that holds a file, else the file's own folder."""
    holders = [each for each in folders_above(parent(path)) if inside(each, folder)]
    named = [each for each in holders if each.rpartition("/")[2] in _TEST_FOLDERS]
    return named[-1] if named else holders[0]


def _first_below(folder: str, paths: tuple[str, ...]) -> str:
    return next(path for path in paths if inside(path, folder))


def _line(text: str, found: re.Match[str]) -> int:
    start = len(text[: found.end()].rstrip())
    return text.count("\n", 0, start) + 1


def _quoted_right(value: str) -> bool:
    try:
        shlex.split(value)
    except ValueError:
        return False
    return True
