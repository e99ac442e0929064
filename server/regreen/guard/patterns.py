"""The same constructs as in `constructs`, for text that does not parse: looked for by pattern, without strings."""

from __future__ import annotations

import re
from collections import Counter

from .constructs import Construct

_NETWORK = (
    r"socket|ssl|http\.(?:client|server)|urllib\.request|urllib3|requests|httpx|aiohttp|ftplib|smtplib|poplib|imaplib|telnetlib"
    "|websockets?|paramiko|xmlrpc|socketserver"
)
_PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("code-exit", (
        r"\b(?:sys\.exit|os\._exit|os\.abort|SystemExit|KeyboardInterrupt)\b",
        r"(?<![\w.])(?:exit|quit)\(|\b_exit\(",
    )),
    ("code-test-aware", (
        r"\bsys\.(?:modules|_getframe|_current_frames|(?:orig_)?argv|gettrace|getprofile)\b",
        r"\b(?:f_back|tb_frame|f_globals|f_locals)\b|\btraceback\.(?:extract|format|print|walk)_stack\b",
        r"\binspect\.(?:stack|currentframe)\b",
        r"^[ \t]*(?:import|from)[ \t]+(?:_?pytest|unittest|nose)\b",
    )),
    ("code-skip", (
        r"\b(?:skipTest|SkipTest|importorskip|xfail|skipif|skipIf|skipUnless|expectedFailure|__test__)\b",
        r"\bpytest\.(?:mark\.)?skip\b",
        r"\bunittest\.skip\b",
    )),
    ("code-swallow", (
        r"\bexcept\s*:",
        r"\bexcept\s*\(?[^:\n]*\b(?:BaseException|Exception|AssertionError)\b[^:\n]*:",
        r"\bsuppress\(\s*(?:BaseException|Exception|AssertionError)\b",
    )),
    ("code-equal-always", (
        r"\b__(?:eq|ne)__\b[^\n]*\n?\s*return\s+(?:True|False)\b",
        r"\b__(?:eq|ne)__\s*=\s*lambda\b",
    )),
    ("code-eval", (
        r"(?<![\w.])(?:eval|exec|compile|__import__|globals)\(",
        r"\b(?:importlib|runpy|ctypes|marshal)\b",
    )),
    ("code-process", (
        r"\b(?:subprocess|multiprocessing|pty)\b",
        r"\bos\.(?:system|popen|fork|forkpty|kill|killpg|exec[lv]\w*|spawn\w+|posix_spawn\w*)\b",
    )),
    ("code-network", (rf"^[ \t]*(?:import|from)[ \t]+(?:{_NETWORK})\b",)),
    ("code-patching", (
        r"\b(?:builtins|unittest|pytest|_pytest)\.[\w.]+\s*=(?!=)",
        r"\bsys\.(?:settrace|setprofile|meta_path|excepthook)\b",
        r"\batexit\b",
        r"\bgc\.get_\w+",
    )),
)  # fmt: skip
_COMPILED = tuple((rule, re.compile(pattern, re.MULTILINE)) for rule, patterns in _PATTERNS for pattern in patterns)
_STRING_OR_COMMENT = re.compile(
    r'"""(?:.|\n)*?"""|' r"'''(?:.|\n)*?'''|" r'"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'|" r"#[^\n]*"
)
_TEST_VARIABLE = re.compile(r"PYTEST_\w+")


def constructs_by_pattern(text: str) -> Counter[Construct]:
    """Count what the rules speak of in a text that has no tree."""
    masked = _STRING_OR_COMMENT.sub('""', text)
    found = Counter((rule, " ".join(hit[0].split())) for rule, pattern in _COMPILED for hit in pattern.finditer(masked))
    found.update(("code-test-aware", name) for name in _TEST_VARIABLE.findall(text))
    return found
