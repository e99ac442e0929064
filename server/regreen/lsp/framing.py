"""Bytes to message bodies: the base protocol's framing, fed piece by piece.

Invariant: never deaf. Whatever the bytes, each call ends, and the next well-formed frame is found.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

MAX_BODY = 256 * 1024 * 1024
MAX_HEADER = 16 * 1024
_MARK = re.compile(rb"content-length[ \t]*:", re.IGNORECASE)
_MARK_NAME = b"content-length"
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_HEADER_NAME = re.compile(rb"[A-Za-z-]{1,100}[ \t]*")
_CHARSET = re.compile(rb"charset\s*=\s*\"?([\w-]+)", re.IGNORECASE)
_DIGITS = re.compile(rb"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Frame:
    """The body of one message."""

    body: bytes


@dataclass(frozen=True, slots=True)
class FramingFault:
    """Bytes that are no frame; the reader goes on behind them."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Header:
    length: int
    refusal: str  # why the body is skipped; "" when it is read


class Framer:
    """Cuts a stream into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._header: _Header | None = None  # of the body that is being read

    @property
    def pending(self) -> bool:
        """Tell whether a frame has begun and not ended."""
        return self._header is not None or bool(self._buffer.strip())

    def feed(self, chunk: bytes) -> list[Frame | FramingFault]:
        """Take the next bytes; return what they complete."""
        self._buffer += chunk
        found: list[Frame | FramingFault] = []
        while items := self._next():
            found += items
        return found

    def stalled(self) -> tuple[list[Frame | FramingFault], bool]:
        """Judge a frame whose rest does not come; return what can be saved, and whether reading may go on.

        A body that is whole although the length promised more was counted wrongly: it is taken as it is. A body
        that swallowed the frames behind it gives them back. Anything else is a message that is lost for good.
        """
        header, body = self._header, bytes(self._buffer)
        self._header = None
        self._buffer.clear()
        if header is None:
            return [FramingFault(f"neither a header nor its end: {_shown(body)}")], not _looks_like_header(body)
        saved, usable = self._salvage(body, f"Content-Length promised {header.length} bytes, {len(body)} came")
        return saved + self.feed(b""), usable

    def _next(self) -> list[Frame | FramingFault]:
        if self._header is None:
            fault = self._read_header()
            if fault is not None:
                return [fault]
        header = self._header
        if header is None or len(self._buffer) < header.length:
            return []
        body = bytes(self._buffer[: header.length])
        del self._buffer[: header.length]
        self._header = None
        if header.refusal:
            return [FramingFault(header.refusal)]
        if _is_surely_one(body) or _next_header(body) is None or _is_json(body):
            return [Frame(body)]
        return self._salvage(body, f"a Content-Length of {header.length} that is too long")[0]

    def _salvage(self, body: bytes, reason: str) -> tuple[list[Frame | FramingFault], bool]:
        """Save the message at the head of a body with a wrong length, and give back what it swallowed of the next.

        Tell also whether anything was saved.
        """
        at = _next_header(body)
        head = body[:at]
        self._buffer[:0] = body[len(head) :]
        whole = _is_json(head)
        return [FramingFault(reason), *([Frame(head)] if whole else [])], whole or at is not None

    def _read_header(self) -> FramingFault | None:
        """Read the header block at the start of the buffer, if it is whole."""
        fault = self._skip_to_header()
        if fault is not None:
            return fault
        end = _HEADER_END.search(self._buffer)
        if end is None:
            return self._refuse_long_header()
        block = bytes(self._buffer[: end.start()])
        del self._buffer[: end.end()]
        header = _parse_header(block)
        if isinstance(header, FramingFault):
            return header
        self._header = header
        return None

    def _skip_to_header(self) -> FramingFault | None:
        """Drop what stands before the next header block: blank lines silently, anything else as a fault."""
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n \t"))
        del self._buffer[:blank]
        if not self._buffer or _looks_like_header(self._buffer):
            return None
        mark = _MARK.search(self._buffer)
        cut = mark.start() if mark else self._buffer.rfind(b"\n") + 1
        if cut == 0:
            # Part of a line: the rest may still come, but it must not grow for ever.
            return self._refuse_long_header()
        fault = FramingFault(f"no header: {_shown(self._buffer[:cut])}")
        del self._buffer[:cut]
        return fault

    def _refuse_long_header(self) -> FramingFault | None:
        if len(self._buffer) <= MAX_HEADER:
            return None
        fault = FramingFault(f"a header of more than {MAX_HEADER} bytes: {_shown(self._buffer)}")
        mark = _MARK.search(self._buffer, 1)
        del self._buffer[: mark.start() if mark else -len(_MARK_NAME)]
        return fault


def _looks_like_header(buffer: bytes | bytearray) -> bool:
    """Tell whether the buffer starts with "Name:" or with what may become it."""
    name, _, _ = bytes(buffer[:128]).partition(b":")
    return _HEADER_NAME.fullmatch(name) is not None


def _parse_header(block: bytes) -> _Header | FramingFault:
    # A field in the middle of a line begins the next frame: the header before it was cut off.
    inner = [mark.start() for mark in _MARK.finditer(block) if mark.start() and block[mark.start() - 1] != ord("\n")]
    block = block[inner[-1] :] if inner else block
    fields = [line.partition(b":") for line in re.split(rb"\r?\n", block)]
    values = {value.strip() for name, _, value in fields if name.strip().lower() == _MARK_NAME}
    if not values:
        return FramingFault(f"no Content-Length in the header: {_shown(block)}")
    if 1 < len(values):
        return FramingFault(f"two different Content-Length in one header: {_shown(block)}")
    value = values.pop()
    if not _DIGITS.fullmatch(value):
        return FramingFault(f"Content-Length is no number: {_shown(value)}")
    if MAX_BODY < int(value):
        return FramingFault(f"Content-Length is more than {MAX_BODY}: {_shown(value)}")
    types = b" ".join(value for name, _, value in fields if name.strip().lower() == b"content-type")
    charset = _CHARSET.search(types)
    foreign = charset is not None and charset[1].lower() not in (b"utf-8", b"utf8")
    return _Header(int(value), f"the charset is not utf-8: {_shown(types)}" if foreign else "")


def _is_surely_one(body: bytes) -> bool:
    """Tell at a glance, without parsing, that a body holds no header of another message."""
    return body.endswith(b"}") and b"Content-Length" not in body and b"content-length" not in body


def _next_header(body: bytes) -> int | None:
    """Return where a body begins to be the next frame's header, if it does; the header may be cut off."""
    mark = _MARK.search(body)
    if mark:
        return mark.start()
    lowered = body[-len(_MARK_NAME) :].lower()
    n_cut = next((n for n in range(len(_MARK_NAME), 0, -1) if lowered.endswith(_MARK_NAME[:n])), 0)
    return len(body) - n_cut if n_cut else None


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _shown(excerpt: bytes | bytearray) -> str:
    return ascii(bytes(excerpt[:80]))[1:]
