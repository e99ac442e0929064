"""Takes secrets out of a text before it is sent, recorded, hashed or logged.

Four nets, each for what the others let through: values that are known to be secret, the marked forms that services
give their keys, values that a name calls secret, and random-looking values after a name of that kind. What was taken
out is named by its kind, so that a reader knows that something stood there.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

_SHORTEST_KNOWN = 6  # characters: shorter values would be found everywhere
_B64 = r"[A-Za-z0-9_\-]"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that secrets have. The group `secret` is what is taken out, the whole when there is none."""

    kind: str
    pattern: re.Pattern[str]


def _form(kind: str, pattern: str, flags: int = 0) -> Form:
    return Form(kind, re.compile(pattern, flags | re.ASCII))  # letters of other scripts end a word


FORMS: tuple[Form, ...] = (
    _form(
        "private-key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)", re.DOTALL
    ),
    _form("jwt", r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}"),
    _form("aws-key-id", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    _form("github", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    _form("gitlab", rf"\bgl(?:pat|dt|ptt|rt|soat|cbt)-{_B64}{{20,}}"),
    _form("slack", r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}|\bxapp-\d-[A-Za-z0-9\-]{10,}"),
    _form("webhook", r"https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/[\w/\-]{20,}"),
    _form("anthropic", rf"\bsk-ant-{_B64}{{16,}}"),
    _form("openai", rf"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?{_B64}{{20,}}"),
    _form("google", rf"\bAIza{_B64}{{35}}|\bya29\.{_B64}{{20,}}"),
    _form("groq", r"\bgsk_[A-Za-z0-9]{20,}"),
    _form("huggingface", r"\bhf_[A-Za-z0-9]{30,}"),
    _form("stripe", r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{16,}"),
    _form("npm", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _form("pypi", rf"\bpypi-AgE{_B64}{{40,}}"),
    _form("digitalocean", r"\bdo[opr]_v1_[a-f0-9]{40,}"),
    _form("sendgrid", rf"\bSG\.{_B64}{{16,}}\.{_B64}{{16,}}"),
    _form("twilio", r"\bSK[0-9a-f]{32}\b"),
    _form("telegram", rf"\b\d{{8,10}}:AA{_B64}{{33}}"),
    _form("vault", rf"\bhv[sbr]\.{_B64}{{20,}}"),
    _form("databricks", r"\bdapi[0-9a-f]{32}\b"),
    _form("shopify", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    _form("age", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    _form("connection", r"(?:AccountKey|SharedAccessKey|sig)=(?P<secret>[A-Za-z0-9+/%]{30,}={0,2})"),
    _form("url-password", r"\b[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://[^\s:/@'\"]*:(?P<secret>[^\s@/'\"{}$<>%]{3,})@"),
    _form(
        "authorization",
        r"\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic|token)\s+(?P<secret>[A-Za-z0-9+/=._~\-]{8,})",
        re.IGNORECASE,
    ),
    _form("bearer", r"\bBearer\s+(?P<secret>[A-Za-z0-9+/=._~\-]{20,})"),
)
_NAMED = re.compile(
    r"""(?P<name>
        (?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|auth[_-]?key|credential
          |private[_-]?key|signing[_-]?key|encryption[_-]?key)
        [A-Za-z0-9_\-]*)
        (?P<between>["']?\s*(?::=|=>|=|:)\s*(?:[bru]{0,2}["'`])?)
        (?P<secret>[^\s"'`,;(){}\[\]<>]{8,})(?P<after>["'`(\[.]?)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?i)x{4,}|\*{3,}|\.{3,}|<|>|example|changeme|your[_-]|dummy|placeholder|redacted|undefined|^\$|^%|\{\{|^env[.:]"
)
_NAME = re.compile(r"^(?:[A-Za-z_$][\w$]*|[A-Za-z]+(?:-[A-Za-z]+)+)(?:[.:/]+[A-Za-z_$][\w$\-]*)*$")
_LEAST_ENTROPY = 2.9  # bits a character


class Redactor:
    """Takes secrets out. `known` are values that are secret for certain; they stand nowhere but in this object."""

    __slots__ = ("_known",)

    def __init__(self, known: Iterable[str] = ()) -> None:
        values = sorted(
            {value for value in known if _SHORTEST_KNOWN <= len(value)}, key=lambda value: (-len(value), value)
        )
        self._known = re.compile("|".join(map(re.escape, values))) if values else None

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        """Return a text without its secrets; cleaning it again changes nothing."""
        if self._known is not None:
            text = self._known.sub(_mark("known"), text)
        for form in FORMS:
            text = form.pattern.sub(partial(_without, form.kind), text)
        return _NAMED.sub(_named, text)


def _mark(kind: str) -> str:
    return f"[secret:{kind}]"


def _without(kind: str, found: re.Match[str]) -> str:
    if "secret" not in found.re.groupindex:
        return _mark(kind)
    if found["secret"].startswith("[secret:"):
        return found[0]
    start, end = found.span("secret")
    return found[0][: start - found.start()] + _mark(kind) + found[0][end - found.start() :]


def _named(found: re.Match[str]) -> str:
    value = found["secret"]
    in_quotes = found["between"][-1] in "\"'`"
    is_code = not in_quotes and found["after"] in ("(", "[", ".")
    if value.startswith("[secret:") or is_code or not _looks_random(value, in_quotes):
        return found[0]
    return f"{found['name']}{found['between']}{_mark('named')}{found['after']}"


def _looks_random(value: str, in_quotes: bool) -> bool:
    """Tell a secret from a name, a path, a placeholder or a piece of code."""
    if _PLACEHOLDER.search(value) or (_NAME.match(value) and not _has_all_kinds(value)):
        return False
    letters = sum(char.isalpha() for char in value)
    digits = sum(char.isdigit() for char in value)
    if not letters or not digits or (not in_quotes and not re.fullmatch(r"[\w+/=.~\-!@#$%^&*]+", value)):
        return False
    return _LEAST_ENTROPY <= entropy(value)


def _has_all_kinds(value: str) -> bool:
    """Tell whether letters of both cases and several digits are mixed, as in no name that a person gives."""
    digits = sum(char.isdigit() for char in value)
    changes = sum(one.isdigit() != other.isdigit() for one, other in pairwise(value))
    return 2 <= digits and 4 <= changes and 16 <= len(value)


def entropy(text: str) -> float:
    """Return Shannon's entropy in bits a character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0
