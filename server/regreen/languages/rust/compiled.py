"""Judges what the compiler refused: the kind by its code, the slots by its words, labels and proposals."""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import ExceptionFacts
from regreen.languages.case import Case, Verdict

from .codes import kind_of

_TICKED = re.compile(r"`([^`]+)`")
_EXPECTED = re.compile(
    r"expected (?:\w+ )*?(?:`(?P<expected>[^`]+)`|(?P<plain>[\w ,]+?)),"
    r" found (?:\w+ )*?(?:`(?P<actual>[^`]+)`|(?P<other>[\w ]+))"
)
_NOTED = re.compile(r"expected (?:[\w ]+ )?`(?P<expected>[^`]+)`.*?found (?:[\w ]+ )?`(?P<actual>[^`]+)`", re.DOTALL)
_UNLINKED = re.compile(
    r"(?:use of (?:unresolved module or unlinked crate|undeclared crate or module|undeclared module)"
    r"|maybe a missing crate|cannot find (?:module or crate|crate or module|crate|module)) `(?P<name>\w+)`"
)
_NOT_FOUND = re.compile(
    r"could not find `(?P<missing>\w+)` in (?:the )?`?(?P<module>[\w:{} ]+?)`?(?:$|[\n,;])"
    r"|no (?:external crate )?`(?P<name>\w+)` in (?:the )?`?(?P<within>[\w:{} ]+?)`?(?:$|[\n,;])"
)
_IMPORTING = re.compile(r"(?:consider importing|import) (?:this|one of these)")
_THREADS = re.compile(
    r"cannot be (?:sent|shared) between threads safely|`(?:Send|Sync)` is not (?:satisfied|implemented)"
    r"|is not `(?:Send|Sync)`"
)
_THING = (
    r"(?: (?:type|struct|enum|union|reference|mutable reference|trait|opaque type|associated type|type parameter"
    r"|fn item|closure|array|slice|tuple|raw pointer|unit type|primitive type))*"
)
_MEMBER = re.compile(
    r"^no (?:method|field|function or associated item|associated (?:item|function|constant|type)|function|variant"
    r"(?:, associated function, or constant| or associated item)?)(?: named)? `(?P<symbol>[^`]+)`"
    rf"(?: (?:found for|on type|on|found on|exists on|found in|for){_THING} `(?P<owner>[^`]+)`)?"
)
_HAS_NO = re.compile(
    r"^(?:struct|union|variant|enum) `(?P<owner>[^`]+)` (?:has no|does not have a) field named `(?P<symbol>[^`]+)`"
)
_EXISTS = re.compile(
    r"^(?:the )?(?:method|associated (?:function|item)) `(?P<symbol>[^`]+)` (?:exists|has an incompatible"
    r"|cannot be called)[^`]*`(?P<owner>[^`]+)`"
)
_ARITY = re.compile(
    r"takes (?:at least )?(?P<expected>\d+)(?: generic)?[\w ]*? arguments? but (?P<actual>\d+)"
    r"|supplied (?P<given>\d+)[\w ]*arguments?.*expected (?P<wanted>\d+)"
    r"|expected (?P<bound>\d+)[\w ]* arguments?, (?:found|got) (?P<got>\d+)"
    r"|this pattern has (?P<has>\d+) fields?, but the corresponding tuple \w+ has (?P<should>\d+)"
)
_WORD = re.compile(r"[A-Za-z_]\w*|[^\sA-Za-z_]+")


def judge_compiled(case: Case) -> Verdict:
    """Return the kind and the slots of an error of the compiler."""
    facts = case.facts
    code, notes = (
        facts.attribute("code"),
        f"{facts.attribute('notes')}\n{facts.attribute('labels')}\n{case.result.text}",
    )
    kind, slots = kind_of(code, facts.message, notes)
    if "compile_error!" in facts.attribute("source"):
        kind, slots = Kind.COMPILE_RULE, {}
    if code in ("E0432", "E0433") or _UNLINKED.search(facts.message):
        kind, slots = _path(case)
    elif code == "E0463":
        kind, slots = _crate(facts)
    elif kind is Kind.TYPE_MISMATCH and _THREADS.search(f"{facts.message}\n{facts.attribute('labels')}"):
        kind, slots = Kind.COMPILE_RULE, {}
    slots = {**_slots(case, kind, code), **slots}
    if kind is Kind.ENVIRONMENT and "missing" not in slots:
        slots["missing"] = _library(f"{facts.message}\n{notes}")
    return Verdict(kind, {**slots, "code": code if code.startswith("E") else ""})


def _path(case: Case) -> tuple[Kind, dict[str, str]]:
    """Judge a path whose part is not found: a crate that is not declared, a module of our own, or a name to import."""
    facts = case.facts
    text = f"{facts.message}\n{facts.attribute('labels')}"
    help_text = facts.attribute("notes")
    unlinked, within = _UNLINKED.search(text), _NOT_FOUND.search(text)
    if unlinked is not None:
        return _unlinked(case, unlinked["name"], help_text)
    if within is not None:
        missing, module = within["missing"] or within["name"], within["module"] or within["within"]
        near = _near(case, missing) or _closest_module(case, missing)
        return Kind.IMPORT_UNRESOLVED, {"missing": missing, "module": module.strip("` "), "suggest": near}
    if facts.attribute("code") == "E0432":
        path = next(iter(_TICKED.findall(facts.message)), "")
        missing = path.rpartition("::")[2]
        return Kind.IMPORT_UNRESOLVED, {
            "missing": missing,
            "module": path.rpartition("::")[0],
            "suggest": _near(case, missing),
        }
    return Kind.NAME_UNDEFINED, {}


def _unlinked(case: Case, name: str, help_text: str) -> tuple[Kind, dict[str, str]]:
    near = _near(case, name)
    if _IMPORTING.search(help_text) and "extern crate" not in near:
        return Kind.NAME_UNDEFINED, {"symbol": name, "suggest": near}
    if name in ("crate", "self", "super") or name in _modules(case) or _similar_module(help_text):
        return Kind.IMPORT_UNRESOLVED, {"missing": name, "suggest": near or _closest_module(case, name)}
    if name[:1].isupper():
        return Kind.NAME_UNDEFINED, {"symbol": name, "suggest": near}
    if close := _closest_module(case, name):
        return Kind.IMPORT_UNRESOLVED, {"missing": name, "suggest": close}
    declared = any(each.name.replace("-", "_") == name for each in case.project.dependencies)
    return Kind.DEPENDENCY_MISSING, {"missing": name, "package": name, "declared": "yes" if declared else ""}


def _similar_module(help_text: str) -> bool:
    return (
        re.search(
            r"(?:crate or module|module) with a similar name|a similar path exists|to make use of source file",
            help_text,
        )
        is not None
    )


def _crate(facts: ExceptionFacts) -> tuple[Kind, dict[str, str]]:
    name = next(iter(_TICKED.findall(facts.message)), "")
    kind = Kind.ENVIRONMENT if name in ("std", "core", "alloc", "test", "proc_macro") else Kind.DEPENDENCY_MISSING
    return kind, {"missing": name, "package": name if kind is Kind.DEPENDENCY_MISSING else ""}


def _library(text: str) -> str:
    found = re.search(
        r"unable to find library -l(?P<a>[\w.+-]+)|cannot find -l:?(?P<b>[\w.+-]+)"
        r"|library not found for -l(?P<c>[\w.+-]+)|(?:undefined (?:reference to|symbol:?)) [`']?(?P<d>[\w:.]+)"
        r"|`#!\[feature\]` may not be used on the (?P<e>stable|beta)",
        text,
    )
    if found is None:
        return ""
    return found["a"] or found["b"] or found["c"] or found["d"] or "a nightly toolchain"


def _slots(case: Case, kind: Kind, code: str) -> dict[str, str]:
    facts = case.facts
    message, labels = facts.message, facts.attribute("labels")
    if kind is Kind.SYNTAX:
        return _expected(message) or _expected(labels)
    if kind in (Kind.TYPE_MISMATCH, Kind.CALL_ARITY):
        found = _types(facts) if kind is Kind.TYPE_MISMATCH else _arity(case)
        return {**found, "suggest": _near(case, "") if kind is Kind.CALL_ARITY else ""}
    if kind is Kind.MEMBER_MISSING:
        match = _MEMBER.search(message) or _HAS_NO.search(message) or _EXISTS.search(message)
        ticked = _TICKED.findall(message)
        symbol = match["symbol"] if match else next(iter(ticked), "")
        owner = (match["owner"] or "") if match else next(iter(ticked[1:]), "")
        return {
            "symbol": symbol,
            "owner": owner.lstrip("&").removeprefix("mut "),
            "suggest": _near(case, symbol) or _member_near(case, symbol),
        }
    if kind is Kind.IMPORT_UNRESOLVED:
        return _imported(case, code)
    symbol = next(iter(_TICKED.findall(message)), "")
    if kind is Kind.COMPILE_RULE and code == "E0046":
        symbol = message.rpartition("missing: ")[2].strip("`").partition("`")[0]
    if kind is Kind.COMPILE_RULE and _THREADS.search(message) and symbol == "":
        symbol = next(iter(_TICKED.findall(labels)), "")
    found = {"symbol": symbol}
    if kind is Kind.NAME_UNDEFINED:
        found["suggest"] = _near(case, symbol)
    return found


def _imported(case: Case, code: str) -> dict[str, str]:
    ticked = _TICKED.findall(case.facts.message)
    missing = next(iter(ticked), "")
    if code == "E0603":
        return {"missing": missing, "symbol": missing, "suggest": _near(case, missing)}
    return {
        "missing": missing,
        "suggest": _near(case, missing) or (_closest_module(case, missing) if code == "E0583" else ""),
    }


def _types(facts: ExceptionFacts) -> dict[str, str]:
    for text in (facts.attribute("label"), facts.attribute("labels"), facts.message):
        if found := _expected(text):
            return found
    if match := _NOTED.search(facts.attribute("notes")):
        return {"expected": match["expected"], "actual": match["actual"]}
    if match := re.search(r"the trait bound `(?P<actual>[^`]+?): (?P<expected>[^`]+)` is not satisfied", facts.message):
        return {"expected": match["expected"], "actual": match["actual"]}
    if match := re.search(r"`(?P<actual>[^`]+)` doesn't implement `(?P<expected>[^`]+)`", facts.message):
        return {"expected": match["expected"], "actual": match["actual"]}
    if match := re.search(
        r"cannot (?:\w+ )+`(?P<actual>[^`]+)` (?:to|by|from|with|and) `(?P<expected>[^`]+)`", facts.message
    ):
        return {"expected": match["expected"], "actual": match["actual"]}
    if match := re.search(r"can't compare `(?P<expected>[^`]+)` with `(?P<actual>[^`]+)`", facts.message):
        return {"expected": match["expected"], "actual": match["actual"]}
    symbol = next(iter(_TICKED.findall(facts.message)), "")
    return {"symbol": symbol} if symbol else {}


def _expected(text: str) -> dict[str, str]:
    match = _EXPECTED.search(text)
    if match is not None:
        expected = match["expected"] or match["plain"] or ""
        return {"expected": expected.strip(), "actual": (match["actual"] or match["other"] or "").strip()}
    alone = re.search(r"expected (?:one of )?(?P<expected>`[^`]+`(?:, `[^`]+`)*(?:,? or `[^`]+`)?|[\w ]+)", text)
    unclosed = re.search(r"unclosed delimiter|(?:mismatched|unexpected) closing delimiter: `(?P<found>.)`", text)
    if unclosed is not None and unclosed["found"]:
        return {"actual": unclosed["found"]}
    return {"expected": alone["expected"].replace("`", "").strip()} if alone else {}


def _arity(case: Case) -> dict[str, str]:
    facts = case.facts
    match = _ARITY.search(f"{facts.message}\n{facts.attribute('labels')}")
    slots = {"symbol": _called(facts)}
    if match is not None:
        slots["expected"] = match["expected"] or match["wanted"] or match["bound"] or match["should"] or ""
        slots["actual"] = match["actual"] or match["given"] or match["got"] or match["has"] or ""
    ticked = _TICKED.findall(facts.message)
    if facts.attribute("code") in ("E0063", "E0027") and len(ticked) > 1:
        slots |= {"symbol": ticked[-1], "missing": ", ".join(ticked[:-1])}
    return slots


def _called(facts: ExceptionFacts) -> str:
    """Return the name of what is called at the place of the error."""
    column = facts.attribute("column")
    source = facts.attribute("source")
    rest = source[int(column) - 1 :] if column.isdecimal() else source
    found = re.match(r"[\w:.]*?(?P<name>\w+)(?:::<[^>]*>)?\s*[({]", rest) or re.search(r"(?P<name>\w+)\s*\(", source)
    return found["name"] if found else ""


def _near(case: Case, symbol: str) -> str:
    """Return what the compiler proposes instead: an import as a whole, else the word that differs."""
    facts = case.facts
    notes = facts.attribute("notes")
    inline = re.search(r"help: [^\n`]*(?:similar name|try|consider|use|did you mean)[^\n`]*: `(?P<new>[^`]+)`", notes)
    text = facts.attribute("suggestion_0_text")
    new_line = facts.attribute("suggestion_0_new")
    added = (new_line or text).strip()
    if added.startswith(("use ", "extern crate ")) and not facts.attribute("source").lstrip().startswith(
        ("use ", "pub use ")
    ):
        return added.rstrip(";")
    if inline is not None:
        return inline["new"].rstrip(";")
    if text and _same_place(facts):
        new_line = _applied(facts)
    if new_line and facts.attribute("source"):
        return _differing(facts.attribute("source"), new_line, symbol)
    return ""


def _same_place(facts: ExceptionFacts) -> bool:
    return facts.attribute("suggestion_0_span_start").partition(":")[0] == facts.attribute("lineno")


def _applied(facts: ExceptionFacts) -> str:
    """Return the source line with the compiler's first proposal in it."""
    source = facts.attribute("source")
    start, end = facts.attribute("suggestion_0_span_start"), facts.attribute("suggestion_0_span_end")
    (line, _, first), (last_line, _, last) = start.partition(":"), end.partition(":")
    if line != last_line or not first.isdecimal() or not last.isdecimal():
        return ""
    return source[: int(first) - 1] + facts.attribute("suggestion_0_text") + source[int(last) - 1 :]


def _differing(old: str, new: str, symbol: str) -> str:
    """Return the words of a new line that are not in the old one."""
    before, after = _WORD.findall(old.strip()), _WORD.findall(new.strip())
    changes = [
        each for each in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if each[0] != "equal"
    ]
    if len(changes) != 1:
        return ""
    _, first, last, start, stop = changes[0]
    if symbol and symbol not in before[first:last]:
        return ""
    return "".join(after[start:stop])


def _modules(case: Case) -> frozenset[str]:
    """Return the names of the workspace's own modules."""
    names = {
        path.removesuffix("/mod.rs").removesuffix(".rs").rpartition("/")[2]
        for path in case.model.files
        if path.endswith(".rs")
    }
    return frozenset(names - {"lib", "main", "build"})


def _closest_module(case: Case, name: str) -> str:
    return next(iter(get_close_matches(name, sorted(_modules(case) - {name}), 1, 0.7)), "")


def _member_near(case: Case, symbol: str) -> str:
    symbols = {each.name for facts in case.model.files.values() for each in facts.symbols if "." in each.qualname}
    return next(iter(get_close_matches(symbol, sorted(symbols - {symbol}), 1, 0.75)), "")
