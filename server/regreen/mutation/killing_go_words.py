"""What a test in Go says of a call: a condition for each result, and a message that names the call."""

from __future__ import annotations

import json
import re

from regreen.syntax import parse

Words = tuple[str, ...]
_NAMES = ("first", "second", "third", "fourth")
_COMPOSITE = re.compile(r"&?[\[\w*].*\{.*\}$", re.DOTALL)
_NIL = re.compile(r"nil$|.*\(nil\)$", re.DOTALL)
_BLOCK = re.compile(r"^import \(\n(?P<body>.*?)^\)", re.MULTILINE | re.DOTALL)
_SINGLE = re.compile(r"^import .*$", re.MULTILINE)


def camel(words: str) -> str:
    """Return words as the part of a name."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"\W+|_", words) if word)


def stated(callee: str, call: Words, answers: Words, results: Words) -> Words:
    """Return the lines that state what a call answers; () when it cannot be stated."""
    if not results or len(answers) != len(results) or len(_NAMES) < len(results):
        return ()
    names = _names(results)
    called = f"{callee}({', '.join(call)})"
    failed = [
        name for name, kind, text in zip(names, results, answers, strict=True) if kind == "error" and text != "nil"
    ]
    if failed:  # What else is given back then is nobody's business.
        left = ", ".join(name if name in failed else "_" for name in names)
        conditions = " || ".join(f"{name} == nil" for name in failed)
        return (f"if {left} := {called}; {conditions} {{", f"\tt.Error({_quoted(f'{called} gives no error')})", "}")
    wanted = [_wanted(name, text) for name, text in zip(names, answers, strict=True)]
    shown = ", ".join("%v" for _ in names)
    told = ", ".join("true" if text == "true" else text for text in answers)
    message = _quoted(f"{called.replace('%', '%%')} = {shown}, want {told.replace('%', '%%')}")
    head = f"{', '.join(names)} := {called}"
    body = (f"\tt.Errorf({message}, {', '.join(names)})", "}")
    if len(names) == 1:
        return (f"if {head}; {wanted[0]} {{", *body)
    return (head, f"if {' || '.join(wanted)} {{", *body)


def with_import(text: str, module: str) -> str:
    """Return a file that imports a module of the standard library."""
    line = f'"{module}"'
    if re.search(rf"^(?:import\s+|\s+){line}$", text, re.MULTILINE):
        return text
    block = _BLOCK.search(text)
    if block is not None:
        lines = block["body"].splitlines(keepends=True)
        group = next((n for n, each in enumerate(lines) if not each.strip()), len(lines))
        at = next((n for n, each in enumerate(lines[:group]) if line < each.strip()), group)
        body = "".join([*lines[:at], f"\t{line}\n", *lines[at:]])
        return f"{text[: block.start('body')]}{body}{text[block.end('body') :]}"
    single = _SINGLE.search(text)
    if single is not None:
        both = sorted((single[0].removeprefix("import ").strip(), line), key=lambda each: each.split()[-1])
        block_text = "".join(f"\t{each}\n" for each in both)
        return f"{text[: single.start()]}import (\n{block_text}){text[single.end() :]}"
    parsed = parse(text, "go")
    clause = next((node for node in parsed.root.named_children if node.type == "package_clause"), None)
    at = 0 if clause is None else parsed.bytes.span(clause).end
    return f"{text[:at]}\n\nimport {line}{text[at:]}"


def _names(results: Words) -> Words:
    """Return a name for each result: `got`, `err`, or numbers in words where there are several."""
    others = [n for n, kind in enumerate(results) if kind != "error"]
    if len(results) - len(others) <= 1 and len(others) <= 1:
        return tuple("err" if kind == "error" else "got" for kind in results)
    return tuple("err" if kind == "error" and n == len(results) - 1 else _NAMES[n] for n, kind in enumerate(results))


def _wanted(name: str, text: str) -> str:
    """Return the condition under which a result is not the one that is wanted."""
    if text in ("true", "false"):
        return f"!{name}" if text == "true" else name
    if _NIL.match(text):
        return f"{name} != nil"
    if _COMPOSITE.match(text) and not text.startswith('"'):
        return f"!reflect.DeepEqual({name}, {text})"
    return f"{name} != {text}"


def _quoted(text: str) -> str:
    return f"`{text}`" if '"' in text and "`" not in text and "\n" not in text else json.dumps(text, ensure_ascii=False)
