"""Events out of the bytes of an answer: server-sent events, JSON lines, or one JSON document."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .answer import has_error

MOST = 4_000_000  # characters of one answer; a longer one is cut off


class BrokenStream(ValueError):
    """The stream speaks of an error, or is none; `body` is what says so."""

    def __init__(self, body: str) -> None:
        super().__init__(body[:200])
        self.body = body


class Events:
    """Collects bytes and gives out events as soon as they are whole."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest: list[str] = []  # pieces of a line that has not ended
        self._plain: list[str] = []  # lines that are no events: one JSON document over many lines, or no JSON at all
        self._any = False
        self.length = 0

    def feed(self, chunk: bytes) -> Iterator[Mapping[str, Any]]:
        """Take some bytes; yield the events that end in them.

        Raises:
            BrokenStream: an event speaks of an error.
        """
        text = self._decode(chunk)
        self.length += len(text)
        *lines, rest = text.split("\n")
        if lines:
            lines[0] = "".join((*self._rest, lines[0]))
            self._rest = []
        self._rest.append(rest)
        for line in lines:
            yield from self._line(line.rstrip("\r"))

    def end(self) -> Iterator[Mapping[str, Any]]:
        """Take the end of the answer; yield what is left.

        Raises:
            BrokenStream: it was an error, or nothing that is understood.
        """
        yield from self._line("".join(self._rest).rstrip("\r"))
        self._rest = []
        document = "\n".join(self._plain)
        if document.strip():
            yield from self._whole(document)
        elif not self._any:
            raise BrokenStream("")

    def _line(self, line: str) -> Iterator[Mapping[str, Any]]:
        field, colon, value = line.partition(":")
        if colon and field == "data":
            if value.strip() != "[DONE]":
                yield from self._event(value.strip())
        elif field in ("event", "id", "retry", "") and (colon or not line):
            return
        elif line.startswith("{") and line.endswith("}"):
            yield from self._event(line)
        else:
            self._plain.append(line)

    def _event(self, text: str) -> Iterator[Mapping[str, Any]]:
        try:
            event = json.loads(text)
        except (ValueError, RecursionError):
            self._plain.append(text)
            return
        if has_error(event):
            raise BrokenStream(text)
        if isinstance(event, Mapping):
            self._any = True
            yield event

    def _whole(self, document: str) -> Iterator[Mapping[str, Any]]:
        try:
            found = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise BrokenStream(document) from error
        if has_error(found):
            raise BrokenStream(document)
        for event in found if isinstance(found, list) else [found]:
            if isinstance(event, Mapping):
                yield event
