; What the outline of a JavaScript file is made of: definitions only; names are found from them.

(function_declaration) @function
(generator_function_declaration) @function
(class_declaration) @class
(method_definition) @method
(field_definition) @field
(variable_declarator value: [(arrow_function) (function_expression) (generator_function) (class)]) @variable
(program [(lexical_declaration (variable_declarator) @variable) (variable_declaration (variable_declarator) @variable)])
(program (export_statement [(lexical_declaration (variable_declarator) @variable) (variable_declaration (variable_declarator) @variable)]))
(assignment_expression left: (member_expression) right: [(arrow_function) (function_expression) (generator_function) (class)]) @assigned

(import_statement) @import
(export_statement source: (string)) @import
(call_expression function: [(import) (identifier)] arguments: (arguments . (string) .)) @require
