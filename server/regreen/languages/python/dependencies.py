"""What a Python project declares that it needs, from every kind of manifest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regreen.core.workspace import Dependency, Evidence
from regreen.languages.folders import inside, parent
from regreen.languages.manifest import Manifest, Manifests, join

_NAME = re.compile(r"^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_REQUIREMENTS = re.compile(
    r"^(?:requirements[-_.]?(?P<after>[\w.-]*?)|(?P<before>[\w.-]+?)[-_.]requirements)\.(?:txt|in)$"
)
_CONDA_ITEM = re.compile(r"^\s*-\s*(?:[\w-]+::)?([A-Za-z0-9][\w.-]*)\s*([=<>!~].*)?$")
_EXTRAS = (
    ("pyproject.toml", ("project", "optional-dependencies")),
    ("pyproject.toml", ("tool", "poetry", "extras")),
    ("setup.cfg", ("options.extras_require",)),
)
_GROUPS = (
    ("pyproject.toml", ("dependency-groups",)),
    ("pyproject.toml", ("tool", "poetry", "group")),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """The dependencies of a project, each kind of declaration with its evidence."""

    dependencies: tuple[Dependency, ...]
    evidence: tuple[Evidence, ...]
    requirement_files: tuple[str, ...]  # that declare them, relative to the root, sorted
    extras: tuple[str, ...]  # names of the project's extras, sorted
    groups: tuple[str, ...]  # names of its dependency groups, sorted


def find_dependencies(manifests: Manifests, folder: str) -> Declared:
    """Gather what the manifests of a folder declare."""
    found: list[tuple[Evidence, list[Dependency]]] = []
    if (pyproject := manifests.get(folder, "pyproject.toml")) is not None:
        for read in (_standard, _groups, _poetry, _other_tools):
            found += read(pyproject)
    if (setup_cfg := manifests.get(folder, "setup.cfg")) is not None:
        found += _setup_cfg(setup_cfg)
    if (setup_py := manifests.get(folder, "setup.py")) is not None:
        found += _setup_py(setup_py)
    if (pipfile := manifests.get(folder, "Pipfile")) is not None:
        found += _pipfile(pipfile)
    for name in ("environment.yml", "environment.yaml"):
        if (environment := manifests.get(folder, name)) is not None:
            found += _conda(environment)
    files = requirement_files(manifests, folder)
    for path in files:
        lines = _requirement_lines(manifests, path, frozenset())
        found.append((manifests.evidence("dependencies", path), _make(lines, _group_of(path, folder))))
    distinct = dict.fromkeys(dependency for _, dependencies in found for dependency in dependencies)
    return Declared(
        dependencies=tuple(sorted(distinct, key=lambda each: (each.group, each.name, each.requirement))),
        evidence=tuple(dict.fromkeys(evidence for evidence, _ in found)),
        requirement_files=files,
        extras=_names(manifests, folder, _EXTRAS),
        groups=_names(manifests, folder, _GROUPS),
    )


def normalised(name: str) -> str:
    """Return a distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_files(manifests: Manifests, folder: str) -> tuple[str, ...]:
    """Return the requirements files of a folder and of its folder `requirements`, sorted."""
    places = (folder, join(folder, "requirements"))
    return tuple(
        path
        for path in sorted(manifests.known)
        if inside(path, folder) and parent(path) in places and _is_requirements(path, parent(path) == places[1])
    )


def _names(manifests: Manifests, folder: str, places: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    tables = [(manifests.get(folder, file), keys) for file, keys in places]
    return tuple(
        sorted({name for manifest, keys in tables if manifest is not None for name in manifest.section(*keys)})
    )


Found = list[tuple[Evidence, list[Dependency]]]


def _standard(pyproject: Manifest) -> Found:
    """PEP 621: `dependencies` and the extras."""
    found: Found = []
    if isinstance(pyproject.get("project", "dependencies"), list):
        at = pyproject.evidence("dependencies", "project", "dependencies")
        found.append((at, _make(pyproject.strings("project", "dependencies"), "")))
    elif pyproject.section("project") and "dependencies" not in pyproject.strings("project", "dynamic"):
        found.append((pyproject.evidence("dependencies", "project"), []))
    for extra in pyproject.section("project", "optional-dependencies"):
        keys = ("project", "optional-dependencies", extra)
        found.append((pyproject.evidence("dependencies", *keys), _make(pyproject.strings(*keys), extra)))
    return found


def _groups(pyproject: Manifest) -> Found:
    """PEP 735: what a group includes is declared by the included group."""
    return [
        (
            pyproject.evidence("dependencies", "dependency-groups", group),
            _make(pyproject.strings("dependency-groups", group), group),
        )
        for group in pyproject.section("dependency-groups")
    ]


def _poetry(pyproject: Manifest) -> Found:
    tables: list[tuple[tuple[str, ...], str]]
    tables = [(("tool", "poetry", "dependencies"), ""), (("tool", "poetry", "dev-dependencies"), "dev")]
    tables += [
        (("tool", "poetry", "group", group, "dependencies"), group)
        for group in pyproject.section("tool", "poetry", "group")
    ]
    return _tables(pyproject, tables)


def _other_tools(pyproject: Manifest) -> Found:
    """uv's, PDM's and Hatch's own arrays."""
    arrays: list[tuple[tuple[str, ...], str]] = [(("tool", "uv", "dev-dependencies"), "dev")]
    pdm = ("tool", "pdm", "dev-dependencies")
    arrays += [((*pdm, group), group) for group in pyproject.section(*pdm)]
    hatch = ("tool", "hatch", "envs")
    arrays += [((*hatch, each, "dependencies"), each) for each in pyproject.section(*hatch)]
    return [
        (pyproject.evidence("dependencies", *keys), _make(pyproject.strings(*keys), group))
        for keys, group in arrays
        if pyproject.get(*keys) is not None
    ]


def _setup_cfg(setup_cfg: Manifest) -> Found:
    found: Found = []
    if isinstance(text := setup_cfg.get("options", "install_requires"), str):
        at = setup_cfg.evidence("dependencies", "options", "install_requires")
        found.append((at, _make(text.splitlines(), "")))
    for extra, text in setup_cfg.section("options.extras_require").items():
        at = setup_cfg.evidence("dependencies", "options.extras_require", extra)
        found.append((at, _make(str(text).splitlines(), extra)))
    return found


def _setup_py(setup_py: Manifest) -> Found:
    """Read the literal arguments of setup(); what is computed there is not known without running it."""
    try:
        module = ast.parse(setup_py.text)
    except (SyntaxError, ValueError):
        return []
    found: Found = []
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    for call in calls:
        if not ast.unparse(call.func).endswith("setup"):
            continue
        for keyword in call.keywords:
            at = Evidence("dependencies", setup_py.path, keyword.lineno, setup_py.digest)
            if keyword.arg == "install_requires":
                found.append((at, _make(_literal_strings(keyword.value), "")))
            elif keyword.arg == "extras_require" and isinstance(keyword.value, ast.Dict):
                for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        found.append((at, _make(_literal_strings(value), key.value)))
    return found


def _pipfile(pipfile: Manifest) -> Found:
    return _tables(pipfile, [(("packages",), ""), (("dev-packages",), "dev")])


def _conda(environment: Manifest) -> Found:
    """Read the list below `dependencies:`; a list of pip's below it counts too."""
    lines = environment.text.splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("dependencies:")), None)
    if start is None:
        return []
    dependencies = []
    for line in lines[start + 1 :]:
        if line.strip() and not line.startswith((" ", "-", "#", "\t")):
            break
        item = _CONDA_ITEM.match(line.partition(" #")[0])
        if item is not None and item[1] not in ("python", "pip"):
            dependencies.append(Dependency(normalised(item[1]), item[1] + (item[2] or "").strip()))
    return [(environment.evidence("dependencies", "dependencies"), dependencies)]


def _tables(manifest: Manifest, tables: Iterable[tuple[tuple[str, ...], str]]) -> Found:
    """Read tables of name = version, as Poetry and Pipenv write them."""
    found: Found = []
    for keys, group in tables:
        if not isinstance(manifest.get(*keys), Mapping):
            continue
        dependencies = [
            Dependency(normalised(name), _spelled(name, value), group)
            for name, value in manifest.section(*keys).items()
            if name != "python"
        ]
        found.append((manifest.evidence("dependencies", *keys), dependencies))
    return found


def _spelled(name: str, value: object) -> str:
    version = value.get("version", "") if isinstance(value, Mapping) else value
    return f"{name} {version}" if isinstance(version, str) and version not in ("", "*") else name


def _make(requirements: Iterable[str], group: str) -> list[Dependency]:
    return [
        Dependency(normalised(name), requirement.strip(), group)
        for requirement in requirements
        if (name := _name_of(requirement))
    ]


def _name_of(requirement: str) -> str:
    text = requirement.strip()
    if egg := _EGG.search(text):
        return egg[1]
    found = None if text.startswith(("-", "#", ".", "/")) or "://" in text.partition("@")[0] else _NAME.match(text)
    return "" if found is None else found[1]


def _literal_strings(node: ast.expr) -> list[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _is_requirements(path: str, in_folder: bool) -> bool:
    name = path.rpartition("/")[2]
    return (in_folder and name.endswith((".txt", ".in"))) or _REQUIREMENTS.match(name) is not None


def _group_of(path: str, folder: str) -> str:
    """Return the group that a requirements file stands for: "" for run time, else what its name says."""
    name = path.rpartition("/")[2]
    if parent(path) != folder:
        stem = name.rpartition(".")[0]
        return "" if stem in ("base", "main", "prod", "production", "requirements") else stem
    found = _REQUIREMENTS.match(name)
    return "" if found is None else (found["after"] or found["before"] or "")


def _requirement_lines(manifests: Manifests, path: str, seen: frozenset[str]) -> list[str]:
    """Return the requirement lines of a file and of the files that it includes."""
    if path in seen:
        return []
    lines = []
    text = manifests.tree.read(path) or ""
    for line in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        words = line.split(maxsplit=1)
        if len(words) == 2 and words[0] in ("-r", "--requirement"):
            lines += _requirement_lines(manifests, join(parent(path), words[1]), seen | {path})
        elif line.startswith(("-e ", "--editable ")) and "#egg=" in line:
            lines.append(words[1])
        elif line:
            lines.append(line.partition(" --hash")[0].strip())
    return lines
