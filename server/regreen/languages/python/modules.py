"""Missing modules and names of modules: a wrong name, a dependency, or an environment that lacks something."""

from __future__ import annotations

import ast
import difflib
import re
import sys
import tomllib

from regreen.core.failure import FailureKind
from regreen.languages.case import Verdict

from .case import PythonCase

_SHARED_OBJECT = re.compile(
    r"(?P<missing>[\w.+-]+\.(?:so|dylib|dll)[\w.]*)?.*"
    r"(?:cannot open shared object|undefined symbol|DLL load failed|Library not loaded|[Ss]ymbol not found)",
    re.DOTALL,
)
_CANNOT = re.compile(
    r"cannot import name '(?P<missing>\w+)' from (?:partially initialized module )?'(?P<module>[\w.]+)'"
    r"(?:.*Did you mean:? '(?P<suggest>\w+)'\?)?",
    re.DOTALL,
)
_NOT_THERE = re.compile(r"No module named '?(?P<missing>[\w.]+)'?")
_REMOVED = frozenset({"asynchat", "asyncore", "cgi", "distutils", "imp", "smtpd", "telnetlib", "tomllib", "zoneinfo"})
_STANDARD = sys.stdlib_module_names | _REMOVED
_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile")
_LOWER_BOUND = re.compile(r"(?:>=|~=|\^|==)\s*(\d+)\.(\d+)")
_SETUP_PYTHON = re.compile(r"python_requires\s*=\s*['\"]?([^'\"\n]+)")

# Distributions whose name is not the one that is imported.
_DISTRIBUTIONS = {
    "attr": "attrs", "bs4": "beautifulsoup4", "Crypto": "pycryptodome", "cv2": "opencv-python", "dateutil":
    "python-dateutil", "docx": "python-docx", "dotenv": "python-dotenv", "git": "GitPython", "jose": "python-jose",
    "jwt": "PyJWT", "OpenSSL": "pyOpenSSL", "PIL": "Pillow", "pkg_resources": "setuptools", "psycopg2":
    "psycopg2-binary", "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn", "slugify":
    "python-slugify", "usb": "pyusb", "yaml": "PyYAML", "zmq": "pyzmq",
}  # fmt: skip


def import_failure(case: PythonCase) -> Verdict | None:
    """Judge an ImportError."""
    if not case.is_a("ImportError"):
        return None
    if case.facts.type.endswith("ImportPathMismatchError"):
        return Verdict(FailureKind.RUNNER_CONFIG, {"file": case.result.path})
    if (lacking := shared_object(case.message)) is not None:
        return Verdict(FailureKind.ENVIRONMENT, {"missing": lacking})
    if match := _CANNOT.search(case.message):
        return _name_of_module(case, match)
    if match := _NOT_THERE.search(case.message):
        return module_failure(case, case.facts.attribute("name") or match["missing"])
    return Verdict(FailureKind.IMPORT_UNRESOLVED, {"missing": case.facts.attribute("name")})


def too_old(case: PythonCase) -> Verdict | None:
    """Judge a syntax error of an interpreter that is older than the project asks for."""
    running = re.match(r"(\d+)\.(\d+)", case.facts.attribute("python"))
    wanted = _required_python(case)
    if not case.is_a("SyntaxError") or running is None or wanted is None:
        return None
    if wanted <= (int(running[1]), int(running[2])):
        return None
    version = f"{wanted[0]}.{wanted[1]}"
    return Verdict(
        FailureKind.ENVIRONMENT, {"missing": f"python>={version}", "version": case.facts.attribute("python")}
    )


def shared_object(message: str) -> str | None:
    """Return the native library that a loader misses, "" when it names none; None when that is not what is said."""
    match = _SHARED_OBJECT.match(message)
    return match and (match["missing"] or "")


def closest(wrong: str, names: frozenset[str] | set[str] | tuple[str, ...], cutoff: float = 0.7) -> str:
    """Return the most similar other name, or ""."""
    near = difflib.get_close_matches(wrong, sorted(name for name in names if name and name != wrong), 1, cutoff)
    return near[0] if near else ""


def distribution(module: str) -> str:
    """Return the name under which a module is installed."""
    top = module.partition(".")[0]
    return _DISTRIBUTIONS.get(top, top)


def is_standard(module: str) -> bool:
    """Tell whether the standard library has, or had, this module."""
    return module.partition(".")[0] in _STANDARD


def _name_of_module(case: PythonCase, match: re.Match[str]) -> Verdict:
    missing, module = match["missing"], match["module"]
    suggest = match["suggest"] or case.facts.attribute("suggest")
    path = case.modules.get(module, "")
    if not suggest and path:
        suggest = closest(missing, _defined(case, path))
    slots = {"missing": missing, "module": module, "symbol": missing, "suggest": suggest}
    if "partially initialized module" in case.message or "circular import" in case.message:
        slots["reason"] = "cycle"
    return Verdict(FailureKind.IMPORT_UNRESOLVED, slots)


def module_failure(case: PythonCase, missing: str) -> Verdict:
    """Judge a module that is not there: one of the workspace, of the interpreter, or a package."""
    top = missing.partition(".")[0]
    if missing in case.modules:
        return _not_importable(case, missing)
    if top in case.modules_on_top:
        return Verdict(FailureKind.IMPORT_UNRESOLVED, {"missing": missing, "suggest": _near_module(case, missing)})
    if is_standard(top):
        kind = FailureKind.IMPORT_UNRESOLVED if "." in missing else FailureKind.ENVIRONMENT
        return Verdict(kind, {"missing": missing})
    declared = _declared(case, missing)
    suggest = "" if declared else _near_module(case, missing)
    if suggest:
        return Verdict(FailureKind.IMPORT_UNRESOLVED, {"missing": missing, "suggest": suggest})
    package = {"missing": missing, "package": distribution(missing), "declared": "yes" if declared else "no"}
    return Verdict(FailureKind.DEPENDENCY_MISSING, package)


def _not_importable(case: PythonCase, missing: str) -> Verdict:
    """The module is there, and the interpreter does not see it."""
    path = case.modules[missing]
    if path.startswith("src/") or "/src/" in path:
        slots = {"missing": missing, "package": case.project.name or missing, "reason": "project-not-installed"}
        return Verdict(FailureKind.DEPENDENCY_MISSING, slots)
    return Verdict(FailureKind.IMPORT_UNRESOLVED, {"missing": missing, "module": missing, "reason": "not-on-path"})


def _near_module(case: PythonCase, missing: str) -> str:
    """Return the workspace's module that was probably meant, or ""."""
    parent, _, last = missing.rpartition(".")
    siblings = {name for name in case.modules if name.rpartition(".")[0] == parent}
    wanted = _imported_names(case, missing)
    for name in sorted(siblings, key=lambda name: (-_likeness(last, name.rpartition(".")[2]), name)):
        likeness = _likeness(last, name.rpartition(".")[2])
        # A module that defines what is imported need not be as similar as one that is only similar.
        defines = bool(wanted) and wanted <= _defined(case, case.modules[name])
        if likeness < (0.5 if defines else 0.75):
            continue
        return name
    return "" if parent == "" else closest(missing, set(case.modules), 0.75)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _imported_names(case: PythonCase, missing: str) -> set[str]:
    """Return what the failing line imports from the missing module."""
    code = case.frame.code if case.frame else ""
    match = re.match(rf"from\s+{re.escape(missing)}\s+import\s+\(?([\w\s,]+)", code)
    return {name.split()[0] for name in match[1].split(",") if name.strip()} if match else set()


def _defined(case: PythonCase, path: str) -> set[str]:
    facts = case.model.files.get(path)
    if facts is not None and facts.symbols:
        return {symbol.name for symbol in facts.symbols if "." not in symbol.qualname}
    try:
        tree = ast.parse(case.read(path) or "")
    except (SyntaxError, ValueError):
        return set()
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _declared(case: PythonCase, missing: str) -> bool:
    wanted = {_normal(distribution(missing)), _normal(missing.partition(".")[0])}
    if any(_normal(dependency.name) in wanted for dependency in case.project.dependencies):
        return True
    files = [path for path in sorted(case.model.files) if re.fullmatch(r"(?:.*/)?requirements[\w.-]*\.txt", path)]
    texts = (
        case.read(path) or "" for path in (*files, "requirements.txt", *(_beside(case, name) for name in _MANIFESTS))
    )
    return any(_normal(word) in wanted for text in texts for word in re.findall(r"[A-Za-z][\w.-]*", text))


def _required_python(case: PythonCase) -> tuple[int, int] | None:
    """Return the lowest version that the project's manifest asks for."""
    text = case.read(_beside(case, "pyproject.toml")) or ""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    wanted = table.get("project", {}).get("requires-python") or _poetry(table)
    if not wanted:
        match = _SETUP_PYTHON.search(
            (case.read(_beside(case, "setup.cfg")) or "") + (case.read(_beside(case, "setup.py")) or "")
        )
        wanted = match[1] if match else ""
    bound = _LOWER_BOUND.search(str(wanted))
    return (int(bound[1]), int(bound[2])) if bound else None


def _poetry(table: dict[str, object]) -> object:
    found: object = table
    for key in ("tool", "poetry", "dependencies", "python"):
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found or ""


def _beside(case: PythonCase, name: str) -> str:
    return name if case.project.path in (".", "") else f"{case.project.path}/{name}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
