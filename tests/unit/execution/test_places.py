"""What a confined run sees of the machine: just enough of what is hidden."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from regreen.core.confine import Network
from regreen.execution.sandbox import places
from regreen.execution.sandbox.launch.landlock import all_but
from tests.support.inside import as_ordinary_user
from tests.support.sandboxes import KINDS, OF_NAMESPACES, confined, sandbox_of

of_namespaces = pytest.mark.parametrize("kind", OF_NAMESPACES)
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


def venv(folder: Path) -> Path:
    """Make an environment without installing anything; return its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return next(folder.glob("lib/python*/site-packages"))


@every_kind
def test_an_environment_elsewhere_runs_with_what_it_has_installed_as_editable(
    kind: str, tree: Path, tmp_path: Path
) -> None:
    site = venv(tmp_path / "envs" / "one")
    (tmp_path / "libs" / "src").mkdir(parents=True)
    (tmp_path / "libs" / "src" / "mine.py").write_text("NAME = 'mine'")
    (site / "editable.pth").write_text(f"{tmp_path}/libs/src\n")
    code = "import sys, mine; print(mine.NAME, sys.prefix)"
    raw = confined(sandbox_of(kind), tree, "", argv=(str(tmp_path / "envs" / "one" / "bin" / "python"), "-c", code))
    assert raw.stdout == f"mine {tmp_path}/envs/one\n", raw.stderr


@every_kind
def test_a_program_is_found_through_links_that_are_hidden_themselves(kind: str, tree: Path, tmp_path: Path) -> None:
    venv(tmp_path / "real" / "env")
    (tmp_path / "current").symlink_to("real")
    (tmp_path / "short").symlink_to(tmp_path / "current" / "env" / "bin" / "python")
    raw = confined(sandbox_of(kind), tree, "", argv=(str(tmp_path / "short"), "-c", "print(1)"))
    assert raw.stdout == "1\n", raw.stderr
    raw = confined(sandbox_of(kind), tree, "", argv=(str(tmp_path / "current/env/bin/python"), "-c", "print(2)"))
    assert raw.stdout == "2\n", raw.stderr


@of_namespaces
def test_only_what_is_needed_of_a_hidden_folder_is_there(kind: str, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "diary").write_text("secret")
    raw = confined(sandbox_of(kind), tree, "import os; print(os.listdir('..'))")
    assert raw.stdout == "['tree']\n"


@of_namespaces
def test_a_linked_worktree_reads_its_repository_and_cannot_change_it(kind: str, tree: Path, tmp_path: Path) -> None:
    def git(*arguments: str, cwd: Path) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        done = subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True)
        return done.stdout

    (main := tmp_path / "main").mkdir()
    git("init", "-q", cwd=main)
    git("commit", "-q", "--allow-empty", "-m", "first", cwd=main)
    git("worktree", "add", "-q", str(tree / "linked"), cwd=main)
    where = tree / "linked"
    code = (
        "import subprocess as s; print(s.run(['git', 'log', '--format=%s'], capture_output=True, text=True).stdout)\n"
        "print(s.run(['git', 'tag', 'x'], capture_output=True).returncode)"
    )
    raw = confined(sandbox_of(kind), where, code)
    assert raw.stdout.split() == ["first", "128"], raw
    assert git("tag", cwd=main) == ""


@of_namespaces
def test_a_workspace_that_is_the_home_folder_shows_no_secret(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (".ssh/id", ".netrc", ".config/gh/hosts.yml", "code.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("secret")
    code = (
        "import os\nfor path in ('.ssh/id', '.netrc', '.config/gh/hosts.yml', 'code.py'):\n"
        "    print(path, len(open(path).read()) if os.path.exists(path) else None)"
    )
    raw = confined(sandbox_of(kind), tmp_path, code)
    assert raw.stdout == ".ssh/id None\n.netrc 0\n.config/gh/hosts.yml None\ncode.py 6\n", raw.stderr


def test_hidden_folders_are_named_once_without_links(tmp_path: Path) -> None:
    home = tmp_path / "me"
    home.mkdir()
    found = places.hidden(str(home))
    assert "/tmp" in found
    assert all(os.path.realpath(path) == path for path in found)
    assert not [path for path in found if places.is_below(path, [other for other in found if other != path])]


def test_a_folder_of_tools_is_shown_with_its_installation_but_never_the_home_folder(tmp_path: Path) -> None:
    home = str(tmp_path)
    environment = {"PATH": f"{home}/bin:{home}/.local/bin:{home}/opt/node/bin:relative:{home}/scripts", "GOPATH": "/g"}
    found = set(places.needed(("/usr/bin/true",), environment, home, Network.LOOPBACK))
    assert {f"{home}/bin", f"{home}/.local/bin", f"{home}/opt/node", f"{home}/scripts", "/g/pkg/mod"} <= found
    assert not {home, f"{home}/.local", "relative"} & found


def test_what_is_exposed_has_no_links_and_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    wanted = [f"{tmp_path}/link/deep", f"{tmp_path}/real", f"{tmp_path}/missing", "relative", f"{tmp_path}/kept"]
    (tmp_path / "kept").mkdir()
    shown, links = places.exposed(wanted, ("/tmp", str(tmp_path)), (f"{tmp_path}/kept",))
    assert shown == (f"{tmp_path}/real",)
    assert links == ((f"{tmp_path}/link", "real"),)


def test_a_place_that_holds_a_hidden_folder_is_not_shown(tmp_path: Path) -> None:
    assert places.exposed(["/", str(tmp_path)], (str(tmp_path),), ()) == ((), ())


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert places.exposed([f"{tmp_path}/a/x", f"{tmp_path}/a"], (str(tmp_path),), ())[0] == ()


def test_all_but_some_folders_covers_the_rest(tmp_path: Path) -> None:
    for path in ("a/b/c", "a/d", "e"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "link").symlink_to("e")
    root = str(tmp_path)
    assert list(all_but((f"{root}/a/b",), root)) == [f"{root}/a/d", f"{root}/e"]
    assert list(all_but((root,), root)) == []
    assert list(all_but(("/elsewhere",), root)) == [root]


def test_version_control_is_found_in_the_upper_levels(tmp_path: Path) -> None:
    for path in (".git", "a/.hg", "a/b/.git", "a/b/c/.git", "node_modules/x/.git"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".git").write_text("gitdir: ../.git/modules/sub\n")
    inside, outside = places.history_in(str(tmp_path), "/shown")
    assert inside == ("/shown/.git", "/shown/a/.hg", "/shown/a/b/.git", "/shown/sub/.git")
    assert outside == ()  # What lies in the workspace is shown anyway.


def check_what_is_needed_of_a_closed_installation(folder: Path) -> None:
    closed = folder / "closed"
    (closed / "bin").mkdir(parents=True)
    environment = folder / "env"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(closed / "bin" / "python3")
    (environment / "pyvenv.cfg").write_text(f"home = {closed}/bin\n")
    closed.chmod(0)
    needed = places.needed((f"{environment}/bin/python",), {"PATH": f"{closed}/bin"}, str(folder), Network.LOOPBACK)
    shown, links = places.exposed(needed, (str(folder),), ())
    assert (shown, links) == ((str(closed), str(environment)), ())


def test_an_installation_that_is_closed_to_the_person_is_passed_over() -> None:
    as_ordinary_user(check_what_is_needed_of_a_closed_installation)


def test_where_temporary_files_are_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    assert "/tmp" in places.hidden("/nonexistent")
    monkeypatch.setattr(tempfile, "tempdir", "/opt")
    assert "/opt" in places.hidden("/nonexistent")


def test_a_pointer_to_what_is_no_repository_shows_nothing(tmp_path: Path) -> None:
    """Anybody can write such a file into a workspace, its own tests included."""
    (tmp_path / "diary").mkdir()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text(f"gitdir: {tmp_path}/diary\n")
    assert places.history_in(str(tmp_path / "tree"), "/shown") == (("/shown/.git",), ())
    (tmp_path / "diary" / "HEAD").write_text("ref: refs/heads/main\n")
    assert places.history_in(str(tmp_path / "tree"), "/shown") == (("/shown/.git",), (f"{tmp_path}/diary",))


def test_packages_that_a_link_leads_to_are_shown_and_nothing_else_that_one_names(tmp_path: Path) -> None:
    root, store, secret = tmp_path / "ws", tmp_path / "store" / "node_modules", tmp_path / ".ssh"
    for folder in (root / "app" / "web", root / "lib", store, secret):
        folder.mkdir(parents=True)
    (root / "node_modules").symlink_to(store)
    (root / "lib" / "node_modules").symlink_to(secret)

    def packages(cwd: Path) -> list[str]:
        return list(places.linked_packages(str(cwd), str(root), str(root)))

    assert packages(root / "app" / "web") == [str(store)]
    assert packages(root / "lib") == [str(store)]
    assert packages(tmp_path) == []


@every_kind
def test_a_confined_run_reads_packages_that_lie_out_of_the_workspace(tmp_path: Path, kind: str) -> None:
    root, store = tmp_path / "ws", tmp_path / "store" / "node_modules"
    for folder in (root, store):
        folder.mkdir(parents=True)
    (store / "left-pad.js").write_text("pad", encoding="utf-8")
    (root / "node_modules").symlink_to(store)
    code = "print(open('node_modules/left-pad.js').read())"
    assert confined(sandbox_of(kind), root, code).stdout == "pad\n"
