"""Dirty states that people's workspaces are really in, each made by one function, and the damage that a run may do."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Make = Callable[[Path], object]

_IDENTITY = ("-c", "user.name=A Person", "-c", "user.email=person@example.org", "-c", "init.defaultBranch=main")
_FILES = {
    "a.py": b"def a():\n    return 1\n",
    "pkg/b.py": b"def b():\n    return 2\n",
    "pkg/deep/c.txt": b"one\ntwo\nthree\n",
    "run.sh": b"#!/bin/sh\nexit 0\n",
    "data.bin": bytes(range(256)) * 4,
}
_HOOK = "#!/bin/sh\ntouch '{mark}'\n"


@dataclass(frozen=True, slots=True)
class Dirty:
    """One state: what it is called, and how it is made in a fresh workspace with one commit."""

    name: str
    make: Make
    rights: bool = False  # made of permissions: looks different to an ordinary user


def git(root: Path, *arguments: str, check: bool = True) -> str:
    """Run git as the person would."""
    done = subprocess.run(["git", *_IDENTITY, *arguments], cwd=root, capture_output=True, text=True, errors="replace")
    if check and done.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def write(root: Path, path: str, content: bytes | str = b"new\n") -> Path:
    """Write one file and the folders above it."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def make_template(folder: Path) -> Path:
    """Make the workspace that every state starts from."""
    for path, content in _FILES.items():
        write(folder, path, content)
    (folder / "run.sh").chmod(0o755)
    git(folder, "init", "-q")
    shutil.rmtree(folder / ".git" / "hooks", ignore_errors=True)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "repack", "-q", "-a", "-d")
    return folder


def commit(root: Path, message: str = "more") -> None:
    """Commit everything."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def _without_repository(root: Path) -> None:
    shutil.rmtree(root / ".git")


def _unborn(root: Path) -> None:
    shutil.rmtree(root / ".git")
    git(root, "init", "-q")


def _unborn_staged(root: Path) -> None:
    _unborn(root)
    git(root, "add", "a.py")


def _modified(root: Path) -> None:
    write(root, "a.py", "def a():\n    return 'work in progress'\n")


def _staged(root: Path) -> None:
    _modified(root)
    git(root, "add", "a.py")


def _staged_and_modified(root: Path) -> None:
    _staged(root)
    write(root, "a.py", "a third text\n")


def _deleted(root: Path) -> None:
    (root / "pkg" / "b.py").unlink()


def _deleted_staged(root: Path) -> None:
    git(root, "rm", "-q", "pkg/b.py")


def _untracked(root: Path) -> None:
    write(root, "notes.txt")
    write(root, "drafts/one/two.txt")


def _renamed(root: Path) -> None:
    git(root, "mv", "a.py", "renamed.py")


def _intent_to_add(root: Path) -> None:
    write(root, "intended.py")
    git(root, "add", "-N", "intended.py")


def _kept_but_removed_from_index(root: Path) -> None:
    git(root, "rm", "-q", "--cached", "a.py")


def _branches(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "other")
    write(root, "a.py", "theirs\n")
    commit(root, "theirs")
    git(root, "checkout", "-q", "main")
    write(root, "a.py", "ours\n")
    commit(root, "ours")


def _merging(root: Path) -> None:
    _branches(root)
    git(root, "merge", "other", check=False)


def _rebasing(root: Path) -> None:
    _branches(root)
    git(root, "rebase", "other", check=False)


def _picking(root: Path) -> None:
    _branches(root)
    git(root, "cherry-pick", "other", check=False)


def _detached(root: Path) -> None:
    git(root, "checkout", "-q", "--detach")
    _modified(root)


def _stashed(root: Path) -> None:
    _modified(root)
    git(root, "stash")
    write(root, "a.py", "after the stash\n")


def _sparse(root: Path) -> None:
    git(root, "sparse-checkout", "set", "pkg")
    write(root, "pkg/b.py", "edited\n")


def _locked(root: Path) -> None:
    _modified(root)
    write(root, ".git/index.lock", b"")


def _assumed_unchanged(root: Path) -> None:
    git(root, "update-index", "--assume-unchanged", "a.py")
    _modified(root)


def _skipped(root: Path) -> None:
    git(root, "update-index", "--skip-worktree", "a.py")
    _modified(root)


def _autocrlf(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    write(root, "a.py", b"one\r\ntwo\r\n")
    git(root, "add", "a.py")


def _eol(root: Path) -> None:
    write(root, ".gitattributes", "* text=auto eol=crlf\n")
    write(root, "a.py", b"one\r\ntwo\r\n")
    commit(root)
    write(root, "pkg/b.py", b"mixed\r\nline\nends\r")


def _ident(root: Path) -> None:
    write(root, ".gitattributes", "*.py ident\n")
    write(root, "a.py", "# $Id$\n")
    commit(root)
    write(root, "a.py", "# $Id: something else $\n")


def _encoding(root: Path) -> None:
    write(root, ".gitattributes", "wide.txt text working-tree-encoding=UTF-16\n")
    write(root, "wide.txt", "wide\n".encode("utf-16"))
    commit(root)
    write(root, "wide.txt", b"\xff\xfeb\x00a")


def _filter(root: Path) -> None:
    write(root, ".gitattributes", "*.py filter=lossy\n")
    git(root, "config", "filter.lossy.clean", f"sh -c 'touch {root.parent}/mark; echo gone'")
    git(root, "config", "filter.lossy.smudge", f"sh -c 'touch {root.parent}/mark; echo gone'")
    _modified(root)


def _required_filter(root: Path) -> None:
    write(root, ".gitattributes", "*.py filter=missing\n")
    git(root, "config", "filter.missing.clean", "no-such-program")
    git(root, "config", "filter.missing.required", "true")
    _modified(root)


def _large_file_storage(root: Path) -> None:
    write(root, ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    git(root, "config", "filter.lfs.smudge", "no-such-lfs %f")
    git(root, "config", "filter.lfs.clean", "no-such-lfs %f")
    write(root, "data.bin", f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n")


def _file_monitor(root: Path) -> None:
    command = write(root.parent, "monitor.sh", _HOOK.format(mark=root.parent / "mark"))
    command.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(command))
    _modified(root)


def _hooks(root: Path) -> None:
    for name in ("post-index-change", "reference-transaction", "pre-commit", "post-checkout", "pre-auto-gc"):
        hook = write(root, f".git/hooks/{name}", _HOOK.format(mark=root.parent / "mark"))
        hook.chmod(0o755)
    _modified(root)


def _split_index(root: Path) -> None:
    git(root, "update-index", "--split-index")
    git(root, "config", "core.splitIndex", "true")
    _modified(root)


def _odd_names(root: Path) -> None:
    for name in ("new\nline", " leading", "trailing ", '"quoted"', "tab\there", "back\\slash", "é", "e\u0301"):
        write(root, f"odd/{name}")
    commit(root)
    write(root, "odd/new\nline", "edited\n")


def _names_that_are_not_text(root: Path) -> None:
    for name in (b"\xff\xfe", b"caf\xe9.txt", b"\x80"):
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(name)


def _magic_names(root: Path) -> None:
    for name in (":(glob)x", ":!a.py", "-rf", "--", "*", "[a]", "HEAD", "@"):
        write(root, name)


def _excluded(root: Path) -> None:
    write(root, ".git/info/exclude", "*.local\n")
    write(root, "settings.local")


def _tracked_but_ignored(root: Path) -> None:
    write(root, ".gitignore", "*.bin\n")
    write(root, "data.bin", b"changed")


def _ignored(root: Path) -> None:
    write(root, ".gitignore", ".env\n*.db\nout/\n")
    write(root, ".env", "SECRET=1\n")
    write(root, "t.db", b"SQLite format 3\0" + bytes(4096))
    write(root, "out/result.txt")


def _empty_folders(root: Path) -> None:
    (root / "empty" / "inner").mkdir(parents=True)
    (root / "pkg" / "nothing").mkdir()


def _links(root: Path) -> None:
    for name, target in (
        ("to_file", "a.py"),
        ("to_folder", "pkg"),
        ("nowhere", "gone/there"),
        ("odd", ".//pkg/../a.py"),
    ):
        (root / name).symlink_to(target)
    os.symlink("./a.py", root / "dotted")  # noqa: PTH211 - byte for byte
    (root / "outside").symlink_to("/etc")


def _pipe(root: Path) -> None:
    os.mkfifo(root / "pipe", 0o640)


def _modes(root: Path) -> None:
    for n, mode in enumerate((0o600, 0o444, 0o750, 0o666, 0o4755, 0o111)):
        write(root, f"mode{n}").chmod(mode)
    (root / "pkg").chmod(0o2775)


def _executable(root: Path) -> None:
    git(root, "config", "core.fileMode", "false")
    (root / "a.py").chmod(0o755)
    (root / "run.sh").chmod(0o644)


def _read_only_folder(root: Path) -> None:
    write(root, "sealed/inner/file")
    (root / "sealed" / "inner").chmod(0o555)
    (root / "sealed").chmod(0o555)


def _unreadable_file(root: Path) -> None:
    write(root, "secret").chmod(0)
    write(root, "folder/secret").chmod(0o044)


def _unreadable_folder(root: Path) -> None:
    write(root, "closed/inside")
    (root / "closed").chmod(0)
    (root / "drop").mkdir(mode=0o300)


def _nested(root: Path) -> None:
    inner = root / "vendor" / "lib"
    write(inner, "lib.py")
    git(inner, "init", "-q")
    commit(inner)
    write(inner, "lib.py", "edited\n")


def _nested_unborn(root: Path) -> None:
    write(root, "inner/file")
    git(root / "inner", "init", "-q")


def _submodule(root: Path) -> None:
    source = root.parent / "source"
    write(source, "sub.py")
    git(source, "init", "-q")
    commit(source)
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(source), "sub")
    commit(root)
    write(root, "sub/sub.py", "dirty\n")
    write(root, "sub/new.py")


def _worktree(root: Path) -> None:
    main = root.parent / "main"
    root.rename(main)
    git(main, "worktree", "add", "-q", str(root))
    _modified(root)


def _swapped(root: Path) -> None:
    (root / "a.py").unlink()
    write(root, "a.py/inside")
    shutil.rmtree(root / "pkg")
    write(root, "pkg")


def _text_oddities(root: Path) -> None:
    write(root, "bom.py", b"\xef\xbb\xbfx = 1\r\n")
    write(root, "no_end.py", b"x = 1")
    write(root, "nothing.py", b"")
    write(root, "zeros", b"\0" * 5000)


def _large(root: Path) -> None:
    write(root, "large.bin", bytes(range(256)) * 10_000)


def _hard_links(root: Path) -> None:
    os.link(root / "a.py", root / "also_a.py")


def _deep(root: Path) -> None:
    write(root, "/".join(["d"] * 60) + "/end")


def _same_but_for_case(root: Path) -> None:
    for name in ("Name", "name", "NAME"):
        write(root, name, name)


def _odd_times(root: Path) -> None:
    os.utime(root / "a.py", ns=(0, 1))
    os.utime(root / "run.sh", ns=(0, 4_000_000_000_123_456_789))
    os.utime(root / "pkg", ns=(0, 1_000_000_000))


def _other_hashes(root: Path) -> None:
    shutil.rmtree(root / ".git")
    git(root, "init", "-q", "--object-format=sha256")
    commit(root)
    git(root, "repack", "-q", "-a", "-d")
    _modified(root)


def _below_a_repository(root: Path) -> None:
    (root / ".git").rename(root.parent / ".git")
    _modified(root)


def _dirty_repository(root: Path) -> None:
    _staged_and_modified(root)
    _untracked(root)
    _ignored(root)
    _links(root)
    _empty_folders(root)


def _socket(root: Path) -> None:
    with contextlib.chdir(root), socket.socket(socket.AF_UNIX) as server:
        server.bind("door.sock")


STATES: tuple[Dirty, ...] = (
    Dirty("a clean tree", lambda _: None),
    Dirty("no repository", _without_repository),
    Dirty("no commit yet", _unborn),
    Dirty("no commit yet, something staged", _unborn_staged),
    Dirty("modified", _modified),
    Dirty("staged", _staged),
    Dirty("staged, then modified again", _staged_and_modified),
    Dirty("deleted", _deleted),
    Dirty("deleted and staged", _deleted_staged),
    Dirty("untracked", _untracked),
    Dirty("renamed", _renamed),
    Dirty("intent to add", _intent_to_add),
    Dirty("out of the index, still there", _kept_but_removed_from_index),
    Dirty("merge in progress", _merging),
    Dirty("rebase in progress", _rebasing),
    Dirty("cherry-pick in progress", _picking),
    Dirty("detached head", _detached),
    Dirty("a stash", _stashed),
    Dirty("sparse checkout", _sparse),
    Dirty("index.lock held", _locked),
    Dirty("assume-unchanged", _assumed_unchanged),
    Dirty("skip-worktree", _skipped),
    Dirty("autocrlf", _autocrlf),
    Dirty("eol attribute, mixed line ends", _eol),
    Dirty("ident", _ident),
    Dirty("working-tree-encoding", _encoding),
    Dirty("a lossy clean filter", _filter),
    Dirty("a required filter that is missing", _required_filter),
    Dirty("a pointer to large file storage", _large_file_storage),
    Dirty("a file monitor command", _file_monitor),
    Dirty("hooks", _hooks),
    Dirty("split index", _split_index),
    Dirty("odd names", _odd_names),
    Dirty("names that are not text", _names_that_are_not_text),
    Dirty("names that mean something to git", _magic_names),
    Dirty("excluded in the repository", _excluded),
    Dirty("tracked but ignored", _tracked_but_ignored),
    Dirty("ignored files", _ignored),
    Dirty("empty folders", _empty_folders),
    Dirty("links", _links),
    Dirty("a pipe", _pipe),
    Dirty("a socket", _socket),
    Dirty("modes", _modes, rights=True),
    Dirty("executable bits that git does not see", _executable, rights=True),
    Dirty("a read-only folder", _read_only_folder, rights=True),
    Dirty("unreadable files", _unreadable_file, rights=True),
    Dirty("unreadable folders", _unreadable_folder, rights=True),
    Dirty("a nested repository", _nested),
    Dirty("a nested repository without a commit", _nested_unborn),
    Dirty("a submodule", _submodule),
    Dirty("a linked worktree", _worktree),
    Dirty("a file where a folder was", _swapped),
    Dirty("byte order mark, no last line end", _text_oddities),
    Dirty("a large file", _large),
    Dirty("hard links", _hard_links),
    Dirty("a deep tree", _deep),
    Dirty("names that differ in case", _same_but_for_case),
    Dirty("odd times", _odd_times),
    Dirty("a repository with other hashes", _other_hashes),
    Dirty("a folder of a repository", _below_a_repository),
    Dirty("much at once", _dirty_repository),
)


def damages() -> Iterator[tuple[str, Make]]:
    """Return the ways of damage: each is done to every file or folder outside of the repositories' own."""
    yield "deleted", lambda root: _to_files(root, Path.unlink)
    yield "edited", lambda root: _to_files(root, _edit)
    yield "edited, same size and time", lambda root: _to_files(root, _edit_quietly)
    yield "replaced by a folder", lambda root: _to_files(root, _to_folder)
    yield "replaced by a link", lambda root: _to_files(root, _to_link)
    yield "modes", _change_modes
    yield "created", _create
    yield "folders deleted", _delete_folders


def _places(root: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, inner, files in os.walk(root):
        linked = [name for name in inner if Path(folder, name).is_symlink()]
        inner[:] = sorted(name for name in inner if name != ".git" and name not in linked)
        yield Path(folder), sorted([*linked, *files])


def _to_files(root: Path, do: Callable[[Path], object]) -> None:
    for folder, files in list(_places(root)):
        for name in files:
            # Somebody without the right to do it does no damage. A door of another program is none of the run's.
            if not (folder / name).is_socket():
                with contextlib.suppress(PermissionError):
                    do(folder / name)


def _edit(file: Path) -> None:
    if file.is_symlink():
        file.unlink()
        file.symlink_to("elsewhere")
    elif file.is_file():
        file.write_bytes(b"damaged\n")


def _edit_quietly(file: Path) -> None:
    if file.is_file() and not file.is_symlink():
        state = file.stat()
        file.write_bytes(bytes(255 - byte for byte in file.read_bytes()))
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def _to_folder(file: Path) -> None:
    file.unlink()
    write(file, "inside/it")


def _to_link(file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/hostname")


def _change_modes(root: Path) -> None:
    for folder, files in reversed(list(_places(root))):
        for name in files:
            if not (folder / name).is_symlink() and not (folder / name).is_socket():
                (folder / name).chmod(0)
        folder.chmod(0o500)


def _create(root: Path) -> None:
    for folder, _ in list(_places(root)):
        with contextlib.suppress(PermissionError):
            write(folder, "created.txt")
            write(folder, "created/inner/file")
            (folder / "created_link").symlink_to("created.txt")
            os.mkfifo(folder / "created_pipe")


def _delete_folders(root: Path) -> None:
    for inner in sorted(root.iterdir()):
        if inner.is_dir() and not inner.is_symlink() and inner.name != ".git" and not any(inner.rglob(".git/HEAD")):
            with contextlib.suppress(PermissionError):
                shutil.rmtree(inner)
