"""The pictures of a page, as SVG: where the time went, what the tests said, how earlier repairs ended.

Colours come from classes of the page's style sheet, so that they follow the editor's theme; what a colour says is
always said in words as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .html import Markup, element, joined

_WIDTH = 760.0
_ROW = 26.0
_LABEL = 150.0


@dataclass(frozen=True, slots=True)
class Span:
    """A step on the time axis. `tone` is good, bad, quiet or busy."""

    label: str
    begin: float  # seconds
    end: float
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of parts that add up: (number, tone, what is counted)."""

    label: str
    parts: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One earlier repair."""

    seconds: float
    tone: str
    note: str
    current: bool


def timeline(spans: tuple[Span, ...]) -> Markup:
    """Draw steps one under the other on one axis of seconds."""
    total = max((span.end for span in spans), default=0.0) or 1.0
    scale = (_WIDTH - _LABEL - 90) / total
    bottom = _ROW * len(spans) + 4
    step = _nice(total / 5)
    ticks = [step * n for n in range(int(total / step + 1e-9) + 1)]
    grid = [_tick(_LABEL + at * scale, bottom, f"{at:g} s") for at in ticks]
    rows = [_span(span, n, scale) for n, span in enumerate(spans)]
    words = "; ".join(f"{span.label}: {span.end - span.begin:.1f} s, {span.note}" for span in spans)
    return _picture("Where the time went", words, bottom + 22, grid, rows)


def bars(rows: tuple[Bar, ...]) -> Markup:
    """Draw rows of parts on one scale."""
    most = max((sum(n for n, _, _ in row.parts) for row in rows), default=0) or 1
    scale = (_WIDTH - _LABEL - 200) / most
    drawn = [_bar(row, n, scale) for n, row in enumerate(rows)]
    words = "; ".join(f"{row.label}: {_counted(row)}" for row in rows)
    return _picture("What the tests said", words, _ROW * len(rows), drawn)


def strip(marks: tuple[Mark, ...]) -> Markup:
    """Draw earlier repairs as columns, oldest first: as high as they took (logarithmic), the present one underlined."""
    height, width = 46.0, min(22.0, (_WIDTH - 4) / max(1, len(marks)))
    longest = max((mark.seconds for mark in marks), default=0.0)
    drawn = []
    for n, mark in enumerate(marks):
        share = math.log1p(mark.seconds) / math.log1p(longest) if longest else 1.0
        place = {"x": 2 + n * width, "width": width - 4}
        high = 8 + (height - 8) * share
        title = element("title", mark.note)
        drawn.append(element("rect", title, class_=f"fill {mark.tone}", y=height - high, height=high, rx=2, **place))
        if mark.current:
            drawn.append(element("rect", class_="here", y=height + 3, height=3, rx=1, **place))
    return _picture("Repairs so far", "; ".join(mark.note for mark in marks), height + 8, drawn)


def _picture(title: str, words: str, height: float, *parts: list[Markup]) -> Markup:
    named = (element("title", title), element("desc", words))
    box = f"0 0 {_WIDTH:g} {height:g}"
    return element("svg", *named, *parts, viewBox=box, role="img", aria_label=f"{title}. {words}", class_="picture")


def _span(span: Span, n: int, scale: float) -> Markup:
    top, left = _ROW * n + 4, _LABEL + span.begin * scale
    width = max(3.0, (span.end - span.begin) * scale)
    label = element("text", span.label, x=_LABEL - 10, y=top + 13, text_anchor="end", class_="label")
    bar = element("rect", element("title", span.note), x=left, y=top, width=width, height=_ROW - 8, rx=3,
                  class_=f"fill {span.tone}")  # fmt: skip
    took = element("text", f"{span.end - span.begin:.1f} s", x=left + width + 6, y=top + 13, class_="figure")
    return joined(label, bar, took)


def _bar(row: Bar, n: int, scale: float) -> Markup:
    top, at = _ROW * n + 2, _LABEL
    drawn = [element("text", row.label, x=_LABEL - 10, y=top + 14, text_anchor="end", class_="label")]
    for number, tone, what in row.parts:
        if number:
            width = max(3.0, number * scale)
            title = element("title", f"{number} {what}")
            drawn.append(element("rect", title, x=at, y=top, width=width, height=_ROW - 8, rx=2, class_=f"fill {tone}"))
            at += width + 1
    drawn.append(element("text", _counted(row), x=at + 7, y=top + 14, class_="figure"))
    return joined(drawn)


def _counted(row: Bar) -> str:
    return ", ".join(f"{number} {what}" for number, _, what in row.parts if number) or "nothing"


def _tick(x: float, bottom: float, words: str) -> Markup:
    line = element("line", x1=x, x2=x, y1=0.0, y2=bottom, class_="grid")
    return joined(line, element("text", words, x=x, y=bottom + 15, text_anchor="middle", class_="axis"))


def _nice(rough: float) -> float:
    """Return the next of 1, 2, 5, 10 … that is not below a number."""
    power = 10 ** math.floor(math.log10(rough)) if 0 < rough else 1.0
    return next(step * power for step in (1, 2, 5, 10) if rough <= step * power * 1.0001)
