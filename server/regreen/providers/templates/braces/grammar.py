"""What the grammars of Go, JavaScript, TypeScript and Rust call the same things: one row of names for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regreen.core.workspace import FileFacts
from regreen.providers.templates.site import Site, enclosing
from regreen.syntax import Node, grammar_of, walk


@dataclass(frozen=True, slots=True)
class Grammar:
    """The node types of one language. Where a field is a mapping, it goes from what is written to what may be meant."""

    name: str
    comparisons: Mapping[str, tuple[str, ...]]
    conditionals: tuple[str, ...]  # those with a field "condition"
    functions: tuple[str, ...]
    blocks: tuple[str, ...]  # whose children are statements
    loops: tuple[str, ...]
    arguments: str
    integers: tuple[str, ...]
    booleans: Mapping[str, str]  # text -> the other
    boolean_types: tuple[str, ...]
    strings: tuple[str, ...]
    augmented: tuple[str, ...]
    assignments: tuple[str, ...]
    returns: tuple[str, ...]
    droppable: tuple[str, ...]  # statements that may be one too many
    members: tuple[str, ...]  # names behind a dot
    member_of: str  # the expression that such a name is part of
    index: str  # an element by its index or key
    binders: frozenset[tuple[str, str]]  # (type of the parent, field or "") in which an identifier is bound
    listed: frozenset[str]  # what stands between a binder and its identifiers
    kin: tuple[tuple[str, ...], ...]  # names that are easily taken for each other
    end: str = ""  # what ends a statement


_C_LIKE = {
    "<": ("<=", ">", ">=", "!=", "=="), "<=": ("<", ">=", ">", "=="), ">": (">=", "<", "<=", "!=", "=="),
    ">=": (">", "<=", "<", "=="), "==": ("!=", "<", ">", "<=", ">="), "!=": ("==", "<", ">"),
}  # fmt: skip

GO = Grammar(
    name="go",
    comparisons=_C_LIKE,
    conditionals=("if_statement", "for_clause", "for_statement"),
    functions=("function_declaration", "method_declaration", "func_literal"),
    blocks=("statement_list", "block"),
    loops=("for_statement",),
    arguments="argument_list",
    integers=("int_literal",),
    booleans={"true": "false", "false": "true"},
    boolean_types=("true", "false"),
    strings=("interpreted_string_literal",),
    augmented=("assignment_statement",),
    assignments=("assignment_statement",),
    returns=("return_statement",),
    droppable=("expression_statement", "assignment_statement", "break_statement", "continue_statement",
               "return_statement", "inc_statement", "dec_statement"),
    members=("field_identifier",),
    member_of="selector_expression",
    index="index_expression",
    binders=frozenset({
        ("parameter_declaration", "name"), ("variadic_parameter_declaration", "name"), ("var_spec", "name"),
        ("const_spec", "name"), ("short_var_declaration", "left"), ("range_clause", "left"),
        ("function_declaration", "name"),
    }),
    listed=frozenset({"expression_list"}),
    kin=(
        ("HasPrefix", "HasSuffix"), ("TrimLeft", "TrimRight", "Trim", "TrimSpace"), ("TrimPrefix", "TrimSuffix"),
        ("ToLower", "ToUpper", "Title"), ("Index", "LastIndex"), ("Floor", "Ceil", "Round", "Trunc"), ("Min", "Max"),
        ("min", "max"), ("Before", "After"), ("Replace", "ReplaceAll"), ("Split", "Fields", "SplitN"),
        ("Contains", "HasPrefix", "HasSuffix", "EqualFold"), ("Lock", "RLock"), ("Unlock", "RUnlock"),
        ("Sprint", "Sprintf", "Sprintln"), ("Print", "Printf", "Println"), ("IsUpper", "IsLower", "IsLetter"),
        ("Add", "Sub"), ("Strings", "Ints"), ("Keys", "Values"), ("MaxInt", "MinInt"),
        ("MaxInt64", "MinInt64"), ("MaxInt32", "MinInt32"), ("MaxFloat64", "SmallestNonzeroFloat64"),
    ),
)  # fmt: skip

JAVASCRIPT = Grammar(
    name="javascript",
    comparisons=_C_LIKE | {
        "<": ("<=", ">", ">=", "!==", "==="), "<=": ("<", ">=", ">", "==="), ">": (">=", "<", "<=", "!==", "==="),
        ">=": (">", "<=", "<", "==="), "===": ("!==", "<", ">", "<=", ">="), "!==": ("===", "<", ">"),
        "==": ("!=", "<", ">", "<=", ">=", "==="), "!=": ("==", "!==", "<", ">"),
    },
    conditionals=("if_statement", "while_statement", "for_statement", "ternary_expression", "do_statement"),
    functions=("function_declaration", "function_expression", "arrow_function", "method_definition",
               "generator_function_declaration"),
    blocks=("statement_block", "program", "switch_case", "switch_default"),
    loops=("for_statement", "for_in_statement", "while_statement"),
    arguments="arguments",
    integers=("number",),
    booleans={"true": "false", "false": "true"},
    boolean_types=("true", "false"),
    strings=("string",),
    augmented=("augmented_assignment_expression",),
    assignments=("assignment_expression",),
    returns=("return_statement",),
    droppable=("expression_statement", "break_statement", "continue_statement", "return_statement"),
    members=("property_identifier",),
    member_of="member_expression",
    index="subscript_expression",
    binders=frozenset({
        ("formal_parameters", ""), ("required_parameter", "pattern"), ("optional_parameter", "pattern"),
        ("variable_declarator", "name"), ("function_declaration", "name"), ("class_declaration", "name"),
        ("for_in_statement", "left"), ("assignment_pattern", "left"), ("arrow_function", "parameter"),
        ("catch_clause", "parameter"), ("import_specifier", "name"), ("import_specifier", "alias"),
        ("import_clause", ""), ("namespace_import", ""), ("array_pattern", ""), ("rest_pattern", ""),
        ("object_pattern", ""), ("pair_pattern", "value"),
    }),
    listed=frozenset(),
    kin=(
        ("push", "unshift"), ("pop", "shift"), ("floor", "ceil", "round", "trunc"), ("min", "max"), ("some", "every"),
        ("find", "findIndex", "findLast", "filter"), ("map", "flatMap", "forEach", "filter"), ("slice", "splice"),
        ("startsWith", "endsWith", "includes"), ("indexOf", "lastIndexOf", "findIndex"),
        ("toLowerCase", "toUpperCase"), ("padStart", "padEnd"), ("trim", "trimStart", "trimEnd"),
        ("keys", "values", "entries"), ("replace", "replaceAll"), ("concat", "push"), ("has", "get"),
        ("parseInt", "parseFloat", "Number"), ("all", "allSettled", "race", "any"), ("add", "delete"),
        ("length", "size"), ("match", "matchAll", "test"), ("substring", "slice"), ("reduce", "reduceRight"),
        ("sort", "toSorted"), ("reverse", "toReversed"), ("MAX_SAFE_INTEGER", "MIN_SAFE_INTEGER"), ("sqrt", "cbrt"),
        ("MAX_VALUE", "MIN_VALUE"), ("charCodeAt", "codePointAt"), ("charAt", "charCodeAt"),
    ),
    end=";",
)  # fmt: skip

RUST = Grammar(
    name="rust",
    comparisons=_C_LIKE,
    conditionals=("if_expression", "while_expression"),
    functions=("function_item", "closure_expression"),
    blocks=("block",),
    loops=("for_expression", "while_expression", "loop_expression"),
    arguments="arguments",
    integers=("integer_literal",),
    booleans={"true": "false", "false": "true"},
    boolean_types=("boolean_literal",),
    strings=("string_literal",),
    augmented=("compound_assignment_expr",),
    assignments=("assignment_expression",),
    returns=("return_expression",),
    droppable=("expression_statement",),
    members=("field_identifier",),
    member_of="field_expression",
    index="index_expression",
    binders=frozenset({
        ("parameter", "pattern"), ("let_declaration", "pattern"), ("closure_parameters", ""),
        ("for_expression", "pattern"), ("const_item", "name"), ("static_item", "name"), ("function_item", "name"),
        ("tuple_pattern", ""), ("tuple_struct_pattern", ""), ("reference_pattern", ""), ("slice_pattern", ""),
        ("mut_pattern", ""), ("let_condition", "pattern"), ("field_pattern", "pattern"),
    }),
    listed=frozenset(),
    kin=(
        ("min", "max"), ("floor", "ceil", "round", "trunc"), ("first", "last"), ("any", "all"),
        ("starts_with", "ends_with", "contains"), ("trim", "trim_start", "trim_end"), ("skip", "take", "step_by"),
        ("skip_while", "take_while"), ("is_some", "is_none"), ("is_ok", "is_err"), ("find", "rfind", "position"),
        ("to_lowercase", "to_uppercase"), ("to_ascii_lowercase", "to_ascii_uppercase"), ("chars", "bytes"),
        ("push", "insert", "push_str"), ("push_back", "push_front"), ("pop_back", "pop_front"), ("pop", "remove"),
        ("max_by_key", "min_by_key"), ("max_by", "min_by"), ("keys", "values", "iter"), ("sum", "product", "count"),
        ("saturating_sub", "saturating_add"), ("wrapping_add", "saturating_add", "checked_add"),
        ("checked_sub", "saturating_sub", "wrapping_sub"), ("iter", "into_iter", "iter_mut"),
        ("unwrap_or", "unwrap_or_default"), ("split", "split_whitespace", "rsplit"), ("next", "last", "next_back"),
        ("filter", "filter_map", "map"), ("and_then", "map"), ("sort", "sort_unstable"), ("len", "count"),
        ("div_euclid", "rem_euclid"), ("insert", "entry"), ("or_insert", "or_default"), ("windows", "chunks"),
        ("is_positive", "is_negative"), ("is_lowercase", "is_uppercase", "is_alphabetic", "is_numeric"), ("MAX", "MIN"),
        ("is_ascii_lowercase", "is_ascii_uppercase", "is_ascii_alphabetic", "is_ascii_digit"),
        ("to_lowercase", "to_ascii_lowercase"), ("to_uppercase", "to_ascii_uppercase"),
        ("to_ascii_lowercase", "to_uppercase"), ("to_lowercase", "to_ascii_uppercase"), ("sqrt", "cbrt"),
    ),
    end=";",
)  # fmt: skip

GRAMMARS: Mapping[str, Grammar] = {
    "go": GO,
    "javascript": JAVASCRIPT,
    "typescript": JAVASCRIPT,
    "tsx": JAVASCRIPT,
    "rust": RUST,
}


def grammar_for(site: Site) -> Grammar:
    """Return the row of a file's language."""
    return GRAMMARS[site.parsed.language]


def facts_of(site: Site) -> tuple[FileFacts, ...]:
    """Return what is known of the files of the same language, sorted by path; JavaScript and TypeScript are one."""
    own = grammar_for(site)
    return tuple(facts for path, facts in sorted(site.model.files.items()) if GRAMMARS.get(grammar_of(path)) is own)


def binds(grammar: Grammar, name: Node) -> bool:
    """Tell whether an identifier is bound where it stands."""
    node, parent = name, name.parent
    while parent is not None and parent.type in grammar.listed:
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if (parent.type, "") in grammar.binders:
        return parent.child_by_field_name("type") != node
    return any(
        (parent.type, field) in grammar.binders and node in parent.children_by_field_name(field)
        for field in ("name", "left", "pattern", "parameter", "alias", "value")
    )


def function_of(grammar: Grammar, node: Node) -> Node | None:
    """Return the innermost function around a node."""
    return enclosing(node, *grammar.functions)


def names_in_scope(site: Site, grammar: Grammar, node: Node) -> tuple[str, ...]:
    """Return the names bound in the functions around a node, then those of the file, in the order of the text."""
    found: dict[str, None] = {}
    scope = function_of(grammar, node)
    while scope is not None:
        for item in walk(scope):
            if item.type in ("identifier", "shorthand_property_identifier_pattern") and binds(grammar, item):
                found.setdefault(site.of(item))
        scope = function_of(grammar, scope)
    for item in walk(site.parsed.root):
        if item.type == "identifier" and binds(grammar, item) and function_of(grammar, item) is None:
            found.setdefault(site.of(item))
    return tuple(name for name in found if name != "_")


def is_value(grammar: Grammar, node: Node) -> bool:
    """Tell whether an expression is read for its value: not called, not bound, no part of a name or type."""
    parent = node.parent
    if parent is None or binds(grammar, node):
        return False
    if parent.type == "call_expression":
        return parent.child_by_field_name("function") != node
    if parent.type in _NO_VALUES:
        return False
    if parent.type == "expression_list" and parent.parent is not None:
        return parent.parent.child_by_field_name("left") != parent
    return parent.child_by_field_name("left") != node or parent.type == "binary_expression"


_NO_VALUES = frozenset({
    "expression_statement", "import_specifier", "import_spec", "use_declaration", "scoped_identifier",
    "macro_invocation", "attribute", "token_tree", "tuple_struct_pattern", "match_pattern", "keyed_element",
    "literal_element", "scoped_use_list", "use_list", "labeled_statement", "export_specifier", "qualified_type",
    "function_declaration", "method_declaration", "function_item", "mod_item", "field_initializer", "pair",
    "type_arguments", "generic_type", "enum_variant", "export_statement", "package_clause", "inc_statement",
    "dec_statement", "update_expression", "new_expression", "class_declaration", "enum_declaration",
})  # fmt: skip


def statement_of(grammar: Grammar, node: Node) -> Node:
    """Return the statement that a node belongs to: the outermost one below the nearest block."""
    at = node
    while at.parent is not None and at.parent.type not in grammar.blocks:
        at = at.parent
    return at
