"""What the formats have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from regreen.providers.models.values import Endpoint, HttpRequest

TOOL = "answer"  # the name of the tool that a model must call, where that is how a form is enforced


def http_request(endpoint: Endpoint, path: str, key_header: str, key: str, body: Mapping[str, Any]) -> HttpRequest:
    """Put a body and a key on their way. Bodies are canonical: sorted keys, no spaces, the same bytes every time."""
    query = f"?{urlencode(sorted(endpoint.query.items()))}" if endpoint.query else ""
    headers = {"content-type": "application/json", "accept": "text/event-stream, application/json", **endpoint.headers}
    name = (endpoint.key_header or key_header).lower()
    if key:
        headers[name] = f"Bearer {key}" if name == "authorization" else key
    return HttpRequest(f"{endpoint.url}{path}{query}", headers, canonical(body), secret=name if key else "")


def taken(endpoint: Endpoint, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a service takes."""
    return {name: value for name, value in fields.items() if name not in endpoint.left_out}


def canonical(body: Mapping[str, Any]) -> bytes:
    """Write JSON in one way only."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def number(value: object) -> int:
    """Return a count of tokens, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value else 0


def record(value: object) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def records(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a JSON list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def words(value: object) -> str:
    """Return a text, "" for anything else."""
    return value if isinstance(value, str) else ""
