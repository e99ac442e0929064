"""Which folders of a workspace are JavaScript or TypeScript projects, and which files belong to each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regreen.languages.folders import below, folders_above, inside, join, parent
from regreen.languages.globs import glob_matches

from .globs import alternatives
from .manifest import Manifest, Manifests
from .scripts import entry_script, scripts_of

DENO = ("deno.json", "deno.jsonc")
TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx")
JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx")
# A manifest below these is material of a test, an example or a generator, unless a workspace lists it.
FIXTURES = frozenset(
    [
        "__fixtures__",
        "__mocks__",
        "__tests__",
        "_fixtures",
        "bench",
        "benchmark",
        "benchmarks",
        "demo",
        "demos",
        "e2e",
        "example",
        "examples",
        "fixture",
        "fixtures",
        "goldens",
        "node_modules",
        "playground",
        "playgrounds",
        "sample",
        "samples",
        "sandbox",
        "spec",
        "specs",
        "template",
        "templates",
        "test",
        "test-data",
        "test-files",
        "test-output",
        "test_data",
        "testdata",
        "tests",
        "third_party",
        "vendor",
        "vendored",
    ]
)
# What lies below these serves the project above.
_SERVICES = frozenset(
    [".github", ".gitlab", ".storybook", ".vscode", "dist", "doc", "docs", "public", "scripts", "site", "website"]
)
_NO_SOURCES = FIXTURES | _SERVICES | {"test-d", "types", "typings"}
_OUTPUT = frozenset({"dist", "build", "out", "coverage", "__generated__", "generated", ".next", ".output"})
_VENDORED = frozenset({"vendor", "vendored", "third_party", "bower_components"})
_SETTINGS = re.compile(r"(?:^|/)(?:\.[^/]*|[^/]*\.config\.[^/]*|[^/]*\.d\.[cm]?ts)$")
_TEST_NAME = re.compile(r"[._-](?:test|spec)\.[cm]?[jt]sx?$|(?:^|/)(?:__tests__|tests?)/[^/]*\.[cm]?[jt]sx?$")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of the projects, sorted, and the workspace that lists each of them."""

    folders: tuple[str, ...]
    roots: tuple[tuple[str, str], ...]  # folder of a member -> folder of the workspace that lists it

    def root_of(self, folder: str) -> str:
        """Return the folder of the workspace that a project is a member of, or ""."""
        return dict(self.roots).get(folder, "")


def find_layout(manifests: Manifests) -> Layout:
    """Find the projects: every manifest that says how something is built or tested, and the members of workspaces."""
    holders = sorted({parent(path) for path in manifests.known if _is_manifest(path)})
    folders = sorted({each for path in manifests.known for each in folders_above(parent(path))})
    listed = _members(manifests, holders, folders)
    holders = sorted({*holders, *listed})
    found = {
        folder
        for folder in holders
        if _counts(manifests, folder, folder in listed) and "node_modules" not in folder.split("/")
    }
    tests = [path for path in sorted(manifests.known) if _TEST_NAME.search(path) and _owner(path, found) == ""]
    if (
        not found
        and any(FIXTURES.isdisjoint(parent(path).split("/")) for path in tests)
        and _tests_itself(manifests, tests)
    ):
        found.add(".")
    return Layout(tuple(sorted(found)), tuple(sorted((each, root) for each, root in listed.items() if each in found)))


def owned_files(manifests: Manifests, folder: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files of a project, sorted: what lies in its folder and in no project below it."""
    nested = frozenset(each for each in folders if each != folder and inside(each, folder))
    return tuple(
        path
        for path in manifests.tree.files
        if inside(path, folder) and not (nested and not nested.isdisjoint(folders_above(parent(path))))
    )


def language_of(manifests: Manifests, folder: str, owned: tuple[str, ...], layout: Layout) -> str:
    """Return the language that most of a project's sources are written in; its compiler's settings decide a tie."""
    is_root = any(root == folder for _, root in layout.roots)
    code = [path for path in (_inside(manifests, folder) if is_root else owned) if not _SETTINGS.search(path)]
    sources = [path for path in code if _NO_SOURCES.isdisjoint(below(path, folder).split("/")[:-1])]
    at_home = [path for path in sources if inside(path, join(folder, "src"))]
    for paths in (at_home, sources, code):
        n_typed = sum(path.endswith(TYPESCRIPT) for path in paths)
        n_plain = sum(path.endswith(JAVASCRIPT) for path in paths)
        if n_typed != n_plain:
            return "typescript" if n_plain < n_typed else "javascript"
    typed = manifests.has(folder, "tsconfig.json") or any(manifests.has(folder, name) for name in DENO)
    return "typescript" if typed else "javascript"


def _inside(manifests: Manifests, folder: str) -> tuple[str, ...]:
    return tuple(path for path in manifests.tree.files if inside(path, folder))


def generated_folders(owned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the topmost folders that a tool writes."""
    return _topmost(owned, _OUTPUT)


def vendored_folders(owned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the topmost folders that hold other people's code."""
    return _topmost(owned, _VENDORED)


def workspace_globs(manifests: Manifests, folder: str) -> tuple[tuple[str, ...], Manifest | None]:
    """Return the globs of a workspace's members, and the file that lists them."""
    listing = manifests.get(folder, "pnpm-workspace.yaml")
    if listing is not None and listing.strings("packages"):
        return listing.strings("packages"), listing
    for name, keys in (("package.json", ("workspaces",)), ("package.json", ("workspaces", "packages"))):
        manifest = manifests.get(folder, name)
        if manifest is not None and (globs := manifest.strings(*keys)):
            return globs, manifest
    for name in (*DENO, "lerna.json"):
        manifest = manifests.get(folder, name)
        globs = manifest.strings("packages" if name == "lerna.json" else "workspace") if manifest is not None else ()
        if globs:
            return globs, manifest
    return (), None


def _is_manifest(path: str) -> bool:
    return path.rpartition("/")[2] in ("package.json", *DENO)


def _members(manifests: Manifests, holders: list[str], folders: list[str]) -> dict[str, str]:
    """Return the folders that a workspace lists, each with the workspace's folder."""
    members: dict[str, str] = {}
    listings = {parent(path) for path in manifests.known if path.rpartition("/")[2] == "pnpm-workspace.yaml"}
    for root in sorted({*holders, *listings}):
        if not FIXTURES.isdisjoint(root.split("/")) or root in members:
            continue
        globs, _ = workspace_globs(manifests, root)
        patterns = [form for glob in globs for form in alternatives(glob.removeprefix("./").rstrip("/"))]
        wanted = [each for each in patterns if not each.startswith("!")]
        unwanted = [each[1:].removeprefix("./") for each in patterns if each.startswith("!")]
        for each in folders if wanted else ():
            if each == root or not inside(each, root) or "node_modules" in each.split("/"):
                continue
            seen = below(each, root)
            listed = any(glob_matches(seen, form) for form in wanted) and not any(
                glob_matches(seen, form) for form in unwanted
            )
            if listed and (each in holders or manifests.admit(join(each, "package.json"))):
                members[each] = root
    return members


def _counts(manifests: Manifests, folder: str, is_member: bool) -> bool:
    """Tell whether a manifest makes a project."""
    manifest = manifests.get(folder) or next(filter(None, (manifests.get(folder, name) for name in DENO)), None)
    if manifest is None:
        return False
    parts = set(folder.split("/"))
    says = _says_how(manifests, folder, manifest)
    if is_member:
        return says or FIXTURES.isdisjoint(parts)
    if not (FIXTURES | _SERVICES).isdisjoint(parts):
        return False
    if folder == "." or all(manifests.get(each) is None for each in folders_above(folder)[1:]):
        return folder == "." or says or bool(manifest.table.keys() & {"name", "scripts", "dependencies"})
    return says


def _says_how(manifests: Manifests, folder: str, manifest: Manifest) -> bool:
    """Tell whether a folder's own files say how it is tested."""
    scripts = {**scripts_of(manifest.section("scripts"), manifest.section("wireit")), **manifest.section("tasks")}
    if entry_script(scripts):
        return True
    names = [path.rpartition("/")[2] for path in manifests.known if parent(path) == folder]
    return any(_RUNNER_FILE.match(name) for name in names)


_RUNNER_FILE = re.compile(r"(?:vitest|jest|ava)\.config\.|\.mocharc\.|\.borp\.ya?ml")


def _owner(path: str, folders: set[str]) -> str:
    return next((each for each in folders_above(parent(path)) if each in folders), "")


def _tests_itself(manifests: Manifests, paths: list[str]) -> bool:
    """Tell whether a file without a manifest around it says which runner it is for."""
    return any(re.search(r"[\"']node:test[\"']|Deno\.test\(", manifests.tree.read(path) or "") for path in paths)


def _topmost(owned: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    found = set()
    for path in owned:
        segments = parent(path).split("/")
        at = next((number for number, segment in enumerate(segments) if segment in names), None)
        if at is not None:
            found.add(join(".", "/".join(segments[: at + 1])))
    return tuple(sorted(found))
