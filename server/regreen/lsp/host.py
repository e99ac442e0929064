"""The server's state, owned by the loop thread: documents, folders, settings, what the client can do.

Invariant: nothing here takes more than milliseconds; what may block goes to `in_background` or to a job.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from regreen import __version__
from regreen.app import Jobs, Secrets, Settings
from regreen.core.events import Event
from regreen.execution import held_folder
from regreen.pages import told

from .client import no_client
from .documents import Documents
from .engine import MakeEngine
from .folders import Folder, Folders
from .plain import plain
from .progress import ProgressTokens
from .protocol import OverviewParams
from .wire import HardenedProtocol, Send, make_converter

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
_CLOSE_SECONDS = 2.5
_OPEN_SECONDS = 30.0


class RegreenServer(LanguageServer):
    """One client's server."""

    protocol: HardenedProtocol

    def __init__(self, make_engine: MakeEngine) -> None:
        super().__init__(
            "regreen", __version__, protocol_cls=HardenedProtocol, converter_factory=make_converter, max_workers=1
        )
        self.make_engine = make_engine
        self.jobs = Jobs()
        self.secrets = Secrets(os.environ)
        self.documents = Documents()
        self.folders = Folders()
        self.settings = Settings()
        self.client = no_client()
        self.first_folders: tuple[str, ...] = ()
        self._n_opening = 1  # folders that are being opened; the handshake's ones count as one more
        self._settled = asyncio.Event()
        self.overview: OverviewParams | None = None  # as it was last told
        self.overview_due = False
        self.following: frozenset[str] = frozenset()  # languages of which the client wants the tests
        self.trusted = True  # an untrusted workspace is indexed, and nothing of it is executed
        self._told: set[str] = set()
        self._scratch: Path | None = None
        self._held = contextlib.ExitStack()  # what goes when the server ends
        self.tokens = ProgressTokens()
        self.listeners: tuple[Listener, ...] = ()
        self._exit_code: asyncio.Future[int] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="regreen-read")

    # -- life

    def attach(self, loop: asyncio.AbstractEventLoop, send: Send) -> None:
        """Begin to serve on this loop, which runs on the calling thread."""
        self._loop = loop
        self._exit_code = loop.create_future()
        self.protocol.attach(loop, send)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop that serves."""
        if self._loop is None:
            raise RuntimeError("the server is not attached to a loop")
        return self._loop

    def end(self, code: int) -> None:
        """Stop serving; the first code counts."""
        if self._exit_code is not None and not self._exit_code.done():
            self._exit_code.set_result(code)

    async def wait(self) -> int:
        """Wait for the end; return the exit status."""
        if self._exit_code is None:
            raise RuntimeError("the server is not attached to a loop")
        return await self._exit_code

    async def close(self) -> None:
        """Cancel what runs and let go of every folder, once and in bounded time."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self.protocol.stop()
        for task in list(self._tasks):
            task.cancel()
        folders = list(self.folders)
        for folder in folders:
            folder.closed = True
            self.folders.remove(folder.root)
        await self._let_go(folders)
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._held.close()
        self._scratch = None

    @property
    def ready(self) -> bool:
        """Tell whether every folder that was asked for is open."""
        return self._settled.is_set()

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """Hold back commands while a folder is being opened."""
        self._n_opening += 1
        self._settled.clear()
        try:
            yield
        finally:
            self.opened()

    def opened(self) -> None:
        """Note that one more is open, or cannot be."""
        self._n_opening -= 1
        if self._n_opening == 0:
            self._settled.set()

    async def settled(self) -> None:
        """Wait until every folder that was asked for is open, but not for ever."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), _OPEN_SECONDS)

    def scratch_file(self, name: str) -> Path:
        """Return where a page for the person may be written; it is gone when the server ends."""
        if self._scratch is None:
            self._scratch = self._held.enter_context(held_folder("regreen-pages-"))
        return self._scratch / name

    async def _let_go(self, folders: list[Folder]) -> None:
        gone = asyncio.Event()

        def let_go() -> None:
            try:
                self.jobs.close()
                for folder in folders:
                    folder.session.close()
            finally:
                self.call_soon(gone.set)

        # A daemon: a session that hangs must not keep the process alive.
        threading.Thread(target=let_go, name="regreen-close", daemon=True).start()
        try:
            await asyncio.wait_for(gone.wait(), _CLOSE_SECONDS)
        except TimeoutError:
            logger.warning("A job or a session did not stop within %s s and is left behind", _CLOSE_SECONDS)

    # -- work

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside; its exception is reported."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._spawned_ended)

    def later(self, seconds: float, call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a function on the loop after a while."""
        self.loop.call_later(seconds, lambda: call(*args, **kwargs))

    async def in_background(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what may read the disk, on a thread beside."""
        return await self.loop.run_in_executor(self._readers, lambda: call(*args, **kwargs))

    def take_event(self, folder: Folder, event: Event) -> None:
        """Bring an event from a job's thread to the listeners, on the loop thread."""
        self.call_soon(self._tell_listeners, folder, event)

    def call_soon(self, call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a function on the loop thread, from any thread."""
        try:
            self.loop.call_soon_threadsafe(lambda: call(*args, **kwargs))
        except RuntimeError:
            # The loop is closed: nobody is left to tell.
            logger.debug("A call came after the end: %r", call)

    def _tell_listeners(self, folder: Folder, event: Event) -> None:
        if folder.closed:
            return
        for listener in self.listeners:
            listener(self, folder, event)

    def _spawned_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Internal error", exc_info=error)
            self.log(types.MessageType.Error, f"Internal error: {error!r}")

    # -- words for people

    def log(self, level: types.MessageType, message: str) -> None:
        """Write a line into the client's log."""
        self.window_log_message(types.LogMessageParams(type=level, message=told(self.secrets.clean(message))))

    def show(self, level: types.MessageType, message: str) -> None:
        """Show a message to the person, and log it."""
        self.window_show_message(types.ShowMessageParams(type=level, message=plain(self.secrets.clean(message))))
        self.log(level, message)

    def show_once(self, level: types.MessageType, message: str) -> None:
        """Show a message to the person the first time; only log it afterwards."""
        if message in self._told:
            self.log(level, message)
        else:
            self._told.add(message)
            self.show(level, message)

    def trouble(self, folder: Folder, level: types.MessageType, message: str) -> None:
        """Say what went wrong although nobody asked for it: a message only where there is no overview to show it."""
        if not self.client.takes_overview:
            self.show_once(level, message)
            return
        self.log(level, message)
        folder.problem = message

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log an error that has no request to answer; no pop-up."""
        del source
        logger.error("%s", error)
        self.log(types.MessageType.Error, str(error))


Listener = Callable[[RegreenServer, Folder, Event], None]
