"""What is wrong with a provider, from status, headers and body together, and for how long.

The order of the rules matters: a spent daily quota also says “try again in 22 s”, and missing credit also comes as
“too many requests”. Measured answers of fourteen services are the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from .answer import Said, read_answer
from .resets import seconds_in_words, seconds_until, wait_in_headers

PATIENT = 300.0  # seconds: a limit that lasts longer is a spent quota
_UNTIL_LOOKED_AFTER = 3600.0  # seconds until missing credit or a bad key is tried again
_OVERLOADED = 30.0  # seconds until an overloaded provider is tried again, when it does not say
_UNKNOWN_LIMIT = 20.0
_PACIFIC = timezone(timedelta(hours=-8))  # where Google's days end


class FaultKind(StrEnum):
    """Kinds of faults, by what helps."""

    CREDIT = "credit"  # a person must pay
    DAILY = "daily"  # out until the quota comes back
    TEMPORARY = "temporary"  # wait a little
    OVERLOADED = "overloaded"  # theirs; ask another one, this one later
    AUTH = "auth"  # a person must correct the key
    MODEL = "model"  # a person must correct the model's name or the address
    TOO_LARGE = "too-large"  # never for this request; a shorter one may do
    FORM = "form"  # never with this way of asking for a form; a plainer one may do
    REFUSED = "refused"  # never for this request
    NETWORK = "network"  # nobody answered, or somebody else did


# Kinds that take a provider out for everything, not just for now.
OUT = frozenset({FaultKind.CREDIT, FaultKind.DAILY, FaultKind.AUTH, FaultKind.MODEL})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong."""

    kind: FaultKind
    message: str  # what the provider said, in one short line
    wait: float  # seconds until asking again makes sense; 0 for kinds that concern one request only
    said: bool = False  # the provider itself named the wait
    field: str = ""  # of the request, which the provider does not take; without it, it may do


_CREDIT = re.compile(
    r"insufficient_quota|credit_balance|spend_limit|usage_limit_exceeded|billing_(?:error|hard_limit|not_active)"
    r"|credit balance is too low|insufficient (?:balance|credit|fund)|out of credits|spend(?:ing)? (?:limit|cap)"
)
_DAILY = re.compile(
    r"perday|per[ -]day|free_tier_daily|\b(?:rpd|tpd)\b|daily (?:quota|limit|request|usage)|requests_per_day|-per-day"
)
_NO_QUOTA = re.compile(r"\blimit:\s*0\b(?!\.\d)")
_TOO_LARGE = re.compile(
    r"request_too_large|context_length_exceeded|exceed_context_size|context (?:size|length|window)|maximum context"
    r"|too large for model|reduce (?:your|the) (?:message|prompt|length)|prompt is too long|too many (?:input )?tokens"
)
_MODEL = re.compile(
    r"model_not_found|not_found_error|unknown model|invalid model|no such model|try pulling"
    r"|model.{0,80}(?:not found|does not exist|not exist|not supported|decommissioned|deprecated)"
)
_AUTH = re.compile(
    r"invalid_api_key|authentication_error|permission_error|permission_denied|unauthenticated"
    r"|api[_ ]key[_ ](?:not valid|invalid)|incorrect api key"
    r"|invalid (?:api key|authentication|x-api-key)|validation_required|api key not valid"
)
# What is said of the field that asks for a form; never of a reply that has another form.
_FORM = re.compile(
    r"response_format|json_schema|response_?schema|response_?mime_?type|tool_choice|generation_?config\.response"
    r"|(?:structured outputs?|json mode|function calling|tools?) (?:is|are) not (?:supported|available|enabled)"
    r"|does not support (?:structured|json|tools?|function)"
)
# Fields that a request can do without, or has another name for. Which models take them changes from month to month.
_FIELDS = ("temperature", "seed", "stream_options", "max_tokens")
_FIELD = re.compile(
    r"unsupported[ _](?:parameter|value)|extra[ _](?:forbidden|inputs)|unrecognized (?:request )?argument"
    r"|unknown (?:name|field|parameter|argument)|(?:is|are) (?:deprecated|unsupported)"
    r"|(?:is|are) not (?:supported|permitted|allowed)"
    r"|does not support|no longer supported|property '\w+' is unsupported"
)
_TOO_LONG_A_REPLY = re.compile(
    r"max_(?:completion_|output_)?tokens.{0,80}(?:too large|maximum|at most|valid range|exceed|less than)"
    r"|maximum allowed number of output tokens|supports at most \d+ completion tokens"
)
_AFFORDABLE = "fewer max_tokens"  # of somebody whose credit does for a shorter reply
THINKING = "thinking"  # the field that a service means when it finds a reply too long that is asked for
_OVERLOAD = re.compile(
    r"overloaded|unavailable|capacity exceeded|server busy|loading model|engine (?:is )?dead|timeout_error"
    r"|try again later"
)

_NAMES = re.compile(r"\w+")
_REFUSALS = frozenset({400, 404, 422, 500, 501})

_Rule = Callable[[int, Said], FaultKind | None]


def fault_of(status: int, headers: Mapping[str, str], body: str, now: float) -> Fault:
    """Say what an answer that is none means. Names of headers are in lower case; `now` is in epoch seconds."""
    said = read_answer(body)
    meant = said.status or status if status < 400 else status  # some put their errors into a 200
    kind = next((found for rule in _RULES if (found := rule(meant, said)) is not None), FaultKind.REFUSED)
    message = said.message or f"HTTP {status}"
    hint = _hint(headers, said, now)
    if kind is FaultKind.TEMPORARY:
        return _limited(message, hint)
    if kind is FaultKind.DAILY:
        until = _day_ends(headers, said, now)
        return Fault(kind, message, until, said=True)
    if kind is FaultKind.OVERLOADED:
        return Fault(kind, message, _OVERLOADED if hint is None else min(hint, PATIENT), said=hint is not None)
    field = _refused_field(said) if kind is FaultKind.FORM else THINKING if _AFFORDABLE in said.words else ""
    return Fault(kind, message, _UNTIL_LOOKED_AFTER if kind in OUT else 0.0, field=field)


def unreachable(message: str) -> Fault:
    """Say that nobody answered."""
    return Fault(FaultKind.NETWORK, message, _OVERLOADED)


def _limited(message: str, hint: float | None) -> Fault:
    if hint is None:
        return Fault(FaultKind.TEMPORARY, message, _UNKNOWN_LIMIT)
    kind = FaultKind.DAILY if PATIENT < hint else FaultKind.TEMPORARY
    return Fault(kind, message, hint, said=True)


def _hint(headers: Mapping[str, str], said: Said, now: float) -> float | None:
    """Return the longest wait that the answer's own fields ask for, else the one of its words or headers."""
    fields = [wait for text in said.waits if (wait := seconds_until(text, now)) is not None]
    if fields:
        return max(fields)
    for message in said.messages:
        if (wait := seconds_in_words(message)) is not None:
            return wait
    inner = wait_in_headers(said.headers, now)
    return inner if inner is not None else wait_in_headers(headers, now)


def _day_ends(headers: Mapping[str, str], said: Said, now: float) -> float:
    """Return the seconds until a daily quota comes back: what rolling quotas say in words, else the end of the day."""
    if "perday" in said.words:  # Google's: the delay beside it is that of another limit.
        return _until_midnight(now, _PACIFIC)
    for message in said.messages:
        if (wait := seconds_in_words(message)) is not None:
            return wait
    inner = wait_in_headers(said.headers, now)
    if inner is not None:
        return inner
    outer = wait_in_headers(headers, now)
    return outer if outer is not None and PATIENT < outer else _until_midnight(now, UTC)


def _until_midnight(now: float, zone: timezone) -> float:
    moment = datetime.fromtimestamp(now, zone)
    midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1.0, (midnight - moment).total_seconds())


def _somebody_else(status: int, said: Said) -> FaultKind | None:
    """A proxy, a portal or a gateway answered in place of the provider."""
    gateway = status in (502, 504) and not said.is_json
    return FaultKind.NETWORK if said.is_markup or status == 407 or gateway else None


def _marked(mark: re.Pattern[str], kind: FaultKind) -> _Rule:
    return lambda _, said: kind if mark.search(said.words) else None


def _status(kind: FaultKind, *statuses: int) -> _Rule:
    return lambda status, _: kind if status in statuses else None


def _form_refused(status: int, said: Said) -> FaultKind | None:
    refused = status in _REFUSALS and (_FORM.search(said.words) or _refused_field(said))
    return FaultKind.FORM if refused else None


def _refused_field(said: Said) -> str:
    """Return which field a service does not take, "" when it complains of something else."""
    if _TOO_LONG_A_REPLY.search(said.words):
        return THINKING
    if not _FIELD.search(said.words):
        return ""
    named = {*said.places, *_NAMES.findall(said.words)}
    return next((name for name in _FIELDS if name in named), "")


_RULES: tuple[_Rule, ...] = (
    _somebody_else,
    _marked(_CREDIT, FaultKind.CREDIT),
    _marked(_DAILY, FaultKind.DAILY),
    _marked(_NO_QUOTA, FaultKind.MODEL),
    _status(FaultKind.CREDIT, 402),
    _marked(_TOO_LARGE, FaultKind.TOO_LARGE),
    _status(FaultKind.TOO_LARGE, 413),
    _marked(_AUTH, FaultKind.AUTH),
    _status(FaultKind.AUTH, 401, 403),
    _form_refused,
    _marked(_MODEL, FaultKind.MODEL),
    _status(FaultKind.MODEL, 404, 405),
    _marked(_OVERLOAD, FaultKind.OVERLOADED),
    _status(FaultKind.TEMPORARY, 429),
    _status(FaultKind.OVERLOADED, 408, 409, 425, 498, 499, 500, 502, 503, 504, 520, 522, 524, 529),
    lambda status, _: FaultKind.OVERLOADED if 500 <= status else None,
)
