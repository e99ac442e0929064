"""Other tools that mutate the same files with the same tests, and how their verdicts on the same mutants compare.

Two mutants are the same when they leave the same function with the same syntax tree, whatever text they are made of.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import cpu_seconds

from regreen.core.edit import apply
from regreen.core.mutation import Strength

Key = tuple[str, str, str]  # path, qualified name of a function, its tree
PLAIN = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "CI": "1"}
_MANGLED = re.compile(r"^x(?:_|ǁ(?P<holder>\w+?)ǁ)(?P<name>\w+)__mutmut_(?P<number>\d+)$")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Rival:
    """What another tool said, and what it cost."""

    name: str
    n: int
    cpu: float
    wall: float
    fates: Counter[str]
    verdicts: Mapping[Key, str]  # "killed", "survived", or its own word for something else


def mutmut(tree: Path, python: str, files: list[str], names: list[str]) -> Rival:
    """Let mutmut mutate files, one mutant at a time; its `mutants` folder stays in the tree."""
    program = Path(python).parent / "mutmut"
    packages = sorted({name.partition("/")[0] for name in files})
    config = ["[mutmut]", "source_paths =", *(f"    {name}" for name in packages), "only_mutate ="]
    config += [*(f"    {name}" for name in files), "pytest_add_cli_args_test_selection =", *(f"    {n}" for n in names)]
    config += ["also_copy =", *(f"    {path.name}" for path in sorted(tree.iterdir()) if path.name not in packages)]
    (tree / "setup.cfg").write_text("\n".join(config) + "\n")
    (tree / "pyproject.toml").unlink(missing_ok=True)
    begun, before = time.monotonic(), cpu_seconds()
    env = {**os.environ, **PLAIN, "PYTHONPATH": str(tree)}
    ran = subprocess.run([program, "run", "--max-children", "1"], cwd=tree, env=env, capture_output=True, check=False)
    spent, wall = cpu_seconds() - before, time.monotonic() - begun
    told = subprocess.run([program, "results", "--all", "true"], cwd=tree, env=env, capture_output=True, check=False)
    rows = dict(line.strip().split(": ", 1) for line in told.stdout.decode().splitlines() if ": " in line)
    if not rows:
        raise SystemExit(ran.stdout.decode()[-2000:] + ran.stderr.decode()[-2000:])
    verdicts = {}
    for path in files:
        module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name, key in _made_by_mutmut(tree, path):
            verdicts[key] = rows.get(f"{module}.{name}", "unknown")
    return Rival("mutmut", len(rows), spent, wall, Counter(rows.values()), verdicts)


def cosmic_ray(tree: Path, python: str, files: list[str], names: list[str], most: int) -> Rival:
    """Let cosmic-ray run so many of its mutants, spread evenly over those that it makes."""
    program = str(Path(python).parent / "cosmic-ray")
    env = {**os.environ, **PLAIN, "PYTHONPATH": os.pathsep.join([str(tree), str(tree / "src")])}
    with tempfile.TemporaryDirectory() as folder:
        config, session = Path(folder, "conf.toml"), Path(folder, "session.sqlite")
        command = " ".join([python, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *names])
        paths = ", ".join(f'"{path}"' for path in files)
        config.write_text(
            f'[cosmic-ray]\nmodule-path = [{paths}]\ntimeout = 60.0\ntest-command = "{command}"\n'
            "excluded-modules = []\n"
            '[cosmic-ray.distributor]\nname = "local"\n'
        )

        def run(*words: str) -> str:
            done = subprocess.run([program, *words], cwd=tree, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
            return done.stdout

        begun, before = time.monotonic(), cpu_seconds()
        run("init", str(config), str(session))
        _keep_some(session, most)
        run("exec", str(config), str(session))
        spent, wall = cpu_seconds() - before, time.monotonic() - begun
        rows = [json.loads(line) for line in run("dump", str(session)).splitlines()]
    done = [(item["mutations"][0]["module_path"], result) for item, result in rows if result is not None]
    verdicts = {key: result["test_outcome"] for path, result in done if (key := _made_by_diff(tree, path, result))}
    return Rival("cosmic-ray", len(done), spent, wall, Counter(str(each["test_outcome"]) for _, each in done), verdicts)


def compared(tree: Path, strength: Strength, rival: Rival) -> list[str]:
    """Return how verdicts compare: a line of figures, then one for each mutant of which they say something else."""
    ours = {key: one for one in strength.judged if (key := _key(tree, one.mutant.path, one.mutant.function, one))}
    both = [(key, one, rival.verdicts[key]) for key, one in ours.items() if key in rival.verdicts]
    decided = [(key, one, word) for key, one, word in both if one.fate.counts and _noticed(word) is not None]
    other = [(one, word) for _, one, word in decided if one.fate.is_detected is not _noticed(word)]
    lines = [
        f"{rival.name} and regreen make {len(both)} mutants both, decide {len(decided)} both, "
        f"of {len(decided) - len(other)} with the same verdict"
    ]
    for one, word in other:
        where = f"{one.mutant.path}:{one.mutant.line} {one.mutant.function}"
        lines.append(f"  {where}: {one.mutant.original!r} -> {one.mutant.replacement!r}: {one.fate}, {word}; {one.why}")
    return lines


def _noticed(word: str) -> bool | None:
    """Tell whether a verdict says that the tests notice; None when it says neither."""
    known = {"killed": True, "timeout": True, "survived": False, "no tests": False, "incompetent": True}
    return known.get(word)


def _key(tree: Path, path: str, function: str, one: object) -> Key | None:
    mutant = one.mutant  # type: ignore[attr-defined]
    text = (tree / path).read_bytes().decode()
    return _of_text(path, apply(text, (mutant.edit,)), function)


def _of_text(path: str, text: str, function: str) -> Key | None:
    try:
        found = dict(_named(ast.parse(text))).get(function.replace(".<locals>", ""))
    except SyntaxError:
        return None
    return None if found is None else (path, function, _tree(found))


def _made_by_mutmut(tree: Path, path: str) -> Iterator[tuple[str, Key]]:
    """Yield the name of each mutant of a file and what it is."""
    text = (tree / "mutants" / path).read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        found = _MANGLED.match(node.name) if isinstance(node, _FUNCTIONS) else None
        if found is not None and isinstance(node, _FUNCTIONS):
            mangled, node.name = node.name, found["name"]
            holder = f"{found['holder']}." if found["holder"] else ""
            yield mangled, (path, f"{holder}{found['name']}", _tree(node))


def _made_by_diff(tree: Path, path: str, result: Mapping[str, str]) -> Key | None:
    """Return what a diff changes: the innermost function around it that is named."""
    with tempfile.NamedTemporaryFile("w", suffix=".diff") as file:
        file.write(result["diff"].partition("\n")[2] + "\n")
        file.flush()
        command = ["patch", "-s", "-o", "-", path, file.name]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    hunk = re.search(r"^@@ -(\d+)", result["diff"], re.MULTILINE)
    if done.returncode or hunk is None:
        return None
    before, after = (tree / path).read_text("utf-8").splitlines(), done.stdout.splitlines()
    line = next((n for n, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b), 0)
    held = [(node.lineno, name) for name, node in _named(ast.parse(done.stdout)) if node.lineno <= line <= _end(node)]
    return _of_text(path, done.stdout, max(held)[1]) if held else None


def _keep_some(session: Path, most: int) -> None:
    with sqlite3.connect(session) as database:
        jobs = [row[0] for row in database.execute("SELECT job_id FROM mutation_specs ORDER BY rowid")]
        kept = set(jobs[:: max(1, len(jobs) // most)][:most])
        gone = [(job,) for job in jobs if job not in kept]
        for table in ("mutation_specs", "work_items"):
            database.executemany(f"DELETE FROM {table} WHERE job_id = ?", gone)


def _named(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            if isinstance(child, _FUNCTIONS):
                yield f"{prefix}{child.name}", child
            yield from _named(child, f"{prefix}{child.name}.")
        else:
            yield from _named(child, prefix)


def _tree(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return a function's tree without its decorators, docstring and annotations."""
    body = [part for part in function.body if not _is_text(part)]
    return f"{ast.dump(function.args)} {[ast.dump(part) for part in body]}"


def _is_text(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno
