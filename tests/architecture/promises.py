"""What the product promises to scripts and editors, read from its source, and the same read from its pages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

CLIENTS_OWN_SETTINGS = frozenset({"regreen.interpreter", "regreen.testExplorer", "regreen.trace.server"})
CLIENTS_OWN_COMMANDS = frozenset(
    f"regreen.{name}"
    for name in ("openPlace", "removeApiKey", "restartServer", "runDoctor", "setApiKey", "showLog", "showMenu")
)
CHANGES = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")

_CODE = re.compile(r"\bRG\d{3}\b")
_MESSAGE = re.compile(r"\bregreen/[a-zA-Z]+\b")
_COMMAND = re.compile(r"`(regreen\.[a-zA-Z]+)`")
_SETTING = re.compile(r"`(regreen\.[a-zA-Z.]+)`")
_SHELL = re.compile(r"`regreen ([a-z]+)")
_FIRST_COLUMN = re.compile(r"^\| `(\w+)`", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#+ +(.+?)#*$", re.MULTILINE)
_RELEASE = re.compile(r"\[(Unreleased|(\d+)\.(\d+)\.(\d+))\](?: - \d{4}-\d{2}-\d{2})?")
_REGISTRY = re.compile(r"https?://[\w.-]*(?:registry|npmjs|pypi|pythonhosted|crates|proxy\.golang|maven)[\w.-]*")
_MACHINE = re.compile(r"(?<![\w.~$}])/(?:root|work|farm)/")


def differences(real: Iterable[str], told: Iterable[str], page: str) -> list[str]:
    """Say what a page leaves out and what it makes up."""
    real, told = set(real), set(told)
    missing = [f"{name} is not in {page}" for name in sorted(real - told)]
    return missing + [f"{page} tells of {name}, which does not exist" for name in sorted(told - real)]


def settings(source: str) -> set[str]:
    """Return the editor's names of the fields of the model `Settings`."""
    fields = [node.target for node in _class(source, "Settings").body if isinstance(node, ast.AnnAssign)]
    return {f"regreen.{_camel(field.id)}" for field in fields if isinstance(field, ast.Name)}


def events(source: str) -> set[str]:
    """Return the names in the union `Event`."""
    return {node.id for node in ast.walk(_assigned(source, "Event")) if isinstance(node, ast.Name)}


def failure_codes(source: str) -> set[str]:
    """Return every code of the taxonomy."""
    return set(_CODE.findall(source))


def messages(source: str) -> set[str]:
    """Return the custom requests and notifications that the protocol names."""
    return {text for text in _constants(source) if text.startswith("regreen/")}


def commands(source: str) -> set[str]:
    """Return the commands that the protocol names."""
    return {text for text in _constants(source) if text.startswith("regreen.")}


def shell_commands(source: str) -> set[str]:
    """Return the names in the table `COMMANDS`."""
    rows = [node for node in ast.walk(_assigned(source, "COMMANDS")) if isinstance(node, ast.Call) and node.args]
    return {row.args[0].value for row in rows if isinstance(row.args[0], ast.Constant)}


def told_settings(page: str) -> set[str]:
    """Return the settings that a page names."""
    return set(_SETTING.findall(page))


def told_events(page: str) -> set[str]:
    """Return the events that stand in the first column of a page's table."""
    return set(_FIRST_COLUMN.findall(page))


def told_messages(page: str) -> set[str]:
    """Return the custom messages that a page names."""
    return set(_MESSAGE.findall(page))


def told_commands(page: str) -> set[str]:
    """Return the commands that a page names."""
    return set(_COMMAND.findall(page))


def told_shell_commands(page: str) -> set[str]:
    """Return the shell commands that a page names."""
    return set(_SHELL.findall(page))


def broken_links(root: Path, pages: Iterable[Path]) -> list[str]:
    """Find relative links that lead nowhere: no such file, or no such heading in it."""
    faults = []
    for page in sorted(pages):
        text = _INLINE_CODE.sub("", _FENCE.sub("", page.read_text("utf-8")))
        for target in _LINK.findall(text):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / unquote(path)) if path else page
            if not file.exists():
                faults.append(f"{page.relative_to(root)} links to {target}, which does not exist")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text("utf-8")):
                faults.append(f"{page.relative_to(root)} links to {target}, a heading that does not exist")
    return faults


def anchors(page: str) -> set[str]:
    """Return where in a page a link may lead: its headings, as they are written in addresses."""
    headings = _HEADING.findall(_FENCE.sub("", page))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def bad_changelog(text: str) -> list[str]:
    """Find what is not in the form of Keep a Changelog."""
    faults = [] if text.startswith("# Changelog\n") else ["the title is not “# Changelog”"]
    versions = []
    for heading in re.findall(r"^## (.+)$", text, re.MULTILINE):
        found = _RELEASE.fullmatch(heading)
        if found is None or (found[1] == "Unreleased") == (" - " in heading):
            faults.append(f"“{heading}” is neither “[Unreleased]” nor “[1.2.3] - 2026-01-31”")
        else:
            versions.append((1, 0, 0, 0) if found[2] is None else (0, *map(int, found.groups()[1:])))
    if versions != sorted(set(versions), reverse=True):
        faults.append("the versions do not stand newest first")
    kinds = re.findall(r"^### (.+)$", text, re.MULTILINE)
    return faults + [f"“{kind}” is not one of {', '.join(CHANGES)}" for kind in kinds if kind not in CHANGES]


def foreign_places(text: str) -> list[str]:
    """Find hosts of package registries and folders of one machine."""
    return sorted({*_REGISTRY.findall(text), *_MACHINE.findall(text)})


def client_settings(manifest: str) -> dict[str, dict[str, object]]:
    """Return the settings that the VS Code client contributes."""
    properties: dict[str, dict[str, object]] = json.loads(manifest)["contributes"]["configuration"]["properties"]
    return properties


def client_commands(manifest: str) -> set[str]:
    """Return the commands that the VS Code client contributes."""
    return {row["command"] for row in json.loads(manifest)["contributes"]["commands"]}


def _class(source: str, name: str) -> ast.ClassDef:
    return next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name)


def _assigned(source: str, name: str) -> ast.expr:
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            return node.value
    raise LookupError(name)


def _constants(source: str) -> list[str]:
    assigned = [node.value for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return [value.value for value in assigned if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
