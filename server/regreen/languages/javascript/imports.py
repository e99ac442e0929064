"""Imports that lead nowhere: whose fault it is, where they stand, and what was probably meant."""

from __future__ import annotations

import difflib
import posixpath
import re

from regreen.core.failure import FailureKind as Kind
from regreen.core.ports import ReadText
from regreen.core.workspace import WorkspaceModel
from regreen.languages.case import Case, Verdict

from .layout import JAVASCRIPT, TYPESCRIPT
from .source import outline_of
from .stack import plain_path
from .typescript import is_own_specifier, judge_compiler

_CODE = JAVASCRIPT + TYPESCRIPT
_Q = r"['\"`]"
# The groups: missing (a module), name (an export), importer (a file).
_FORMS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        rf"The requested module {_Q}(?P<module>[^'\"`]+){_Q} (?:does not provide an export named|contains"
        rf" conflicting star exports for the name) {_Q}(?P<name>[^'\"`]+){_Q}",
        rf"Named export {_Q}(?P<name>[^'\"`]+){_Q} not found\. The requested module {_Q}(?P<module>[^'\"`]+){_Q}",
        rf"Export named {_Q}(?P<name>[^'\"`]+){_Q} not found in module {_Q}(?P<module>[^'\"`]+){_Q}",
        rf"{_Q}(?P<name>\w+){_Q} is not exported by {_Q}(?P<module>[^'\"`]+){_Q}",
        rf"No matching export in {_Q}(?P<module>[^'\"`]+){_Q} for import {_Q}(?P<name>[^'\"`]+){_Q}",
        rf"Failed to resolve import {_Q}(?P<missing>[^'\"`]+){_Q} from {_Q}(?P<importer>[^'\"`]+){_Q}",
        r"Failed to load url (?P<missing>\S+?)(?:\?\S*)? \(resolved id: \S+?\)(?: in (?P<importer>\S+?))?\. Does"
        r" the file exist",
        rf"Failed to resolve entry for package {_Q}(?P<missing>[^'\"`]+){_Q}",
        rf"Cannot find (?:package|module) {_Q}(?P<missing>[^'\"`]+){_Q} imported from"
        rf" {_Q}?(?P<importer>[^'\"`\n]+?){_Q}?(?:\s|$|\.\s)",
        rf"Cannot find (?:package|module) {_Q}(?P<missing>[^'\"`]+){_Q} from {_Q}(?P<importer>[^'\"`]+){_Q}",
        rf"(?:Could not|Unable to|Cannot) resolve:? {_Q}?(?P<missing>[^'\"`\s]+){_Q}?(?: from"
        rf" {_Q}(?P<importer>[^'\"`]+){_Q})?",
        rf"Module not found {_Q}?(?P<missing>(?:file://)?[^'\"`\s]+?){_Q}?\.?(?:$|\s)",
        rf"Relative import path {_Q}(?P<missing>[^'\"`]+){_Q} not prefixed",
        rf"Import {_Q}(?P<missing>[^'\"`]+){_Q} not a dependency",
        rf"Package subpath {_Q}(?P<missing>[^'\"`]+){_Q} is not defined by",
        rf"Directory import {_Q}(?P<missing>[^'\"`]+){_Q} is not supported.*?imported from (?P<importer>\S+)",
        r"No such built-in module: (?P<missing>\S+)",
        rf"Cannot find (?:module|package) {_Q}(?P<missing>[^'\"`]+){_Q}",
        rf"Test environment {_Q}?(?P<missing>[^'\"`\s]+){_Q}? cannot be found",
        rf"Preset {_Q}?(?P<missing>[^'\"`\s]+){_Q}? (?:not found|is invalid)",
        rf"Module {_Q}?(?P<missing>[^'\"`\s]+){_Q}? in the (?:\w+) option was not found",
        rf"MISSING DEPENDENCY  ?Cannot find dependency {_Q}(?P<missing>[^'\"`]+){_Q}",
    )
)  # fmt: skip
_STACKED = re.compile(r"Require stack:\s*\n?\s*-? ?(?P<path>\S+)")
_CONFIGURED = re.compile(r"Test environment|^Preset|option was not found|Validation Error")


def judge_import(case: Case) -> Verdict | None:
    """Judge an import that could not be resolved."""
    match = next((match for form in _FORMS if (match := form.search(case.message)) is not None), None)
    if match is None:
        return None
    groups = match.groupdict()
    if groups.get("name"):
        module = _as_written(groups.get("module") or "", groups["name"], case)
        near = _closest(groups["name"], _exports(module, case))
        return Verdict(Kind.IMPORT_UNRESOLVED, {"missing": groups["name"], "module": module, "suggest": near})
    missing = plain_path(groups["missing"])
    importer = importer_of(case)
    written = _specifier(missing, importer, case.read)
    if not is_own_specifier(written) and not is_own_specifier(missing) and not _is_package_here(written, case):
        package = package_of(written)
        if match.re.pattern.startswith("Test environment") and re.fullmatch(r"[\w-]+", package):
            package = f"jest-environment-{package.removeprefix('jest-environment-')}"
        declared = any(each.name == package for each in case.project.dependencies)
        return Verdict(
            Kind.DEPENDENCY_MISSING,
            {
                "missing": package if written != missing else written,
                "package": package,
                "declared": "yes" if declared else "",
            },
        )
    return Verdict(Kind.IMPORT_UNRESOLVED, {"missing": written, "suggest": _near_file(written, importer, case.model)})


def judge_compiled(case: Case) -> Verdict | None:
    """Judge an error of the compiler; to an import that leads nowhere belongs the file that was probably meant."""
    verdict = judge_compiler(case)
    if verdict is None or verdict.kind is not Kind.IMPORT_UNRESOLVED or verdict.slots.get("suggest"):
        return verdict
    path, missing = case.place[0] if case.place is not None else "", verdict.slots.get("missing", "")
    written = _specifier(plain_path(missing), path, case.read) if missing.startswith("file:") else missing
    near = _near_file(written, path, case.model) if path else ""
    return Verdict(verdict.kind, {**verdict.slots, "missing": written, **({"suggest": near} if near else {})})


def importer_of(case: Case) -> str:
    """Return the file whose import failed, or ""."""
    for form in _FORMS:
        match = form.search(case.message)
        if match is not None and "importer" in form.groupindex and match["importer"]:
            return _known(match["importer"], case)
    if match := _STACKED.search(case.message):
        return _known(match["path"], case)
    if case.place is not None:
        return case.place[0]
    return case.frame.path if case.frame is not None else ""


def line_of_import(case: Case, verdict: Verdict) -> tuple[str, int] | None:
    """Return where the import stands that failed."""
    missing, module = verdict.slots.get("missing", ""), verdict.slots.get("module", "")
    places = [importer_of(case), case.result.path, *sorted(case.model.files)]
    for path in dict.fromkeys(place for place in places if place.endswith(_CODE)):
        text = case.read(path)
        found = outline_of(text, path) if text is not None else None
        for each in found.imports if found is not None else ():
            if module and each.name == missing and _same_module(each.module, module):
                return path, _exact_line(text or "", each.line, missing)
            if not module and each.module and (each.module == missing or package_of(each.module) == missing):
                return path, each.line
    return None


def package_of(specifier: str) -> str:
    """Return the package of a specifier: `@a/b/c` is of `@a/b`."""
    parts = specifier.split("/")
    return "/".join(parts[:2]) if specifier.startswith("@") else parts[0]


def _known(path: str, case: Case) -> str:
    """Return a printed path as one of the workspace's files."""
    plain = plain_path(path).rstrip(".").replace("\\", "/")
    root = case.model.root.rstrip("/") + "/"
    relative = plain.removeprefix(root)
    if relative in case.model.files:
        return relative
    near = [known for known in sorted(case.model.files) if f"/{plain}".endswith("/" + known)]
    return near[0] if near else relative.removeprefix("./")


def _specifier(missing: str, importer: str, read: ReadText) -> str:
    """Return the module as the importer's source writes it, when an absolute path was printed."""
    text = read(importer) if importer else None
    found = outline_of(text, importer) if text is not None else None
    if found is None or missing.startswith("."):
        return missing
    modules = list(dict.fromkeys(each.module for each in found.imports))
    if missing in modules:
        return missing
    stem = re.sub(r"\.[cm]?[jt]sx?$", "", missing)
    for module in modules:
        if module.startswith(".") and posixpath.basename(re.sub(r"\.[cm]?[jt]sx?$", "", module)) == posixpath.basename(
            stem
        ):
            return module
    return next((module for module in modules if package_of(module) == missing), missing)


def _stem(path: str) -> str:
    """Return the name of a file without its ending."""
    return posixpath.basename(re.sub(r"\.[cm]?[jt]sx?$", "", path))


def _as_written(module: str, name: str, case: Case) -> str:
    """Return the module that a missing export is imported from, as it is written."""
    if module.startswith("."):
        return module
    for path in (importer_of(case), case.result.path, *sorted(case.model.files)):
        text = case.read(path) if path.endswith(_CODE) else None
        found = outline_of(text, path) if text is not None else None
        for each in found.imports if found is not None else ():
            if each.name == name:
                return each.module
    return module


def _same_module(written: str, module: str) -> bool:
    return written == module or posixpath.basename(written) == posixpath.basename(module)


def _exact_line(text: str, line: int, name: str) -> int:
    """Return the line of a name in an import that may have several."""
    lines = text.splitlines()
    for number in range(line, min(line + 30, len(lines)) + 1):
        if re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", lines[number - 1]):
            return number
    return line


def _exports(module: str, case: Case) -> list[str]:
    """Return what a module of the workspace exports."""
    name = posixpath.basename(re.sub(r"\.[cm]?[jt]sx?$", "", module))
    names: list[str] = []
    for path in sorted(case.model.files):
        if path.endswith(_CODE) and re.sub(r"\.[cm]?[jt]sx?$", "", posixpath.basename(path)) == name:
            text = case.read(path)
            found = outline_of(text, path) if text is not None else None
            names += [symbol.name for symbol in found.symbols] if found is not None else []
    return names


def _near_file(specifier: str, importer: str, model: WorkspaceModel) -> str:
    """Return a relative specifier that exists and is close to one that does not, written in the same way."""
    folder = posixpath.dirname(importer)
    has_suffix = specifier.endswith(_CODE)
    choices = {}
    for path in sorted(model.files):
        if path.endswith(_CODE) and path != importer:
            relative = posixpath.relpath(path, folder or ".")
            relative = relative if relative.startswith(".") else f"./{relative}"
            choices[relative if has_suffix else re.sub(r"(?:/index)?\.[cm]?[jt]sx?$", "", relative)] = path
    return _closest(specifier, sorted(choices), 0.6)


def _closest(name: str, choices: list[str], cutoff: float = 0.5) -> str:
    found = difflib.get_close_matches(name, [choice for choice in choices if choice != name], 1, cutoff)
    return found[0] if found else ""


def _is_package_here(specifier: str, case: Case) -> bool:
    """Tell whether a bare specifier names a package of this workspace: it is not built or linked then."""
    return any(project.name == package_of(specifier) for project in case.model.projects if project.path != ".")
