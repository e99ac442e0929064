"""A JUnit report of pytest, told as pytest prints the same: one reader is enough for both."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from regreen.languages.paths import SavedPaths

_MAX_XML = 32_000_000  # characters
_ENTITY = re.compile(r"<!(?:ENTITY|DOCTYPE)")
_KINDS = (("failure", "FAILED"), ("error", "ERROR"))


def as_printed(reports: Mapping[str, str], paths: SavedPaths) -> str:
    """Return what pytest would have printed for its JUnit reports; "" when none of the reports is one."""
    cases = [case for name in sorted(reports) for case in _cases(reports[name])]
    if not cases:
        return ""
    red = [(case, kind, word) for case in cases for kind, word in _KINDS if case.find(kind) is not None]
    skipped = sum(case.find("skipped") is not None for case in cases)
    passed = len(cases) - skipped - len({id(case) for case, _, _ in red})
    blocks = [line for case, kind, _ in red for line in _block(case, kind)]
    summary = [_summary(case, kind, word, paths) for case, kind, word in red]
    counts = [(len(red), "failed"), (passed, "passed"), (skipped, "skipped")]
    last = ", ".join(f"{n} {what}" for n, what in counts if n) or "no tests ran"
    lines = ["= test session starts =", *(("= FAILURES =", *blocks) if red else ())]
    return "\n".join([*lines, "= short test summary info =", *summary, f"= {last} in 0.00s ="]) + "\n"


def _cases(text: str) -> Iterator[ET.Element]:
    """Yield the test cases of a report; one with entities of its own is not read."""
    if _MAX_XML < len(text) or not text.lstrip().startswith("<") or _ENTITY.search(text):
        return
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, RecursionError, ValueError):
        return  # Damaged: the output has to be enough.
    yield from root.iter("testcase")


def _block(case: ET.Element, kind: str) -> list[str]:
    found = case.find(kind)
    text = "" if found is None else (found.text or found.get("message") or "")
    phase = re.match(r"failed on (setup|teardown)", "" if found is None else found.get("message") or "")
    title = ".".join([*_classes(case), case.get("name") or ""])
    return [f"___ {f'ERROR at {phase[1]} of {title}' if phase else title} ___", text.strip("\n")]


def _summary(case: ET.Element, kind: str, word: str, paths: SavedPaths) -> str:
    found = case.find(kind)
    message = "" if found is None else (found.get("message") or "").partition("\n")[0]
    name = "::".join([_file(case, paths), *_classes(case), case.get("name") or ""])
    return f"{word} {name} - {message}" if message else f"{word} {name}"


def _file(case: ET.Element, paths: SavedPaths) -> str:
    """Return the file of a case: as the report says, else the module in front of its classes."""
    if file := case.get("file"):
        return file
    parts = (case.get("classname") or "").split(".")
    longest = next(
        ("/".join(parts[:n]) + ".py" for n in range(len(parts), 0, -1) if "/".join(parts[:n]) + ".py" in paths.known),
        "",
    )
    modules = [part for part in parts if not part[:1].isupper()]
    return longest or "/".join(modules) + ".py"


def _classes(case: ET.Element) -> list[str]:
    """Return the classes behind the module: by convention, what begins with a capital."""
    return [part for part in (case.get("classname") or "").split(".") if part[:1].isupper()]
