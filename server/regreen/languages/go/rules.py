"""The table that tells the kinds of Go failures apart, by what the runner says happened."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from regreen.core.failure import FailureKind as Kind
from regreen.languages.case import Case, Verdict

from .assertions import assertion_slots, title
from .builds import COMPILE, MODULE, VET
from .compiler import judge_build
from .gomod import read_mod
from .module import judge_module
from .places import failing_entry
from .results import EXIT, FAILED, FATAL, PANIC, RACE, TIMEOUT
from .runtime import DEATHS, ERRORS, match_rules
from .sources import Sources
from .standard import import_of, near_standard

# These stay what they are wherever they happen: no change of the set-up cures them.
_STRONGER_THAN_SETUP = frozenset({Kind.TIMEOUT, Kind.RESOURCE_EXHAUSTED})
# vet looks for these before it looks at anything else.
_STRONGER_THAN_VET = frozenset({Kind.ENVIRONMENT, Kind.DEPENDENCY_MISSING, Kind.IMPORT_UNRESOLVED, Kind.SYNTAX})
_KILLED = re.compile(r"\*\*\* Test killed(?: with \w+)?: ran too long|SIGQUIT: quit")
_LEAK = re.compile(r"goleak: |found unexpected goroutines")
_SNAPSHOT = re.compile(
    r"(?i)\bgolden\b|\.golden\b|\.snap\b|\bsnapshot(?:s)?\b.*\b(?:mismatch|not equal|differ|changed|missing"
    r"|obsolete|does not)"
    r"|(?:run|use|re-?run|pass)\b.*-(?:test\.)?update\b|UPDATE_(?:SNAPS|GOLDEN|SNAPSHOTS)"
)
_SNAPSHOT_PATH = re.compile(r"[\w./-]*\w(?:\.golden|\.snap)\b[\w.]*|testdata/[\w./-]+|[\w./-]*golden[\w./-]*\w")
_HOOK = re.compile(r"^(?:Set[Uu]p|Tear[Dd]own|Before|After)(?:Suite|Test|SubTest|Each|All)?$|^TestMain$")
_MOCK = re.compile(r"^\s*mock: |assert: mock|missing call\(s\) to |[Uu]nexpected call to \S*\*?\w*Mock")


Judge = Callable[[Case], Verdict]


def judge(case: Case) -> Verdict:
    """Return the kind of a failure and its slots."""
    ask = _JUDGES.get(case.facts.type)
    return ask(case) if ask is not None else Verdict(Kind.UNKNOWN, {})


def _build(case: Case) -> Verdict:
    kind, slots = judge_build(case.message)
    if kind is Kind.COMPILE_RULE and not case.facts.attribute("filename"):
        kind, slots = judge_module(case.message)
    missing = slots.get("missing", "")
    if kind is Kind.DEPENDENCY_MISSING and missing and _is_own(case, missing):
        kind = Kind.IMPORT_UNRESOLVED
    return Verdict(kind, _completed(case, kind, slots))


def _vet(case: Case) -> Verdict:
    kind, slots = judge_build(case.message)
    if kind in _STRONGER_THAN_VET:
        return Verdict(kind, _completed(case, kind, slots))
    return Verdict(Kind.COMPILE_RULE, {"reason": "vet", **slots})


def _module(case: Case) -> Verdict:
    kind, slots = judge_module(case.message)
    return Verdict(kind, _completed(case, kind, slots))


def _completed(case: Case, kind: Kind, slots: dict[str, str]) -> dict[str, str]:
    """Add what the workspace and the standard library know to what the message says."""
    missing, symbol = slots.get("missing", ""), slots.get("symbol", "")
    if kind is Kind.IMPORT_UNRESOLVED and missing and not slots.get("suggest"):
        near = _near_package(case, missing) if _is_own(case, missing) else near_standard(missing)
        slots["suggest"] = near if near != missing else ""
    elif kind is Kind.DEPENDENCY_MISSING and missing:
        slots["declared"] = "yes" if _is_declared(case, missing) else ""
        slots["package"] = missing
    elif kind is Kind.ENVIRONMENT and not missing and "GOPROXY" in case.message and case.place is not None:
        quoted = re.search(r'"([^"]+)"', Sources(case.model, case.read).line(*case.place))
        slots["missing"] = quoted[1] if quoted else ""
        slots["reason"] = "not-downloaded"
    elif kind is Kind.NAME_UNDEFINED and symbol:
        imported = import_of(symbol)
        slots["suggest"] = f"import {imported}" if imported else _near_name(case, symbol)
    elif kind is Kind.MEMBER_MISSING and symbol and not slots.get("suggest"):
        slots["suggest"] = _near_member(case, slots)
    return slots


def _is_own(case: Case, package: str) -> bool:
    modules = _modules(case)
    return any(package == module or package.startswith(f"{module}/") for module in modules)


def _modules(case: Case) -> tuple[str, ...]:
    """Return the names of the workspace's modules, from the model or from the manifest at the root."""
    known = [project.name for project in case.model.projects if project.language == "go"]
    text = case.read(posixpath.normpath(posixpath.join(case.project.cwd, "go.mod")))
    module = read_mod("go.mod", text).first("module") if text else None
    return tuple(dict.fromkeys([*known, *([module.arguments[0]] if module else [])]))


def _near_package(case: Case, missing: str) -> str:
    """Return the workspace's package whose folder is closest to a misspelt one, or one of its name elsewhere."""
    folders = sorted({posixpath.dirname(path) for path in case.model.files if path.endswith(".go")} - {""})
    for module in _modules(case):
        wanted = missing.removeprefix(f"{module}/")
        same = [folder for folder in folders if posixpath.basename(folder) == posixpath.basename(wanted)]
        if found := _near(wanted, folders, 0.7) or next(iter(same), ""):
            return f"{module}/{found}"
    return ""


def _is_declared(case: Case, package: str) -> bool:
    text = case.read(posixpath.normpath(posixpath.join(case.project.cwd, "go.mod"))) or ""
    return any(
        package == each.arguments[0] or package.startswith(f"{each.arguments[0]}/")
        for each in read_mod("go.mod", text).all("require")
    )


def _near_name(case: Case, symbol: str) -> str:
    """Return the closest name of the package's own: a definition, else a word of the same file."""
    place = case.place
    if place is None:
        return ""
    folder = posixpath.dirname(place[0])
    facts = [found for path, found in case.model.files.items() if posixpath.dirname(path) == folder]
    names = {each.name for found in facts for each in found.symbols} - {symbol}
    words = set(re.findall(r"[A-Za-z_]\w*", case.read(place[0]) or "")) - {symbol}
    return _near(symbol, names, 0.75) or _near(symbol, words, 0.75)


def _near_member(case: Case, slots: Mapping[str, str]) -> str:
    owner = slots.get("owner", "").lstrip("*").rpartition(".")[2]
    symbols = [each for found in case.model.files.values() for each in found.symbols]
    names = {each.name for each in symbols if each.qualname.rpartition(".")[0] == owner and owner}
    words = set(re.findall(r"[A-Za-z_]\w*", case.read(case.place[0]) or "")) if case.place is not None else set()
    symbol = slots["symbol"].rpartition(".")[2]
    return _near(symbol, names, 0.6) or _near(symbol, words - {symbol}, 0.8)


def _near(name: str, pool: Iterable[str], least: float) -> str:
    """Return the closest of some names, or ""."""
    found: list[str] = get_close_matches(name, sorted(pool), 1, least)
    return found[0] if found else ""


def _death(case: Case) -> Verdict:
    """Judge a panic or a fatal error."""
    found = match_rules(DEATHS, case.message)
    kind, slots = found if found is not None else _of_error(case)
    if case.facts.attribute("goroutine") and kind not in _STRONGER_THAN_SETUP and kind is not Kind.ASSERTION:
        creator = case.facts.attribute("creator")
        return Verdict(Kind.CONCURRENCY, {"creator": creator, "underlying": kind.label, "reason": "goroutine-panic"})
    if case.result.phase == "setup" and kind not in _STRONGER_THAN_SETUP:
        hook = case.facts.attribute("setup")
        return Verdict(Kind.TEST_SETUP, {**slots, "hook": hook, "underlying": kind.label})
    if case.facts.type == FATAL and found is None and kind is Kind.UNHANDLED_ERROR:
        return Verdict(Kind.PROCESS_CRASH, {"reason": case.message.partition("\n")[0]})
    return Verdict(kind, {**slots, "test": _test(case)} if kind is Kind.TIMEOUT else slots)


def _of_error(case: Case) -> tuple[Kind, dict[str, str]]:
    if _MOCK.search(case.message):
        return Kind.ASSERTION, assertion_slots(case.message)
    found = match_rules(ERRORS, case.message)
    if found is not None:
        return found
    return Kind.UNHANDLED_ERROR, {"exception": "panic", "message": case.message.partition("\n")[0][:200]}


def _race(case: Case) -> Verdict:
    functions = [frame.function for frame in case.facts.frames if frame.inside]
    return Verdict(Kind.CONCURRENCY, {"reason": "data-race", "symbol": functions[-1] if functions else ""})


def _timeout(case: Case) -> Verdict:
    return Verdict(Kind.TIMEOUT, {"test": _test(case), "limit": case.facts.attribute("limit")})


def _exit(case: Case) -> Verdict:
    """Judge a process that ended without a word of the runner."""
    text = case.result.text
    slots = {"exit_code": case.facts.attribute("exit_code"), "signal": case.facts.attribute("signal")}
    name = _test(case)
    if _KILLED.search(text):
        return Verdict(Kind.TIMEOUT, {"test": name})
    if _LEAK.search(text):
        return Verdict(Kind.CONCURRENCY, {"reason": "goroutine-leak"})
    if "race detected outside of test execution" in text:
        return Verdict(Kind.CONCURRENCY, {"reason": "data-race"})
    if re.search(r"^flag provided but not defined|^testing: |^flag needs an argument|^invalid value .* for flag", text):
        return Verdict(*judge_module(text))
    if re.search(r"\b(?:out of memory|cannot allocate memory)\b", text):
        return Verdict(Kind.RESOURCE_EXHAUSTED, {"kind": "memory", **slots})
    if name:
        return Verdict(Kind.PROCESS_CRASH, {"test": name, **slots})
    sources = Sources(case.model, case.read)
    has_main = sources.main(None) is not None or not sources.paths
    found = match_rules(ERRORS, text)
    underlying = found[0].label if found else ""
    if has_main or case.facts.attribute("after"):
        return Verdict(Kind.TEST_SETUP, {"hook": "TestMain", "underlying": underlying, **slots})
    return Verdict(Kind.PROCESS_CRASH, slots)


def _failed(case: Case) -> Verdict:
    """Judge a test that failed by its own word."""
    sources = Sources(case.model, case.read)
    entry = failing_entry(case, sources)
    text = entry[1].text if entry is not None and entry[1].text else case.message
    if "race detected during execution of test" in case.result.text:
        return Verdict(Kind.CONCURRENCY, {"reason": "data-race"})
    code = sources.line(entry[0], entry[1].line) if entry is not None else ""
    if _SNAPSHOT.search(text) or _SNAPSHOT.search(code):
        path = _SNAPSHOT_PATH.search(text) or _SNAPSHOT_PATH.search(code)
        return Verdict(Kind.SNAPSHOT, {"snapshot": path[0] if path else ""})
    verdict = _said(text)
    around = sources.around(entry[0], entry[1].line) if entry is not None else None
    hook = around.name if around is not None and _HOOK.match(around.name) else ""
    if hook and verdict.kind is not Kind.ENVIRONMENT:
        return Verdict(Kind.TEST_SETUP, {**verdict.slots, "hook": hook, "underlying": verdict.kind.label})
    return verdict


def _said(text: str) -> Verdict:
    slots = assertion_slots(text)
    unexpected = title(text).startswith("Received unexpected error")
    compared = {"expected", "actual"} <= {name for name, value in slots.items() if value} and not unexpected
    if not compared and (found := match_rules(ERRORS, text)):
        return Verdict(*found)
    if unexpected:
        told = re.search(r"Received unexpected error:\s*(?P<text>.+)", text)
        return Verdict(Kind.UNHANDLED_ERROR, {"exception": "error", "message": told["text"].strip() if told else ""})
    if re.search(r"^\s*Error:\s+(?:Should not: )?Panic|panic(?:ked)?: ", text, re.MULTILINE):
        return Verdict(Kind.ASSERTION, slots)
    return Verdict(Kind.ASSERTION, slots)


def _test(case: Case) -> str:
    name = case.result.id.name.rpartition("::")[2]
    return name if re.match(r"(?:Test|Fuzz|Example|Benchmark)", name) else ""


_JUDGES: Mapping[str, Judge] = {
    COMPILE: _build,
    VET: _vet,
    MODULE: _module,
    PANIC: _death,
    FATAL: _death,
    RACE: _race,
    TIMEOUT: _timeout,
    EXIT: _exit,
    FAILED: _failed,
}
