"""Takes secrets out of a text before it is sent, recorded, hashed or logged.

Four nets, each for what the others let through: values that are known to be secret, the marked forms that services
give their keys, values that a name calls secret, and random-looking values after a name of that kind. What was taken
out is named by its kind, so that a reader knows that something stood there.

Every text is worked through in a time that grows with its length only, however it was made up: repetitions that may
begin at each of their own parts are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from .known import entropy, pattern_of

_SHORTEST = 6  # characters: no secret is shorter
VEIL = "\u2588"  # one for each character, where a text must keep its length
# A secret begins a word; in the text of a literal, the escaped end of a line stands right before it.
_START = r"(?:\b|(?<=\\[nrt]))"
_BEGINNING = re.compile(r"(^|\|)\\b")
_B64 = r"[A-Za-z0-9_\-]"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that secrets have. The group `secret` is what is taken out, the whole when there is none."""

    kind: str
    pattern: re.Pattern[str]
    marks: tuple[str, ...]  # one of them stands in every such secret: a quick look before a slow one


def _form(kind: str, marks: str, pattern: str, flags: int = 0) -> Form:
    # Letters of other scripts end a word.
    pattern = _BEGINNING.sub(lambda found: found[1] + _START, pattern)
    return Form(kind, re.compile(pattern, flags | re.ASCII), tuple(marks.split()))


FORMS: tuple[Form, ...] = (
    _form(
        "private-key",
        "PRIVATE",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)",
        re.DOTALL,
    ),
    _form("jwt", "eyJ", r"\beyJ[A-Za-z0-9_\-]{8,2000}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}"),
    _form("aws-key-id", "AKIA ASIA ABIA ACCA", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    _form(
        "github",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
    ),
    _form("gitlab", "glpat- gldt- glptt- glrt- glsoat- glcbt-", rf"\bgl(?:pat|dt|ptt|rt|soat|cbt)-{_B64}{{20,}}"),
    _form("slack", "xox xapp-", r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}|\bxapp-\d-[A-Za-z0-9\-]{10,}"),
    _form(
        "webhook", "https://", r"https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/[\w/\-]{20,}"
    ),
    _form("anthropic", "sk-ant-", rf"\bsk-ant-{_B64}{{16,}}"),
    _form("openai", "sk-", rf"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?{_B64}{{20,}}"),
    _form("google", "AIza ya29.", rf"\bAIza{_B64}{{35}}|\bya29\.{_B64}{{20,}}"),
    _form("groq", "gsk_", r"\bgsk_[A-Za-z0-9]{20,}"),
    _form("huggingface", "hf_", r"\bhf_[A-Za-z0-9]{30,}"),
    _form("stripe", "_live_ _test_ whsec_", r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{16,}"),
    _form("npm", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _form("pypi", "pypi-", rf"\bpypi-AgE{_B64}{{40,}}"),
    _form("digitalocean", "_v1_", r"\bdo[opr]_v1_[a-f0-9]{40,}"),
    _form("sendgrid", "SG.", rf"\bSG\.{_B64}{{16,}}\.{_B64}{{16,}}"),
    _form("twilio", "SK", r"\bSK[0-9a-f]{32}\b"),
    _form("telegram", ":AA", rf"\b\d{{8,10}}:AA{_B64}{{33}}"),
    _form("vault", "hvs. hvb. hvr.", rf"\bhv[sbr]\.{_B64}{{20,}}"),
    _form("databricks", "dapi", r"\bdapi[0-9a-f]{32}\b"),
    _form("shopify", "shp", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    _form("age", "AGE-SECRET-KEY-", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    _form("connection", "Key= sig=", r"(?:AccountKey|SharedAccessKey|sig)=(?P<secret>[A-Za-z0-9+/%]{30,}={0,2})"),
    _form(
        "url-password",
        "://",
        r"\b[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://[^\s:/@'\"]*:"
        r"(?!(?:pass(?:word|wd|phrase)?|pwd|pw|secret)\]?@)(?P<secret>[^\s@/'\"{}$<>%]{3,})@",
    ),
    _form(
        "authorization",
        "",
        r"\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic|token)\s+(?P<secret>[A-Za-z0-9+/=._~\-]{8,})",
        re.IGNORECASE,
    ),
    _form("bearer", "Bearer", r"\bBearer\s+(?P<secret>[A-Za-z0-9+/=._~\-]{20,})"),
)
_NAMED = re.compile(
    r"""(?P<name>
        (?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|auth[_-]?key|credential
          |private[_-]?key|signing[_-]?key|encryption[_-]?key)
        [A-Za-z0-9_\-]{0,80})
        (?P<between>\\{0,16}["']?\s*(?::=|=>|=|:)\s*(?:[bru]{0,2}\\{0,16}["'`])?)
        (?P<secret>(?:(?!\\{1,16}[nrt"'])[^\s"'`,;(){}\[\]<>]){8,})(?P<after>["'`(\[.]?)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?i)x{4,}|\*{3,}|\.{3,}|<|>|example|changeme|your[_-]|dummy|placeholder|redacted|undefined|^\$|^%|\{\{|^env[.:]"
)
_NAME = re.compile(r"^(?:[A-Za-z_$][\w$]*|[A-Za-z]+(?:-[A-Za-z]+)+)(?:[.:/]+[A-Za-z_$][\w$\-]*)*$")
_LEAST_ENTROPY = 2.9  # bits a character


Instead = Callable[[str, str], str]  # kind and secret -> what takes its place


class Redactor:
    """Takes secrets out. `known` are values that are secret for certain; they stand nowhere but in this object."""

    __slots__ = ("_known",)

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = pattern_of(tuple(known))

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        """Return a text without its secrets; cleaning it again changes nothing."""
        return self._replaced(text, _mark)

    def veil(self, text: str) -> str:
        """Return a text of the same length and lines, with a sign in place of each character of a secret."""
        return self._replaced(text, _veiled)

    def _replaced(self, text: str, instead: Instead) -> str:
        if len(text) < _SHORTEST:
            return text
        if self._known is not None:
            text = self._known.sub(lambda found: instead("known", found[0]), text)
        for form in FORMS:
            if not form.marks or any(mark in text for mark in form.marks):
                text = form.pattern.sub(lambda found, kind=form.kind: _without(kind, found, instead), text)  # type: ignore[misc]
        return _NAMED.sub(lambda found: _named(found, instead), text)


def _mark(kind: str, secret: str) -> str:
    """Name what stood there, on as many lines as before."""
    return f"[secret:{kind}]" + "\n" * secret.count("\n")


def _veiled(_: str, secret: str) -> str:
    return re.sub(r"[^\r\n]", VEIL, secret)


def _without(kind: str, found: re.Match[str], instead: Instead) -> str:
    if "secret" not in found.re.groupindex:
        return instead(kind, found[0])
    if found["secret"].startswith(("[secret:", VEIL)):
        return found[0]
    start, end = found.span("secret")
    return found[0][: start - found.start()] + instead(kind, found["secret"]) + found[0][end - found.start() :]


def _named(found: re.Match[str], instead: Instead) -> str:
    value = found["secret"]
    in_quotes = found["between"][-1] in "\"'`"
    is_code = not in_quotes and found["after"] in ("(", "[", ".")
    if value.startswith(("[secret:", VEIL)) or is_code or not _looks_random(value, in_quotes):
        return found[0]
    return f"{found['name']}{found['between']}{instead('named', value)}{found['after']}"


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
