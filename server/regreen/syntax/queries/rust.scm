; What the outline of a Rust file is made of: definitions only, for a query that also captures names is slow.

(function_item) @function
(function_signature_item) @function
(struct_item) @class
(enum_item) @class
(union_item) @class
(trait_item) @class
(type_item) @class
(impl_item) @scope
(mod_item) @scope
(const_item) @variable
(static_item) @variable
(enum_variant) @member
(field_declaration) @member
(macro_definition) @macro
(use_declaration) @import
(extern_crate_declaration) @import
(attribute_item) @attribute
