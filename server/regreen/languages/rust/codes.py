"""What kind of failure each of the compiler's errors is: by its code, or by its words when it has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from regreen.core.failure import FailureKind as Kind

_BY_KIND: tuple[tuple[Kind, str], ...] = (
    (Kind.SYNTAX, "E0178 E0585 E0586 E0704 E0748 E0753 E0758 E0762 E0763 E0765 E0766 E0768"),
    (Kind.IMPORT_UNRESOLVED, "E0364 E0365 E0429 E0430 E0431 E0432 E0466 E0469 E0583 E0603 E0659"),
    (
        Kind.NAME_UNDEFINED,
        "E0261 E0404 E0405 E0411 E0412 E0422 E0424 E0425 E0426 E0531 E0532 E0573 E0574 E0575 E0577 E0578",
    ),
    (
        Kind.MEMBER_MISSING,
        "E0026 E0220 E0223 E0407 E0437 E0438 E0451 E0559 E0560 E0576 E0599 E0609 E0610 E0615 E0616 E0624",
    ),
    (Kind.CALL_ARITY, "E0023 E0027 E0050 E0057 E0060 E0061 E0063 E0107 E0593"),
    (
        Kind.TYPE_MISMATCH,
        "E0029 E0038 E0053 E0054 E0067 E0069 E0070 E0164 E0191 E0195 E0271 E0277 E0282 E0283 E0284 E0308 E0317 E0326"
        " E0369 E0368 E0423 E0527 E0528 E0529 E0600 E0604 E0605 E0606 E0607 E0608 E0614 E0618 E0620 E0631 E0643",
    ),
    (
        Kind.BORROW_CHECK,
        "E0106 E0226 E0228 E0262 E0263 E0309 E0310 E0311 E0312 E0373 E0381 E0382 E0384 E0478 E0482 E0491 E0495 E0499"
        " E0500 E0501 E0502 E0503 E0505 E0506 E0507 E0508 E0509 E0510 E0515 E0521 E0524 E0582 E0594 E0595 E0596 E0597"
        " E0621 E0623 E0626 E0637 E0700 E0712 E0713 E0716 E0759 E0803",
    ),
    (Kind.ENVIRONMENT, "E0460 E0514 E0519 E0554 E0786"),
    (Kind.DEPENDENCY_MISSING, "E0463"),
)
KIND_OF_CODE: Mapping[str, Kind] = MappingProxyType({code: kind for kind, codes in _BY_KIND for code in codes.split()})

# Errors without a code; groups are slots. First match wins.
_BY_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        (Kind.NAME_UNDEFINED, r"^cannot find (?:macro|attribute|derive macro) `(?P<symbol>[^`]+)`"),
        (Kind.NAME_UNDEFINED, r"^cannot determine resolution for the (?:\w+ )?macro `(?P<symbol>[^`]+)`"),
        (Kind.ENVIRONMENT, r"^environment variable `(?P<missing>[^`]+)` not defined at compile time"),
        (Kind.ENVIRONMENT, r"\bset `(?P<missing>[A-Z_]*DATABASE_URL)`"),
        (Kind.ENVIRONMENT, r"^linker `(?P<missing>[^`]+)` not found"),
        (Kind.ENVIRONMENT, r"^linking with `[^`]+` failed"),
        (Kind.ENVIRONMENT, r"^could not find native static library `(?P<missing>[^`]+)`"),
        (Kind.ENVIRONMENT, r"^could not execute process `(?P<missing>[^` ]+)"),
        (Kind.ENVIRONMENT, r"No space left on device|^failed to write |^could not exec the linker|^unable to copy "),
        (
            Kind.RESOURCE_EXHAUSTED,
            r"^recursion limit reached|^reached the (?:recursion|type-length) limit|queries overflow",
        ),
        (Kind.IMPORT_UNRESOLVED, r"^couldn't read `(?P<missing>[^`]+)`"),
        (Kind.IMPORT_UNRESOLVED, r"^file not found for module `(?P<missing>[^`]+)`"),
        (
            Kind.BORROW_CHECK,
            r"^lifetime may not live long enough|^borrowed data escapes|^captured variable cannot escape"
            r"|^implementation of `[^`]+` is not general enough|^`[^`]+` does not live long enough"
            r"|^cannot infer an appropriate lifetime|^higher-ranked lifetime error",
        ),
        (Kind.COMPILE_RULE, r"^(?:future|`[^`]+`) cannot be s(?:ent|hared) between threads safely"),
        (
            Kind.CALL_ARITY,
            r"^(?P<expected>\d+) positional arguments? in format string, but (?:there (?:is|are) )?(?P<actual>\w+)",
        ),
        (
            Kind.CALL_ARITY,
            r"^multiple unused formatting arguments|^argument never used|^invalid reference to positional argument",
        ),
        (
            Kind.SYNTAX,
            r"^(?:expected|unexpected|unclosed|mismatched|unterminated|unknown|incorrect|missing|invalid|found|prefix"
            r"|this file contains|struct literals|character literal|unmatched|comparison operators|leading `|unbalanced"
            r"|empty|no rules expected|`?\w+`? is not allowed|ambiguous|cannot parse|const globals|only|visibility"
            r"|trailing|non-item|statements|labeled|outer|inner|attributes? .*not (?:allowed|permitted)|keyword"
            r"|macros? |suffixes|integer literal|literal|lifetimes? (?:cannot|must)|type (?:cannot|must)|function body"
            r"|closure bodies|free|an inner attribute|numeric|number|unicode|bare CR|emoji|identifiers)",
        ),
    )
)
_LINT = re.compile(r"#!?\[(?:deny|forbid)\(|the lint level is defined here|`-[DF] |on by default|implied by `")
_LINT_NAME = re.compile(r"#\[(?:deny|forbid)\((?P<name>[\w:]+)\)\]")


def kind_of(code: str, message: str, notes: str) -> tuple[Kind, dict[str, str]]:
    """Return the kind of a compiler error, and what its words say."""
    if code.startswith("E") and code[1:].isdecimal():
        return KIND_OF_CODE.get(code, Kind.COMPILE_RULE), {}
    if code or _LINT.search(notes):
        name = code or (found["name"] if (found := _LINT_NAME.search(notes)) else "")
        return Kind.COMPILE_RULE, {"rule": name}
    for kind, pattern in _BY_WORDS:
        if match := pattern.search(message):
            return kind, {name: value for name, value in match.groupdict().items() if value}
    return Kind.COMPILE_RULE, {}
