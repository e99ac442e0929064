"""What the runtime says when a program dies, and what a failing test quotes of an error, told apart."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind

# (kind, pattern of the message of a panic or a fatal error); groups are slots, first match wins.
_DEATHS: tuple[tuple[Kind, str], ...] = (
    (Kind.TIMEOUT, r"^test timed out after (?P<limit>\S+)"),
    (
        Kind.TIMEOUT,
        r"all goroutines are asleep - (?P<reason>deadlock)|^deadlock: all goroutines in bubble are blocked"
        r"|no goroutines \(main called runtime\.Goexit\)",
    ),
    (Kind.RESOURCE_EXHAUSTED, r"(?P<kind>stack) overflow|goroutine stack exceeds"),
    (
        Kind.RESOURCE_EXHAUSTED,
        r"out of (?P<kind>memory)|cannot allocate (?P<memory>memory)|makeslice: (?:len|cap) out of range"
        r"|makechan: size out of range|growslice: len out of range",
    ),
    (
        Kind.RESOURCE_EXHAUSTED,
        r"(?:Repeat|Grow|Buffer).*(?P<kind>too large|overflow|ErrTooLarge)|failed to create new OS "
        r"(?P<thread>thread)|thread exhaustion",
    ),
    (Kind.CONCURRENCY, r"concurrent map (?P<reason>writes|read and map write|iteration and map write)"),
    (
        Kind.CONCURRENCY,
        r"(?P<reason>(?:send on|close of) closed channel|close of nil channel|negative WaitGroup counter"
        r"|WaitGroup (?:misuse|is reused)[^\n]*|(?:un)?lock of unlocked \w+|[RW]*Unlock of unlocked \w+"
        r"|inconsistent mutex state)",
    ),
    (
        Kind.CONCURRENCY,
        r"(?P<reason>(?:Log|Fail|Error|Errorf|FailNow|Logf)\w* in goroutine after \S+ has completed|subtest may "
        r"have called FailNow on a parent test)",
    ),
    (
        Kind.PROCESS_CRASH,
        r"unexpected call to os\.Exit\((?P<exit_code>\d+)\)|unexpected fault address|^signal arrived|SIG(?:ABRT"
        r"|BUS|ILL|FPE|QUIT)|unexpected signal",
    ),
    (
        Kind.NULL_DEREF,
        r"invalid memory address or (?P<reason>nil) pointer dereference|assignment to entry in (?P<map>nil) map"
        r"|nil pointer",
    ),
    (Kind.INDEX_KEY, r"index out of range \[(?P<index>-?\d+)\](?: with length (?P<length>\d+))?"),
    (Kind.INDEX_KEY, r"slice bounds out of range \[(?P<index>[^\]]*)\](?: with (?:length|capacity) (?P<length>\d+))?"),
    (
        Kind.INDEX_KEY,
        r"cannot convert slice with length (?P<length>\d+) to array or pointer to array with length (?P<index>\d+)",
    ),
    (
        Kind.INVALID_VALUE,
        r"integer (?:divide by zero|overflow)|negative shift amount|negative (?:Repeat|Buffer)[^\n]*|division by "
        r"zero",
    ),
    (
        Kind.TYPE_MISMATCH,
        r"interface conversion: (?:interface (?:\{\} )?)?(?:(?P<owner>\S+) )?is (?P<actual>.+?), not (?P<expected>\S+)",
    ),
    (
        Kind.TYPE_MISMATCH,
        r"interface conversion: (?P<actual>\S+) is not (?P<expected>\S+?): missing method (?P<symbol>\w+)",
    ),
    (
        Kind.TYPE_MISMATCH,
        r"interface conversion: |hash of unhashable type (?P<actual>\S+)|comparing uncomparable type "
        r"(?P<other>\S+)|^reflect[.:]|reflect\.Value\.",
    ),
)
# What an error's text says wherever it turns up: in a panic, in t.Fatal(err), in an assertion's message.
_ERRORS: tuple[tuple[Kind, str], ...] = (
    (
        Kind.ENVIRONMENT,
        r"dial (?:tcp|udp|unix)\S* (?P<service>\S+?): .*(?:connection refused|no such file|i/o timeout|no route"
        r"|unreachable|connect:)",
    ),
    (
        Kind.ENVIRONMENT,
        r"(?P<service>connection refused|network is unreachable|no route to host|address already in use|too many "
        r"open files|no space left on device|read-only file system|no such host|temporary failure in name "
        r"resolution|server misbehaving)",
    ),
    (
        Kind.ENVIRONMENT,
        r"exec: \"(?P<missing>[^\"]+)\": (?:executable file not found|file does not exist|no such file|stat )"
        r"|fork/exec (?P<program>\S+): no such file",
    ),
    (
        Kind.ENVIRONMENT,
        r"Cannot connect to the Docker daemon(?P<docker>)|rootless Docker not found|docker: not found|failed to "
        r"find .*chrome",
    ),
    (
        Kind.ENVIRONMENT,
        r"(?:environment variable|env(?: var)?) \"?\$?(?P<missing>[A-Z][A-Z0-9_]{2,})\"?"
        r"|\$?(?P<variable>[A-Z][A-Z0-9_]{2,}) (?:(?:env(?:ironment)? var\w*|is|must be|was|required|needs to be"
        r"|has to be) )*(?:not set|unset|set\b|required|empty|missing)",
    ),
    (
        Kind.ENVIRONMENT,
        r"(?:listen|bind) ?[^\n]*: (?P<service>permission denied|cannot assign requested address)|error while "
        r"loading shared libraries: (?P<missing>\S+?):",
    ),
    (
        Kind.INVALID_VALUE,
        r"strconv\.\w+: parsing (?P<quoted>\"(?:[^\"\\]|\\.)*\"): (?:invalid syntax|value out of range)",
    ),
    (
        Kind.INVALID_VALUE,
        r"parsing time \"(?P<value>(?:[^\"\\]|\\.)*)\"|time: (?:invalid duration|unknown unit|missing "
        r"unit)[^\"]*\"(?P<duration>[^\"]*)\"",
    ),
    (
        Kind.INVALID_VALUE,
        r"invalid character (?P<value>'(?:[^']|'')+?') (?:looking for|after|in|exiting)|unexpected end of JSON "
        r"input|json: cannot unmarshal (?P<kind>\w+)",
    ),
    (
        Kind.INVALID_VALUE,
        r"parse \"(?P<value>[^\"]*)\": |error parsing regexp|illegal base64 data|encoding/hex: |invalid UTF-8"
        r"|yaml: (?:line|unmarshal)|toml: |EOF reading",
    ),
)
_SAME = {
    "memory": "kind", "thread": "kind", "program": "missing", "variable": "missing", "quoted": "value",
    "duration": "value", "other": "actual", "docker": "", "map": "",
}  # fmt: skip
_Rules = tuple[tuple[Kind, re.Pattern[str]], ...]
DEATHS: _Rules = tuple((kind, re.compile(pattern)) for kind, pattern in _DEATHS)
ERRORS: _Rules = tuple((kind, re.compile(pattern)) for kind, pattern in _ERRORS)


def match_rules(rules: _Rules, text: str) -> tuple[Kind, dict[str, str]] | None:
    """Return the first rule that fits a text, with its slots."""
    for kind, pattern in rules:
        if match := pattern.search(text):
            return kind, _slots(match)
    return None


def _slots(match: re.Match[str]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, value in match.groupdict().items():
        slot = _SAME.get(name, name)
        if value and slot:
            slots[slot] = value.strip('"')
    return slots
