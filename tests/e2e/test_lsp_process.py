"""The server as a process: its streams, its end, its answers under load. Only the sessions are fakes."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.calc import ADD, Desk
from tests.support.editor import PATIENCE, REPOSITORY, Answer, Editor, framed

FAKE = (sys.executable, "-m", "tests.support.serve_fake")
HOVER = {"textDocument": {"uri": "file:///w/a.py"}, "position": {"line": 0, "character": 0}}


@pytest.fixture
def editor() -> Iterator[Editor]:
    with Editor.start(*FAKE) as editor:
        yield editor


@pytest.fixture
def at(editor: Editor, tmp_path: Path) -> Desk:
    return Desk(editor, tmp_path)


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == pid:
            found.append(int(entry.name))
    return found


# -- the end


def test_shutdown_and_exit_are_status_0_and_nothing_is_left(at: Desk) -> None:
    at.run()
    assert at.editor.process is not None
    pid = at.editor.process.pid
    assert at.editor.shut_down() == 0
    assert children_of(pid) == []
    assert at.editor.errors() == ""


def test_exit_without_shutdown_is_status_1(editor: Editor) -> None:
    editor.initialize()
    editor.notify("exit", None)
    assert editor.exit_code() == 1


def test_exit_before_the_handshake_is_status_1(editor: Editor) -> None:
    editor.notify("exit", None)
    assert editor.exit_code() == 1


@pytest.mark.parametrize("flag", ["", ".wait", ".spin"])
def test_the_end_of_the_input_ends_the_server_soon(at: Desk, flag: str) -> None:
    if flag:
        (at.root / flag).touch()
        at.begin("regreen.runTests")
        at.editor.until(lambda: bool(at.editor.told("regreen/status")))
    else:
        at.run()
    started = time.monotonic()
    at.editor.end_input()
    assert at.editor.exit_code(patience=20) == 1
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("flag", [".wait", ".spin", ".deaf"])
def test_shutdown_during_a_job_is_answered_and_the_process_ends(at: Desk, flag: str) -> None:
    (at.root / flag).touch()
    running = at.begin("regreen.runTests")
    at.editor.until(lambda: bool(at.editor.told("regreen/status")))
    started = time.monotonic()
    assert at.editor.shut_down() == 0
    assert time.monotonic() - started < 15
    with pytest.raises(Answer) as answer:
        at.editor.answer(running)
    assert answer.value.code == -32800


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_server_in_order(at: Desk, number: int, status: int) -> None:
    (at.root / ".wait").touch()
    at.begin("regreen.runTests")
    at.editor.until(lambda: bool(at.editor.told("regreen/status")))
    assert at.editor.process is not None
    at.editor.process.send_signal(number)
    assert at.editor.exit_code(patience=5) == status


def test_a_client_that_does_not_read_does_not_keep_the_server_from_ending(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    process = subprocess.Popen(FAKE, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=REPOSITORY)
    with process:
        assert process.stdin is not None
        message = {"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": "x" * 1000}
        process.stdin.write(framed(json.dumps(message).encode()) * 5000)
        process.stdin.close()
        try:
            assert process.wait(10) == 1
        finally:
            process.kill()


# -- streams


def test_stray_prints_do_not_reach_the_client(at: Desk) -> None:
    (at.root / ".print").touch()
    at.run()
    assert at.editor.shut_down() == 0
    assert b"stray words\n" in at.editor.stderr
    assert b"stray bytes\n" in at.editor.stderr


def test_nothing_is_logged_on_standard_error_when_all_is_well(at: Desk) -> None:
    at.run()
    at.choose("Fix with agent", at.calc, 1)
    at.hover(at.tests, 0)
    assert at.editor.shut_down() == 0
    assert at.editor.errors() == ""


FRAMING = {
    "no length": b"Content-Type: x\r\n\r\n{}",
    "a word for a length": b"Content-Length: ten\r\n\r\n{}",
    "a length beyond all memory": b"Content-Length: 99999999999999999\r\n\r\n{}",
    "a length that is too short": b'Content-Length: 2\r\n\r\n{"jsonrpc":"2.0"}',
    "a length that is too long": b"Content-Length: 99\r\n\r\n{}",
    "words": b"hello\n",
    "binary": bytes(range(256)),
    "a body that is no JSON": framed(b"{"),
    "a body that is no UTF-8": framed(b"\xff\xfe"),
    "half a header": b"Content-Len",
}


@pytest.mark.parametrize("fault", FRAMING.values(), ids=FRAMING.keys())
def test_a_framing_fault_is_told_and_the_next_request_is_answered(editor: Editor, fault: bytes) -> None:
    editor.initialize()
    editor.send_bytes(fault)
    number = editor.ask("textDocument/hover", HOVER)
    assert editor.answer(number, patience=10) is None
    told = [one for one in editor.messages if one.get("error", {}).get("code") in (-32700, -32600)]
    assert told or fault == FRAMING["half a header"]


def test_a_message_that_is_lost_for_good_ends_the_server_aloud(editor: Editor) -> None:
    editor.initialize()
    editor.send_bytes(b'Content-Length: 99\r\n\r\n{"jsonrpc":')
    assert editor.exit_code(patience=60) == 1
    assert "did not end within" in editor.errors()


def test_500_broken_frames_leave_the_server_answering(editor: Editor) -> None:
    editor.initialize()
    dice = random.Random(20)
    whole = framed(json.dumps({"jsonrpc": "2.0", "id": "x", "method": "textDocument/hover", "params": HOVER}).encode())
    for n in range(500):
        editor.send_bytes(_broken(dice, whole))
        if n % 50 == 49:
            # Something may have promised a body that eats what follows: the stall gives it back.
            assert editor.request("textDocument/hover", HOVER, patience=20) is None


def _broken(dice: random.Random, frame: bytes) -> bytes:
    broken = bytearray(frame)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(broken))
        match dice.randrange(3):
            case 0:
                broken[at] = dice.randrange(256)
            case 1:
                del broken[at]
            case _:
                broken[at:at] = bytes([dice.randrange(256)])
    return bytes(broken)


# -- under load


@pytest.mark.parametrize("flag", [".wait", ".spin"])
def test_a_hover_is_answered_in_milliseconds_while_a_job_runs(at: Desk, flag: str) -> None:
    at.run()
    (at.root / flag).touch()
    at.begin("regreen.fix", {"tests": [ADD]})
    at.editor.until(lambda: at.editor.told("regreen/status")[-1]["state"] == "running")
    took = []
    for _ in range(100):
        started = time.perf_counter()
        assert "A repair is running." in at.hover(at.tests, 0)
        took.append(time.perf_counter() - started)
    assert sorted(took)[50] < 0.1


def test_messages_come_whole_from_many_jobs_at_once(editor: Editor, tmp_path: Path) -> None:
    roots = [tmp_path / f"folder-{n}" for n in range(4)]
    for root in roots:
        root.mkdir()
        (root / "calc.py").write_text("a - b\n" + "# filler\n" * 2000)
        rules = "".join(f"def test_{n}():  # calc.py: a + b not a - b\n" for n in range(300))
        (root / "test_calc.py").write_text(rules)
    folders = [{"uri": root.as_uri(), "name": root.name} for root in roots]
    editor.initialize(workspaceFolders=folders)
    numbers = [editor.ask("regreen/runTests", {"uri": root.as_uri()}) for root in roots]
    assert [editor.answer(number)["counts"]["failed"] for number in numbers] == [300] * 4
    editor.until(lambda: [len(shown) for shown in editor.diagnostics.values()] == [300] * 4)
    assert editor.shut_down() == 0


# -- TCP


def test_tcp_serves_one_client_on_this_machine(tmp_path: Path) -> None:
    with _listening() as (process, port), Editor.connect(port, process) as editor:
        at = Desk(editor, tmp_path)
        at.run()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        assert editor.shut_down() == 0


def test_tcp_ends_when_the_client_leaves(tmp_path: Path) -> None:
    with _listening() as (process, port):
        editor = Editor.connect(port)
        editor.initialize(tmp_path)
        editor.__exit__()
        assert process.wait(5) == 1


def test_tcp_stops_listening_on_a_signal() -> None:
    with _listening() as (process, _):
        process.terminate()
        assert process.wait(5) == 143


class _listening:  # noqa: N801
    """A server process that listens on a free port."""

    def __enter__(self) -> tuple[subprocess.Popen[bytes], int]:
        self.process = subprocess.Popen((*FAKE, "0"), stderr=subprocess.PIPE, cwd=REPOSITORY)
        assert self.process.stderr is not None
        line = self.process.stderr.readline().decode()
        assert line.startswith("regreen: listening on 127.0.0.1:")
        return self.process, int(line.rpartition(":")[2])

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        assert self.process.stderr is not None
        self.process.stderr.close()
