; What the outline of a Python file is made of: definitions only, for a query that also captures names is slow.

(function_definition) @function
(class_definition) @class
(assignment) @assignment
(type_alias_statement) @assignment
(import_statement) @import
(import_from_statement) @from
(future_import_statement) @from
