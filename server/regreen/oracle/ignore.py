"""Which paths of a workspace do not count: .gitignore rules, and folders that never hold anybody's sources."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from .there import is_there

IGNORED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", ".jj"),
        *("node_modules", "target", "site-packages", "__pycache__", "__pypackages__"),
        *(".venv", ".tox", ".nox", ".eggs", ".direnv"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".cache", ".gradle", ".terraform"),
    }
)
_IGNORED_ENDINGS = (".dist-info", ".egg-info")
# A folder with one of these is an environment or a cache, whatever its name.
_MARKS = frozenset({"pyvenv.cfg", "CACHEDIR.TAG", "conda-meta"})
_RULE_FILE = ".gitignore"
_NAMED = re.compile(r"\(\?P<\w+>")  # groups with names, which a pattern of many patterns may have only once


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of one file, with a pattern that tells quickly what none of them speaks of: almost every path."""

    spec: GitIgnoreSpec
    spoken_of: re.Pattern[str]

    def verdict(self, path: str) -> bool | None:
        """Tell whether a path is ruled out (True) or in (False); None when nothing is said."""
        return self.spec.check_file(path).include if self.spoken_of.match(path) else None


class IgnoreRules:
    """Answers for one workspace, remembering the rule files that it read. Make a new one when one of them changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._specs: dict[str, _Rules | None] = {}
        self._chains: dict[str, tuple[tuple[int, _Rules], ...]] = {}
        self._folders: dict[str, bool] = {".": False}
        self._outer = _outer_rules(root)

    def skips_folder(self, path: str, entries: Collection[str]) -> bool:
        """Tell whether to stay out of a folder, by its path and the names in it; its parents are known to count."""
        if _RULE_FILE not in entries:
            self._specs.setdefault(path, None)  # Asking the disk once more for each folder would cost as much as all.
        if path == ".":
            return False
        skipped = (
            self._named_like_ignored(path, entries) or not _MARKS.isdisjoint(entries) or self._ruled_out(path, "/")
        )
        self._folders[path] = skipped
        return skipped

    def skips_file(self, path: str) -> bool:
        """Tell whether a file is ruled out; its folder is known to count."""
        return self._ruled_out(path, "")

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether a path, or a folder above it, is ruled out. It need not exist."""
        parts = path.split("/")
        folders = ["/".join(parts[: n + 1]) for n in range(len(parts) if is_folder else len(parts) - 1)]
        if any(self._ignores_folder(folder) for folder in folders if folder != "."):
            return True
        return not is_folder and self.skips_file(path)

    def _ignores_folder(self, path: str) -> bool:
        known = self._folders.get(path)
        if known is not None:
            return known
        full = self._root / path
        marked = [mark for mark in (*_MARKS, "__init__.py", _RULE_FILE) if is_there(full / mark)]
        return self.skips_folder(path, marked)

    def _named_like_ignored(self, path: str, entries: Collection[str]) -> bool:
        name = path.rpartition("/")[2]
        if name == "target" and "__init__.py" in entries:
            return False  # A package of that name rather than a folder of build results.
        return name in IGNORED_FOLDERS or name.endswith(_IGNORED_ENDINGS)

    def _ruled_out(self, path: str, slash: str) -> bool:
        """Ask the rule files from the innermost outwards; the first that says anything decides."""
        for start, rules in self._chain(path.rpartition("/")[0] or "."):
            verdict = rules.verdict(path[start:] + slash)
            if verdict is not None:
                return verdict
        for prefix, rules in self._outer:
            verdict = rules.verdict(prefix + path + slash)
            if verdict is not None:
                return verdict
        return False

    def _chain(self, folder: str) -> tuple[tuple[int, _Rules], ...]:
        """Return the rules for what lies in a folder, innermost first, each with where its paths begin."""
        if folder not in self._chains:
            outer = () if folder == "." else self._chain(folder.rpartition("/")[0] or ".")
            own, start = self._spec(folder), 0 if folder == "." else len(folder) + 1
            self._chains[folder] = outer if own is None else ((start, own), *outer)
        return self._chains[folder]

    def _spec(self, folder: str) -> _Rules | None:
        if folder not in self._specs:
            self._specs[folder] = _read_rules(self._root / folder / _RULE_FILE)
        return self._specs[folder]


def is_rule_file(path: str) -> bool:
    """Tell whether a file decides what counts."""
    return path.rpartition("/")[2] == _RULE_FILE


def _outer_rules(root: Path) -> list[tuple[str, _Rules]]:
    """Return the rules from outside of the workspace: its repository's private excludes, and the folders above it.

    Each with what to put before a path of the workspace; innermost first. A workspace that these rules ignore as a
    whole was opened on purpose: then they say nothing.
    """
    top = next((folder for folder in (root, *root.parents) if is_there(folder / ".git")), None)
    if top is None:
        return []
    holders = [folder for folder in root.parents if folder == top or top in folder.parents]
    files = [(folder / _RULE_FILE, folder) for folder in holders] + [(top / ".git" / "info" / "exclude", top)]
    rules = []
    for file, folder in files:
        relative = root.relative_to(folder).as_posix()
        spec = _read_rules(file)
        if spec is None:
            continue
        if relative != "." and spec.verdict(relative + "/"):
            return []
        rules.append(("" if relative == "." else f"{relative}/", spec))
    return rules


def _read_rules(file: Path) -> _Rules | None:
    try:
        text = file.read_text("utf-8", errors="surrogateescape")
    except OSError:
        return None  # No such file, or not readable: it rules nothing out, as for git.
    return _compile(text.splitlines())


def _compile(lines: list[str]) -> _Rules | None:
    """Compile rules, leaving out the lines that are no patterns, as git does."""
    good = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        good.append(line)
    spec = GitIgnoreSpec.from_lines(good)
    patterns = [_NAMED.sub("(?:", each.regex.pattern) for each in spec.patterns if each.regex is not None]
    return _Rules(spec, re.compile("|".join(f"(?:{pattern})" for pattern in patterns))) if patterns else None
