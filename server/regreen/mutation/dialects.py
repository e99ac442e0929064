"""What the grammars of the four languages call the things that operators change: one row of names for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One grammar. `roles` says which node types an operator is tried at."""

    name: str
    roles: Mapping[str, Names]
    yes: str  # what a condition that always holds is written as; {} is the condition as it was
    no: str
    nothing: str  # what stands where a statement stood; {} is the statement as it was
    equal: Mapping[str, str]  # the comparisons for equality, each with its opposite
    plain: frozenset[str]  # expressions that need no parentheses when they are negated
    loops: Names
    functions: Names
    blocks: Names  # what a mark on its first line leaves out as a whole
    skipped: frozenset[str]  # nothing below them is ever changed
    logic: Mapping[str, str]
    arithmetic: Mapping[str, str]


_BIT = {"&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<"}
_ARITHMETIC = MappingProxyType({"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", **_BIT})
_LOGIC = MappingProxyType({"&&": "||", "||": "&&"})
_EQUAL = MappingProxyType({"==": "!=", "!=": "=="})
_BINARY = {
    "comparison": ("binary_expression",),
    "arithmetic": ("binary_expression",),
    "logical": ("binary_expression",),
}
_UNARY = {"negation": ("unary_expression",), "sign": ("unary_expression",)}

PYTHON = Dialect(
    name="python",
    roles={
        "comparison": ("comparison_operator",),
        "arithmetic": ("binary_operator",),
        "logical": ("boolean_operator",),
        "augmented": ("augmented_assignment",),
        "condition": ("if_statement", "elif_clause", "while_statement", "conditional_expression", "if_clause"),
        "negation": ("not_operator",),
        "sign": ("unary_operator",),
        "number": ("integer", "float"),
        "boolean": ("true", "false"),
        "string": ("string",),
        "default": ("integer", "float", "true", "false", "string"),
        "return": ("return_statement", "yield", "lambda"),
        "statement": ("expression_statement", "delete_statement"),
        "slice": ("slice",),
        "fallback": ("call",),
        "throw": ("raise_statement",),
        "catch": ("except_clause",),
        "function": ("function_definition",),
        "leave": ("break_statement", "continue_statement"),
    },
    yes="True",
    no="False",
    nothing="pass",
    equal=_EQUAL,
    plain=frozenset({"identifier", "attribute", "call", "subscript", "parenthesized_expression", "await"}),
    loops=("while_statement", "for_statement"),
    functions=("function_definition",),
    blocks=("function_definition", "class_definition", "decorated_definition", "if_statement", "elif_clause",
            "else_clause", "for_statement", "while_statement", "with_statement", "try_statement", "except_clause",
            "finally_clause", "match_statement", "case_clause"),
    skipped=frozenset({"type", "import_statement", "import_from_statement", "future_import_statement", "comment",
                       "assert_statement", "type_alias_statement", "global_statement", "nonlocal_statement",
                       "type_parameter", "format_specifier", "identifier", "class_pattern", "dotted_name"}),
    logic=MappingProxyType({"and": "or", "or": "and"}),
    arithmetic=MappingProxyType({**_ARITHMETIC, "//": "*", "**": "*"}),
)  # fmt: skip

GO = Dialect(
    name="go",
    roles={
        **_BINARY,
        **_UNARY,
        "augmented": ("assignment_statement",),
        "step": ("inc_statement", "dec_statement"),
        "condition": ("if_statement", "for_clause", "for_statement"),
        "number": ("int_literal", "float_literal"),
        "boolean": ("true", "false"),
        "string": ("interpreted_string_literal", "raw_string_literal"),
        "return": ("return_statement",),
        "statement": ("expression_statement", "assignment_statement", "send_statement", "defer_statement"),
        "slice": ("slice_expression",),
        "throw": ("expression_statement",),
        "function": ("function_declaration", "method_declaration"),
        "leave": ("break_statement", "continue_statement"),
    },
    # What was asked or done stays in the text: Go does not build with a variable or an import that is not used.
    yes="({}) || true",
    no="({}) && false",
    nothing="if false {{ {} }}",
    equal=_EQUAL,
    plain=frozenset({"identifier", "selector_expression", "call_expression", "index_expression",
                     "parenthesized_expression"}),
    loops=("for_statement",),
    functions=("function_declaration", "method_declaration"),
    blocks=("function_declaration", "method_declaration", "if_statement", "for_statement", "expression_case",
            "default_case", "type_case", "communication_case", "expression_switch_statement"),
    skipped=frozenset({"import_declaration", "type_declaration", "comment", "package_clause", "parameter_list",
                       "array_type", "slice_type", "map_type", "struct_type", "interface_type", "function_type",
                       "pointer_type", "generic_type", "type_arguments", "identifier", "field_identifier"}),
    logic=_LOGIC,
    arithmetic=MappingProxyType({**_ARITHMETIC, "&^": "&"}),
)  # fmt: skip

JAVASCRIPT = Dialect(
    name="javascript",
    roles={
        **_BINARY,
        **_UNARY,
        "augmented": ("augmented_assignment_expression",),
        "step": ("update_expression",),
        "condition": ("if_statement", "while_statement", "do_statement", "ternary_expression", "for_statement"),
        "number": ("number",),
        "boolean": ("true", "false"),
        "string": ("string", "template_string"),
        "default": ("number", "true", "false", "string", "template_string"),
        "return": ("return_statement", "arrow_function", "yield_expression"),
        "statement": ("expression_statement",),
        "slice": ("call_expression",),
        "throw": ("throw_statement",),
        "catch": ("catch_clause",),
        "function": ("function_declaration", "function_expression", "arrow_function", "method_definition"),
        "leave": ("break_statement", "continue_statement"),
    },
    yes="true",
    no="false",
    nothing=";",
    equal=MappingProxyType({"==": "!=", "!=": "==", "===": "!==", "!==": "==="}),
    plain=frozenset({"identifier", "member_expression", "call_expression", "subscript_expression",
                     "parenthesized_expression", "this"}),
    loops=("while_statement", "for_statement", "for_in_statement", "do_statement"),
    functions=("function_declaration", "function_expression", "arrow_function", "method_definition",
               "generator_function_declaration", "generator_function"),
    blocks=("function_declaration", "method_definition", "class_declaration", "if_statement", "else_clause",
            "for_statement", "for_in_statement", "while_statement", "do_statement", "switch_case", "switch_default",
            "try_statement", "catch_clause", "switch_statement", "lexical_declaration", "export_statement",
            "generator_function_declaration", "finally_clause"),
    skipped=frozenset({"import_statement", "type_annotation", "type_arguments", "type_parameters", "comment",
                       "type_alias_declaration", "interface_declaration", "ambient_declaration", "literal_type",
                       "hash_bang_line", "regex", "identifier", "property_identifier", "union_type", "object_type",
                       "type_predicate_annotation", "asserts_annotation", "extends_type_clause", "enum_declaration",
                       "implements_clause", "jsx_text", "export_clause", "type_predicate", "index_signature"}),
    logic=MappingProxyType({**_LOGIC, "??": "&&"}),
    arithmetic=MappingProxyType({**_ARITHMETIC, "**": "*", ">>>": "<<"}),
)  # fmt: skip

RUST = Dialect(
    name="rust",
    roles={
        **_BINARY,
        **_UNARY,
        "augmented": ("compound_assignment_expr",),
        "condition": ("if_expression", "while_expression", "match_pattern"),
        "number": ("integer_literal", "float_literal"),
        "boolean": ("boolean_literal",),
        "string": ("string_literal", "raw_string_literal"),
        "return": ("return_expression", "function_item"),
        "statement": ("expression_statement",),
        "slice": ("index_expression",),
        "boundary": ("range_expression",),
        "throw": ("try_expression",),
        "function": ("function_item",),
        "leave": ("break_expression", "continue_expression"),
    },
    yes="true",
    no="false",
    # The statement stays in the text: types are inferred from it, and it tells what is moved and borrowed.
    nothing="if false {{ {} }}",
    equal=_EQUAL,
    plain=frozenset({"identifier", "field_expression", "call_expression", "index_expression", "self",
                     "parenthesized_expression", "macro_invocation"}),
    loops=("for_expression", "while_expression", "loop_expression"),
    functions=("function_item",),
    blocks=("function_item", "impl_item", "mod_item", "if_expression", "else_clause", "for_expression",
            "while_expression", "loop_expression", "match_expression", "match_arm", "expression_statement"),
    skipped=frozenset({"attribute_item", "inner_attribute_item", "use_declaration", "macro_definition", "token_tree",
                       "line_comment", "block_comment", "type_arguments", "type_parameters", "array_type",
                       "where_clause", "extern_crate_declaration", "visibility_modifier", "generic_type",
                       "reference_type", "identifier", "field_identifier", "type_item", "scoped_identifier"}),
    logic=_LOGIC,
    arithmetic=_ARITHMETIC,
)  # fmt: skip

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "go": GO,
        "javascript": JAVASCRIPT,
        "python": PYTHON,
        "rust": RUST,
        "tsx": JAVASCRIPT,
        "typescript": JAVASCRIPT,
    }
)
