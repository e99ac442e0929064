"""Errors of the TypeScript compiler: their codes, and what their messages say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from regreen.core.failure import FailureKind as Kind
from regreen.languages.case import Case, Verdict

_CODES: Mapping[Kind, tuple[int, ...]] = {
    Kind.IMPORT_UNRESOLVED: (1192, 1259, 2305, 2306, 2307, 2459, 2460, 2614, 2691, 2724, 2792, 2834, 2835, 5097, 6142),
    Kind.DEPENDENCY_MISSING: (2580, 2582, 2591, 2688, 2592, 2593, 2868, 2875, 7016),
    Kind.NAME_UNDEFINED: (2304, 2318, 2448, 2449, 2503, 2552, 2584, 2662, 2663, 2686, 18004, 2585),
    Kind.MEMBER_MISSING: (2339, 2550, 2551, 2576, 2568, 2570, 2694),
    Kind.CALL_ARITY: (2554, 2555, 2556, 2557, 2558, 2575, 2743, 2314, 2315, 2794),
    Kind.NULL_DEREF: (2531, 2532, 2533, 18047, 18048, 18049, 2721, 2722, 2723),
    Kind.COMPILE_RULE: (
        1361, 1362, 1371, 1484, 1485, 2300, 2355, 2366, 2377, 2391, 2393, 2451, 2454, 2511, 2528, 2540, 2564, 2565,
        2578, 2588, 2683, 2695, 2774, 2801, 4111, 4112, 4113, 4114, 6133, 6138, 6192, 6196, 6198, 6199, 6205,
        2395, 2384, 2389,
    ),
    Kind.RUNNER_CONFIG: (2732, 17004, 18003, 1323, 1324, 1343, 1378, 6059, 6307, 6310, 6304, 6305, 6306,
        2397, 1479, 1541),
}  # fmt: skip
_KIND_OF: Mapping[int, Kind] = {code: kind for kind, codes in _CODES.items() for code in codes}
# Codes that are not in the table, by their hundreds and thousands.
_RANGES: tuple[tuple[int, int, Kind], ...] = (
    (1000, 1999, Kind.SYNTAX),
    (5000, 6999, Kind.RUNNER_CONFIG),
    (7000, 7999, Kind.COMPILE_RULE),
    (8000, 8999, Kind.SYNTAX),
    (17000, 17999, Kind.SYNTAX),
    (2000, 4999, Kind.TYPE_MISMATCH),
    (18000, 18999, Kind.TYPE_MISMATCH),
)
_Q = r"['\"]"
# What a message names; the groups are slots. All that match add theirs, the first word for a slot stays.
_SLOTS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        rf"Did you mean(?: to write)? {_Q}(?P<suggest>[^'\"]+){_Q}",
        rf"Did you mean the (?:instance|static) member {_Q}(?P<suggest>[^'\"]+){_Q}",
        rf"has no exported member(?: named)? {_Q}(?P<missing>[^'\"]+){_Q}",
        r"Try `npm i --save-dev (?P<missing>\S+)`",
        rf"Cannot find type definition file for {_Q}(?P<types>[^'\"]+){_Q}",
        rf"(?:Cannot find module|Could not find a declaration file for module) {_Q}(?P<missing>[^'\"]+){_Q}",
        rf"^{_Q}+(?P<module>[^'\"]+){_Q}+ has no exported member",
        rf"Module {_Q}+(?P<module>[^'\"]+){_Q}+",
        rf"Property {_Q}(?P<symbol>[^'\"]+){_Q} does not exist on type {_Q}(?P<owner>[^\n]+?){_Q}(?:\.|$)",
        rf"Property {_Q}(?P<symbol>[^'\"]+){_Q} is missing in type",
        rf"Cannot find (?:name|namespace) {_Q}(?P<symbol>[^'\"]+){_Q}",
        rf"(?P<symbol>(?<={_Q})[^'\"]+)(?={_Q} (?:is declared but|is possibly|is of type|implicitly has|was also"
        rf" declared))",
        rf"(?:Parameter|Variable|Member|Binding element|Rest parameter) {_Q}(?P<symbol>[^'\"]+){_Q} implicitly",
        rf"(?:Cannot redeclare block-scoped variable|Duplicate identifier) {_Q}(?P<symbol>[^'\"]+){_Q}",
        rf"Variable {_Q}(?P<symbol>[^'\"]+){_Q} is used before being assigned",
        rf"Block-scoped variable {_Q}(?P<symbol>[^'\"]+){_Q} used before",
        rf"Cannot assign to {_Q}(?P<symbol>[^'\"]+){_Q}",
        rf"Property {_Q}(?P<symbol>[^'\"]+){_Q} has no initializer",
        rf"and {_Q}(?P<symbol>[^'\"]+){_Q} does not exist in type {_Q}(?P<owner>[^\n]+?){_Q}",
        rf"{_Q}(?P<symbol>[\w.$\[\]]+){_Q} is possibly {_Q}?(?:null|undefined)",
        r"Expected (?:at least )?(?P<expected>[\d-]+)(?: or more)? (?:type )?arguments?, but got (?P<actual>\d+)",
        rf"Argument of type {_Q}(?P<actual>[^\n]+?){_Q} is not assignable to parameter of type"
        rf" {_Q}(?P<expected>[^\n]+?){_Q}",
        rf"Type {_Q}(?P<actual>[^\n]+?){_Q} is not assignable to type {_Q}(?P<expected>[^\n]+?){_Q}",
        rf"Type {_Q}(?P<actual>[^\n]+?){_Q} is missing the following properties from type"
        rf" {_Q}(?P<expected>[^\n]+?){_Q}",
        rf"Operator {_Q}(?P<operator>[^'\"]+){_Q} cannot be applied to types {_Q}(?P<actual>[^\n]+?){_Q} and"
        rf" {_Q}(?P<expected>[^\n]+?){_Q}",
        rf"^{_Q}(?P<expected>[^'\"]{{1,3}}){_Q} expected",
        rf"Unknown compiler option {_Q}(?P<selector>[^'\"]+){_Q}",
    )
)  # fmt: skip


def judge_compiler(case: Case) -> Verdict | None:
    """Judge an error of the compiler by its code."""
    code = case.facts.type
    if not re.fullmatch(r"TS\d+", code):
        return None
    slots = _named(case.message)
    kind = _kind(int(code[2:]), slots)
    if "types" in slots:
        slots = {**slots, "missing": f"@types/{slots.pop('types')}"}
    if kind is Kind.DEPENDENCY_MISSING:
        slots.pop("symbol", None)
    if kind is Kind.IMPORT_UNRESOLVED and "missing" not in slots and "symbol" in slots:
        slots["missing"] = slots["symbol"]
    return Verdict(kind, {**slots, "ts": code})


def _kind(number: int, slots: Mapping[str, str]) -> Kind:
    kind = _KIND_OF.get(number) or next((kind for low, high, kind in _RANGES if low <= number <= high), Kind.UNKNOWN)
    missing = slots.get("missing", "")
    if kind is Kind.IMPORT_UNRESOLVED and number in (2307, 2792) and missing and not is_own_specifier(missing):
        return Kind.DEPENDENCY_MISSING
    if kind is Kind.DEPENDENCY_MISSING and is_own_specifier(missing):
        return Kind.IMPORT_UNRESOLVED
    return kind


def _named(message: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in _SLOTS:
        if match := pattern.search(message):
            for name, value in match.groupdict().items():
                found.setdefault(name, value or "")
    return found


def is_own_specifier(specifier: str) -> bool:
    """Tell whether an import names a file of the workspace rather than a package."""
    return (
        specifier.startswith((".", "/", "@/", "~/", "#", "file:", "src/"))
        or re.match(r"^[A-Za-z]:[\\/]", specifier) is not None
    )
