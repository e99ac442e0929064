"""Text and positions: the only place that turns bytes into characters and UTF-16 columns.

Offsets are code points into the decoded text. Lines end with \\n, \\r\\n or \\r, as LSP says;
form feeds and Unicode separators do not end a line.
"""

from __future__ import annotations

import bisect
import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from .errors import UnreadableSource

_LINE_END = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_BOMS = (  # UTF-32 first: its little-endian mark starts with that of UTF-16.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class PositionEncoding(StrEnum):
    """How a client counts columns (LSP 3.17, `general.positionEncodings`)."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: 0-based line, 0-based column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code-point offsets."""

    start: int
    end: int

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end


class LineIndex:
    """Finds lines and columns of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = _line_starts(text)

    @property
    def n_lines(self) -> int:
        """Return how many lines there are (an empty text has one)."""
        return len(self._starts)

    def position(self, offset: int) -> Position:
        """Return the position of an offset, clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect.bisect_right(self._starts, offset) - 1
        return Position(line, offset - self._starts[line])

    def offset(self, position: Position) -> int:
        """Return the offset of a position, clamped to its line and to the text."""
        if position.line < 0:
            return 0
        if self.n_lines <= position.line:
            return len(self.text)
        span = self.line_span(position.line)
        return min(span.start + max(0, position.column), span.end)

    def line_span(self, line: int) -> Span:
        """Return the range of a 0-based line without its line end."""
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < self.n_lines else len(self.text)
        while start < end and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def line(self, line: int) -> str:
        """Return a 0-based line without its line end; empty when there is no such line."""
        if not 0 <= line < self.n_lines:
            return ""
        span = self.line_span(line)
        return self.text[span.start : span.end]

    def to_wire(self, position: Position, encoding: PositionEncoding) -> tuple[int, int]:
        """Return (line, character) in the client's column units."""
        prefix = self.line(position.line)[: max(0, position.column)]
        return position.line, len_in(prefix, encoding)

    def from_wire(self, line: int, character: int, encoding: PositionEncoding) -> Position:
        """Return the position of a client's (line, character), clamped; inside a pair means before it."""
        if self.n_lines <= line:
            return self.position(len(self.text))
        text = self.line(line)
        if encoding is PositionEncoding.UTF32 or text.isascii():
            return Position(line, min(max(0, character), len(text)))
        units = 0
        for column, char in enumerate(text):
            units += len_in(char, encoding)
            if character < units:
                return Position(line, column)
        return Position(line, len(text))


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in _LINE_END.finditer(text))]
    lines = text.split("\n")  # The usual case, three times as fast.
    lines.pop()
    return list(accumulate(map(len, lines), lambda start, length: start + length + 1, initial=0))


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends, cut at \\n, \\r\\n and \\r only."""
    return _LINE.findall(text)


def len_in(text: str, encoding: PositionEncoding) -> int:
    """Return the length of a text in the units of an encoding."""
    match encoding:
        case PositionEncoding.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        case PositionEncoding.UTF16:
            return len(text) + sum(0xFFFF < ord(char) for char in text)
        case PositionEncoding.UTF32:
            return len(text)


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text with what is needed to write it back byte for byte.

    Invariant: `encode(decode(data)) == data`.
    """

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str | None = None) -> bytes:
        """Return the bytes of this text, or of another one in the same encoding.

        Raises:
            UnreadableSource: a character does not exist in the file's encoding.
        """
        try:
            return self.bom + (self.text if text is None else text).encode(self.encoding)
        except UnicodeEncodeError as error:
            raise UnreadableSource(
                f"The edit holds a character that {self.encoding} does not have.",
                next_step="Save the file as UTF-8 and try again.",
            ) from error


def decode(data: bytes, path: str) -> SourceText:
    """Decode a source file: byte order mark, then Python coding cookie (PEP 263), then UTF-8.

    Raises:
        UnreadableSource: the bytes are not text in that encoding, or would not survive a round trip.
    """
    bom, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    if not bom and path.endswith((".py", ".pyi")):
        encoding = _coding_cookie(data, path)
    try:
        text = data[len(bom) :].decode(encoding)
        faithful = text.encode(encoding) == data[len(bom) :]
    except (UnicodeError, LookupError) as error:  # LookupError: a codec that is not for text, such as "hex"
        raise UnreadableSource(
            f"{path} is not valid {encoding}: {error}.",
            next_step="Save it as UTF-8 or declare its encoding; Regreen leaves it alone until then.",
        ) from error
    if not faithful:
        raise UnreadableSource(
            f"{path} does not survive decoding as {encoding}.",
            next_step="Save it as UTF-8; Regreen leaves it alone until then.",
        )
    return SourceText(text, encoding, bom)


def _coding_cookie(data: bytes, path: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UnreadableSource(
            f"{path} is not readable Python source: {error}.",
            next_step="Save it as UTF-8 or correct its coding line; Regreen leaves it alone until then.",
        ) from error
    return encoding
