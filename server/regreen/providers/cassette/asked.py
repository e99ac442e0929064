"""What is asked, as a document that is the same for the same task on any machine, and the key that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from regreen import __version__
from regreen.core.repair import Attempt, RepairRequest
from regreen.providers.models.canonical import canonical
from regreen.providers.models.values import Endpoint, ModelRequest

Clean = Callable[[str], str]
Document = dict[str, Any]

_MOST_FILES = 2000  # that are listed one by one; more are named by one hash of all


def of_model(endpoint: Endpoint, asked: ModelRequest, clean: Clean) -> Document:
    """Return what a model is asked: no key, address, time or path of a machine, and no secret."""
    return {
        "model": endpoint.model,
        "seed": asked.seed,
        "max_tokens": asked.max_tokens,
        "system": clean(asked.system),
        "messages": [{"role": message.role.value, "text": clean(message.text)} for message in asked.messages],
        "schema": asked.schema if asked.schema is None else dict(asked.schema),
    }


def of_engine(name: str, request: RepairRequest, clean: Clean) -> Document:
    """Return what an engine is asked that reads the files itself: the failure, the tests, the limits, every source."""
    failure, policy, root, files = request.failure, request.policy, request.model.root, request.model.files

    def say(text: str) -> str:
        return clean(canonical(text, root, files))

    return {
        "engine": f"{name} {__version__}",
        "failure": [
            f"{failure.kind.code} {failure.path}:{failure.line}",
            say(failure.message),
            *(f"{slot}: {say(value)}" for slot, value in sorted(failure.slots)),
        ],
        "wanted": sorted(f"{test.project} {test.name}" for test in request.wanted),
        "tried": [_tried(attempt) for attempt in request.attempts],
        "limits": [
            f"candidates {policy.max_candidates}, runs {policy.max_runs}",
            f"files {policy.max_files}, lines {policy.max_lines}, tests {'may' if policy.allow_tests else 'not'}",
        ],
        "keep": sorted(f"{test.project} {test.name}" for test in request.keep),
        "files": _files(request),
    }


def key_of(document: Document) -> str:
    """Return the name of a request: the sha256 of its canonical bytes."""
    raw = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()


def hash_of(text: str) -> str:
    """Return the hash by which a recording knows a text without holding it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _tried(attempt: Attempt) -> str:
    return f"{attempt.verdict.value} {attempt.patch.digest if attempt.patch else '-'}"


def _files(request: RepairRequest) -> list[str]:
    """Return each source of the project's languages with its hash, as it stands at the start of the attempt."""
    spoken, sources = frozenset(request.project.languages), request.sources
    paths = sorted(path for path, facts in request.model.files.items() if facts.language in spoken)
    rows = [f"{path} {hash_of(sources.get(path, ''))}" for path in paths]
    return rows if len(rows) <= _MOST_FILES else [f"{len(rows)} files {hash_of(chr(10).join(rows))}"]


def lines_of(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a document as lines, each with its place, e.g. ("messages[0].text, line 3", …), in reading order."""
    return [line for name, value in document.items() for line in _lines(name, value)]


def _lines(name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, str):
        rows = value.split("\n")
        return [(name if len(rows) == 1 else f"{name}, line {n}", row) for n, row in enumerate(rows, 1)]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [(f"{name}, line {n}", row) for n, row in enumerate(value, 1)]
    if isinstance(value, list):
        return [line for n, each in enumerate(value) for line in _lines(f"{name}[{n}]", each)]
    if isinstance(value, Mapping) and name != "schema":
        return [line for key, each in value.items() for line in _lines(f"{name}.{key}", each)]
    return [(name, json.dumps(value, sort_keys=True))]
