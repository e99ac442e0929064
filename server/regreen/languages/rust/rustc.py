"""What the compiler says, as JSON or as it prints it, as the facts of an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from regreen.core.testing import ExceptionFacts

from .panics import Resolve

_HEAD = re.compile(r"^(?P<level>error|warning)(?:\[(?P<code>\w+)\])?: (?P<message>.+)$")
_ARROW = re.compile(r"^\s*--> (?P<path>.+?):(?P<line>\d+):(?P<column>\d+)$")
_LABEL = re.compile(r"^\s*(?:\d+ )?[ ]*\|(?P<body>.*)$")
_MARK = re.compile(r"(?P<mark>\^+|-+) (?P<label>\S.*)$")
_SOURCE = re.compile(r"^\s*(?P<line>\d+) \| ?(?P<code>.*)$")
_CHILD = re.compile(r"^(?:\s*= )?(?P<level>note|help)(?:: )(?P<message>.*)$")
_NEW_LINE = re.compile(r"^\s*(?P<line>\d+) (?P<sign>[+~]) ?(?P<code>.*)$")
_INSERTED = re.compile(r"^\s*\|\s*[+~]+[\s+~]*$")
_SUMMARY = re.compile(
    r"^(?:aborting due to|could not compile|could not document|\d+ (?:warning|error)s? emitted|build failed)"
)
# Where the compiler stops is the end of the file; where the delimiter was opened stands beside.
_OPENED = "unclosed delimiter"


def facts_of_json(message: Mapping[str, Any], resolve: Resolve) -> ExceptionFacts:
    """Return the facts of one diagnostic of `--message-format=json`."""
    spans = [span for span in message.get("spans") or () if isinstance(span, Mapping)]
    primary = _best_span(spans)
    attributes: dict[str, str] = {
        "level": str(message.get("level", "")),
        "rendered": str(message.get("rendered") or ""),
    }
    code = (message.get("code") or {}).get("code") or ""
    attributes["code"] = str(code)
    if primary is not None:
        attributes |= _span_attributes(primary, resolve)
    labels = [str(span.get("label")) for span in spans if span.get("label")]
    children = [child for child in message.get("children") or () if isinstance(child, Mapping)]
    attributes["labels"] = "\n".join(labels)
    attributes["notes"] = "\n".join(f"{child.get('level')}: {child.get('message')}" for child in children)
    for n, suggestion in enumerate(_suggestions(children, spans, resolve)):
        attributes |= {f"suggestion_{n}_{name}": value for name, value in suggestion.items()}
    return _facts(str(code), str(message.get("message", "")), attributes)


def facts_in_text(text: str, resolve: Resolve) -> Iterator[ExceptionFacts]:
    """Yield the errors that a compiler printed, in the order of the text, each once."""
    seen = set()
    for head, lines in _blocks(text):
        facts = _printed(head, lines, resolve)
        key = (facts.message, facts.attribute("filename"), facts.attribute("lineno"), facts.attribute("column"))
        if key not in seen:
            seen.add(key)
            yield facts


def _facts(code: str, message: str, attributes: Mapping[str, str]) -> ExceptionFacts:
    kept = tuple(sorted((name, value) for name, value in attributes.items() if value))
    return ExceptionFacts(f"rustc.{code}" if code else "rustc", (code, "rustc") if code else ("rustc",), message, kept)


def _best_span(spans: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the span to look at: outside of a macro's own definition, and where a delimiter was opened."""
    opened = [span for span in spans if span.get("label") == _OPENED]
    primary = [span for span in spans if span.get("is_primary")]
    return next(iter(opened[-1:] or primary or spans), None)


def _span_attributes(span: Mapping[str, Any], resolve: Resolve) -> dict[str, str]:
    seen = 0
    while isinstance(expansion := span.get("expansion"), Mapping) and seen < 20:
        inner = expansion.get("span")
        if not isinstance(inner, Mapping) or resolve(str(span.get("file_name", "")), False)[1]:
            break
        label, span, seen = span.get("label"), inner, seen + 1
        span = {**span, "label": span.get("label") or label}
    path, inside = resolve(str(span.get("file_name", "")), False)
    found = {
        "lineno": str(span.get("line_start", "")),
        "column": str(span.get("column_start", "")),
        "end_lineno": str(span.get("line_end", "")),
        "end_column": str(span.get("column_end", "")),
        "label": str(span.get("label") or ""),
        "source": str(next((each.get("text", "") for each in span.get("text") or ()), "")),
    }
    return {**found, "filename": path} if inside else found


def _suggestions(
    children: list[Mapping[str, Any]], spans: list[Mapping[str, Any]], resolve: Resolve
) -> Iterator[dict[str, str]]:
    """Yield the replacements that the compiler proposes, the ones that it is sure of first."""
    found = []
    for holder in ({"message": "", "spans": spans}, *children):
        for span in holder.get("spans") or ():
            if not isinstance(span, Mapping) or span.get("suggested_replacement") is None:
                continue
            path, inside = resolve(str(span.get("file_name", "")), False)
            if inside:
                found.append(_suggestion(path, span, str(holder.get("message") or "")))
    yield from sorted(found, key=lambda each: each["applicability"] != "MachineApplicable")[:8]


def _suggestion(path: str, span: Mapping[str, Any], why: str) -> dict[str, str]:
    return {
        "file": path,
        "span_start": f"{span.get('line_start')}:{span.get('column_start')}",
        "span_end": f"{span.get('line_end')}:{span.get('column_end')}",
        "text": str(span.get("suggested_replacement")),
        "applicability": str(span.get("suggestion_applicability") or ""),
        "message": why,
    }


def _blocks(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Cut a text at the heads of its errors."""
    head: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.splitlines():
        match = _HEAD.match(line)
        if match is None and (line.strip() or head is None):
            lines.append(line)
            continue
        if head is not None and head["level"] == "error" and not _SUMMARY.match(head["message"]):
            yield head, lines
        head, lines = match, []
    if head is not None and head["level"] == "error" and not _SUMMARY.match(head["message"]):
        yield head, lines


def _printed(head: re.Match[str], lines: list[str], resolve: Resolve) -> ExceptionFacts:
    attributes = {"code": head["code"] or "", "level": "error", "rendered": "\n".join([head[0], *lines])}
    arrow = next((match for line in lines if (match := _ARROW.match(line))), None)
    labels, notes, opened = _marks(lines)
    if arrow is not None:
        path, inside = resolve(arrow["path"], False)
        attributes |= {"lineno": opened or arrow["line"], "column": arrow["column"]}
        attributes |= {"filename": path} if inside else {}
        attributes["source"] = _source_line(lines, attributes["lineno"])
    attributes["label"] = labels[0] if labels else ""
    attributes["labels"] = "\n".join(labels)
    attributes["notes"] = "\n".join(notes)
    added = list(_proposed(lines))
    if added and any(note.startswith("help: ") for note in notes):
        attributes |= {"suggestion_0_line": added[0][0], "suggestion_0_new": added[0][1].strip()}
    return _facts(head["code"] or "", head["message"], attributes)


def _proposed(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines that a help shows: marked as new, or shown as they would be with marks below."""
    helping = False
    for n, line in enumerate(lines):
        if (child := _CHILD.match(line)) is not None:
            helping = child["level"] == "help"
            continue
        shown = _SOURCE.match(line) if helping and _INSERTED.match((lines[n + 1 :] or [""])[0]) else None
        if match := _NEW_LINE.match(line) or shown:
            yield match["line"], match["code"]


def _marks(lines: list[str]) -> tuple[list[str], list[str], str]:
    """Return the labels under the code (the primary ones first), the notes, and the line of an open delimiter."""
    primary: list[str] = []
    secondary: list[str] = []
    notes: list[str] = []
    number = opened = ""
    for line in lines:
        if source := _SOURCE.match(line):
            number = source["line"]
        elif child := _CHILD.match(line):
            notes.append(f"{child['level']}: {child['message']}")
        elif body := _LABEL.match(line):
            mark = _MARK.search(body["body"])
            if mark is None:
                continue
            label = mark["label"].strip()
            if label == _OPENED:
                opened = number
            if label.startswith("help: "):
                notes.append(label)
            (primary if "^" in mark["mark"] else secondary).append(label)
    return primary + secondary, notes, opened


def _source_line(lines: list[str], number: str) -> str:
    return next((match["code"] for line in lines if (match := _SOURCE.match(line)) and match["line"] == number), "")
