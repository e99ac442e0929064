"""What is left alone: words for people, marks that say so, and code whose change no test should have to notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from regreen.syntax import Node

from .spot import Spot
from .wording import is_made_of_words

# Calls whose arguments are words for people or settings that only cost time, by what is called.
_QUIET: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "python": re.compile(
            r"^(?:print|pprint|warn|message|[A-Za-z]{0,2}_|\w*gettext\w*|TypeVar|ParamSpec|NewType|cast|NamedTuple|namedtuple)$|\bwarnings\.warn\w*$"
            r"|(?:^|\.)_?(?:log|logger|logging)\.\w+$|(?:Error|Exception|Warning|Exit)$|\.add_note$|^typing\."
            r"|(?:^|[._])(?:warn|deprecate)(?:_\w+)?$|(?:^|\.)sleep$",
            re.IGNORECASE,
        ),
        "go": re.compile(
            r"^(?:fmt\.(?:Print|Fprint|Errorf)\w*|errors\.New|panic|print|println)$"
            r"|(?:^|\.)(?:log|slog|logger|t|b)\.[A-Z]\w+$|^time\.Sleep$",
            re.IGNORECASE,
        ),
        "javascript": re.compile(
            r"^(?:console\.\w+|require|import|debug|warn|invariant|Symbol)$|(?:^|\.)(?:log|logger)\.\w+$"
            r"|(?:Error|Exception)$|(?:^|\.)(?:_?warn|deprecate)(?:[A-Z]\w*)?$|(?:^|\.)sleep$"
        ),
        "rust": re.compile(
            r"\.(?:expect|expect_err|context|with_context|with_capacity|reserve)$|(?:::|^)sleep$|::with_capacity$|(?:^|::)Error::\w+$"
        ),
    }
)
_SAYS_OF_ITSELF = re.compile(r"^(?:__\w+__|TYPE_CHECKING)$")  # what a module or a class says of itself
_NAMES_FOR_PEOPLE = frozenset({"__doc__", "__name__", "__qualname__", "__module__"})  # of functions and classes
_SILENT = frozenset({"__repr__", "__hash__", "__del__", "__sizeof__", "__getstate__"})  # functions left alone
_UNBUILT = frozenset({"overload", "abstractmethod", "abc.abstractmethod", "typing.overload"})
_ONLY_HERE = re.compile(r"\bTYPE_CHECKING\b|^__name__\s*==")
# What is asked of the system or the version that runs the code: no run of the tests sees both answers.
_OF_THE_SYSTEM: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "python": re.compile(
            r"\bsys\.(?:version_info|hexversion|platform|implementation|byteorder|maxsize)\b|\bos\.name\b"
            r"|\bplatform\.\w+\("
            r"|^(?:not )?_?(?:IS_|ON_)?(?:PY\d\w*|PYPY\w*|CPYTHON|WIN(?:DOWS|32)?|MAC(?:OS)?\w*|LINUX)$"
        ),
        "go": re.compile(r"\bruntime\.(?:GOOS|GOARCH|Version\(\))"),
        "javascript": re.compile(r"\bprocess\.(?:platform|version|versions|arch)\b|\bos\.platform\(\)"),
        "rust": re.compile(r"\bcfg!\("),
    }
)
_PART_OF_THE_SYSTEM = re.compile(r"^hasattr\((?:sys|os|signal|socket|time|select|errno|platform),")
_TESTS_OF_RUST = re.compile(r"#\[(?:\w+::)*test\b|#\[cfg\(.*\btest\b|#\[bench\]|#\[derive")
_WRITTEN_BY_HAND = re.compile(
    r"(?:#|//|/\*)[^\n]*?\b(?:regreen: *ignore +mutation|pragma: *no +mutate|pragma: *no +cover|Stryker disable"
    r"|v8 ignore|istanbul ignore|c8 ignore|mutants::skip)",
)
_GENERATED = re.compile(r"^(?://|#|/\*).*(?:Code generated .* DO NOT EDIT|@generated)", re.MULTILINE)
_ALONE = re.compile(r"^\s*(?:#|//|/\*)")
_HEAD = 4000  # characters in which a file says that it is generated
_LONGEST_NAME = 120


def is_generated(text: str) -> bool:
    """Tell whether a file says that a program wrote it."""
    return _GENERATED.search(text, 0, _HEAD) is not None


def marked_lines(text: str) -> frozenset[int]:
    """Return the lines, from 0, that a comment takes out; a comment on a line of its own speaks of the next one."""
    found = set()
    for match in _WRITTEN_BY_HAND.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        row = text.count("\n", 0, start)
        found.add(row)
        if _ALONE.match(text[start : match.end()]) and not text[start : match.start()].strip():
            found.add(row + 1)
    return frozenset(found)


def is_left_alone(spot: Spot, node: Node) -> bool:
    """Tell whether nothing in a node is to be changed: it is not run, not tested, or says what it is for people."""
    check = _LEFT_ALONE.get((spot.dialect.name, node.type))
    return check is not None and check(spot, node)


def asks_the_system(spot: Spot, node: Node) -> bool:
    """Tell whether a statement or an expression asks which version or system runs the code."""
    asked = node.child_by_field_name("condition")
    if asked is None or node.type not in ("if_statement", "elif_clause", "if_expression"):
        return False
    return _OF_THE_SYSTEM[spot.dialect.name].search(spot.of(asked)) is not None


def is_quiet(spot: Spot, call: Node) -> bool:
    """Tell whether a call only tells people something, or raises what does."""
    called = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    if called is None:
        return False
    return _QUIET[spot.dialect.name].search(spot.of(called)[-_LONGEST_NAME:]) is not None


def _only_for_tools(spot: Spot, node: Node) -> bool:
    return _ONLY_HERE.search(spot.of(node.child_by_field_name("condition"))) is not None


def _is_silent(spot: Spot, node: Node) -> bool:
    return spot.of(node.child_by_field_name("name")) in _SILENT


def _is_unbuilt(spot: Spot, node: Node) -> bool:
    return any(spot.of(child).lstrip("@ ") in _UNBUILT for child in node.children if child.type == "decorator")


def _is_label(spot: Spot, node: Node) -> bool:
    left = spot.of(node.child_by_field_name("left"))
    return _SAYS_OF_ITSELF.match(left) is not None or left.rpartition(".")[2] in _NAMES_FOR_PEOPLE


def _says_something(spot: Spot, node: Node) -> bool:
    return _sets_a_label(spot, node) or is_made_of_words(spot, node)


def _sets_a_label(spot: Spot, node: Node) -> bool:
    only = node.named_children[0] if node.named_child_count == 1 else None
    return only is not None and only.type == "assignment" and _is_label(spot, only)


def _compares_the_system(spot: Spot, node: Node) -> bool:
    return _OF_THE_SYSTEM[spot.dialect.name].search(spot.of(node)) is not None


def _looks_for_a_part(spot: Spot, node: Node) -> bool:
    return _PART_OF_THE_SYSTEM.match(spot.of(node)) is not None


def _is_test(spot: Spot, node: Node) -> bool:
    before = node.prev_named_sibling
    while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
        if before.type == "attribute_item" and _TESTS_OF_RUST.search(spot.of(before)):
            return True
        before = before.prev_named_sibling
    return False


def _implements_words(spot: Spot, node: Node) -> bool:
    return spot.of(node.child_by_field_name("trait")).rpartition("::")[2].partition("<")[0] in ("Debug", "Hash")


_LEFT_ALONE = MappingProxyType(
    {
        ("python", "if_statement"): _only_for_tools,
        ("python", "function_definition"): _is_silent,
        ("python", "decorated_definition"): _is_unbuilt,
        ("python", "assignment"): _is_label,
        ("python", "expression_statement"): _says_something,
        ("javascript", "expression_statement"): is_made_of_words,
        ("javascript", "variable_declarator"): is_made_of_words,
        ("go", "short_var_declaration"): is_made_of_words,
        ("python", "comparison_operator"): _compares_the_system,
        ("python", "call"): _looks_for_a_part,
        ("rust", "mod_item"): _is_test,
        ("rust", "function_item"): _is_test,
        ("rust", "impl_item"): _implements_words,
    }
)
