"""What was expected and what came out, as far as the message of a failed assertion says."""

from __future__ import annotations

import re

_VALUE = r"(?:\"(?:[^\"\\]|\\.)*\"|`[^`]*`|\[[^\n]*?\]|\{[^\n]*?\}|map\[[^\n]*?\]|<nil>|-?[^\s,;:()]+(?:\([^()]*\))?)"
_PATTERNS = tuple(
    re.compile(pattern, re.MULTILINE | re.IGNORECASE)
    for pattern in (
        # testify
        r"expected\s*: (?P<expected>.*)\n\s*actual\s*: (?P<actual>.*)",
        # quicktest; examples
        r"^\s*got:\n\s+(?P<actual>.+)\n\s*want:\n\s+(?P<expected>.+)",
        r"^got:\n(?P<actual>(?:.*\n)*?)want:\n(?P<expected>(?:.+\n?)*)",
        r"\.\.\. obtained [^=\n]*= (?P<actual>.*)\n\.\.\. expected [^=\n]*= (?P<expected>.*)",
        # gomega
        r"^\s*Expected\n\s+<[^\n>]*>: (?P<actual>.*)\n\s*to (?:equal|be[^\n]*)\n\s+<[^\n>]*>: (?P<expected>.*)",
        # gotest.tools, is
        r"assertion failed: (?P<actual>" + _VALUE + r") \([^)]*\) != (?P<expected>" + _VALUE + r") \([^)]*\)",
        rf"\bgot\b[:= ]+(?P<actual>{_VALUE})[,;.]?\s*(?:but )?\b(?:want(?:ed)?|expect(?:ed)?|exp)\b[:= "
        rf"]+(?P<expected>{_VALUE})",
        rf"\b(?:want(?:ed)?|expect(?:ed)?|exp)\b[:= ]+(?:to be |to get |to equal "
        rf")?(?P<expected>{_VALUE})[,;.]?\s*(?:but |and )?\b(?:got|found|was|received|have|actual(?:ly)?|instead "
        rf"got)\b[:= ]+(?P<actual>{_VALUE})",
        rf"(?:=|==|->|returned|is|was)\s*(?P<actual>{_VALUE})[,;.]?\s*(?:but )?\b(?:want(?:ed)?|expect(?:ed)?"
        rf"|should be|must be)\b[:= ]*(?P<expected>{_VALUE})",
        rf"(?P<actual>{_VALUE})[,;.]\s*(?:but )?\b(?:want(?:ed)?|expected)\b[:= ]+(?P<expected>{_VALUE})",
        rf"(?P<actual>{_VALUE}) (?:!=|<>|is not equal to|does not equal|should be|should equal|not equal to) "
        rf"(?P<expected>{_VALUE})",
    )
)
_NIL = re.compile(r"Expected (?P<nil>nil), but got: (?P<actual>.+)|Expected value (?P<not>not) to be nil")
_DIFF = re.compile(
    r"\(-(?:want|expected|exp)\w* \+(?:got|actual)\w*\)|^--- (?:Expected|want)", re.MULTILINE | re.IGNORECASE
)
_MINUS, _PLUS = (
    re.compile(r"^\s*-\s*(?P<text>\S.*)$", re.MULTILINE),
    re.compile(r"^\s*\+\s*(?P<text>\S.*)$", re.MULTILINE),
)
_TITLE = re.compile(r"^\s*Error:\s+(?P<title>.+?)\s*$", re.MULTILINE)


def assertion_slots(text: str) -> dict[str, str]:
    """Return the slots of an assertion's message."""
    for pattern in _PATTERNS:
        if match := pattern.search(text):
            return {name: _plain(value) for name, value in match.groupdict().items()}
    if match := _NIL.search(text):
        return {"expected": "nil" if match["nil"] else "not nil", "actual": _plain(match["actual"] or "nil")}
    if _DIFF.search(text):
        minus, plus = _MINUS.search(text), _PLUS.search(text)
        return {"expected": _plain(minus["text"]) if minus else "", "actual": _plain(plus["text"]) if plus else ""}
    return {}


def title(text: str) -> str:
    """Return what testify calls the failure; "" for other messages."""
    match = _TITLE.search(text)
    return match["title"] if match else ""


def _plain(value: str) -> str:
    return value.strip().rstrip(",;.").strip()
