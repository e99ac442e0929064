"""Values that nobody thought of: absent, empty, zero, out of bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from regreen.core.failure import FailureKind
from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .grammar import Grammar, binds, function_of, grammar_for, statement_of
from .operators import condition_of

_KINDS = frozenset({
    FailureKind.NULL_DEREF, FailureKind.INDEX_KEY, FailureKind.INVALID_VALUE, FailureKind.TYPE_MISMATCH,
    FailureKind.UNHANDLED_ERROR, FailureKind.RESOURCE_EXHAUSTED,
})  # fmt: skip
_MOST = 3  # parameters of which a first case is made
_ANSWERS = 4
_FIRST: Mapping[str, tuple[str, ...]] = {"0": ("0", "1"), "0.0": ("0.0", "1.0")}  # what is counted begins with one, too
_PLAIN = frozenset({
    "int_literal", "float_literal", "number", "integer_literal", "true", "false", "nil", "null", "boolean_literal",
    "string", "interpreted_string_literal",
})  # fmt: skip
_COUNTED = re.compile(r"(?:u?int\d*|float\d+|byte|rune|[iuf](?:\d+|size)|number)")
_GO_ZEROS = ((r"(?:u?int\d*|float\d+|byte|rune|complex\d+|uintptr|time\.Duration)", "0"), (r"string", '""'),
             (r"bool", "false"), (r"(?:\*|\[\]|map\[|chan |func\(|error$|any$|interface).*", "nil"))  # fmt: skip
_RUST_EMPTY = ((r"[iu](?:\d+|size)", "0"), (r"f(?:32|64)", "0.0"), (r"bool", "false"), (r"Option<.*", "None"),
               (r"String", "String::new()"), (r"&(?:'\w+ )?str", '""'), (r"Vec<.*", "Vec::new()"))  # fmt: skip


def guard(site: Site, node: Node) -> Iterator[Fix]:
    """An empty, absent or zero value that nobody thought of."""
    grammar = grammar_for(site)
    statement = statement_of(grammar, node)
    scope = function_of(grammar, statement)
    if scope is None or statement != node:
        return
    parameters = scope.child_by_field_name("parameters")
    subjects = _subjects(site, statement, parameters)
    results = empty_values(site, scope)
    for place, subject in enumerate(subjects):
        for rank, asked in enumerate(_questions(grammar.name, subject, site)):
            for turn, result in enumerate(results):
                text = early(grammar.name, asked, result, site.indent(statement), site.newline)
                hypothesis = f"nothing is done when `{asked}`"
                yield Fix((site.insert(statement, text),), hypothesis, 0.85**place * 0.8**rank * 0.8**turn)


def conjunct(site: Site, node: Node) -> Iterator[Fix]:
    """A condition that forgets to ask something."""
    grammar = grammar_for(site)
    condition = condition_of(node)
    scope = function_of(grammar, node)
    if condition is None or scope is None or condition.type == "let_condition":
        return
    text = site.of(condition)
    plain = f"({text})" if "||" in text else text
    for rank, asked in enumerate(_more(grammar, site, condition)):
        yield Fix((site.replace(condition, f"{asked} && {plain}"),), f"`{asked}` is not asked", 0.9**rank)
        yield Fix((site.replace(condition, f"{text} || {asked}"),), f"`|| {asked}` is not asked", 0.5 * 0.9**rank)


def first_case(site: Site, node: Node) -> Iterator[Fix]:
    """A case that should be answered before anything else: a small number, nothing at all."""
    grammar = grammar_for(site)
    first, named = entrance(grammar, node)
    if first is None:
        return
    asked = [cond for item in named[:_MOST] for cond in _small(site, grammar.name, item)]
    for rank, cond in enumerate(asked):
        for turn, value in enumerate(answers_of(site, grammar, node, node.child_by_field_name("body"))):
            text = early(grammar.name, cond, value, site.indent(first), site.newline)
            hypothesis = f"`{value}` is the answer when `{cond}`"
            yield Fix((site.insert(first, text),), hypothesis, 0.93**rank * 0.85**turn)


def empty_values(site: Site, scope: Node) -> list[str]:
    """Return what a function may give back when there is nothing to give, likeliest first."""
    language = site.parsed.language
    if language == "go":
        return [_go_empty(site, scope)]
    if language == "rust":
        declared = site.of(scope.child_by_field_name("return_type"))
        found = [value for pattern, value in _RUST_EMPTY if re.fullmatch(pattern, declared, re.DOTALL)]
        return found or (["Default::default()"] if declared else [""])
    declared = site.of(scope.child_by_field_name("return_type")).lstrip(": ")
    typed = {"number": ["0"], "string": ['""'], "boolean": ["false"], "void": [""]}.get(declared)
    if typed:
        return typed
    if declared.endswith("[]"):
        return ["[]"]
    return ["null", "undefined"] if "null" in declared else ['""', "0", "null", "undefined", "[]", "false"]


def _go_empty(site: Site, scope: Node) -> str:
    result = scope.child_by_field_name("result")
    if result is None:
        return ""
    if result.type != "parameter_list":
        return _go_zero(site.of(result))
    values = []
    for child in result.named_children:
        n_names = max(1, len(child.children_by_field_name("name")))
        values += [_go_zero(site.of(child.child_by_field_name("type")))] * n_names
    return ", ".join(values)


def _go_zero(declared: str) -> str:
    return next((zero for pattern, zero in _GO_ZEROS if re.fullmatch(pattern, declared, re.DOTALL)), f"{declared}{{}}")


def _subjects(site: Site, statement: Node, parameters: Node | None) -> list[str]:
    """Return what a statement reads: expressions behind which it reaches first, then the function's parameters."""
    grammar = grammar_for(site)
    reached: dict[str, None] = {}
    header = statement.child_by_field_name("body")
    for node in walk(statement):
        if header is not None and header.start_byte <= node.start_byte and node.end_byte <= header.end_byte:
            continue
        if node.type in (grammar.member_of, grammar.index, "slice_expression"):
            owner = next(iter(node.named_children), None)
            if owner is not None and owner.type in ("identifier", grammar.member_of, "this", "self"):
                reached.setdefault(site.of(owner))
        if node.type == "binary_expression" and site.of(node.child_by_field_name("operator")) in ("/", "%"):
            reached.setdefault(site.of(node.child_by_field_name("right")))
    inside = site.of(statement)
    for node in walk(parameters) if parameters is not None else ():
        if node.type == "identifier" and binds(grammar, node) and re.search(rf"\b{site.of(node)}\b", inside):
            reached.setdefault(site.of(node))
    return [name for name in reached if name not in ("this", "self") and not name.isdecimal() and len(name) < 40][:4]


def _questions(language: str, subject: str, site: Site) -> list[str]:
    kind = site.failure.kind
    if language == "go":
        by_kind = {
            FailureKind.NULL_DEREF: [f"{subject} == nil"],
            FailureKind.INDEX_KEY: [f"len({subject}) == 0"],
            FailureKind.INVALID_VALUE: [f"{subject} == 0"],
        }
        return by_kind.get(kind, [f"len({subject}) == 0", f"{subject} == nil", f"{subject} == 0"])
    if language == "rust":
        if kind is FailureKind.INDEX_KEY or kind is FailureKind.NULL_DEREF:
            return [f"{subject}.is_empty()"]
        return [f"{subject} == 0", f"{subject}.is_empty()"]
    bare = re.sub(r"\.length$", "", subject)
    return [f"{bare} == null", f"{bare}.length === 0", f"!{subject}"]


def early(language: str, asked: str, result: str, indent: str, newline: str) -> str:
    """Return the text of a way out, to be put before a statement."""
    deeper = indent + ("\t" if "\t" in indent or language == "go" else "    " if language == "rust" else "  ")
    end = "" if language == "go" else ";"
    condition = f"({asked})" if language == "javascript" else asked
    leave = f"return {result}".rstrip() + end
    return f"if {condition} {{{newline}{deeper}{leave}{newline}{indent}}}{newline}{indent}"


def _more(grammar: Grammar, site: Site, condition: Node) -> list[str]:
    """Return what else may be asked: that a thing is there, or that an index lies inside."""
    found: dict[str, None] = {}
    for node in walk(condition):
        owner = next(iter(node.named_children), None)
        if owner is None or owner.type not in ("identifier", grammar.member_of):
            continue
        name = site.of(owner)
        if node.type == grammar.index:
            index = site.of(node.named_children[-1])
            length = {"go": f"len({name})", "rust": f"{name}.len()"}.get(grammar.name, f"{name}.length")
            found.setdefault(f"{index} < {length}")
            if grammar.name != "rust":
                found.setdefault(f"0 <= {index}")
        if node.type == grammar.member_of and grammar.name != "rust":
            found.setdefault(f"{name} != nil" if grammar.name == "go" else f"{name} != null")
    return list(found)[:4]


def entrance(grammar: Grammar, function: Node) -> tuple[Node | None, list[Node]]:
    """Return the first statement of a function, None when it has none, and the names of its parameters."""
    body, parameters = function.child_by_field_name("body"), function.child_by_field_name("parameters")
    first = first_statement(grammar, body) if body is not None and parameters is not None else None
    inside = walk(parameters) if parameters is not None else ()
    return first, [item for item in inside if item.type == "identifier" and binds(grammar, item)]


def first_statement(grammar: Grammar, body: Node) -> Node | None:
    """Return the first statement of a function's body; None when it has none."""
    inside = [child for child in body.named_children if "comment" not in child.type]
    if len(inside) == 1 and inside[0].type == "statement_list":
        inside = [child for child in inside[0].named_children if "comment" not in child.type]
    return inside[0] if inside and body.type in grammar.blocks else None


def _small(site: Site, language: str, name: Node) -> list[str]:
    """Return what may be asked of a parameter: whether it is a small number, or empty."""
    text = site.of(name)
    declared = site.of(name.parent.child_by_field_name("type")).lstrip(": ") if name.parent is not None else ""
    same = "===" if language == "javascript" else "=="
    counted = [f"{text} < 2", f"{text} {same} 0", f"{text} < 0", f"{text} {same} 1", f"{text} <= 0"]
    empty = {"go": f"len({text}) == 0", "rust": f"{text}.is_empty()"}.get(language, f"{text}.length === 0")
    if _COUNTED.fullmatch(declared):
        return counted
    return [empty] if declared else [counted[0], empty, *counted[1:]]


def answers_of(site: Site, grammar: Grammar, scope: Node, body: Node | None) -> list[str]:
    """Return what a function may answer: what it gives back elsewhere first, then what is empty."""
    found: dict[str, None] = {}
    for item in walk(body) if body is not None else ():
        value = item.named_children[0] if item.type in grammar.returns and item.named_children else None
        if value is not None and value.type == "expression_list" and len(value.named_children) == 1:
            value = value.named_children[0]
        if value is not None and value.type in _PLAIN:
            found.setdefault(site.of(value))
    flags = [grammar.booleans[text] for text in found if text in grammar.booleans]
    empty = [answer for value in empty_values(site, scope) for answer in _FIRST.get(value, (value,))]
    return list(dict.fromkeys([*found, *flags, *empty]))[:_ANSWERS]


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    statements = (
        "expression_statement", "return_statement", "assignment_statement", "short_var_declaration", "if_statement",
        "lexical_declaration", "let_declaration", "for_statement", "for_in_statement", "inc_statement",
        "return_expression", "binary_expression", "call_expression", "field_expression", "index_expression",
        "if_expression",
    )  # fmt: skip
    return (
        Template("guard", statements, 0.8, guard, _KINDS),
        Template("guard anyway", statements, 0.12, guard),
        Template("first case", grammar.functions, 0.2, first_case),
        Template("conjunct", grammar.conditionals, 0.5, conjunct),
    )
