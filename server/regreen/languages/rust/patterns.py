"""What the messages of panics and returned errors say: patterns whose groups are slots. First match wins."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind

_ERR = r"`Err` value: "
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        # Libraries that compare with what was stored.
        (Kind.SNAPSHOT, r"^snapshot assertion for '(?P<snapshot>[^']*)' failed"),
        (Kind.SNAPSHOT, r"^glob assertion for '(?P<snapshot>[^']*)' failed|some snapshot assertions"),
        (
            Kind.SNAPSHOT,
            r"^one or more snapshots? (?:assertions? )?(?:failed|did not match)|UPDATE_EXPECT=1|SNAPSHOTS=overwrite",
        ),
        (Kind.SNAPSHOT, r"^\d+ of \d+ tests failed$|TRYBUILD=overwrite|(?:Golden|golden) ?file|UPDATE_GOLDENFILES"),
        # The standard library's own words.
        (Kind.NULL_DEREF, r"^called `Option::(?P<member>unwrap|expect)(?:_unchecked)?\(\)` on a `None` value"),
        (Kind.NULL_DEREF, r"null pointer dereference occurred"),
        (
            Kind.INDEX_KEY,
            r"^index out of bounds: the (?:len|length) is (?P<length>\d+) but the index is (?P<index>\d+)",
        ),
        (Kind.INDEX_KEY, r"^range (?:start|end) index (?P<index>\d+) out of range for slice of length (?P<length>\d+)"),
        (Kind.INDEX_KEY, r"^(?:slice index starts at|range start index) (?P<index>\d+)"),
        (Kind.INDEX_KEY, r"^attempted to index (?:slice|str) (?:up to|from)"),
        (Kind.INDEX_KEY, r"^no entry found for key|^IndexMap: (?:key not found|index out of bounds)"),
        (
            Kind.INDEX_KEY,
            r"^(?:start |end )?byte index (?P<index>\d+) is (?:not a char boundary|out of bounds)",
        ),
        (Kind.INDEX_KEY, r"byte index (?P<index>\d+) is out of (?:bounds|range)|^begin <= end|^begin > end"),
        (
            Kind.INDEX_KEY,
            r"^(?:swap_remove|removal|insertion|split|`at` split|drain|truncate) index \(is (?P<index>\d+)\)"
            r" should be <=? len \(is (?P<length>\d+)\)",
        ),
        (
            Kind.INDEX_KEY,
            r"^(?:Out of bounds access|index out of bounds|mid > len|`?at`? out of bounds|assertion failed: mid <= )",
        ),
        (Kind.INDEX_KEY, r"^assertion failed: self\.is_char_boundary|^cannot advance past|^advance out of bounds"),
        (
            Kind.INDEX_KEY,
            r"^source slice length \((?P<actual>\d+)\) does not match destination slice length \((?P<expected>\d+)\)",
        ),
        (Kind.INDEX_KEY, r"^copy_from_slice: source slice length"),
        (
            Kind.INVALID_VALUE,
            r"^attempt to (?:add|subtract|multiply|divide|negate|shift \w+|calculate \S+(?: \w+)*) with overflow",
        ),
        (Kind.INVALID_VALUE, r"^attempt to (?:divide by zero|calculate the remainder with a divisor of zero)"),
        (Kind.INVALID_VALUE, r"^(?:division|divide) by zero|^attempt to .+ (?:overflow|zero)$|^overflow when "),
        (
            Kind.INVALID_VALUE,
            r"^(?:chunk size|chunk_size|window size|size|step) must be non-?zero|^assertion failed: step != 0",
        ),
        (
            Kind.INVALID_VALUE,
            r"^assertion failed: (?:min <= max|chunk_size != 0|size != 0)|^min > max|^cannot sample empty range",
        ),
        (Kind.INVALID_VALUE, r"^(?:from_digit|to_digit|char::from_digit|from_str_radix\w*): (?:radix|invalid)"),
        (
            Kind.INVALID_VALUE,
            r"^(?:`f\d\d` )?Duration|^second time provided was later than self|^cannot convert float seconds",
        ),
        (Kind.RESOURCE_EXHAUSTED, r"^(?:capacity overflow|Hash table capacity overflow|memory allocation of)"),
        (Kind.RESOURCE_EXHAUSTED, r"^failed to (?:allocate|spawn thread)"),
        # Threads, cells and runtimes.
        (Kind.CONCURRENCY, r"\bPoisonError\b"),
        (Kind.CONCURRENCY, rf"{_ERR}Any \{{ \.\. \}}|^a scoped thread panicked|{_ERR}JoinError|^JoinError::Panic"),
        (Kind.CONCURRENCY, r"\b(?:BorrowMutError|BorrowError)\b|^(?:RefCell )?already (?:mutably )?borrowed"),
        (Kind.CONCURRENCY, rf"{_ERR}(?:RecvError|SendError|TryRecvError|\"SendError|Timeout$|Disconnected)"),
        (Kind.CONCURRENCY, r"^there is no reactor running|^no reactor running|Tokio 1\.x (?:context|runtime)"),
        (
            Kind.CONCURRENCY,
            r"^Cannot (?:start|drop) a runtime (?:from within|in a context)|^can call blocking only when",
        ),
        (Kind.CONCURRENCY, r"`async fn` resumed after|^(?:rwlock|lock|mutex).*(?:deadlock|held by current thread)"),
        (
            Kind.TIMEOUT,
            r"(?:^|: )(?:deadline has elapsed|Elapsed\(\(\)\))|^test timed out|^Timeout (?P<limit>\d+\w*) expired",
        ),
        # What the machine lacks.
        (Kind.ENVIRONMENT, rf"(?:{_ERR}|^|: )(?:NotPresent|VarError)\b|environment variable not found"),
        (
            Kind.ENVIRONMENT,
            r"\bkind: (?P<service>ConnectionRefused|AddrInUse|AddrNotAvailable|NetworkUnreachable|HostUnreachable"
            r"|StorageFull|ReadOnlyFilesystem)\b",
        ),
        (Kind.ENVIRONMENT, r"(?P<service>Connection refused|Address already in use|No space left on device)"),
        (Kind.ENVIRONMENT, r"(?P<service>Temporary failure in name resolution|Network is unreachable|dns error)"),
        # Values that could not be read.
        (
            Kind.INVALID_VALUE,
            rf"(?:{_ERR}|^|: )(?:\w+\()?(?P<exception>Parse\w*Error|TryFrom\w+Error|Utf8Error|FromUtf8Error"
            r"|FromUtf16Error|AddrParseError|CharTryFromError|ParseError|DecodeError|InvalidDigit|TryFromSliceError|OutOfRangeError"
            r"|FromHexError|LayoutError|FromBytes\w+Error|ComponentRange|NonZero\w*Error|InvalidLength)\b",
        ),
        (
            Kind.INVALID_VALUE,
            rf"(?:{_ERR}|^|: )(?:\w+\()?Error\(\"[^\"]*\", line: \d+, column: \d+\)|TomlError|Error \{{ kind: Parse",
        ),
        (Kind.INVALID_VALUE, r"\binvalid (?:digit|float literal|utf-?8)\b|\bregex parse error\b"),
        # Assertions of the language and of libraries.
        (
            Kind.ASSERTION,
            r"^assertion `left (?P<operator>==|!=|matches|<=?|>=?) right` failed(?:: (?P<reason>[^\n]*))?"
            r"\s+left: (?P<actual>.*?)\n\s*right: (?P<expected>.*?)\s*$",
        ),
        (
            Kind.ASSERTION,
            r"^assertion failed: `\(?left (?P<operator>==|!=) right\)?`(?::? (?P<reason>[^\n]+))?"
            r"(?:\s+left: `(?P<actual>.*?)`,\s+right: `(?P<expected>.*?)`(?:: (?P<said>.*))?)?\s*$",
        ),
        (Kind.ASSERTION, r"^assertion failed: `?\(?left (?P<operator>==|!=)"),
        (Kind.ASSERTION, r"^assertion failed: (?P<expected>[^\n]+)"),
        (
            Kind.ASSERTION,
            r"^assertion (?:`[^`]+` )?failed|^Unexpected (?:std(?:out|err)|return code)|^\[quickcheck\] TEST FAILED",
        ),
        (Kind.ASSERTION, r"^(?:Diff|Value of|Expected|expected|Verification failed)\b[^\n]*(?:\n|$|:)"),
    )
)
_PROPTEST = re.compile(
    r"^Test failed: (?P<reason>.+?)(?: at (?P<path>[\w./\\-]+\.rs):(?P<line>\d+))?[.;]"
    r"\s*minimal failing input: (?P<input>[^\n]*)",
    re.DOTALL,
)


def matching(message: str) -> tuple[Kind, dict[str, str]] | None:
    """Return the kind and the slots of the first pattern that fits a message."""
    if found := _PROPTEST.search(message):
        inner = matching(found["reason"]) or (Kind.ASSERTION, {})
        return inner[0], {**inner[1], "input": found["input"].strip()}
    for kind, pattern in _PATTERNS:
        if match := pattern.search(message):
            return kind, {name: value.strip() for name, value in match.groupdict().items() if value}
    return None


def place_of_property(message: str) -> tuple[str, int] | None:
    """Return where a property says that it does not hold: the panic itself is in the macro."""
    found = _PROPTEST.search(message)
    return (found["path"], int(found["line"])) if found and found["path"] else None
