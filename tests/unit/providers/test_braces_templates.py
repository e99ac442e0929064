"""Every template of Go, JavaScript and Rust makes the fix that it is there for."""

from __future__ import annotations

import pytest

from regreen.core.edit import apply
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import TestId
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, Import, Project, Symbol, SymbolKind, WorkspaceModel
from regreen.providers.templates import TABLES, Site, read
from regreen.syntax import walk

PATHS = {"go": "shop/it.go", "javascript": "src/it.js", "typescript": "src/it.ts", "rust": "src/it.rs"}
FUNCTIONS = {
    "go": "package shop\n\nfunc make(a, b int) int {\n\t%s\n}\n",
    "javascript": "function make(a, b) {\n  %s\n}\n",
    "typescript": "function make(a: number, b: number): number {\n  %s\n}\n",
    "rust": "fn make(a: i32, b: i32) -> i32 {\n    %s\n}\n",
}
NO_SLOTS = ("line", "message", "text", "kind", "test")
ASYNC = "async function f() {\n  %s\n}\n"
GO_FILE = "package shop\n%s\nfunc f() {\n\tprintln(strings.ToUpper(x))\n}\n"
CARGO_HELP = """error[E0382]: borrow of moved value: `a`
help: consider cloning the value if the performance cost is acceptable
  |
2 |     take(a.clone());
  |           ++++++++
"""
CARGO_REPLACED = """error[E0599]: no method named `sise`
help: there is a method `size` with a similar name
  |
2 -     a.sise()
2 +     a.size()
"""
CARGO_ADDED = """error[E0433]: cannot find type `HashMap` in this scope
help: consider importing this struct
  |
1 + use std::collections::HashMap;
  |
"""

# (language, template, before, after) with what the failure says; a line of a function, when there is no line break.
ROWS: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    ("go", "comparison", "return a < b", "return a <= b", {}),
    ("javascript", "comparison", "return a === b", "return a !== b", {}),
    ("rust", "comparison", "a > b", "a >= b", {}),
    ("go", "arithmetic", "return a - b", "return a + b", {}),
    ("rust", "arithmetic", "a * b", "a + b", {}),
    ("go", "augmented", "a += b", "a -= b", {}),
    ("javascript", "augmented", "a -= b;", "a += b;", {}),
    ("rust", "augmented", "a *= b;", "a += b;", {}),
    ("go", "add up", "a = b", "a += b", {}),
    ("javascript", "add up", "a = b;", "a += b;", {}),
    ("rust", "add up", "a = b;", "a += b;", {}),
    ("go", "step", "a++", "a--", {}),
    ("javascript", "step", "a--;", "a++;", {}),
    ("go", "logical", "return a && b", "return a || b", {}),
    ("javascript", "logical", "return a || b;", "return a ?? b;", {}),
    ("rust", "logical", "a || b", "a", {}),
    ("go", "operand too many", "return a + b", "return a", {}),
    ("javascript", "swapped operands", "return a - b;", "return b - a;", {}),
    ("rust", "swapped operands", "a + &f(b)", "f(b) + &a", {}),
    ("go", "negate", "if ok { return 1 }", "if !ok { return 1 }", {}),
    ("javascript", "negate", "if (!a) return b;", "if (a) return b;", {}),
    ("rust", "negate", "if a.is_empty() { return 1; }", "if !a.is_empty() { return 1; }", {}),
    ("rust", "flip", "return !a.ok();", "return a.ok();", {}),
    ("go", "flip", "return ok(a)", "return !ok(a)", {}),
    ("go", "rounded up", "return a / b", "return (a + b - 1) / b", {}),
    ("rust", "number", "a + 10", "a + 100", {}),
    ("go", "number", "return a[0]", "return a[1]", {}),
    ("go", "off by one", "return a[b]", "return a[b - 1]", {}),
    ("javascript", "off by one", "return a[b - 1];", "return a[b];", {}),
    ("rust", "off by one", "a[b]", "a[b - 1]", {}),
    ("javascript", "off by one", "return a.length;", "return a.length - 1;", {}),
    ("rust", "range", "for i in 0..b { f(i); }", "for i in 0..=b { f(i); }", {}),
    ("rust", "boolean", "return true;", "return false;", {}),
    ("javascript", "boolean", "return true;", "return false;", {}),
    ("go", "text", 'return f("x", "y")', 'return f("y", "y")', {}),
    ("go", "variable", "return a", "return b", {}),
    ("typescript", "variable", "return a;", "return b;", {}),
    ("rust", "variable", "a + 1", "b + 1", {}),
    ("javascript", "other member", "return a.x + a.y;", "return a.y + a.y;", {}),
    ("go", "kin", "return strings.HasPrefix(a, b)", "return strings.HasSuffix(a, b)", {}),
    ("rust", "kin", "a.first()", "a.last()", {}),
    ("javascript", "kin", "return Math.floor(a);", "return Math.ceil(a);", {}),
    ("go", "swapped arguments", "return f(a, b)", "return f(b, a)", {}),
    ("go", "argument too many", "return f(a, b)", "return f(a)", {}),
    ("rust", "argument too few", "f(a)", "f(a, b)", {}),
    ("go", "misspelt name", "return first", "return a", {"symbol": "first", "suggest": "a"}),
    ("rust", "misspelt name", "frist(a)", "first(a)", {"symbol": "frist"}),
    ("javascript", "misspelt name", "return frist(a);", "return first(a);", {"message": "frist is not defined"}),
    ("go", "misspelt member", "return a.Nmae + b.Name", "return a.Name + b.Name", {"symbol": "a.Nmae"}),
    ("javascript", "misspelt member", "return a.trimm();", "return a.trim();", {"symbol": "a.trimm"}),
    ("rust", "misspelt member", "a.sise() + b.size()", "a.size() + b.size()", {"symbol": "sise", "owner": "i32"}),
    ("javascript", "misread member", "return a.nmae + b.name;", "return a.name + b.name;", {}),
    ("javascript", "misread member", "const o = { unitPrice };\n  return a.unitprice;",
     "const o = { unitPrice };\n  return a.unitPrice;", {}),
    ("javascript", "misspelt text", "return f('color', 'colour');", "return f('colour', 'colour');", {}),
    ("javascript", "missing return", "a + b;", "return a + b;", {}),
    ("rust", "missing return", "a + b;", "a + b", {}),
    ("javascript", "arrow return", "return a.map((x) => { x + 1; });", "return a.map((x) => { return x + 1; });", {}),
    (
        "go",
        "return in the loop",
        "for a < b {\n\t\ta++\n\t\treturn a\n\t}",
        "for a < b {\n\t\ta++\n\t}\n\treturn a",
        {},
    ),
    (
        "rust",
        "return in the loop",
        "for x in v {\n        f(x);\n        return b;\n    }\n    0",
        "for x in v {\n        f(x);\n    }\n    return b;\n    0",
        {},
    ),
    ("go", "break or continue", "for a < b { break }", "for a < b { continue }", {}),
    ("rust", "break or continue", "loop { continue; }", "loop { break; }", {}),
    (
        "javascript",
        "missing break",
        "switch (a) {\n    case 1:\n      f();\n    default:\n      g();\n  }",
        "switch (a) {\n    case 1:\n      f();\n      break;\n    default:\n      g();\n  }",
        {},
    ),
    ("javascript", "taken for false", "if (!a) return b;", "if (a == null) return b;", {}),
    ("javascript", "taken for false", "return a ? a : b;", "return a != null ? a : b;", {}),
    ("javascript", "joined as texts", "const n = f(a);\n  return n + 1;",
     "const n = Number(f(a));\n  return n + 1;", {}),
    ("javascript", "joined as texts", "return a + 1;", "return Number(a) + 1;", {}),
    ("javascript", "added to it", "return a.n ?? b;", "return (a.n ?? 0) + b;", {}),
    ("javascript", "asked of another", "if (f(b)) a[b].push(1);", "if (f(a[b])) a[b].push(1);", {}),
    ("rust", "asked of another", "if b.ok() { a.len() } else { 0 }", "if a.ok() { a.len() } else { 0 }", {}),
    ("javascript", "never changes", "let n = b;\n  for (const i of a) {\n    f(n);\n  }",
     "let n = b;\n  for (const i of a) {\n    f(n);\n    n *= 2;\n  }", {}),
    ("rust", "never changes", "let mut n = 0;\n    for i in a {\n        f(n, i);\n    }",
     "let mut n = 0;\n    for i in a {\n        f(n, i);\n        n += i;\n    }", {}),
    ("go", "never changes", "most := 0\n\tfor _, x := range a {\n\t\tif x > most {\n\t\t\tb = x\n\t\t}\n\t}",
     "most := 0\n\tfor _, x := range a {\n\t\tif x > most {\n\t\t\tb = x\n\t\t\tmost = x\n\t\t}\n\t}", {}),
    ("rust", "rounded up", "(a + b) / b", "(a + b - 1) / b", {}),
    ("rust", "counted", "a.iter().count() as u32", "a.iter().sum::<u32>()", {}),
    ("javascript", "compared by identity", "if (a === [b]) return a.length;",
     "if (JSON.stringify(a) === JSON.stringify([b])) return a.length;", {}),
    ("javascript", "put right first", "return a * b;", "a = Math.abs(a);\n  return a * b;", {}),
    ("go", "put right first", "return a % b", "if a < 0 {\n\t\ta = -a\n\t}\n\treturn a % b", {}),
    ("rust", "put right first", "a % b", "let a = a.abs();\n    a % b", {}),
    ("go", "below zero", "for x := range 9 {\n\t\tb -= x\n\t}\n\treturn 7",
     "for x := range 9 {\n\t\tb -= x\n\t\tif b < 0 {\n\t\t\treturn 7\n\t\t}\n\t}\n\treturn 7", {}),
    ("rust", "below zero", "for x in v {\n        b -= x;\n    }\n    return 7;",
     "for x in v {\n        b -= x;\n        if b < 0 {\n            return 7;\n        }\n    }\n    return 7;", {}),
    ("javascript", "step", "for (let i = b; i >= 0; i++) f(i);", "for (let i = b; i >= 0; i--) f(i);", {}),
    ("rust", "operand missing", "v.map(|x| x / b)", "v.map(|x| x / (b - a))", {}),
    ("rust", "copied", "a.0.max(b.0) + a.1.max(b.0)", "a.0.max(b.0) + a.1.max(b.1)", {}),
    ("go", "copied", "a[0] = b[0]\n\ta[1] = b[0]", "a[0] = b[0]\n\ta[1] = b[1]", {}),
    ("javascript", "copied", "return { x: f(a.x), y: f(a.x) };", "return { x: f(a.x), y: f(a.y) };", {}),
    ("rust", "swapped receiver", "v.sort_by(|a, b| a.1.cmp(&b.1))", "v.sort_by(|a, b| b.1.cmp(&a.1))", {}),
    ("javascript", "operand missing", "for (const { n, m } of a) b += n;", "for (const { n, m } of a) b += n * m;", {}),
    ("javascript", "off by one", "return a.slice(b);", "return a.slice(b + 1);", {}),
    ("go", "first case", "return a * b", "if a == 1 {\n\t\treturn 1\n\t}\n\treturn a * b", {}),
    ("go", "other index", "return a[b+1]", "return a[(b+1) % len(a)]", {}),
    ("javascript", "other index", "return a[b];", "return a[b / 2];", {}),
    ("go", "wrap", 'package shop\n\nimport "math"\n\nfunc f(a int) int {\n\treturn a\n}\n',
     'package shop\n\nimport "math"\n\nfunc f(a int) int {\n\treturn int(math.Abs(float64(a)))\n}\n', {}),
    ("javascript", "missing else", "if (a) { f(); }\n  if (b) { g(); }", "if (a) { f(); } else if (b) { g(); }", {}),
    ("javascript", "swapped branches", "return a ? 1 : 2;", "return a ? 2 : 1;", {}),
    ("go", "swapped branches", "if a { f() } else { g() }", "if a { g() } else { f() }", {}),
    ("go", "statement too many", "f(a)\n\treturn b", "return b", {}),
    ("rust", "statement too many", "f(a);\n    b", "b", {}),
    ("go", "guard", "return a[0]", "if len(a) == 0 {\n\t\treturn 0\n\t}\n\treturn a[0]", {"kind": "RG202"}),
    ("go", "guard", "return a.b", "if a == nil {\n\t\treturn 0\n\t}\n\treturn a.b", {"kind": "RG201"}),
    ("go", "guard", "return a / b", "if b == 0 {\n\t\treturn 0\n\t}\n\treturn a / b", {"kind": "RG203"}),
    (
        "javascript",
        "guard",
        "return a.b;",
        'if (a == null) {\n    return "";\n  }\n  return a.b;',
        {"kind": "RG201"},
    ),
    ("rust", "guard", "a / b", "if b == 0 {\n        return 0;\n    }\n    a / b", {"kind": "RG203"}),
    ("go", "guard anyway", "return a[0]", "if len(a) == 0 {\n\t\treturn 0\n\t}\n\treturn a[0]", {}),
    ("go", "first case", "if 5 < a { return 7 }\n\treturn b",
     "if a < 2 {\n\t\treturn 7\n\t}\n\tif 5 < a { return 7 }\n\treturn b", {}),
    ("javascript", "first case", "return f(a);", 'if (a.length === 0) {\n    return 0;\n  }\n  return f(a);', {}),
    ("rust", "first case", "b", "if a < 2 {\n        return 0;\n    }\n    b", {}),
    ("javascript", "same number", "return f(1, b[1]);", "return f(2, b[2]);", {}),
    ("javascript", "swapped receiver", "return a.includes(b);", "return b.includes(a);", {}),
    ("rust", "swapped receiver", "a.max(b)", "b.max(a)", {}),
    ("javascript", "element", "let i = 0;\n  return f(a[i]) + b;", "let i = 0;\n  return f(a[i]) + a[i];", {}),
    ("go", "stretch", "i := 0\n\treturn f(a) + a[i]", "i := 0\n\treturn f(a[i:]) + a[i]", {}),
    ("go", "first forgotten", "return make(a[1:])", "return a[0] + make(a[1:])", {}),
    ("javascript", "condition missing", "for (const x of a) {\n    f(x);\n  }",
     "for (const x of a) {\n    if (a === x) { f(x); }\n  }", {}),
    ("go", "other target", "b = a\n\ta = append(a, 1)", "b = a\n\tb = append(b, 1)", {}),
    ("javascript", "same text", "return f(',', g(','));", "return f('', g(''));", {}),
    ("go", "same text", 'return f("x", "y")', 'return f("y", "x")', {}),
    ("javascript", "half a swap", "const t = a[0];\n  a[1] = t;", "const t = a[0];\n  a[0] = a[1];\n  a[1] = t;", {}),
    ("go", "half a swap", "t := a\n\tb = t", "t := a\n\ta = b\n\tb = t", {}),
    ("rust", "half a swap", "let t = a;\n    b = t;", "let t = a;\n    a = b;\n    b = t;", {}),
    ("javascript", "factor missing", "return a + b;", "return (a + b) / 2;", {}),
    ("go", "factor missing", "s := (a + b)\n\treturn s", "s := (a + b) / 2\n\treturn s", {}),
    (
        "go",
        "swallowed error",
        "package p\n\nfunc f() (int, error) {\n\tif err := g(); err != nil {\n\t\treturn 0, nil\n\t}\n}\n",
        "package p\n\nfunc f() (int, error) {\n\tif err := g(); err != nil {\n\t\treturn 0, err\n\t}\n}\n",
        {},
    ),
    ("go", "compared with", "if a < 0 { a = 0 }", "if a < 0 { a = -a }", {}),
    ("javascript", "compared with", "if (b < a) { a = 0; }", "if (b < a) { a = b; }", {}),
    ("rust", "compared with", "if a > 9 { a = 0; }", "if a > 9 { a = 9; }", {}),
    ("go", "sign missing", 'return f(a, ",!")', 'return f(a, ".,!")', {"test": 'f("One, two. one!")'}),
    ("javascript", "sign missing", "return f(a, ',!');", "return f(a, '?,!');", {"test": "f('Why?')"}),
    ("go", "from the start", "b = b % n\n\treturn a - b", "b = b % n\n\treturn (a + n - b) % n", {}),
    ("javascript", "from the start", "return f(a % n, a + b);", "return f(a % n, (a + b) % n);", {}),
    ("rust", "from the start", "b = (b + 1) % 24;\n    a - b", "b = (b + 1) % 24;\n    (a + 24 - b) % 24", {}),
    ("javascript", "not in order", "let c = f(a);\n  g(c[0]);", "let c = f(a);\n  c.pop();\n  g(c[0]);", {}),
    ("go", "conjunct", "for a[b] < 3 { b++ }", "for b < len(a) && a[b] < 3 { b++ }", {}),
    ("javascript", "conjunct", "if (a.b) return 1;", "if (a != null && a.b) return 1;", {}),
    ("rust", "conjunct", "while a[b] < 3 { b += 1; }", "while b < a.len() && a[b] < 3 { b += 1; }", {}),
    ("go", "bracket", "package p\n\nvar x = f(g(1)\n", "package p\n\nvar x = f(g(1))\n", {"line": "3"}),
    ("rust", "bracket", "fn f() {\n    g(1;\n}\n", "fn f() {\n    g(1);\n}\n", {"line": "2"}),
    ("go", "brace", "package p\n\nfunc f()\n\tg()\n}\n", "package p\n\nfunc f() {\n\tg()\n}\n", {"line": "3"}),
    (
        "javascript",
        "brace",
        "function f() {\n  if (a) {\n    g();\n}\n",
        "function f() {\n  if (a) {\n    g();\n}\n}\n",
        {"line": "4"},
    ),
    ("go", "quote", 'package p\n\nvar x = f("a)\n', 'package p\n\nvar x = f("a")\n', {"line": "3"}),
    ("go", "single equals", "if a = b { return 1 }", "if a == b { return 1 }", {"line": "4"}),
    ("rust", "comma", "fn f(a: i32 b: i32) {}\n", "fn f(a: i32, b: i32) {}\n", {}),
    ("rust", "semicolon", "let x = 1\n    x", "let x = 1;\n    x", {"line": "2"}),
    ("javascript", "semicolon", "let x = 1 let y", "let x = 1 let y;", {"line": "2"}),
    ("go", "foreign syntax", "while a { b++ }", "for a { b++ }", {"line": "4"}),
    ("javascript", "foreign syntax", "if (a and b) return 1;", "if (a && b) return 1;", {"line": "2"}),
    ("go", "missing import", GO_FILE % "", GO_FILE % '\nimport "strings"\n', {"symbol": "strings"}),
    (
        "go",
        "missing import",
        GO_FILE % '\nimport (\n\t"fmt"\n)\n',
        GO_FILE % '\nimport (\n\t"strings"\n\t"fmt"\n)\n',
        {"message": "undefined: strings"},
    ),
    (
        "go",
        "unused import",
        GO_FILE % '\nimport (\n\t"fmt"\n\t"strings"\n)\n',
        GO_FILE % '\nimport (\n\t"strings"\n)\n',
        {"message": '"fmt" imported and not used'},
    ),
    (
        "go",
        "misspelt import",
        GO_FILE % '\nimport "string"\n',
        GO_FILE % '\nimport "strings"\n',
        {"missing": "string"},
    ),
    ("go", "undeclared", "x = a\n\treturn x", "x := a\n\treturn x", {"symbol": "x"}),
    ("go", "unused variable", "x := a\n\treturn b", "return b", {"message": "declared and not used: x"}),
    (
        "go",
        "unused variable",
        "for i, v := range a {\n\t\tf(v)\n\t}",
        "for _, v := range a {\n\t\tf(v)\n\t}",
        {"message": "declared and not used: i"},
    ),
    (
        "go",
        "missing result",
        "package p\n\nfunc f(a int) string {\n\tg(a)\n}\n",
        'package p\n\nfunc f(a int) string {\n\tg(a)\n\treturn ""\n}\n',
        {"message": "missing return"},
    ),
    (
        "go",
        "conversion",
        "return a * b",
        "return float64(a) * b",
        {"message": "invalid operation: a * b (mismatched types int and float64)", "line": "4"},
    ),
    (
        "go",
        "conversion",
        "return f(a)",
        "return f(string(a))",
        {"message": "cannot use a (variable of type MyText) as string value in argument to f", "line": "4"},
    ),
    (
        "go",
        "received values",
        "x := f(a)\n\treturn x",
        "x, _ := f(a)\n\treturn x",
        {"message": "assignment mismatch: 1 variable but f returns 2 values", "line": "4"},
    ),
    ("go", "made map", "var m map[string]int", "var m map[string]int = map[string]int{}", {}),
    (
        "go",
        "made field",
        "package p\n\ntype S struct {\n\tm map[string]int\n}\n\nfunc (s *S) F() {\n\ts.m[1] = 2\n}\n",
        "package p\n\ntype S struct {\n\tm map[string]int\n}\n\nfunc (s *S) F() {\n\tif s.m == nil {\n"
        "\t\ts.m = make(map[string]int)\n\t}\n\ts.m[1] = 2\n}\n",
        {},
    ),
    (
        "go",
        "dropped error",
        "package p\n\nfunc f() (int, error) {\n\tn, _ := g()\n\treturn n, nil\n}\n",
        "package p\n\nfunc f() (int, error) {\n\tn, err := g()\n\tif err != nil {\n\t\treturn 0, err\n\t}\n"
        "\treturn n, nil\n}\n",
        {},
    ),
    (
        "javascript",
        "missing import",
        "export const x = helper(1);\n",
        'import { helper } from "./other.js";\nexport const x = helper(1);\n',
        {"message": "helper is not defined"},
    ),
    (
        "typescript",
        "missing import",
        'import { a } from "./a";\nhelper(a);\n',
        'import { helper } from "./other";\nimport { a } from "./a";\nhelper(a);\n',
        {"message": "Cannot find name 'helper'."},
    ),
    (
        "javascript",
        "misspelt import",
        'import { helper } from "./othr.js";\n',
        'import { helper } from "./other.js";\n',
        {},
    ),
    (
        "javascript",
        "misspelt import",
        'import { halper } from "./other.js";\n',
        'import { helper as halper } from "./other.js";\n',
        {},
    ),
    ("javascript", "missing export", "function f() {}\n", "export function f() {}\n", {"message": "no export 'f'"}),
    (
        "javascript",
        "member of this",
        "class A {\n  f() { return count; }\n}\n",
        "class A {\n  f() { return this.count; }\n}\n",
        {"symbol": "count"},
    ),
    ("javascript", "rebound constant", "const x = 1;", "let x = 1;", {"message": "Assignment to constant variable."}),
    ("javascript", "missing await", ASYNC % "return g();", ASYNC % "return await g();", {}),
    ("javascript", "missing await", ASYNC % "return g().x;", ASYNC % "return (await g()).x;", {}),
    ("javascript", "optional", "return a.b;", "return a?.b;", {}),
    ("javascript", "optional", "return a.b.trim();", 'return (a.b?.trim() ?? "");', {}),
    ("javascript", "fall back", "return a[b] + 1;", "return (a[b] ?? 0) + 1;", {}),
    ("javascript", "first time", "a[b] += 1;", "a[b] = (a[b] ?? 0) + 1;", {}),
    ("javascript", "falsy default", "return a || 5;", "return a ?? 5;", {}),
    ("javascript", "strict comparison", "return a == b;", "return a === b;", {}),
    ("javascript", "assigned condition", "if (a = b) return 1;", "if (a === b) return 1;", {}),
    ("javascript", "sorted as texts", "return a.sort();", "return a.sort((a, b) => a - b);", {}),
    ("javascript", "own copy", "return a.sort(f);", "return [...a].sort(f);", {}),
    ("javascript", "converted", "return a + b;", "return Number(a) + b;", {}),
    ("rust", "compiler's proposal", "take(a);\n    a", "take(a.clone());\n    a", {"text": CARGO_HELP}),
    ("rust", "compiler's proposal", "a.sise()", "a.size()", {"text": CARGO_REPLACED}),
    (
        "rust",
        "compiler's proposal",
        "type M = HashMap<u8, u8>;\n",
        "use std::collections::HashMap;\ntype M = HashMap<u8, u8>;\n",
        {"text": CARGO_ADDED},
    ),
    (
        "rust",
        "missing use",
        "type M = HashMap<u8, u8>;\n",
        "use std::collections::HashMap;\ntype M = HashMap<u8, u8>;\n",
        {"symbol": "HashMap"},
    ),
    ("rust", "missing use", "fn f() { helper(); }\n", "use crate::other::helper;\nfn f() { helper(); }\n",
     {"message": "cannot find function `helper` in this scope"}),
    ("rust", "missing use", "//! All.\n\n/// One.\nfn f() { helper(); }\n",
     "//! All.\n\nuse crate::other::helper;\n/// One.\nfn f() { helper(); }\n", {"symbol": "helper"}),
    ("javascript", "missing import", "/** One. */\nexport const x = helper(1);\n",
     'import { helper } from "./other.js";\n/** One. */\nexport const x = helper(1);\n', {"symbol": "helper"}),
    ("rust", "misspelt use", "use crate::othr::helper;\n", "use crate::other::helper;\n", {"missing": "othr"}),
    ("rust", "mutable", "let x = 1;\n    x += 1;", "let mut x = 1;\n    x += 1;", {"symbol": "x"}),
    ("rust", "mutable", "fn f(&self) { self.x = 1; }\n", "fn f(&mut self) { self.x = 1; }\n", {}),
    ("rust", "borrowed", "take(a)", "take(&a)", {}),
    ("rust", "borrowed", "take(a)", "take(a.clone())", {}),
    ("rust", "converted", "a", "a as i64", {"expected": "i64", "actual": "i32"}),
    ("rust", "converted", '"x"', '"x".to_string()', {"expected": "String", "actual": "&str"}),
    ("rust", "unwrapped", "a.first().unwrap()", "a.first().unwrap_or_default()", {}),
    ("rust", "unwrapped", "fn f(a: A) -> Option<u8> {\n    a.g().unwrap()\n}\n",
     "fn f(a: A) -> Option<u8> {\n    a.g()?\n}\n", {}),
    ("rust", "unwrapped", "for x in v {\n        let y = x.first().unwrap();\n        f(y);\n    }",
     "for x in v {\n        let Some(y) = x.first() else { continue };\n        f(y);\n    }", {}),
    ("rust", "kept back", "fn f() -> i32 {\n    1 + 1;\n}\n", "fn f() -> i32 {\n    1 + 1\n}\n", {}),
    ("rust", "looked up", "a[b]", "a.get(b).copied().unwrap_or_default()", {}),
    ("rust", "saturated", "a - b", "a.saturating_sub(b)", {}),
    ("go", "comparison", "return a > b", "return a == b", {}),
    ("javascript", "comparison", "return a < b;", "return a !== b;", {}),
    ("rust", "number", "a * 2.5", "a * 1.5", {}),
    ("go", "other constant", "return f('A')", "return f('Z')", {}),
    ("go", "wrap", "return a", "return len(a)", {}),
    ("javascript", "wrap", "return a - b;", "return Math.abs(a - b);", {}),
    ("rust", "wrap", "a - b", "(a - b).abs()", {}),
    ("go", "unwrap", "return f(a)", "return a", {}),
    ("javascript", "unwrap", "return a.map(f).reverse();", "return a.map(f);", {}),
    ("rust", "unwrap", "a.iter().rev().sum()", "a.iter().sum()", {}),
    ("go", "sign", "return -a", "return a", {}),
    ("javascript", "sign", "return 1;", "return -1;", {}),
    ("go", "ingredient", "c := a[b]\n\tc = a[1]\n\treturn c", "c := a[b]\n\tc = a[b]\n\treturn c", {}),
    ("javascript", "ingredient", "f(a.x, b.y);\n  return a.y;", "f(a.x, b.y);\n  return b.y;", {}),
    ("rust", "local value", "let c = a + b;\n    a + b", "let c = a + b;\n    c", {}),
    ("go", "operand missing", "return a", "return a + b", {}),
    ("rust", "operand missing", "a", "b - a", {}),
    ("javascript", "other condition", "if (a < b) f();\n  if (a > 2) g();",
     "if (a < b) f();\n  if (a > 2 && a < b) g();", {}),
    ("rust", "operand too many", "vec![a, a + b]", "vec![a, b]", {}),
    ("rust", "variable", 'format!("{}", a)', 'format!("{}", b)', {}),
    ("rust", "other constant", "f('x', 'y')", "f('y', 'y')", {}),
    ("go", "leave missing", "for a < b {\n\t\tif a == 1 {\n\t\t\tf(a)\n\t\t}\n\t}",
     "for a < b {\n\t\tif a == 1 {\n\t\t\tf(a)\n\t\t\tbreak\n\t\t}\n\t}", {}),
    ("javascript", "step missing", "let n = 0;\n  f(n);", "let n = 0;\n  f(n);\n  n += 1;", {}),
    ("rust", "said elsewhere", "f(a);\n    if a {\n        g(b);\n    }",
     "f(a);\n    if a {\n        g(b);\n        f(a);\n    }", {}),
    ("go", "other order", "f(a)\n\tg(b)", "g(b)\n\tf(a)", {}),
    ("javascript", "out of the block", "for (const x of a) {\n    f(x);\n    g(b);\n  }",
     "for (const x of a) {\n    f(x);\n  }\n  g(b);", {}),
    ("go", "into the block", "for a < b {\n\t\tf(a)\n\t}\n\ta++\n\treturn b",
     "for a < b {\n\t\tf(a)\n\t\ta++\n\t}\n\treturn b", {}),
    ("rust", "condition too many", "if a > b {\n        f(a);\n    }", "if true {\n        f(a);\n    }", {}),
    ("go", "branch too many", "if a == 1 {\n\t\treturn 3\n\t}\n\treturn b", "return b", {}),
    ("javascript", "text parts", 'return "E+";', 'return "E";', {}),
    ("rust", "text parts", 'f("abc")', 'f("abcABC")', {}),
    ("rust", "text parts", 'f("{}{}")', 'f("{}.{}")', {}),
    ("go", "text parts", 'return f("%s%d")', 'return f("%s-%d")', {}),
    ("go", "separator", 'if b == "" { return a }; return a + b', 'if b == "" { return a }; return a + "." + b', {}),
    ("go", "text parts", 'return f("(")', 'return f("[")', {}),
    ("go", "other constant", "return f('(')", "return f('[')", {}),
    ("javascript", "other target", "b = a;\n  a += 1;", "b = a;\n  b += 1;", {}),
    ("go", "other target", "b = a\n\ta++", "b = a\n\tb++", {}),
    ("javascript", "off by one", "return b.at(-a);", "return b.at(-a - 1);", {}),
    ("rust", "off by one", "f(0..a as usize)", "f(0..a as usize + 1)", {}),
    ("go", "other case", "if 'a' <= a && a <= 'z' { return 1 }", "if 'A' <= a && a <= 'Z' { return 1 }", {}),
    ("javascript", "other case", "if (a < 'a' || 'z' < a) return 1;", "if (a < 'A' || 'Z' < a) return 1;", {}),
    ("javascript", "quoted name", 'return f("a");', "return f(a);", {}),
    ("go", "whole chain", "return a && b && c", "return a || b || c", {}),
    ("javascript", "one part denied", "return a && f(b);", "return a && !f(b);", {}),
    ("javascript", "both sides", "return f(a) === f(b);", "return f(a.sort()) === f(b.sort());", {}),
    ("go", "both sides", "return a == b", "return len(a) == len(b)", {}),
    ("javascript", "swapped elements", "return [a, b];", "return [b, a];", {}),
    ("go", "swapped elements", "return []int{a, b}", "return []int{b, a}", {}),
    ("rust", "swapped elements", "(a, b)", "(b, a)", {}),
    ("rust", "swapped names", "if a { x.min(b) } else { x.max(b) }", "if a { x.max(b) } else { x.min(b) }", {}),
    ("go", "swapped names", "if a { return true }\n\treturn false", "if a { return false }\n\treturn true", {}),
    ("go", "loop without an end", "for 0 < a {\n\t\tf(b)\n\t}", "for 0 < a {\n\t\tf(b)\n\t\ta -= 1\n\t}", {}),
    ("javascript", "loop without an end", "while (b[0] < a) {\n    f(b[0]);\n  }",
     "while (b[0] < a) {\n    f(b[0]);\n    a -= b[0];\n  }", {}),
    ("rust", "loop without an end", "while a != b {\n        f(a);\n    }",
     "while a != b {\n        f(a);\n        a %= b;\n    }", {}),
    ("javascript", "begin anew", "let n = 0;\n  for (const x of a) {\n    n += x;\n    f(n);\n  }",
     "let n = 0;\n  for (const x of a) {\n    n += x;\n    f(n);\n    n = 0;\n  }", {}),
    ("javascript", "not in order", "return a.length;", "a.sort();\n  return a.length;", {}),
    ("rust", "not in order", "let mut c = f(a);\n    c[0]", "let mut c = f(a);\n    c.dedup();\n    c[0]", {}),
    ("go", "off by one", "return a * b", "return a * (b + 1)", {}),
    ("go", "number", "return 0", "return -1", {}),
    ("rust", "name for a number", "1 + f(b)", "a + f(b)", {}),
    ("javascript", "number for a name", "return f(1) + b;", "return f(1) + 0;", {}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "name", "before", "after", "says"), ROWS, ids=[f"{row[0]} {row[1]}: {row[3]}"[:50] for row in ROWS]
)
def test_the_fix_is_among_those_of_the_template(
    language: str, name: str, before: str, after: str, says: dict[str, str]
) -> None:
    made = fixes(language, name, in_function(language, before), says)
    assert in_function(language, after) in made, f"not among {made}"


@pytest.mark.parametrize("language", ["go", "javascript", "rust"])
def test_every_template_of_one_language_has_a_row(language: str) -> None:
    alike = {"javascript": ("javascript", "typescript")}.get(language, (language,))
    shared = set.intersection(*({row.name for row in TABLES[name]} for name in ("go", "javascript", "rust")))
    own = {row.name for row in TABLES[language]} - shared
    rows = {row[1] for row in ROWS if row[0] in alike}
    assert own <= rows
    assert shared <= {row[1] for row in ROWS}


@pytest.mark.parametrize("language", ["go", "javascript", "typescript", "rust"])
@pytest.mark.parametrize("text", ["", "\0", "}}}{{{", "if", "a.b.c.", "fn f(", "func (", "import {", '"', "a = [1, 2"])
def test_no_template_stumbles_over_broken_text(language: str, text: str) -> None:
    for template in TABLES[language]:
        fixes(language, template.name, text + "\n", {"symbol": "f", "message": "undefined: f"})


def in_function(language: str, code: str) -> str:
    return code if code.endswith("\n") else FUNCTIONS[language] % code


def fixes(language: str, name: str, text: str, says: dict[str, str]) -> list[str]:
    template = next(row for row in TABLES[language] if row.name == name)
    parsed = read(text, language)
    path = PATHS[language]
    codes = {kind.code: kind for kind in FailureKind}
    kind = codes.get(
        says.get("kind", ""), min(template.kinds, key=lambda kind: kind.code, default=FailureKind.ASSERTION)
    )
    slots = tuple(sorted((key, value) for key, value in says.items() if key not in NO_SLOTS))
    failure = Failure(kind, TestId(".", "t"), path, int(says.get("line", "1")), says.get("message", "it failed"), slots,
                      text=says.get("text", ""), test_path="the test's")  # fmt: skip
    spoken = "javascript" if language == "typescript" else language
    ending = path.rpartition(".")[2]
    other = path.replace("it.", "other.")
    symbols = tuple(
        Symbol(symbol, symbol, SymbolKind.FUNCTION, Span(0, 1), Span(0, 1), 1, 1)
        for symbol in (("first", "helper") if ending != "go" else ("first",))
    )
    facts = {
        path: FileFacts(path, spoken, ""),
        other: FileFacts(other, spoken, "", symbols, (Import("strings", "", "", 1),)),
    }
    project = Project(".", spoken, "example.com/shop", "", "", "", (), ".")
    lines = frozenset(range(1, text.count("\n") + 2))
    site = Site(
        path,
        parsed,
        failure,
        WorkspaceModel("/workspace", 0, (project,), facts),
        lines,
        {"the test's": says.get("test", "")},
    )
    nodes = [node for node in walk(parsed.root) if node.type in template.nodes] if template.nodes else [parsed.root]
    made = []
    for node in nodes:
        for fix in template.make(site, node):
            try:
                made.append(apply(text, tuple(sorted(fix.edits))))
                assert fix.factor <= template.most
            except ValueError:  # Overlapping edits are dropped by the engine.
                continue
    return made
