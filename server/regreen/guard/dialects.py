"""What the code rules speak of, in Go, JavaScript, TypeScript and Rust: by pattern, with texts and comments blanked.

Patterns do not see through aliases or computed names; docs/guardrails.md says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from regreen.core.errors import UnreadableSource
from regreen.syntax import Parsed, grammar_of, parse, walk

from .constructs import Construct

_Rows = tuple[tuple[str, str], ...]
_BLANKED = frozenset({
    "comment", "line_comment", "block_comment", "string", "interpreted_string_literal", "raw_string_literal",
    "rune_literal", "string_literal", "char_literal", "string_fragment", "regex",
})  # fmt: skip
_GO: _Rows = (
    ("code-exit", r"\bos\.Exit\b|\bruntime\.Goexit\b|\bsyscall\.Exit\b|\blog\.(?:Fatal|Panic)\w*\b"),
    (
        "code-test-aware",
        r"\btesting\.\w+|\bflag\.(?:CommandLine\.)?(?:Lookup|Visit(?:All)?)\b|\bos\.(?:Args|Executable)\b"
        r"|\bruntime\.(?:Callers?|Stack)\b|\bdebug\.(?:Print)?Stack\b",
    ),
    ("code-skip", r"\.Skip(?:f|Now)?\("),
    ("code-swallow", r"\brecover\(\)"),
    (
        "code-equal-always",
        r"\)\s+(?:Equal|Less|Is|Compare)\([^)]*\)\s*\w+\s*\{\s*return\s+(?:true|false|0)\s*\}"
        r"|\)\s+(?:Equal|Less|Compare)\(\s*_\s",
    ),
    ("code-eval", r"\bplugin\.Open\b|\bunsafe\.\w+"),
    ("code-process", r"\bexec\.Command\w*|\bsyscall\.(?:Exec|ForkExec|Kill)\b|\bos\.StartProcess\b"),
    ("code-network", r"\bnet\.(?:Dial|Listen)\w*|\bhttp\.(?:Get|Post|Head|PostForm|ListenAndServe\w*|DefaultClient)\b"),
    ("code-patching", r"\bos\.(?:Stdout|Stderr)\s*="),
)
_GO_RAW: _Rows = (
    ("code-skip", r"^//\s*(?:go:build|\+build)\b[^\n]*"),
    ("code-patching", r"^//go:(?:linkname|generate)\b[^\n]*"),
    ("code-eval", r"^\s*import\s+\"C\""),
    ("code-test-aware", r"^\s*(?:import\s+)?\w*\s*\"(?:testing|testing/\w+)\""),
    ("code-process", r"^\s*(?:import\s+)?\w*\s*\"os/exec\""),
    ("code-silence", r"//\s*nolint\b[^\n]*"),
)
_JAVASCRIPT: _Rows = (
    ("code-exit", r"\bprocess\.(?:exit|abort|kill|reallyExit|exitCode)\b|\bDeno\.exit\b"),
    ("code-test-aware", r"\bprocess\.env\.(?:NODE_ENV|VITEST\w*|JEST_\w+|NODE_TEST\w*|CI)\b|\bimport\.meta\.vitest\b"
                        r"|(?<![.\w])(?:jest|vi)\.\w+\(|\bError\([^)]*\)\.stack\b|\b(?:capture|prepare)StackTrace\b"
                        r"|\bprocess\.(?:argv0?|execArgv)\b|\barguments\.callee\b"
                        r"|\b(?:typeof\s+|globalThis\.)(?:describe|it|test|expect|jest|vi|suite)\b"),
    ("code-skip", r"(?<![.\w])(?:it|test|describe|suite)\.(?:skip|only|todo|failing|fails)\b"
                  r"|(?<![.\w])x(?:it|test|describe)\(|\bthis\.skip\("),
    ("code-swallow", r"\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}"
                     r"|\.catch\(\s*\(?\w*\)?\s*=>\s*(?:\{\s*\}|null|undefined)\s*\)"),
    ("code-equal-always", r"\b(?:equals?|isEqual|toString|valueOf)\s*\([^)]*\)[^{};]*\{\s*return\s+(?:true|false)\b"
                          r"|\basymmetricMatch\b|\$\$typeof\b"),
    ("code-eval", r"(?<![.\w])eval\(|\bnew\s+Function\(|\bvm\.\w+\(|(?<![.\w])import\("),
    ("code-process", r"(?<![.\w])(?:spawn|exec|execFile|fork)(?:Sync)?\(|\bnew\s+Worker\("),
    ("code-network", r"(?<![.\w])fetch\(|\bnew\s+(?:WebSocket|XMLHttpRequest|EventSource)\b"),
    ("code-patching", r"\b(?:Object|Array|Number|String|Function|Promise|Map|Set|RegExp|Error|Date|Math|JSON|console"
                      r"|globalThis|global|assert|expect|process)(?:\.prototype)?(?:\.\w+|\[[^\]]+\])\s*=(?!=)"
                      r"|\bprocess\.std(?:out|err)\.\w+\s*=(?!=)|\bReflect\.(?:set|defineProperty)\("
                      r"|\bObject\.definePropert\w+\(|\b__proto__\b|\bprocess\.on\(|\brequire\.cache\b"),
    ("code-silence", r"\bas\s+any\b|\bas\s+unknown\s+as\b"),
)  # fmt: skip
_JAVASCRIPT_RAW: _Rows = (
    ("code-silence", r"@ts-(?:ignore|nocheck|expect-error)\b|\beslint-disable[\w-]*"),
    ("code-test-aware", r"[\"'](?:vitest|jest|@jest/globals|node:test|mocha|ava|bun:test|chai|@vitest/\w+)[\"']"),
    ("code-process", r"[\"'](?:node:)?(?:child_process|worker_threads|cluster)[\"']"),
    ("code-network", r"[\"'](?:node:)?(?:https?|http2|net|dgram|tls|axios|node-fetch|undici|got|ws)[\"']"),
    ("code-eval", r"[\"'](?:node:)?(?:vm|module)[\"']"),
)
_RUST: _Rows = (
    ("code-exit", r"\bprocess::(?:exit|abort)\b"),
    (
        "code-test-aware",
        r"\bcfg!\(\s*(?:test|debug_assertions)\b|\bthread::current\(\)\s*\.name\b|\b(?:option_)?env!\(|\benv::(?:args|current_exe|vars?)\w*\b|\bbacktrace\b",
    ),
    (
        "code-skip",
        r"#\[\s*ignore\b[^\]]*\]|#!?\[\s*cfg\(\s*(?:any\(\)|not\(\s*test\s*\)|test|(?:not\(\s*)?debug_assertions)[^\]]*\]",
    ),
    ("code-swallow", r"\bcatch_unwind\b|\bpanic::set_hook\b"),
    (
        "code-equal-always",
        r"\bfn\s+(?:eq|ne|lt|le|gt|ge)\([^)]*\)\s*->\s*bool\s*\{\s*(?:return\s+)?(?:true|false)\b"
        r"|\bfn\s+(?:eq|ne|lt|le|gt|ge)\(\s*&self\s*,\s*_\w*\s*:",
    ),
    ("code-eval", r"\bunsafe\b|\btransmute\b|\basm!|\binclude(?:_str|_bytes)?!"),
    ("code-process", r"\bCommand::new\b|\blibc::\w+"),
    ("code-network", r"\b(?:TcpStream|TcpListener|UdpSocket|UnixStream)\b|\b(?:reqwest|hyper|ureq)::"),
    ("code-patching", r"\bmacro_rules!\s*(?:assert\w*|panic)\b"),
    ("code-silence", r"#!?\[\s*(?:allow|expect)\([^\]]*\]"),
)
_TABLES: Mapping[str, tuple[_Rows, _Rows]] = {
    "go": (_GO, _GO_RAW),
    "javascript": (_JAVASCRIPT, _JAVASCRIPT_RAW),
    "typescript": (_JAVASCRIPT, _JAVASCRIPT_RAW),
    "tsx": (_JAVASCRIPT, _JAVASCRIPT_RAW),
    "rust": (_RUST, ()),
}


def speaks(path: str) -> bool:
    """Tell whether a file is one of those that are judged here."""
    return grammar_of(path) in _TABLES


def constructs_in(path: str, text: str) -> Counter[Construct] | None:
    """Count what the rules speak of; None when the text cannot be read in time."""
    grammar = grammar_of(path)
    try:
        parsed = parse(text, grammar)
    except UnreadableSource:
        return None
    plain, raw = _TABLES[grammar]
    return _count(plain, _masked(parsed)) + _count(raw, text)


def n_errors(path: str, text: str) -> int:
    """Count the places that do not parse; a text that cannot be read in time is one of them."""
    try:
        parsed = parse(text, grammar_of(path))
    except UnreadableSource:
        return 1
    return sum(node.is_error or node.is_missing for node in walk(parsed.root)) if parsed.root.has_error else 0


def _count(rows: _Rows, text: str) -> Counter[Construct]:
    return Counter(
        (rule, " ".join(found[0].split())[:60])
        for rule, pattern in rows
        for found in re.finditer(pattern, text, re.MULTILINE)
    )


def _masked(parsed: Parsed) -> str:
    """Return the text with its literals and comments blanked out, code inside of template texts kept."""
    source = bytearray(parsed.source)
    for node in walk(parsed.root):
        if node.type in _BLANKED:
            source[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return source.decode("utf-8", "replace")
