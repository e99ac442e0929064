; What the outline of a TypeScript file is made of: definitions only; names are found from them.

(function_declaration) @function
(generator_function_declaration) @function
(function_signature) @function
(class_declaration) @class
(abstract_class_declaration) @class
(interface_declaration) @class
(enum_declaration) @class
(type_alias_declaration) @class
(internal_module) @class
(method_definition) @method
(method_signature) @method
(abstract_method_signature) @method
(public_field_definition) @field
(property_signature) @field
(variable_declarator value: [(arrow_function) (function_expression) (generator_function) (class)]) @variable
(program [(lexical_declaration (variable_declarator) @variable) (variable_declaration (variable_declarator) @variable)])
(program (export_statement [(lexical_declaration (variable_declarator) @variable) (variable_declaration (variable_declarator) @variable)]))
(assignment_expression left: (member_expression) right: [(arrow_function) (function_expression) (generator_function) (class)]) @assigned

(import_statement) @import
(export_statement source: (string)) @import
(call_expression function: [(import) (identifier)] arguments: (arguments . (string) .)) @require
