"""Writes what mutating said into a folder: the document, and the page that shows it without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from regreen.core.errors import CannotRun

DOCUMENT = "mutation.json"
PAGE = "index.html"
_VIEWER = ("viewer", "mutation-test-elements.js")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Mutation report</title>
<!-- The viewer is mutation-testing-elements, (c) Stryker Mutator and its contributors, Apache License 2.0. -->
<script>{viewer}</script>
</head>
<body>
<mutation-test-report-app title-postfix="Regreen"></mutation-test-report-app>
<script type="application/json" id="report">{document}</script>
<script>
document.querySelector("mutation-test-report-app").report = JSON.parse(document.getElementById("report").textContent);
</script>
</body>
</html>
"""
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"
_MARKUP = re.compile(r"[<>&\u2028\u2029]")


def write_report(folder: Path, document: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write the document and its page into a folder, which is made if it is not there; return both paths.

    Raises:
        CannotRun: the folder cannot be written, or the document was, and this installation came without the viewer.
    """
    target, page = folder / DOCUMENT, folder / PAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
        page.write_text(page_of(document, _viewer()), "utf-8")
    except OSError as error:
        raise CannotRun(
            f"The report cannot be written to {folder}: {error.strerror}.",
            next_step="Name a folder that can be written with --report.",
        ) from error
    return target, page


def page_of(document: Mapping[str, Any], viewer: str) -> str:
    """Return the page that shows a document; nothing in the document can become markup or a program."""
    inert = _MARKUP.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(document))
    return _PAGE.format(policy=_POLICY, viewer=viewer.replace("</script", r"<\/script"), document=inert)


def _viewer() -> str:
    try:
        return resources.files("regreen").joinpath(*_VIEWER).read_text("utf-8")
    except FileNotFoundError as error:
        raise CannotRun(
            "The viewer of mutation reports is not part of this installation.",
            next_step="Run `make viewer` in the repository, or install Regreen from its wheel.",
        ) from error
