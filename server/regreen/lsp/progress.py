"""Work-done progress: begin, report, end, whatever happens; its cancel button sets the job's Cancellation.

A token is the client's own, or one that it agreed to; it is forgotten when its work has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .plain import plain

if TYPE_CHECKING:
    from .wire import HardenedProtocol

Token = int | str


class ProgressTokens:
    """Which token cancels what. Loop thread only."""

    def __init__(self) -> None:
        self._cancels: dict[Token, Callable[[], None]] = {}
        self._n_made = 0

    def __len__(self) -> int:
        return len(self._cancels)

    def new(self) -> Token:
        """Return a token that was never used."""
        self._n_made += 1
        return f"regreen/{self._n_made}"

    def bind(self, token: Token, cancel: Callable[[], None]) -> None:
        """Say what the token's cancel button does."""
        self._cancels[token] = cancel

    def release(self, token: Token) -> None:
        """Forget a token."""
        self._cancels.pop(token, None)

    def cancel(self, token: Token) -> bool:
        """Press a token's cancel button; tell whether there is one."""
        cancel = self._cancels.get(token)
        if cancel is not None:
            cancel()
        return cancel is not None


class WorkDone:
    """One progress display."""

    def __init__(
        self, protocol: HardenedProtocol, tokens: ProgressTokens, title: str, cancel: Callable[[], None] | None
    ) -> None:
        self._protocol = protocol
        self._tokens = tokens
        self._title = title
        self._cancel = cancel
        self._token: Token | None = None
        self._ended = False
        self._percentage = 0
        self._message: str | None = None

    def begin(self, token: Token) -> None:
        """Show the display on a token; a job that has ended already shows nothing."""
        if self._ended:
            return
        self._token = token
        if self._cancel is not None:
            self._tokens.bind(token, self._cancel)
        self._notify(
            types.WorkDoneProgressBegin(
                title=self._title,
                cancellable=self._cancel is not None,
                message=self._message,
                percentage=self._percentage,
            )
        )

    async def begin_when_allowed(self) -> None:
        """Show the display when the client agrees to a token of ours."""
        token = self._tokens.new()
        params = types.WorkDoneProgressCreateParams(token=token)
        try:
            await self._protocol.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        except JsonRpcException:
            return
        self.begin(token)

    def report(self, message: str, percentage: int | None = None) -> None:
        """Show a step; the percentage never runs backwards."""
        message = self._message = plain(message)
        self._percentage = max(self._percentage, percentage or 0)
        self._notify(
            types.WorkDoneProgressReport(
                message=message, percentage=self._percentage, cancellable=self._cancel is not None
            )
        )

    def end(self, message: str) -> None:
        """Take the display away."""
        self._ended = True
        if self._token is not None:
            self._notify(types.WorkDoneProgressEnd(message=plain(message)))
            self._tokens.release(self._token)
            self._token = None

    def _notify(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self._token is not None:
            self._protocol.notify(types.PROGRESS, types.ProgressParams(token=self._token, value=value))
