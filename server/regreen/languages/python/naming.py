"""Which functions of a file are tests when a project names them in its own way (python_functions, python_classes)."""

from __future__ import annotations

from fnmatch import fnmatchcase

from regreen.core.workspace import FileFacts, Project, Symbol, SymbolKind, TestCase

_FUNCTIONS, _CLASSES = ("test",), ("Test",)  # pytest's own


def named_tests(project: Project, facts: FileFacts) -> tuple[TestCase, ...]:
    """Return the tests of a file by the project's own rules; those of the index when it has none."""
    if not project.test_functions and not project.test_classes:
        return facts.tests
    functions, classes = project.test_functions or _FUNCTIONS, project.test_classes or _CLASSES
    kinds = {symbol.qualname: symbol.kind for symbol in facts.symbols}
    found = {test.name: test for test in facts.tests if test.name.count("::") != 1}  # methods, of a TestCase maybe
    for symbol in facts.symbols:
        if symbol.kind in (SymbolKind.FUNCTION, SymbolKind.METHOD) and _fits(symbol.name, functions):
            holders = _holders(symbol)
            if all(kinds.get(each) is SymbolKind.CLASS and _fits(each.rpartition(".")[2], classes) for each in holders):
                name = "::".join([facts.path, *symbol.qualname.split(".")])
                found[name] = TestCase(name, "", facts.path, symbol.line, symbol.span, symbol.name_span)
    return tuple(sorted(found.values(), key=lambda test: test.line))


def _holders(symbol: Symbol) -> list[str]:
    parts = symbol.qualname.split(".")[:-1]
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a name begins with one of these, or fits one that is a glob."""
    return any(fnmatchcase(name, each) if set("*?[") & set(each) else name.startswith(each) for each in patterns)
