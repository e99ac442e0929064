"""What only Go asks for: imports, unused names, every path returning, declared types."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node, walk

from . import errors
from .grammar import GO, facts_of, function_of, statement_of
from .guards import empty_values
from .names import near, suggestion_of, symbol_of

_NAMES = frozenset({FailureKind.NAME_UNDEFINED})
_IMPORTS = frozenset({FailureKind.IMPORT_UNRESOLVED, FailureKind.DEPENDENCY_MISSING})
_RULES = frozenset({FailureKind.COMPILE_RULE})
_TYPES = frozenset({FailureKind.TYPE_MISMATCH})
_ARITY = frozenset({FailureKind.CALL_ARITY, FailureKind.COMPILE_RULE})
_MAPS = frozenset({FailureKind.NULL_DEREF})
# Packages whose last part is how they are spoken of; where two end alike, the likelier comes first.
_STANDARD = (
    "bufio", "bytes", "cmp", "container/heap", "container/list", "context", "crypto/sha256", "encoding/base64",
    "encoding/binary", "encoding/csv", "encoding/hex", "encoding/json", "errors", "fmt", "io", "iter", "log", "maps",
    "math", "math/big", "math/bits", "math/rand", "net/url", "os", "path", "path/filepath", "reflect", "regexp",
    "slices", "sort", "strconv", "strings", "sync", "sync/atomic", "text/template", "time", "unicode", "unicode/utf8",
)  # fmt: skip
_UNUSED_IMPORT = re.compile(r'"([^"]+)" imported(?: as \w+)? and not used|imported and not used: "([^"]+)"')
_UNUSED = re.compile(r"declared and not used: (\w+)|(\w+) declared (?:and|but) not used")
_CANNOT_USE = re.compile(r"cannot use (.+?) \((?:\w+ )*of (?:\w+ )?type ([^)]+)\) as (?:type )?(\S+)")
_MISMATCHED = re.compile(r"mismatched types (\S+) and (\S+?)\)")
_SHORT_OF = re.compile(r"assignment mismatch: (\d+) variables? but .+ returns (\d+) values?")
_CONVERTED = re.compile(r"(?:u?int\d*|float\d+|byte|rune|string|[A-Z]\w*|time\.Duration)")


def missing_import(site: Site, root: Node) -> Iterator[Fix]:
    """Import a package that nobody imported."""
    name = symbol_of(site)
    paths = [path for path in _STANDARD if path.rpartition("/")[2] == name]
    for facts in facts_of(site):
        paths += [item.module for item in facts.imports if name in (item.alias, item.module.rpartition("/")[2])]
    module = _module_name(site)
    folders = {posixpath.dirname(facts.path) for facts in facts_of(site)}
    paths += [f"{module}/{folder}" for folder in sorted(folders) if module and folder.rpartition("/")[2] == name]
    for rank, path in enumerate(dict.fromkeys(paths)):
        yield Fix((_import_edit(site, root, path),), f'"{path}" is not imported', 0.9**rank)


def unused_import(site: Site, root: Node) -> Iterator[Fix]:
    """An import that nobody uses."""
    found = _UNUSED_IMPORT.search(_said(site))
    named = next((group for group in found.groups() if group), "") if found else site.failure.slot("symbol")
    for node in walk(root):
        if node.type == "import_spec" and site.of(node.child_by_field_name("path")).strip('"`') == named:
            owner = node if enclosing(node, "import_spec_list") is not None else enclosing(node, "import_declaration")
            if owner is not None:
                start = site.line_start(owner)
                end = site.text.find("\n", site.parsed.bytes.span(owner).end) + 1
                yield Fix((TextEdit(start, end or len(site.text), ""),), f'"{named}" is not used')


def misspelt_import(site: Site, root: Node) -> Iterator[Fix]:
    """A package that is nearly one that exists."""
    missing = site.failure.slot("missing") or symbol_of(site)
    module = _module_name(site)
    folders = sorted({posixpath.dirname(facts.path) for facts in facts_of(site)} - {""})
    known = [*_STANDARD, *(f"{module}/{folder}" for folder in folders if module)]
    for node in walk(root):
        if node.type == "import_spec" and site.of(node.child_by_field_name("path")).strip('"') == missing:
            path = node.child_by_field_name("path")
            for rank, new in enumerate(near(missing, suggestion_of(site), known)):
                if path is not None:
                    yield Fix((site.replace(path, f'"{new}"'),), f'"{missing}" should be "{new}"', 0.9**rank)


def declared(site: Site, root: Node) -> Iterator[Fix]:
    """An assignment to a name that was never declared."""
    name = symbol_of(site)
    for node in walk(root):
        if node.type == "assignment_statement" and site.of(node.child_by_field_name("operator")) == "=":
            left = node.child_by_field_name("left")
            operator = node.child_by_field_name("operator")
            if operator is not None and name in re.split(r"\W+", site.of(left)):
                yield Fix((site.replace(operator, ":="),), f"`{name}` is not declared")


def unused(site: Site, root: Node) -> Iterator[Fix]:
    """A variable that is declared and never used."""
    found = _UNUSED.search(_said(site))
    name = next((group for group in found.groups() if group), "") if found else symbol_of(site)
    for node in walk(root):
        if node.type != "identifier" or site.of(node) != name or node.start_point[0] + 1 not in site.lines:
            continue
        statement = statement_of(GO, node)
        inside = statement.child_by_field_name("left")
        is_short = statement.type == "short_var_declaration" and inside is not None
        if is_short and inside is not None and len(inside.named_children) == 1:
            end = site.text.find("\n", site.parsed.bytes.span(statement).end) + 1
            yield Fix((TextEdit(site.line_start(statement), end, ""),), f"`{name}` is not used", 0.8)
            yield from _shadowed(site, statement, name)
        else:
            yield Fix((site.replace(node, "_"),), f"`{name}` is not used", 0.9)
        yield from _misused(site, node, name)


def missing_result(site: Site, root: Node) -> Iterator[Fix]:
    """A path through a function that returns nothing."""
    for node in walk(root):
        if node.type not in ("function_declaration", "method_declaration"):
            continue
        body = node.child_by_field_name("body")
        if body is None or node.child_by_field_name("result") is None or not _covers(node, site.lines):
            continue
        for rank, value in enumerate([*_last_names(site, body), *empty_values(site, node)]):
            at = site.parsed.bytes.span(body).end - 1
            indent = site.indent(node) + "\t"
            edit = TextEdit(at, at, f"\treturn {value}{site.newline}" if indent == "\t" else f"return {value}; ")
            yield Fix((edit,), f"`return {value}` is missing", 0.9**rank)


def conversion(site: Site, root: Node) -> Iterator[Fix]:
    """A value of another type that can be converted."""
    said = _said(site)
    cannot, mismatched = _CANNOT_USE.search(said), _MISMATCHED.search(said)
    targets = [cannot[3].rstrip(")")] if cannot else list(mismatched.groups()) if mismatched else []
    targets = [target for target in targets if _CONVERTED.fullmatch(target)]
    for node in walk(root):
        if node.start_point[0] + 1 != site.failure.line or node.type not in _CONVERTIBLE:
            continue
        if cannot and site.of(node) != cannot[1]:
            continue
        if mismatched and (node.parent is None or node.parent.type != "binary_expression"):
            continue
        for target in dict.fromkeys(targets):
            text = site.of(node)
            yield from _converted(site, node, text, target, cannot[2] if cannot else "")


def received(site: Site, root: Node) -> Iterator[Fix]:
    """A call that gives back more, or less, than is taken."""
    found = _SHORT_OF.search(_said(site))
    if found is None:
        return
    taken, given = int(found[1]), int(found[2])
    for node in walk(root):
        left = node.child_by_field_name("left")
        if node.start_point[0] + 1 != site.failure.line or left is None or left.type != "expression_list":
            continue
        names = [site.of(child) for child in left.named_children]
        if taken < given:
            new = ", ".join([*names, *["_"] * (given - taken)])
        else:
            new = ", ".join(names[:given])
        yield Fix((site.replace(left, new),), f"{given} values are returned")


def made_map(site: Site, node: Node) -> Iterator[Fix]:
    """A map that is written to before it was made."""
    kind = node.child_by_field_name("type")
    if kind is None or kind.type != "map_type":
        return
    name = site.of(node.child_by_field_name("name"))
    statement = enclosing(node, "var_declaration")
    if statement is not None and node.child_by_field_name("value") is None:
        yield Fix((site.insert(node, f" = {site.of(kind)}{{}}", after=True),), f"`{name}` is never made")


def made_field(site: Site, node: Node) -> Iterator[Fix]:
    """A map in a field that is written to before it was made."""
    target = node.child_by_field_name("operand")
    left = enclosing(node, "assignment_statement", "inc_statement")
    if target is None or target.type not in ("selector_expression", "identifier") or left is None:
        return
    name = site.of(target)
    declared_as = re.search(rf"\b{re.escape(name.rpartition('.')[2])}\s+(map\[[^\n]+)", site.text)
    if declared_as:
        indent, made = site.indent(left), f"make({declared_as[1].split(' //')[0].strip()})"
        text = (
            f"if {name} == nil {{{site.newline}{indent}\t{name} = {made}{site.newline}{indent}}}{site.newline}{indent}"
        )
        yield Fix((site.insert(left, text),), f"`{name}` is never made")


TEMPLATES = (
    Template("missing import", (), 3.0, missing_import, _NAMES),
    Template("unused import", (), 3.0, unused_import, _RULES),
    Template("misspelt import", (), 3.0, misspelt_import, _IMPORTS),
    Template("undeclared", (), 2.7, declared, _NAMES),
    Template("unused variable", (), 2.8, unused, _RULES),
    Template("missing result", (), 2.8, missing_result, _RULES),
    Template("conversion", (), 2.8, conversion, _TYPES),
    Template("received values", (), 2.8, received, _ARITY),
    Template("made map", ("var_spec",), 1.2, made_map, _MAPS),
    Template("made field", ("index_expression",), 1.2, made_field, _MAPS),
    *errors.TEMPLATES,
)
_CONVERTIBLE = frozenset(
    {"identifier", "call_expression", "int_literal", "selector_expression", "index_expression", "binary_expression",
     "interpreted_string_literal", "parenthesized_expression"}
)  # fmt: skip


def _converted(site: Site, node: Node, text: str, target: str, source: str) -> Iterator[Fix]:
    if target == "string" and "int" in source:
        yield Fix((site.replace(node, f"strconv.Itoa({text})"),), f"`{text}` should be a text", 0.9)
        yield Fix((site.replace(node, f"fmt.Sprint({text})"),), f"`{text}` should be a text", 0.8)
        return
    if target.startswith(("int", "uint", "float")) and text[:1] == '"' and text.strip('"').isdecimal():
        yield Fix((site.replace(node, text.strip('"')),), f"`{text}` should be a number")
    yield Fix((site.replace(node, f"{target}({text})"),), f"`{text}` should be a {target}")


def _shadowed(site: Site, statement: Node, name: str) -> Iterator[Fix]:
    """Where the same name exists outside, `:=` made a new one of it."""
    operator = next((child for child in statement.children if child.type == ":="), None)
    if operator is not None and enclosing(statement, "block") is not None:
        yield Fix((site.replace(operator, "="),), f"`{name}` should be the one from outside", 1.0)


def _misused(site: Site, node: Node, name: str) -> Iterator[Fix]:
    """Where another name is used in its place in what follows, this one may be meant."""
    scope = function_of(GO, node)
    for item in walk(scope) if scope is not None else ():
        if item.type == "identifier" and site.of(item) in near(name, "", [site.of(item)]) and item != node:
            yield Fix((site.replace(item, name),), f"`{site.of(item)}` should be `{name}`", 0.85)


def _last_names(site: Site, body: Node) -> list[str]:
    """Return the variables of a body that may be its result: those that it declares at its outermost level."""
    found = []
    for statement in body.named_children[0].named_children if body.named_children else ():
        left = statement.child_by_field_name("left") if statement.type == "short_var_declaration" else None
        if left is not None:
            found.append(site.of(left))
        if statement.type == "var_declaration":
            found += [site.of(spec.child_by_field_name("name")) for spec in statement.named_children]
    return found[:3]


def _covers(node: Node, lines: frozenset[int]) -> bool:
    first, last = node.start_point[0] + 1, node.end_point[0] + 1
    return any(first <= line <= last for line in lines)


def _said(site: Site) -> str:
    return f"{site.failure.message}\n{site.failure.text}"


def _module_name(site: Site) -> str:
    """Return the module path that the nearest go.mod declares."""
    project = site.model.project_of(site.path)
    return project.name if project is not None and project.language == "go" else ""


def _import_edit(site: Site, root: Node, path: str) -> TextEdit:
    listed = next((node for node in walk(root) if node.type == "import_spec_list"), None)
    if listed is not None:
        at = site.parsed.bytes.span(listed).start + 1
        return TextEdit(at, at, f'{site.newline}\t"{path}"')
    alone = next((node for node in root.named_children if node.type == "import_declaration"), None)
    if alone is not None:
        return site.insert(alone, f'import "{path}"{site.newline}')
    package = next((node for node in root.named_children if node.type == "package_clause"), root)
    return site.insert(package, f'{site.newline}{site.newline}import "{path}"', after=True)
