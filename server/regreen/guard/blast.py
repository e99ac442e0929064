"""How much may one patch change?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from regreen.core.edit import FileEdit, Patch
from regreen.core.policy import Policy
from regreen.core.workspace import WorkspaceModel
from regreen.syntax import grammar_of

from .envelope import is_test
from .refusal import Refusal, refuse

MAX_FILE_BYTES = 1_000_000

# By grammar: what asserts, and what a test is (the groups are its name).
_ASSERTIONS = {
    "python": r"^\s*assert\b|\bself\.assert\w+\(|\bself\.fail\w*\(|\bpytest\.(?:raises|fail|warns)\(",
    "go": r"\b\w+\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require|is|qt|cmp)\.\w+\(",
    "javascript": r"\bexpect\w*\(|\bassert\b[\w.]*\(|\.should\b|\bt\.(?:is|not|deepEqual|true|false|throws\w*|like)\(",
    "rust": r"\b(?:debug_)?assert\w*!|\bpanic!|\bunreachable!|#\[\s*should_panic",
}
_TESTS = {
    "python": r"^\s*(?:async\s+)?def\s+(test\w*)\s*\(|^\s*class\s+(Test\w*|\w+Tests?)\b",
    "go": r"^func\s+(?:\([^)]*\)\s*)?((?:Test|Example|Fuzz|Benchmark)\w*)\s*\(|\.Run\(\s*(\"[^\"]*\")",
    "javascript": r"(?<![.\w])(?:it|test|describe|suite)(?:\.\w+)*\(\s*([\"'`])((?:(?!\1).)*)\1",
    "rust": r"#\[\s*(?:\w+::)*(?:test|rstest)\b[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)",
}
_SAME = {"typescript": "javascript", "tsx": "javascript"}


def check_blast(policy: Policy, patch: Patch) -> Refusal | None:
    """Refuse a patch with too many files, too many lines or too large a file."""
    if policy.max_files < len(patch.files) and "blast-files" not in policy.lifted:
        return refuse("blast-files", f"The patch edits {len(patch.files)} files; {policy.max_files} are allowed.")
    n_lines = patch.n_lines
    if policy.max_lines < n_lines and "blast-lines" not in policy.lifted:
        return refuse("blast-lines", f"The patch adds and removes {n_lines} lines; {policy.max_lines} are allowed.")
    for file in patch.files:
        if MAX_FILE_BYTES < max(_n_bytes(file.base), _n_bytes(file.after)):
            return refuse("file-too-large", f"{file.path} is larger than 1 MB.", file.path)
    return None


def check_assertions(patch: Patch, model: WorkspaceModel | None = None) -> Refusal | None:
    """Refuse a patch after which a test file has fewer assertions or lacks a test that it had."""
    for file in patch.files:
        # Rust's tests may stand in any file.
        if not is_test(file.path, model) and not file.path.endswith(".rs"):
            continue
        refusal = _fewer_assertions(file) or _lost_tests(file)
        if refusal is not None:
            return refusal
    return None


def _fewer_assertions(file: FileEdit) -> Refusal | None:
    before, after = (len(_found(_ASSERTIONS, file.path, text)) for text in (file.base, file.after))
    if before <= after:
        return None
    return refuse("assertion-removed", f"{file.path} had {before} assertions and would have {after}.", file.path)


def _lost_tests(file: FileEdit) -> Refusal | None:
    before, after = (sorted(_found(_TESTS, file.path, text)) for text in (file.base, file.after))
    lost = [name for name in before if after.count(name) < before.count(name)]
    return refuse("test-removed", f"{file.path} would lose {lost[0]}.", file.path) if lost else None


def _found(patterns: Mapping[str, str], path: str, text: str) -> list[str]:
    grammar = grammar_of(path)
    pattern = patterns.get(_SAME.get(grammar, grammar), patterns["python"])
    found = re.finditer(pattern, text, re.MULTILINE)
    return ["".join(group for group in match.groups() if group) for match in found]


def _n_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
