"""Running confined is like running: exit codes, signals, output, reports and ends come through every sandbox."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.confine import Enclosure
from regreen.core.errors import CannotRun, ToolMissing
from regreen.core.testing import CommandSpec, Ended
from regreen.execution import LocalExecutor, Sandbox, without_sandbox
from regreen.execution.sandbox import Limits
from tests.support.sandboxes import KINDS, OF_NAMESPACES, confined, sandbox_of

every_kind = pytest.mark.parametrize("kind", KINDS)
of_namespaces = pytest.mark.parametrize("kind", OF_NAMESPACES)
HANG = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
# A child that leaves the session and clears its environment, and a grandchild in a group of its own.
FOREST = """
import os, sys, time
os.makedirs("pids", exist_ok=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setpgid(0, 0)
    open(f"pids/{os.getpid()}", "w").close()
    os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)", sys.argv[1]], {})
while len(os.listdir("pids")) < 2:
    time.sleep(0.01)
"""


def lives(mark: str) -> list[str]:
    """Return the processes that carry a mark in their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and mark.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return [pid for pid in found if int(pid) != os.getpid()]


@every_kind
@pytest.mark.parametrize(
    ("code", "ended", "exit_code"),
    [
        ("pass", Ended.EXITED, 0),
        ("raise SystemExit(3)", Ended.EXITED, 3),
        ("raise SystemExit(255)", Ended.EXITED, 255),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Ended.SIGNALLED, -11),
        ("import os; os.abort()", Ended.SIGNALLED, -6),
        ("import os; os.kill(os.getpid(), 9)", Ended.SIGNALLED, -9),
        ("import os; os.kill(os.getpid(), 15)", Ended.SIGNALLED, -15),
    ],
)
def test_the_end_of_the_program_is_the_end_of_the_run(
    kind: str, code: str, ended: Ended, exit_code: int, tmp_path: Path
) -> None:
    raw = confined(sandbox_of(kind), tmp_path, code)
    assert (raw.ended, raw.exit_code, raw.stderr) == (ended, exit_code, "")


@every_kind
def test_both_streams_arrive_and_nothing_is_in_between(kind: str, tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); print(repr(sys.stdin.read()))"
    raw = confined(sandbox_of(kind), tmp_path, code)
    assert (raw.stdout, raw.stderr) == ("out\n''\n", "err\n")


@every_kind
def test_huge_output_is_cut_in_the_middle(kind: str, tmp_path: Path) -> None:
    raw = confined(sandbox_of(kind), tmp_path, "for n in range(100000): print(n, 'x' * 100)")
    assert raw.stdout.startswith("0 xxx")
    assert raw.stdout.endswith("99999 " + "x" * 100 + "\n")
    assert "bytes left out" in raw.stdout


@every_kind
def test_the_report_is_followed_while_it_grows(kind: str, tmp_path: Path) -> None:
    (tree := tmp_path / "tree").mkdir()
    (scratch := tmp_path / "scratch").mkdir()
    report = str(scratch / "report.jsonl")
    cancel = Cancellation()
    code = f"import time; open({report!r}, 'a').write('one\\n'); time.sleep(600)"
    spec = CommandSpec((sys.executable, "-c", code), str(tree), report=report, writable=(str(scratch),))
    spec = CommandSpec(spec.argv, spec.cwd, report=report, enclosure=Enclosure.at(str(tree)), writable=(str(scratch),))
    with pytest.raises(Cancelled):
        LocalExecutor(sandbox=sandbox_of(kind)).run(cancel, spec, lambda line: cancel.cancel())


@every_kind
def test_a_hang_that_ignores_the_polite_signal_is_killed(kind: str, tmp_path: Path) -> None:
    assert confined(sandbox_of(kind), tmp_path, HANG, timeout=0.5).ended is Ended.TIMED_OUT


@every_kind
def test_the_request_for_a_stack_reaches_the_program(kind: str, tmp_path: Path) -> None:
    code = (
        "import faulthandler, signal, sys, time\n"
        "faulthandler.register(signal.SIGUSR2, file=sys.stderr, all_threads=True)\n"
        "def hanging():\n    open('ready', 'w').close()\n    time.sleep(600)\nhanging()"
    )
    raw = confined(sandbox_of(kind), tmp_path, code)
    assert "in hanging" in raw.stderr


@every_kind
def test_the_polite_signal_reaches_the_program_and_its_children(kind: str, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "def end(*_):\n    open(f'ended-{name}', 'w').close()\n"
        "    if name == 'parent':\n        os.wait()\n    os._exit(0)\n"
        "name = 'parent' if os.fork() else 'child'\nsignal.signal(signal.SIGTERM, end)\n"
        "signal.signal(signal.SIGUSR2, signal.SIG_IGN)\n"
        "os.mkdir(name)\nwhile not os.path.exists('child') or not os.path.exists('parent'):\n    time.sleep(0.01)\n"
        "open('ready', 'w').close()\ntime.sleep(600)"
    )
    confined(sandbox_of(kind), tmp_path, code)
    assert sorted(path.name for path in tmp_path.glob("ended-*")) == ["ended-child", "ended-parent"]


@every_kind
@pytest.mark.parametrize("hangs", [False, True])
def test_no_process_is_left_though_it_hid_its_mark(kind: str, hangs: bool, tmp_path: Path) -> None:
    mark = f"mark-of-{kind}-{hangs}-{os.getpid()}"
    code = FOREST + ("open('ready', 'w').close()\ntime.sleep(600)" if hangs else "")
    raw = confined(sandbox_of(kind), tmp_path, code, mark)
    assert raw.ended is (Ended.TIMED_OUT if hangs else Ended.EXITED), raw.stderr
    assert len(list((tmp_path / "pids").iterdir())) == 2
    assert lives(mark) == []


@every_kind
def test_a_program_that_is_not_there_is_a_missing_tool(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="cannot be started: No such file"):
        confined(sandbox_of(kind), tmp_path, "", argv=(str(tmp_path / "python"),))


@every_kind
def test_a_folder_that_is_not_there_cannot_be_run_in(kind: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="is not there"):
        confined(sandbox_of(kind), tmp_path, "pass", cwd=str(tmp_path / "gone"))


@every_kind
def test_a_keeper_that_is_gone_is_an_error(kind: str, tmp_path: Path) -> None:
    gone = Enclosure(str(tmp_path), str(tmp_path), keeper=2**22 - 1)
    with pytest.raises(CannotRun, match="cannot be built"):
        confined(sandbox_of(kind), tmp_path, "pass", enclosure=gone)


@every_kind
def test_no_descriptor_and_no_folder_is_left(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree := tmp_path / "tree").mkdir()
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    confined(sandbox_of(kind), tree, "pass")
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for code in ("pass", HANG):
        confined(sandbox_of(kind), tree, code, timeout=0.3)
    with pytest.raises(ToolMissing):
        confined(sandbox_of(kind), tree, "", argv=("/nowhere",))
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
    assert list(temporary.iterdir()) == []


@every_kind
def test_the_person_s_own_commands_are_not_confined(kind: str, tmp_path: Path) -> None:
    (tree := tmp_path / "tree").mkdir()
    raw = confined(sandbox_of(kind), tree, "open('../beside', 'w').write('x')", enclosure=None)
    assert (raw.exit_code, (tmp_path / "beside").read_text()) == (0, "x")


@of_namespaces
def test_a_copy_is_shown_in_the_place_of_the_original_with_what_it_lacks(kind: str, tmp_path: Path) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    for folder, text in ((original, "original"), (copy, "copy")):
        folder.mkdir()
        (folder / "text").write_text(text)
    (original / "env").mkdir()
    (original / "env" / "tool").write_text("tool")
    where = Enclosure(str(original), str(copy), shown=(str(original / "env"),))
    code = (
        "import os; print(os.getcwd(), open('text').read(), open('env/tool').read()); open('new', 'w').close()\n"
        "try: open('env/new', 'w')\nexcept OSError as error: print(error.strerror)"
    )
    raw = confined(sandbox_of(kind), original, code, enclosure=where)
    assert raw.stdout == f"{original} copy tool\nRead-only file system\n", raw.stderr
    assert (copy / "new").exists()
    assert not (original / "new").exists()


def test_the_weak_sandbox_refuses_to_show_a_copy_in_another_place(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot show a copy"):
        confined(sandbox_of("landlock"), tmp_path, "", enclosure=Enclosure(str(tmp_path), str(tmp_path / "copy")))


def test_without_a_sandbox_nothing_is_started_unless_the_person_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"Nothing on this machine can confine .* There is a reason"):
        confined(Sandbox("none", reasons=("There is a reason.",)), tmp_path, "pass")
    assert confined(without_sandbox(), tmp_path, "print(1)").stdout == "1\n"


@every_kind
def test_a_fork_bomb_is_ended(kind: str, tmp_path: Path) -> None:
    mark = f"bomb-of-{kind}-{os.getpid()}"
    code = (
        "import os, time\nfor n in range(2000):\n    try: pid = os.fork()\n"
        "    except BlockingIOError: print('refused', flush=True); raise SystemExit(9)\n"
        "    if pid == 0: time.sleep(600)\nprint('all', flush=True)"
    )
    raw = confined(Sandbox(kind, limits=Limits(n_processes=100)), tmp_path, code, mark)
    assert "all" not in raw.stdout
    assert raw.exit_code in (9, -9)
    assert lives(mark) == []


@every_kind
def test_memory_beyond_the_limit_ends_the_run_and_says_so(kind: str, tmp_path: Path) -> None:
    code = "held = []\nfor n in range(8192): held.append(bytearray(b'x') * (1 << 20))\nprint('all')"
    raw = confined(Sandbox(kind, limits=Limits(memory=256 << 20)), tmp_path, code)
    assert (raw.ended, raw.exit_code, raw.stdout) == (Ended.SIGNALLED, -9, "")
    assert "it took more than 256 MiB of memory" in raw.stderr


@every_kind
def test_a_file_beyond_the_limit_cannot_be_written(kind: str, tmp_path: Path) -> None:
    code = (
        "import os, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: os.truncate('big', 0) if os.path.exists('big') else os.ftruncate(os.open('big', 66), (1 << 30) + 1)\n"
        "except OSError as error: print(error.strerror)"
    )
    assert confined(sandbox_of(kind), tmp_path, code).stdout == "File too large\n"


@every_kind
def test_limits_of_the_kernel_are_set(kind: str, tmp_path: Path) -> None:
    code = "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_CORE))"
    assert confined(sandbox_of(kind), tmp_path, code).stdout == "(4096, 4096) (0, 0)\n"


@every_kind
def test_secrets_of_the_environment_stay_out(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/0")
    raw = confined(sandbox_of(kind), tmp_path, "import os; print(sorted(os.environ))")
    assert "SOME_API_KEY" not in raw.stdout
    assert "XDG_RUNTIME_DIR" not in raw.stdout
    assert "TMPDIR" in raw.stdout
