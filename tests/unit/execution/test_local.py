"""The local executor, with real processes."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import CannotRun, ToolMissing
from regreen.core.testing import CommandSpec, Ended, RawRun
from regreen.execution import LocalExecutor
from regreen.execution.local import OUTPUT_CAP, allowed_environment
from regreen.execution.process import HeadTail
from regreen.execution.reported import REPORT_CAP
from tests.support.inside import as_ordinary_user

# A child that leaves the group and the session, then a grandchild that holds the pipes open; both write their ids.
_FOREST = """
import os, sys, time
path = sys.argv[1]
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setpgid(0, 0)
    with open(path, "a") as stream:
        stream.write(f"{os.getpid()}\\n")
    time.sleep(600)
while not os.path.exists(path) or open(path).read().count("\\n") < 2:
    time.sleep(0.01)
print("planted", flush=True)
"""


def run(code: str, *arguments: str, timeout: float = 60, report: str = "", cwd: str = "/", env: str = "") -> RawRun:
    spec = CommandSpec((sys.executable, "-c", code, *arguments), cwd, (("ADDED", env),), timeout, report)
    return LocalExecutor().run(Cancellation(), spec)


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(") ")[2][:1] not in "ZX"


def test_both_streams_and_the_exit_code_come_back() -> None:
    raw = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (raw.ended, raw.exit_code, raw.stdout, raw.stderr) == (Ended.EXITED, 3, "out\n", "err\n")


def test_a_signal_is_its_negated_number() -> None:
    raw = run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (raw.ended, raw.exit_code) == (Ended.SIGNALLED, -11)


def test_standard_output_is_handed_out_line_by_line_while_it_runs(tmp_path: Path) -> None:
    """The program goes on only once its first line has been read."""
    go = tmp_path / "go"
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        go.touch()

    code = """
import os, sys, time
print("one", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
print("two")
print("x", end="")
"""
    spec = CommandSpec((sys.executable, "-c", code, str(go)), "/", timeout=60, report_is_stdout=True)
    raw = LocalExecutor().run(Cancellation(), spec, on_line)
    assert (lines, raw.stdout, raw.report) == (["one", "two"], "one\ntwo\nx", "")


def test_nothing_can_be_read_from_standard_input() -> None:
    assert run("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_a_hang_is_killed_when_its_time_is_up() -> None:
    raw = run("import time; print('before', flush=True); time.sleep(600)", timeout=0.3)
    assert (raw.ended, raw.stdout) == (Ended.TIMED_OUT, "before\n")


def test_a_tree_that_ignores_the_polite_signal_is_killed() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    assert run(code, timeout=0.3).ended is Ended.TIMED_OUT


def test_processes_that_left_the_session_are_gone_after_a_run(tmp_path: Path) -> None:
    raw = run(_FOREST, str(tmp_path / "pids"))
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert raw.stdout == "planted\n"
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


def test_processes_that_left_the_session_are_gone_after_a_cancel(tmp_path: Path) -> None:
    cancel = Cancellation()
    spec = CommandSpec((sys.executable, "-c", _FOREST + "time.sleep(600)", str(tmp_path / "pids")), "/")
    planted = threading.Event()

    def watch() -> None:
        while not planted.is_set():
            if (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().count("\n") == 2:
                cancel.cancel()
                return
            planted.wait(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with pytest.raises(Cancelled):
        LocalExecutor().run(cancel, spec)
    planted.set()
    watcher.join()
    assert not any(alive(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_a_token_that_is_set_starts_nothing(tmp_path: Path) -> None:
    cancel = Cancellation()
    cancel.cancel()
    spec = CommandSpec((sys.executable, "-c", f"open({str(tmp_path / 'x')!r}, 'w')"), "/")
    with pytest.raises(Cancelled):
        LocalExecutor().run(cancel, spec)
    assert not (tmp_path / "x").exists()


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    """The parent here is a whole Python that runs the executor and is killed from outside."""
    inner = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()) + '.'); time.sleep(600)"
    outer = (
        "import sys; from regreen.execution import LocalExecutor; from regreen.core.cancel import Cancellation\n"
        "from regreen.core.testing import CommandSpec\n"
        f"LocalExecutor().run(Cancellation(), CommandSpec((sys.executable, '-c', {inner!r}), '/'))"
    )
    raw = run(
        "import os, subprocess, sys, time, signal\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
        "path = sys.argv[2]\n"
        "while not os.path.exists(path) or not open(path).read().endswith('.'): time.sleep(0.01)\n"
        "child.kill(); child.wait()\n"
        "pid = open(path).read()[:-1]\n"
        "for _ in range(500):\n"
        "    if not os.path.exists(f'/proc/{pid}') or ') Z' in open(f'/proc/{pid}/stat').read(): print('gone'); break\n"
        "    time.sleep(0.01)\n",
        outer,
        str(tmp_path / "pid"),
    )
    assert raw.stdout == "gone\n", raw.stderr


def test_huge_output_keeps_head_and_tail() -> None:
    raw = run("import sys\nfor n in range(200000): print(n, 'x' * 100)")
    assert raw.stdout.startswith("0 xxx")
    assert raw.stdout.endswith("199999 " + "x" * 100 + "\n")
    assert "bytes left out" in raw.stdout
    assert len(raw.stdout) < OUTPUT_CAP


def test_the_report_arrives_line_by_line_and_whole(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    report.write_text("left over from an earlier run\n")
    lines: list[str] = []
    code = f"open({str(report)!r}, 'a').write('one\\ntwo\\nhalf')"
    spec = CommandSpec((sys.executable, "-c", code), "/", report=str(report))
    raw = LocalExecutor().run(Cancellation(), spec, lines.append)
    assert lines == ["one", "two"]
    assert raw.report == "one\ntwo\n"


@pytest.mark.parametrize(
    ("then", "rewritten"),
    [
        ("open(report, 'a').write('two\\n')", False),
        ("open(report, 'r+').write('ONE\\n')", True),
        ("open(report, 'w').close()", True),
        ("os.remove(report); open(report, 'w').write('ONE\\ntwo\\n')", True),
        ("os.remove(report)", False),  # what was read was read, and nothing else is said instead
    ],
)
def test_a_run_that_takes_back_what_was_read_of_its_report_is_told(tmp_path: Path, then: str, rewritten: bool) -> None:
    """The program goes on only once its first line has been read."""
    go, report = tmp_path / "go", tmp_path / "report.jsonl"
    code = f"""
import os, time
report = {str(report)!r}
open(report, "w").write("one\\n")
while not os.path.exists({str(go)!r}):
    time.sleep(0.01)
{then}
"""
    spec = CommandSpec((sys.executable, "-c", code), "/", timeout=60, report=str(report))
    raw = LocalExecutor().run(Cancellation(), spec, lambda _line: go.touch())
    assert (raw.rewritten, raw.exit_code, raw.report[:4]) == (rewritten, 0, "one\n")


@pytest.mark.parametrize(
    "code",
    [
        "os.symlink(other, report)",
        "os.mkfifo(report)",
        "os.mkdir(report)",
        "open(report, 'w').write('secret'); os.chmod(os.path.dirname(report), 0)",
    ],
)
def test_what_tests_put_in_the_place_of_the_report_is_not_read(code: str) -> None:
    def check_nothing_is_read(folder: Path) -> None:
        (folder / "other").write_text("secret\n")
        (folder / "scratch").mkdir()
        report = folder / "scratch" / "report.jsonl"
        whole = f"import os; report, other = {str(report)!r}, {str(folder / 'other')!r}; {code}"
        raw = LocalExecutor().run(Cancellation(), CommandSpec((sys.executable, "-c", whole), "/", report=str(report)))
        assert (raw.report, raw.exit_code) == ("", 0), raw.stderr

    as_ordinary_user(check_nothing_is_read)


def test_a_report_without_end_takes_no_memory_without_end(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    code = f"open({str(report)!r}, 'w').write('one\\n'); os.truncate({str(report)!r}, {REPORT_CAP + 10})"
    spec = CommandSpec((sys.executable, "-c", f"import os; {code}"), "/", report=str(report))
    assert LocalExecutor().run(Cancellation(), spec).report == "one\n"


def test_the_report_is_read_while_the_process_runs(tmp_path: Path) -> None:
    cancel = Cancellation()
    report = tmp_path / "report.jsonl"
    code = f"import time; open({str(report)!r}, 'a').write('one\\n'); time.sleep(600)"
    spec = CommandSpec((sys.executable, "-c", code), "/", report=str(report))
    with pytest.raises(Cancelled):
        LocalExecutor().run(cancel, spec, lambda line: cancel.cancel())


def test_a_listener_that_raises_leaves_no_process(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    code = f"import os, time; open({str(report)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    spec = CommandSpec((sys.executable, "-c", code), "/", report=str(report))

    def fail(line: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        LocalExecutor().run(Cancellation(), spec, fail)
    assert not alive(int(report.read_text()))


def test_secrets_of_our_environment_stay_out_and_the_command_adds_its_own() -> None:
    ours = {"PATH": "/bin", "LC_ALL": "C", "OPENAI_API_KEY": "s", "AWS_SECRET_ACCESS_KEY": "s", "PYTHONPATH": "/x"}
    assert allowed_environment(ours) == {"LC_ALL": "C", "PATH": "/bin"}
    assert run("import os; print(os.environ['ADDED'])", env="yes").stdout == "yes\n"


def test_a_program_that_is_not_there_is_a_missing_tool(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="cannot be started"):
        LocalExecutor().run(Cancellation(), CommandSpec((str(tmp_path / "python"),), "/"))


def test_a_folder_that_vanished_cannot_be_run_in(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="is not there"):
        LocalExecutor().run(Cancellation(), CommandSpec((sys.executable,), str(tmp_path / "gone")))


def test_no_descriptor_is_left_open() -> None:
    run("pass")
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(3):
        run("print(1)")
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_text_that_fits_is_whole_and_text_that_does_not_says_what_is_missing() -> None:
    kept = HeadTail(10)
    for chunk in (b"abc", b"defg", b"hij"):
        kept.add(chunk)
    assert kept.text() == "abcdefghij"
    kept.add(b"0123456789" * 3)
    assert kept.text() == "abcde\n[... 30 bytes left out ...]\n56789"
