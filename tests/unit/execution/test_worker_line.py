"""The line to the worker: a long message has more time than a look at what the other side says."""

from __future__ import annotations

from dataclasses import dataclass, field

from regreen.core.cancel import Cancellation
from regreen.core.testing import CommandSpec
from regreen.execution.process import Tree
from regreen.execution.start import start_plainly
from regreen.execution.worker import Worker


@dataclass
class BusyLine:
    """A line whose other side takes half a second to take a message in, and then answers."""

    timeout: float | None = 0.2
    sent: bytes = b""
    waited: list[float | None] = field(default_factory=list)

    def gettimeout(self) -> float | None:
        return self.timeout

    def settimeout(self, seconds: float | None) -> None:
        self.timeout = seconds

    def sendall(self, line: bytes) -> None:
        if self.timeout is not None and self.timeout < 0.5:
            raise TimeoutError
        self.sent += line

    def recv(self, _size: int) -> bytes:
        self.waited.append(self.timeout)
        return b'{"op": "judged"}\n'

    def close(self) -> None:
        """Nothing is held."""


def test_a_message_that_the_worker_takes_in_slowly_is_sent_whole() -> None:
    line = BusyLine()
    with Tree(CommandSpec(("true",), "/"), {}, 100, start_plainly) as tree:
        worker = Worker(tree, line)  # type: ignore[arg-type]
        assert worker.ask(Cancellation(), {"op": "many"}, 5.0) == {"op": "judged"}
    assert line.sent == b'{"op": "many"}\n'
    assert line.waited == [0.2]
