"""Other tools that mutate the same files with the same tests; their mutants as ours, so that both can judge them."""

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
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.children import cpu_seconds

from regreen.core.edit import TextEdit
from regreen.core.mutation import Mutant, Strength

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
    verdicts: Mapping[Mutant, str]  # "killed", "survived", or its own word for something else


def mutmut(tree: Path, python: str, files: list[str], names: list[str], functions: list[str]) -> Iterator[Rival]:
    """Let mutmut mutate files, one mutant at a time; its `mutants` folder stays in the tree.

    With one function it is run twice: as it comes, and again with what it remembers, after the function was edited.
    """
    program = Path(python).parent / "mutmut"
    packages = sorted({name.partition("/")[0] for name in files})
    config = ["[mutmut]", "source_paths =", *(f"    {name}" for name in packages), "only_mutate ="]
    config += [*(f"    {name}" for name in files), "pytest_add_cli_args_test_selection =", *(f"    {n}" for n in names)]
    config += ["also_copy =", *(f"    {path.name}" for path in sorted(tree.iterdir()) if path.name not in packages)]
    (tree / "setup.cfg").write_text("\n".join(config) + "\n")
    (tree / "pyproject.toml").unlink(missing_ok=True)
    env = {**os.environ, **PLAIN, "PYTHONPATH": str(tree)}
    for name in ("mutmut", "mutmut again")[: 2 if len(functions) == 1 else 1]:
        begun, before = time.monotonic(), cpu_seconds()
        command = [program, "run", "--max-children", "1", *map(_pattern, functions)]
        ran = subprocess.run(command, cwd=tree, env=env, capture_output=True, check=False)
        spent, wall = cpu_seconds() - before, time.monotonic() - begun
        told = subprocess.run(
            [program, "results", "--all", "true"], cwd=tree, env=env, capture_output=True, check=False
        )
        rows = dict(line.strip().split(": ", 1) for line in told.stdout.decode().splitlines() if ": " in line)
        rows = {key: word for key, word in rows.items() if word != "not checked"}
        if not rows:
            raise SystemExit(ran.stdout.decode()[-2000:] + ran.stderr.decode()[-2000:])
        verdicts = {mutant: word for path in files for mutant, word in _verdicts(tree, path, rows)}
        yield Rival(name, len(rows), spent, wall, Counter(rows.values()), verdicts)
        if len(functions) == 1:
            _edit(tree / files[0], functions[0])


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
    verdicts = {
        mutant: str(result["test_outcome"]) for path, result in done if (mutant := _made_by_diff(tree, path, result))
    }
    return Rival("cosmic-ray", len(done), spent, wall, Counter(str(each["test_outcome"]) for _, each in done), verdicts)


def compared(strength: Strength, rival: Rival) -> list[str]:
    """Return how verdicts on a rival's mutants compare: a line of figures, then one for each that differs."""
    both = [(one, rival.verdicts[one.mutant]) for one in strength.judged]
    decided = [(one, word) for one, word in both if one.fate.counts and _noticed(word) is not None]
    other = [(one, word) for one, word in decided if one.fate.is_detected is not _noticed(word)]
    lines = [f"of {len(both)} mutants of {rival.name} both judge {len(decided)}, {len(other)} of them otherwise"]
    for one, word in other:
        where = f"{one.mutant.path}:{one.mutant.line} {one.mutant.function}"
        lines.append(f"  {where}: {one.mutant.original!r} -> {one.mutant.replacement!r}: {one.fate}, {word}; {one.why}")
    return lines


def _noticed(word: str) -> bool | None:
    """Tell whether a verdict says that the tests notice; None when it says neither."""
    known = {"killed": True, "timeout": True, "survived": False, "no tests": False, "incompetent": True}
    return known.get(word)


def _pattern(function: str) -> str:
    holder, _, name = function.rpartition(".")
    return f"*.x{f'ǁ{holder}ǁ' if holder else '_'}{name}__mutmut_*"


def _edit(file: Path, function: str) -> None:
    """Put a statement that does nothing at the end of a function's first line of code."""
    text = file.read_text("utf-8")
    node = dict(_named(ast.parse(text)))[function]
    first = next(part for part in node.body if not _is_text(part))
    lines = text.splitlines(keepends=True)
    lines.insert(first.lineno - 1, f"{' ' * first.col_offset}_ = None\n")
    file.write_text("".join(lines), "utf-8")


def _verdicts(tree: Path, path: str, rows: Mapping[str, str]) -> Iterator[tuple[Mutant, str]]:
    """Yield mutmut's mutants of a file, with what became of them."""
    module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    text, made = (tree / path).read_text("utf-8"), (tree / "mutants" / path).read_text("utf-8")
    functions = {name: ast.get_source_segment(text, node) or "" for name, node in _named(ast.parse(text))}
    lines = made.splitlines(keepends=True)
    for node in ast.walk(ast.parse(made)):
        found = _MANGLED.match(node.name) if isinstance(node, _FUNCTIONS) else None
        if found is None or not isinstance(node, _FUNCTIONS) or f"{module}.{node.name}" not in rows:
            continue
        function = f"{found['holder']}.{found['name']}" if found["holder"] else found["name"]
        before = functions.get(function, "")
        after = "".join(lines[node.lineno - 1 : node.end_lineno]).strip().replace(node.name, found["name"], 1)
        if before and text.count(before) == 1:
            yield _mutant(path, text, text.replace(before, after), function), rows[f"{module}.{node.name}"]


def _made_by_diff(tree: Path, path: str, result: Mapping[str, str]) -> Mutant | None:
    with tempfile.NamedTemporaryFile("w", suffix=".diff") as file:
        file.write(result["diff"].partition("\n")[2] + "\n")
        file.flush()
        command = ["patch", "-s", "-o", "-", path, file.name]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    text = (tree / path).read_text("utf-8")
    mutant = _mutant(path, text, done.stdout, "")
    held = [
        (node.lineno, name)
        for name, node in _named(ast.parse(text))
        if node.lineno <= mutant.line <= (node.end_lineno or 0)
    ]
    return None if done.returncode else replace(mutant, function=max(held)[1] if held else "")


def _mutant(path: str, before: str, after: str, function: str) -> Mutant:
    """Return a mutant by the least that differs."""
    start = _n_shared(before, after)
    tail = _n_shared(before[start:][::-1], after[start:][::-1])
    end = len(before) - tail
    edit = TextEdit(start, end, after[start : len(after) - tail])
    line = before.count("\n", 0, start) + 1
    return Mutant(path, "rival", edit, line, before[start:end], edit.text, function)


def _n_shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


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


def _is_text(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)
