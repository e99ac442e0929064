"""The mirror of the editor's buffers. Lines end where LSP says they do, columns count as the client counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsprotocol import types

from regreen.core.text import LineIndex, PositionEncoding

from .uris import to_path

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """One open buffer at one version. `uri` is spelt as the client spells it."""

    uri: str
    path: str | None  # absolute; None when it is no file
    version: int
    index: LineIndex

    @property
    def text(self) -> str:
        """Return the whole text."""
        return self.index.text


class Documents:
    """All open buffers. Loop thread only."""

    def __init__(self) -> None:
        self.encoding = PositionEncoding.UTF16
        self._documents: dict[str, Document] = {}
        self._by_path: dict[str, str] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(sorted(self._documents.values(), key=lambda document: document.uri))

    def open(self, item: types.TextDocumentItem) -> Document:
        """Take a buffer that the client opened (again)."""
        document = Document(item.uri, to_path(item.uri), item.version, LineIndex(_clean(item.text)))
        self._documents[item.uri] = document
        if document.path is not None:
            self._by_path[document.path] = item.uri
        return document

    def change(self, params: types.DidChangeTextDocumentParams) -> Document | None:
        """Take a change; None when the buffer was never opened."""
        document = self._documents.get(params.text_document.uri)
        if document is None:
            return None
        index = document.index
        for change in params.content_changes:
            index = LineIndex(_changed(index, change, self.encoding))
        document = replace(document, version=params.text_document.version, index=index)
        self._documents[document.uri] = document
        return document

    def close(self, uri: str) -> Document | None:
        """Forget a buffer."""
        document = self._documents.pop(uri, None)
        if document is not None and document.path is not None:
            self._by_path.pop(document.path, None)
        return document

    def get(self, uri: str) -> Document | None:
        """Return the buffer of a URI, however it is spelt."""
        found = self._documents.get(uri)
        path = to_path(uri) if found is None else None
        return self.at(path) if path is not None else found

    def at(self, path: str) -> Document | None:
        """Return the buffer of an absolute path."""
        uri = self._by_path.get(path)
        return None if uri is None else self._documents.get(uri)


def _changed(index: LineIndex, change: types.TextDocumentContentChangeEvent, encoding: PositionEncoding) -> str:
    text = _clean(change.text)
    if not isinstance(change, types.TextDocumentContentChangePartial):
        return text
    start, end = (
        index.offset(index.from_wire(place.line, place.character, encoding))
        for place in (change.range.start, change.range.end)
    )
    return index.text[:start] + text + index.text[max(start, end) :]


def _clean(text: str) -> str:
    """Replace halves of surrogate pairs, which no file can hold; lengths stay as the client counts them."""
    return _LONE_SURROGATE.sub("\ufffd", text)
