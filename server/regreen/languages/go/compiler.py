"""What the compiler and the loader say, told apart. First match wins; groups are slots.

Wordings of Go 1.17 to 1.26: the compiler's own, those of its type checker, of the parser that loads packages, of vet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from regreen.core.failure import FailureKind as Kind

_RULES: tuple[tuple[Kind, str], ...] = (
    # The loader.
    (Kind.RUNNER_CONFIG, r"wrong signature for (?P<symbol>\w+), must be: (?P<expected>.+)"),
    (Kind.RUNNER_CONFIG, r"multiple definitions of (?P<symbol>TestMain)"),
    (
        Kind.RUNNER_CONFIG,
        r"build constraints exclude all Go files|no (?:non-test )?(?:buildable )?Go (?:source )?files in",
    ),
    (Kind.IMPORT_UNRESOLVED, r"package (?P<missing>\S+) is not in (?:std|GOROOT)"),
    (Kind.IMPORT_UNRESOLVED, r"(?P<reason>import cycle) not allowed"),
    (Kind.IMPORT_UNRESOLVED, r"use of (?P<reason>internal|vendored) package (?P<missing>\S+) not allowed"),
    (Kind.IMPORT_UNRESOLVED, r"import \"?(?P<missing>[^\"\s]+)\"? is a program, not an importable package"),
    (Kind.IMPORT_UNRESOLVED, r"\"?(?P<missing>\.[^\"\s]+)\"? is relative, but relative import paths are not supported"),
    (Kind.IMPORT_UNRESOLVED, r"local import \"(?P<missing>[^\"]+)\" in non-local package"),
    (
        Kind.IMPORT_UNRESOLVED,
        r"(?:malformed|invalid) import path \"?(?P<missing>[^\":]*)|(?P<reason>import path) must be a string",
    ),
    (Kind.ENVIRONMENT, r"(?P<missing>\S+?)(?:@v\S+)?: (?:module lookup disabled by GOPROXY=off|.*dial tcp: lookup )"),
    (Kind.ENVIRONMENT, r"module lookup disabled by GOPROXY|cannot find module .* GOFLAGS=-mod=vendor"),
    (
        Kind.DEPENDENCY_MISSING,
        r"module (?P<module>\S+?)(?:@\S+)? found(?: \([^)]*\))?, but does not contain package (?P<missing>\S+)",
    ),
    (Kind.DEPENDENCY_MISSING, r"no required module provides package (?P<missing>[^\s;:]+)"),
    (
        Kind.DEPENDENCY_MISSING,
        r"missing go\.sum entry (?:needed to verify contents of|for module providing package|for go\.mod "
        r"file[^:]*:?) ?(?P<missing>[^\s;(]*)",
    ),
    (Kind.DEPENDENCY_MISSING, r"cannot find (?:module providing )?package \"?(?P<missing>[^\"\s:;]+)\"?"),
    (Kind.DEPENDENCY_MISSING, r"^module (?P<missing>\S+?)(?:@\S+)?: (?:reading|Get) "),
    (Kind.DEPENDENCY_MISSING, r"ambiguous import: found package (?P<missing>\S+)"),
    (Kind.DEPENDENCY_MISSING, r"could not import (?P<missing>\S+) \((?:no required module|cannot find|no metadata)"),
    (Kind.IMPORT_UNRESOLVED, r"could not import (?P<missing>\S+)"),
    # C.
    (
        Kind.ENVIRONMENT,
        r"C compiler \"?(?P<missing>[^\"\s]+)\"? not found|exec: \"(?P<program>[^\"]+)\": executable file not "
        r"found",
    ),
    (Kind.ENVIRONMENT, r"fatal error: '?(?P<missing>[^\s':]+\.h)'?(?:: No such file| file not found)"),
    (
        Kind.ENVIRONMENT,
        r"cannot find -l(?P<missing>\S+?):? |library '?(?P<library>[^\s']+)'? not found|Package "
        r"'?(?P<package>[^\s',]+)'?,? (?:was not found in|required by|not found)",
    ),
    (Kind.ENVIRONMENT, r"-race requires cgo|no space left on device|cgo: .*not found"),
    # Syntax.
    (Kind.SYNTAX, r"syntax error: unexpected (?P<found>.+?),? (?:expect(?:ed|ing)) (?P<expected>.+)"),
    (Kind.SYNTAX, r"syntax error: unexpected (?P<found>.+?)(?: (?:at|in|after) (?P<context>.+))?$"),
    (Kind.SYNTAX, r"syntax error: missing (?P<expected>.+?)(?: (?:at|in|after|before) .+)?$"),
    (Kind.SYNTAX, r"syntax error: (?P<reason>.+)"),
    (Kind.SYNTAX, r"^expected (?P<expected>.+?), found (?P<found>.+)"),
    (Kind.SYNTAX, r"^unexpected (?P<found>.+?), expect(?:ed|ing) (?P<expected>.+)"),
    (Kind.SYNTAX, r"^missing (?P<expected>','|[^\w\s]\S*|condition)(?: (?:before|in) .+)?"),
    (
        Kind.SYNTAX,
        r"(?:illegal|invalid) (?:character|UTF-8|BOM|NUL)|literal not terminated|newline in (?:string|rune)|not "
        r"terminated",
    ),
    (
        Kind.SYNTAX,
        r"non-declaration statement outside function body|imports? must (?:appear|come) (?:before|first)"
        r"|unexpected EOF",
    ),
    (
        Kind.SYNTAX,
        r"(?:empty|more than one character in) rune literal|invalid digit|unknown escape|'[^']+' (?:must|has no) ",
    ),
    (
        Kind.SYNTAX,
        r"cannot use .+ as value\b(?! in)|else must be followed by|method has (?:multiple|no) receiver|^expected ",
    ),
    # Compile-time values.
    (Kind.INDEX_KEY, r"index (?P<index>-?\d+) (?:\(.+?\) )?(?:is )?out of (?:bounds|range) ?\[0:(?P<length>\d+)\]"),
    (Kind.INDEX_KEY, r"invalid argument: index (?P<index>-?\d+).*(?:out of|must not be negative)|invalid slice index"),
    (Kind.INVALID_VALUE, r"(?:invalid operation: )?division by zero"),
    # Calls.
    (
        Kind.CALL_ARITY,
        r"(?:not enough|too many) arguments (?:in call to|for) (?P<symbol>[^\s(]+)(?:\(\))?(?:[^(]*\(expected "
        r"(?P<expected>\d+), found (?P<actual>\d+)\))?",
    ),
    (
        Kind.CALL_ARITY,
        r"assignment mismatch: (?P<actual>\d+) variables? but (?:(?P<symbol>[^\s(]+)(?:\([^)]*\))? returns? "
        r")?(?P<expected>\d+) values?",
    ),
    (Kind.CALL_ARITY, r"(?:not enough|too many) (?:return values|arguments to return)"),
    (
        Kind.CALL_ARITY,
        r"too (?:few|many) (?:values|initializers) in struct (?:literal|initializer)(?: of type (?P<symbol>\S+))?",
    ),
    (
        Kind.CALL_ARITY,
        r"(?P<symbol>\S+) \(no value\) used as value|(?:missing|not enough|too many) arguments? (?:in|for|to)",
    ),
    # Members.
    (
        Kind.MEMBER_MISSING,
        r"undefined \(type (?P<owner>.+?) has no (?:field or method|field|method) (?P<symbol>\w+)(?:, but does "
        r"have (?:field |method )?(?P<suggest>\w+))?",
    ),
    (
        Kind.MEMBER_MISSING,
        r"unknown field '?(?P<symbol>\w+)'? in struct literal(?: of type (?P<owner>[^\s,]+))?(?:, but does have "
        r"(?P<suggest>\w+))?",
    ),
    (
        Kind.MEMBER_MISSING,
        r"(?:undefined: |cannot refer to unexported name |undeclared name: )(?P<symbol>(?P<owner>\w+)\.\w+)",
    ),
    (
        Kind.MEMBER_MISSING,
        r"name (?P<name>\w+) not exported by package (?P<owner>\w+)|(?P<named>\w+) not (?:declared|exported) by "
        r"package (?P<package>\w+)",
    ),
    (Kind.MEMBER_MISSING, r"cannot refer to unexported (?:field or method|field|method) (?P<symbol>\w+)"),
    (Kind.MEMBER_MISSING, r"(?P<owner>\S+)\.(?P<symbol>\w+) undefined"),
    (Kind.NAME_UNDEFINED, r"(?:undefined|undeclared name): (?P<symbol>\w+)"),
    (Kind.NAME_UNDEFINED, r"refers to unknown (?:identifier|field or method|function|type):? (?P<symbol>\S+)"),
    # Rules.
    (Kind.COMPILE_RULE, r"declared and not used: (?P<symbol>\w+)|(?P<name>\w+) declared (?:and|but) not used"),
    (
        Kind.COMPILE_RULE,
        r"\"(?P<symbol>[^\"]+)\" imported (?:as \w+ )?and not used|imported and not used: \"(?P<name>[^\"]+)\"",
    ),
    (
        Kind.COMPILE_RULE,
        r"(?P<symbol>\w+) redeclared|method (?P<name>\S+) already declared|(?:field and method|duplicate (?:method"
        r"|field|argument)) (?:with the same name )?(?P<member>\w+)",
    ),
    (
        Kind.COMPILE_RULE,
        r"label (?P<symbol>\w+) (?:defined and not used|not defined)|(?P<reason>missing return|no new variables "
        r"on left side of :=|missing function body)",
    ),
    (Kind.COMPILE_RULE, r"(?:is|evaluated but|value computed but) not used$"),
    # Types.
    (
        Kind.TYPE_MISMATCH,
        r"cannot use .+? \((?:[^()]|\([^()]*\))*?\btype (?P<actual>(?:[^()]|\([^()]*\))+?)\) as (?:type "
        r")?(?P<expected>\S.*?)(?: value)? in ",
    ),
    (
        Kind.TYPE_MISMATCH,
        r"cannot use .+? \(untyped (?P<actual>\w+)(?: constant)?(?: [^)]*)?\) as (?:type )?(?P<expected>\S.*?)(?: "
        r"value)? in ",
    ),
    (Kind.TYPE_MISMATCH, r"cannot use (?P<actual>nil) as (?:type )?(?P<expected>\S.*?)(?: value)? in "),
    (Kind.TYPE_MISMATCH, r"mismatched types (?P<expected>.+?) and (?P<actual>.+?)\)"),
    (Kind.TYPE_MISMATCH, r"cannot convert .+?(?:\bof )?type (?P<actual>.+?)\) to type (?P<expected>\S+)"),
    (Kind.TYPE_MISMATCH, r"cannot convert .+ to (?:type )?(?P<expected>\S+)"),
    (Kind.TYPE_MISMATCH, r"(?P<actual>\S+) (?:does not|must) implement (?P<expected>\S+)"),
    (Kind.TYPE_MISMATCH, r"(?P<actual>\S+) does not satisfy (?P<expected>\S+)"),
    (
        Kind.TYPE_MISMATCH,
        r"impossible type (?:assertion|switch case)|non-(?:boolean|bool|interface|name|constant|function|integer)"
        r"|invalid operation|cannot infer|cannot (?:range over|index|slice|call|use|assign|compare|take|indirect)",
    ),
    (
        Kind.TYPE_MISMATCH,
        r"is not a type|is not an expression|is not an? (?:interface|function)|must be a? ?(?:slice|pointer"
        r"|integer|function|map)|(?:constant|value) .* overflows|overflows|truncated|invalid argument|first "
        r"argument to append|invalid indirect|type .* is not|untyped nil",
    ),
)
RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple((kind, re.compile(pattern)) for kind, pattern in _RULES)
# Groups of a second wording -> the slot that they fill.
_SAME = {
    "name": "symbol", "named": "symbol", "member": "symbol", "program": "missing", "library": "missing",
    "package": "missing",
}  # fmt: skip
_HAVE_WANT = re.compile(r"^\s*have (?P<actual>.+)\n\s*want (?P<expected>.+)$", re.MULTILINE)
_KIND_OF_TYPE = re.compile(r"^(?:struct|interface|map|chan|func|array|slice|pointer|untyped) type ")


def judge_build(text: str) -> tuple[Kind, dict[str, str]]:
    """Return the kind of what the compiler says, with its slots."""
    head = text.partition("\n")[0]
    for kind, pattern in RULES:
        if match := pattern.search(head):
            return kind, _slots(kind, match.groupdict(), text)
    return Kind.COMPILE_RULE, {}


def _slots(kind: Kind, groups: Mapping[str, str | None], text: str) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, value in groups.items():
        if value:
            # Of a package, "package" is where the name was looked for, not what is missing.
            slot = "owner" if kind is Kind.MEMBER_MISSING and name == "package" else _SAME.get(name, name)
            slots[slot] = _KIND_OF_TYPE.sub("", value.strip())
    if kind is Kind.MEMBER_MISSING and ("name" in groups) and (groups.get("name") or groups.get("named")):
        slots["symbol"] = f"{slots['owner']}.{slots['symbol']}"
    if kind is Kind.CALL_ARITY and (match := _HAVE_WANT.search(text)):
        slots |= {name: value.strip() for name, value in match.groupdict().items()}
    return slots
