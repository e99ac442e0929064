"""Which places of the machine a confined run sees: what is hidden, and what is shown again because it is needed."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from regreen.core.confine import Network

_PRIVATE = ("/root", "/home", "/tmp", "/var/tmp", "/run", "/var/run")
_TOOLS_BELOW = frozenset({"bin", "sbin", "shims", "Scripts", "condabin"})
# Named by an environment variable, or lying below the home folder: read-only.
_BY_VARIABLE = (
    "VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT", "GOROOT", "GOMODCACHE", "CARGO_HOME", "RUSTUP_HOME", "NVM_DIR",
    "VOLTA_HOME", "FNM_DIR", "PNPM_HOME", "COREPACK_HOME", "JAVA_HOME", "ASDF_DATA_DIR", "MISE_DATA_DIR",
)  # fmt: skip
_PACKAGES = "node_modules"
_BELOW_HOME = (
    ".asdf", ".bun", ".cargo", ".deno", ".fnm", ".local/bin", ".local/lib", ".local/share/fnm", ".local/share/mise",
    ".local/share/pnpm", ".local/share/uv", ".nvm", ".pyenv", ".rustup", ".sdkman", ".volta", "go/bin", "go/pkg/mod",
)  # fmt: skip
_TOOLCHAINS = {
    "CARGO_HOME": ".cargo",
    "GOMODCACHE": "go/pkg/mod",
    "NVM_DIR": ".nvm",
    "PYENV_ROOT": ".pyenv",
    "RUSTUP_HOME": ".rustup",
    "VOLTA_HOME": ".volta",
}
_CACHES = (".cache/go-build",)
_SECRETS_BELOW_HOME = (
    ".aws", ".azure", ".bash_history", ".cargo/credentials", ".cargo/credentials.toml", ".config/gcloud",
    ".config/gh", ".config/git/credentials", ".config/hub", ".docker", ".gem/credentials", ".git-credentials",
    ".gnupg", ".kube", ".local/share/keyrings", ".mozilla", ".netrc", ".npmrc", ".password-store", ".pgpass",
    ".pypirc", ".python_history", ".ssh", ".terraform.d", ".vault-token", ".zsh_history",
)  # fmt: skip
_SECRETS_OF_SYSTEM = (
    "/etc/gshadow", "/etc/gshadow-", "/etc/krb5.keytab", "/etc/shadow", "/etc/shadow-", "/etc/ssl/private",
    "/etc/sudoers", "/etc/sudoers.d", "/var/lib/docker", "/var/lib/kubelet", "/var/spool/cron", "/boot/efi",
)  # fmt: skip
_IN_PATH_FILES = re.compile(r"/[^\s'\":;,]+")
_LARGEST_PATH_FILE = 64 * 1024
_FOLDERS_LOOKED_AT = 2000
_HISTORY = (".git", ".hg", ".svn", ".jj")
_HEAVY = frozenset({"node_modules", "site-packages", "target", ".venv", "venv", ".tox", ".nox", "__pycache__"})


def home_folder() -> str:
    """Return the person's home folder; a folder that is nowhere when they have none."""
    found = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises for a user that the system does not know
    return found if found.startswith("/") and found != "/" else "/nonexistent"


def hidden(home: str) -> tuple[str, ...]:
    """Return the folders that are empty inside, outermost first."""
    there = {os.path.realpath(path) for path in (*_PRIVATE, tempfile.gettempdir(), home) if is_folder(path)} - {"/"}
    return tuple(sorted(path for path in there if not any(_is_below(path, other) for other in there)))


def needed(argv: tuple[str, ...], environment: Mapping[str, str], home: str, network: Network) -> Iterator[str]:
    """Name what a run needs to read, as it is spelled: its program, the tools on its path, our own files."""
    yield from (sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2]))
    yield from _installation(argv[0])
    for folder in environment.get("PATH", "").split(os.pathsep):
        if folder.startswith("/"):
            yield folder
            yield _whole(folder, home)
    yield from (value for name in _BY_VARIABLE if (value := environment.get(name, "")).startswith("/"))
    yield from (f"{path}/pkg/mod" for path in environment.get("GOPATH", "").split(os.pathsep) if path.startswith("/"))
    yield from (f"{home}/{name}" for name in _BELOW_HOME)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        yield environment.get(name, "")
    if network is Network.FULL:
        yield os.path.realpath("/etc/resolv.conf")


def linked_packages(cwd: str, root: str, tree: str) -> Iterator[str]:
    """Name the folders of installed packages out of the workspace that links of the same name in it lead to.

    A link to a folder of another name is not followed: a repository could make one to whatever it wants to see.
    """
    folder = Path(cwd)
    while is_below(str(folder), (root,)):
        link = Path(tree + str(folder)[len(root) :]) / _PACKAGES
        target = os.path.realpath(link)
        if _is_link(link) and Path(target).name == _PACKAGES and is_folder(target):
            yield target
        folder = folder.parent


def caches(environment: Mapping[str, str], home: str) -> tuple[str, ...]:
    """Return the caches that a run may write to, which lose what it writes."""
    named = (environment.get("GOCACHE", ""), *(f"{home}/{name}" for name in _CACHES))
    return tuple(sorted({os.path.realpath(path) for path in named if is_folder(path)}))


def toolchains(home: str) -> dict[str, str]:
    """Return the variables that name toolchains in a home folder, for a run that has another home."""
    return {name: f"{home}/{place}" for name, place in _TOOLCHAINS.items() if is_folder(f"{home}/{place}")}


def exposed(
    wanted: Iterable[str], closed: tuple[str, ...], kept: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return what of the wanted lies in closed folders, without links, and the links that lead there.

    A place that holds a closed folder, or lies in one of those that are `kept` (shown anyhow), is left out.
    """
    shown: set[str] = set()
    links: dict[str, str] = {}
    for path in sorted(set(wanted)):
        if not path.startswith("/") or not os.path.lexists(path):
            continue
        for link, target in _links_on(path):
            if any(_is_below(link, folder) for folder in closed):
                links[link] = target
        real = os.path.realpath(path)
        if any(_is_below(real, folder) for folder in closed) and is_there(real):
            shown.add(real)
    outermost = {path for path in shown if not any(_is_below(path, other) for other in (*shown, *kept))} - set(kept)
    inside = (*outermost, *kept)
    needed_links = {
        link: target
        for link, target in links.items()
        if not any(_is_below(link, place) or link == place for place in inside)
    }
    return tuple(sorted(outermost)), tuple(sorted(needed_links.items()))


def secrets(home: str) -> tuple[str, ...]:
    """Return the files and folders that hold secrets, whether they are there or not."""
    keys = sorted(str(path) for path in Path("/etc/ssh").glob("ssh_host_*_key"))
    return (*_SECRETS_OF_SYSTEM, *keys, *(f"{home}/{name}" for name in _SECRETS_BELOW_HOME))


def listening_sockets() -> Iterator[str]:
    """Name the sockets in the file system that somebody listens on: to reach one is to borrow that program's rights."""
    try:
        rows = Path("/proc/net/unix").read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return
    for row in rows:
        path = row.split(" ")[-1]
        if path.startswith("/") and is_there(path):
            yield os.path.realpath(path)


def history_in(tree: str, shown_as: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the version control's folders and files in a tree, and those elsewhere that they point to.

    Looked for in the two upper levels: deeper ones belong to what is installed.
    """
    inside: list[str] = []
    outside: list[str] = []
    for folder in _upper_folders(tree):
        for name in _HISTORY:
            path = Path(folder, name)
            if _is_link(path) or not is_there(str(path)):
                continue
            inside.append(shown_as + str(path)[len(tree) :])
            if path.is_file():
                outside += _pointed_to(path, Path(inside[-1]).parent)
    return tuple(sorted(inside)), tuple(outside)


def is_there(path: str) -> bool:
    """Tell whether a path leads to something that can be seen from here."""
    try:
        os.stat(path)  # noqa: PTH116 - Path.exists raises what is to be taken for a no
    except OSError:
        return False
    return True


def is_folder(path: str) -> bool:
    """Tell whether a path leads to a folder that can be seen from here."""
    return bool(path) and is_there(path) and Path(path).is_dir()


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Tell whether a path is one of the folders or lies in one."""
    return any(path == folder or _is_below(path, folder) for folder in folders)


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/") and path != folder


def _installation(program: str) -> Iterator[str]:
    """Name every link on the way to a program, and the installation at each of their ends."""
    seen = set()
    while program.startswith("/") and program not in seen:
        seen.add(program)
        yield program
        folder = Path(program).parent
        prefix = folder.parent if folder.name in _TOOLS_BELOW else folder
        if 2 < len(prefix.parts):
            yield str(prefix)
            yield from _environment(prefix)
        if not _is_link(program):
            return
        program = os.path.normpath(folder / Path(program).readlink())


def _environment(prefix: Path) -> Iterator[str]:
    """Name what a Python environment points to: the interpreter it was made of, and what is installed as editable."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition("=")
        if name.strip() == "home" and value.strip().startswith("/"):
            yield from _installation(f"{value.strip()}/python3")
    for site in _found(prefix, "lib*/python*/site-packages"):
        for pointer in (*_found(site, "*.pth"), *_found(site, "__editable__*.py")):
            with contextlib.suppress(OSError):
                if pointer.is_file() and pointer.stat().st_size <= _LARGEST_PATH_FILE:
                    yield from _IN_PATH_FILES.findall(pointer.read_text("utf-8", "replace"))


def _found(folder: Path, pattern: str) -> tuple[Path, ...]:
    """Return what fits a pattern in a folder; nothing where the person may not look."""
    try:
        return tuple(sorted(folder.glob(pattern)))
    except OSError:
        return ()


def _is_link(path: str | Path) -> bool:
    return os.path.islink(path)  # noqa: PTH114 - Path.is_symlink raises where a folder on the way is closed


def _whole(folder: str, home: str) -> str:
    """Return the installation that a folder of programs belongs to; the folder itself where that says too much."""
    parent = Path(folder).parent
    too_much = {Path(home), Path(home, ".local"), Path("/"), Path("/usr")}
    return str(parent) if Path(folder).name in _TOOLS_BELOW and parent not in too_much else folder


def _links_on(path: str) -> Iterator[tuple[str, str]]:
    """Name each link on the way, with where it leads."""
    seen = set()
    parts = [part for part in path.split("/") if part]
    here = ""
    while parts:
        part = parts.pop(0)
        if part in (".", ".."):
            here = os.path.dirname(here) if part == ".." else here  # noqa: PTH120
            continue
        here = f"{here}/{part}"
        if _is_link(here) and here not in seen:
            seen.add(here)
            target = str(Path(here).readlink())
            yield here, target
            base = "" if target.startswith("/") else os.path.dirname(here)  # noqa: PTH120
            parts = [*(piece for piece in target.split("/") if piece), *parts]
            here = base


def _upper_folders(tree: str) -> Iterator[str]:
    waiting, n_seen = [(tree, 0)], 0
    while waiting:
        folder, depth = waiting.pop(0)
        yield folder
        n_seen += 1
        if depth == 2 or _FOLDERS_LOOKED_AT <= n_seen:
            continue
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
        except OSError:
            continue
        skipped = _HEAVY.union(_HISTORY)
        waiting += [(f"{folder}/{name}", depth + 1) for name in names if name not in skipped]


def _pointed_to(pointer: Path, shown_in: Path) -> Iterator[str]:
    """Name the repository of a linked worktree or a submodule, which may be told relative to where it is shown."""
    try:
        text = pointer.read_text("utf-8", "replace")
    except OSError:
        return
    found = re.match(r"gitdir: *(.+)", text)
    if found is None:
        return
    folder = Path(os.path.normpath(shown_in / found[1].strip()))
    if not is_there(str(folder / "HEAD")):  # Anybody can write such a pointer: it must not show what is no repository.
        return
    yield str(folder)
    try:
        common = (folder / "commondir").read_text("utf-8", "replace").strip()
    except OSError:
        return
    yield os.path.normpath(folder / common)
