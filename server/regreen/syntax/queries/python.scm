; What the outline of a Python file is made of.

(function_definition
  name: (identifier) @name
  parameters: (parameters) @parameters) @function

(class_definition
  name: (identifier) @name
  superclasses: (argument_list)? @bases) @class

(assignment
  left: (_) @target) @assignment

(type_alias_statement
  left: (_) @target) @assignment

(import_statement) @import
(import_from_statement) @from
(future_import_statement) @from

(identifier) @reference

(ERROR) @error
(MISSING) @error
