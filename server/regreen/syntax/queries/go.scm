; What the outline of a Go file is made of: definitions only, for a query that also captures names is slow.

(function_declaration) @function
(method_declaration) @method
(source_file (type_declaration [(type_spec) (type_alias)] @class))
(source_file (var_declaration (var_spec) @variable))
(source_file (var_declaration (var_spec_list (var_spec) @variable)))
(source_file (const_declaration (const_spec) @variable))
(import_spec) @import
