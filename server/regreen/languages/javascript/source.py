"""Questions to the sources of a workspace that a log or a report leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from regreen.core.errors import UnreadableSource
from regreen.core.ports import ReadText
from regreen.core.workspace import WorkspaceModel
from regreen.languages.globs import is_test_path
from regreen.syntax import Node, Outline, Parsed, outline, parse, walk

from .globs import default_patterns
from .layout import JAVASCRIPT, TYPESCRIPT
from .outline import grammar_of

CODE = JAVASCRIPT + TYPESCRIPT
_HOOKS = frozenset(
    [
        "after",
        "afterAll",
        "afterEach",
        "before",
        "beforeAll",
        "beforeEach",
        "setup",
        "suiteSetup",
        "suiteTeardown",
        "teardown",
    ]
)
_FUNCTIONS = frozenset(
    ["arrow_function", "function_declaration", "function_expression", "generator_function", "method_definition"]
)
_LOOPS = frozenset({"while_statement", "do_statement", "for_statement"})
_ASSERTS = re.compile(r"(?:expect|assert|should|t)\b(?:\.\w+)*\(")
_EXIT = re.compile(r"\bprocess\.(?:exit|abort|kill|reallyExit)\(|\bDeno\.exit\(|\bexit\(")
_MAX_DEPTH = 3  # calls that are followed from a test


@lru_cache(maxsize=64)
def parsed_of(text: str, path: str) -> Parsed | None:
    """Return a file's tree; None when it cannot be had in time."""
    language = "typescript" if path.endswith(TYPESCRIPT) else "javascript"
    try:
        return parse(text, grammar_of(path, language))
    except UnreadableSource:
        return None


@lru_cache(maxsize=64)
def outline_of(text: str, path: str) -> Outline | None:
    """Return a file's outline; None when it cannot be had in time."""
    parsed = parsed_of(text, path)
    return None if parsed is None else outline(parsed)


def code_files(model: WorkspaceModel) -> tuple[str, ...]:
    """Return the files of code, tests last."""
    files = [path for path in sorted(model.files) if path.endswith(CODE)]
    return tuple(sorted(files, key=is_test))


def is_test(path: str) -> bool:
    """Tell whether a file's name says that it holds tests."""
    return is_test_path(path, (*default_patterns(""), *default_patterns("node:test"), *default_patterns("bun")))


def hook_at(path: str, line: int, read: ReadText) -> str:
    """Return the hook whose function holds a line, or ""."""
    text = read(path)
    parsed = parsed_of(text, path) if text is not None else None
    if parsed is None:
        return ""
    found = ""
    for node in walk(parsed.root):
        if node.type != "call_expression" or not _holds(node, line):
            continue
        function = node.child_by_field_name("function")
        name = parsed.text_of(function).rpartition(".")[2] if function is not None else ""
        arguments = node.child_by_field_name("arguments")
        body = arguments is not None and any(child.type in _FUNCTIONS for child in arguments.named_children)
        if name in _HOOKS and body:
            found = name
        elif found == "" and name in ("it", "test"):
            return ""
    return found


def definition_line(titles: str, path: str, read: ReadText) -> int:
    """Return the line that defines a test, by its titles joined with " > " or with spaces; 0 when none fits."""
    text = read(path)
    found = outline_of(text, path) if text is not None else None
    for block in found.blocks if found is not None else ():
        names = (" > ".join(block.titles), " ".join(block.titles), " › ".join(block.titles))
        if any(titles == name or titles.endswith(f" > {name}") for name in names):
            return block.line
    for block in found.blocks if found is not None else ():
        if titles.endswith(block.titles[-1]) or (re.search(r"[%$]", block.titles[-1]) and _fits(block.titles, titles)):
            return block.line
    return 0


def line_of_throw(message: str, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the line of the only `throw` or `new Error` whose text is in a message."""
    found = []
    for path in code_files(model):
        for number, line in enumerate((read(path) or "").splitlines(), 1):
            match = re.search(
                r"(?:\bthrow\b|new \w*(?:Error|Exception)\(|\breject\()[^\"'`]*([\"'`])(?P<text>.+?)\1", line
            )
            if match is not None and _same_text(match["text"], message):
                found.append((path, number))
    return found[0] if found else None


def line_of(pattern: re.Pattern[str], path: str, read: ReadText) -> int:
    """Return the first line of a file that matches, or 0."""
    lines = enumerate((read(path) or "").splitlines(), 1)
    return next((number for number, line in lines if pattern.search(line)), 0)


def reached(path: str, titles: str, model: WorkspaceModel, read: ReadText) -> Iterator[tuple[str, Node, Parsed]]:
    """Yield the functions that a test calls by name, the callees before the test itself."""
    text = read(path)
    parsed = parsed_of(text, path) if text is not None else None
    test = _test_node(parsed, path, titles, read) if parsed is not None else None
    if parsed is None or test is None:
        return
    seen: set[str] = set()
    wanted = _called(test, parsed)
    for _ in range(_MAX_DEPTH):
        found = [each for each in _functions(model, read) if each[0] in wanted - seen]
        yield from ((where, node, tree) for _, where, node, tree in found)
        seen |= wanted
        wanted = {name for _, _, node, tree in found for name in _called(node, tree)}
        if not wanted - seen:
            break
    yield path, test, parsed


def exit_in(path: str, titles: str, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the place that ends the process in what a test reaches."""
    for where, node, parsed in reached(path, titles, model, read):
        match = _EXIT.search(parsed.text_of(node))
        if match is not None:
            return where, node.start_point[0] + 1 + parsed.text_of(node).count("\n", 0, match.start())
    return None


def assertion_in(path: str, titles: str, read: ReadText) -> int:
    """Return the line of the only assertion of a test; 0 when it has several, or none."""
    text = read(path)
    parsed = parsed_of(text, path) if text is not None else None
    test = _test_node(parsed, path, titles, read) if parsed is not None else None
    if parsed is None or test is None:
        return 0
    calls = [node for node in walk(test) if node.type == "call_expression" and node is not test]
    lines = {node.start_point[0] + 1 for node in calls if _ASSERTS.match(parsed.text_of(node))}
    return lines.pop() if len(lines) == 1 else 0


def hang_in(path: str, titles: str, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the first loop, else the first wait, in what a test reaches."""
    functions = list(reached(path, titles, model, read))
    for where, node, parsed in functions:
        for each in walk(node):
            if each.type in _LOOPS and not _is_counted(each, parsed):
                return where, each.start_point[0] + 1
    for where, node, parsed in functions:
        for each in walk(node):
            if each.type == "while_statement":
                return where, each.start_point[0] + 1
            if each.type == "new_expression" and parsed.text_of(each).startswith("new Promise"):
                return where, each.start_point[0] + 1
    return None


def tests_of(path: str, read: ReadText) -> tuple[str, ...]:
    """Return the names of the tests in a file, in its order."""
    text = read(path)
    found = outline_of(text, path) if text is not None else None
    return tuple(" > ".join(block.titles) for block in found.blocks) if found is not None else ()


def first_error_line(path: str, read: ReadText) -> int:
    """Return the line of the first syntax error that the parser sees, or 0."""
    text = read(path)
    parsed = parsed_of(text, path) if text is not None else None
    if parsed is None or not parsed.root.has_error:
        return 0
    lines = [node.start_point[0] + 1 for node in walk(parsed.root) if node.is_missing or node.type == "ERROR"]
    return min(lines, default=0)


def _holds(node: Node, line: int) -> bool:
    return node.start_point[0] + 1 <= line <= node.end_point[0] + 1


def _fits(titles: tuple[str, ...], name: str) -> bool:
    pattern = re.escape(titles[-1])
    loose = re.sub(r"\\?%[a-z]|\\\$\\\{.*?\\\}|\\\$\w+|\\\$\\\{", ".*", pattern)
    return re.search(loose + "$", name) is not None


def _same_text(literal: str, message: str) -> bool:
    plain = re.sub(r"\$\{[^}]*\}", "\0", literal)
    parts = [part for part in plain.split("\0") if part.strip()]
    return bool(parts) and all(part in message for part in parts) and (len(plain) > 2)


def _test_node(parsed: Parsed, path: str, titles: str, read: ReadText) -> Node | None:
    line = definition_line(titles, path, read)
    calls = [node for node in walk(parsed.root) if node.type == "call_expression" and node.start_point[0] + 1 == line]
    return calls[0] if calls and line else None


def _called(node: Node, parsed: Parsed) -> set[str]:
    names = set()
    for each in walk(node):
        if each.type in ("call_expression", "new_expression"):
            function = each.child_by_field_name("function") or each.child_by_field_name("constructor")
            if function is not None:
                names.add(parsed.text_of(function).rpartition(".")[2])
    return names


def _functions(model: WorkspaceModel, read: ReadText) -> Iterator[tuple[str, str, Node, Parsed]]:
    """Yield the named functions of the workspace: name, file, node, tree."""
    for path in code_files(model):
        text = read(path)
        parsed = parsed_of(text, path) if text is not None else None
        for node in walk(parsed.root) if parsed is not None else ():
            name = node.child_by_field_name("name") if node.type in _NAMED else None
            if node.type == "assignment_expression":
                left = node.child_by_field_name("left")
                name = left.child_by_field_name("property") if left is not None else None
            if parsed is not None and name is not None:
                yield parsed.text_of(name), path, node, parsed


_NAMED = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "variable_declarator",
        "class_declaration",
    }
)


def _is_counted(node: Node, parsed: Parsed) -> bool:
    """Tell whether a loop counts up to something: it ends by itself, as a rule."""
    if node.type != "for_statement":
        return False
    head = parsed.text_of(node).partition("{")[0]
    return bool(re.search(r"\(.*;.*<.*;.*\+\+|\(.*;.*>.*;.*--|\+=", head))
