"""What the go command itself complains about: modules, workspaces, flags, the toolchain. First match wins."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind

_COMPLAINTS: tuple[tuple[Kind, str], ...] = (
    (Kind.ENVIRONMENT, r"\bgo: (?:command )?not found|\"?(?P<missing>go)\"?: executable file not found"),
    (Kind.ENVIRONMENT, r"requires (?P<missing>go) ?>= ?(?P<version>[\d.]+\w*)"),
    (
        Kind.ENVIRONMENT,
        r"invalid go version '(?P<version>[^']+)'|unknown block type: (?P<block>toolchain|godebug|tool)|unknown "
        r"directive: (?P<missing>toolchain|tool|godebug|ignore)",
    ),
    (
        Kind.ENVIRONMENT,
        r"(?:download (?P<version>go[\d.]+\S*)|toolchain) .*(?:not available|unavailable|no such)|toolchain not "
        r"available|no such tool \"(?P<missing>\w+)\"",
    ),
    (
        Kind.ENVIRONMENT,
        r"cannot find GOROOT|GOROOT/src|build cache is (?:required|disabled)|failed to initialize build cache"
        r"|-race requires cgo|-race is not supported|C compiler \"(?P<missing>[^\"]+)\"",
    ),
    (Kind.ENVIRONMENT, r"(?P<missing>\S+?)(?:@v[^\s:]+)?: module lookup disabled by GOPROXY=off"),
    (
        Kind.ENVIRONMENT,
        r"GOPROXY|dial tcp: lookup|no such host|i/o timeout|connection refused|TLS handshake|terminal prompts "
        r"disabled|could not read Username|no space left",
    ),
    (
        Kind.DEPENDENCY_MISSING,
        r"inconsistent vendoring|(?P<missing>\S+?)(?:@\S+)?: is (?:explicitly required|marked as explicit"
        r"|replaced)",
    ),
    (
        Kind.DEPENDENCY_MISSING,
        r"missing go\.sum entry(?: for go\.mod file)?(?:; to add it| needed)?|go\.sum: (?:missing|malformed)",
    ),
    (
        Kind.DEPENDENCY_MISSING,
        r"updates to go\.mod (?:are )?needed|go\.mod file indicates|to update it:|go\.mod may have been modified",
    ),
    (
        Kind.DEPENDENCY_MISSING,
        r"(?P<missing>[\w.-]+\.[a-z]+/\S+?)@(?P<version>v\S+?): (?:invalid version|reading |verifying |checksum"
        r"|unknown revision|no matching|not found|.*404|.*410|parsing go\.mod)",
    ),
    (
        Kind.DEPENDENCY_MISSING,
        r"no required module provides package (?P<missing>[^\s;:]+)|cannot find module providing package "
        r"(?P<package>\S+?):?(?:\s|$)|checksum mismatch|replacement directory (?P<folder>\S+) does not exist",
    ),
    (
        Kind.RUNNER_CONFIG,
        r"cannot load module (?P<selector>\S+) listed in go\.work|does not contain (?:modules listed in go\.work"
        r"|main module)|listed in go\.work",
    ),
    (
        Kind.RUNNER_CONFIG,
        r"flag provided but not defined: (?P<selector>\S+)|invalid value (?P<value>.+?) for flag "
        r"(?P<flag>\S+?):?(?:\s|$)|flag needs an argument: (?P<needs>\S+)",
    ),
    (
        Kind.RUNNER_CONFIG,
        r"errors parsing (?P<file>\S+?):|(?P<manifest>\S*go\.(?:mod|work)):\d+: |cannot find main module|go\.mod "
        r"file not found|no modules specified|(?P<work>go\.work)",
    ),
    (
        Kind.RUNNER_CONFIG,
        r"invalid regexp for -(?P<flag>\w+)|error parsing regexp|no (?:non-test )?Go files in (?P<selector>\S+)"
        r"|matched no packages|no packages to test|build constraints exclude all Go files|(?:pattern|stat|lstat"
        r"|directory) (?P<pattern>\S+?):? .*(?:not found|no such|outside|does not|matched)|malformed import path"
        r"|directory not found",
    ),
    (Kind.IMPORT_UNRESOLVED, r"package (?P<missing>\S+) is not in (?:std|GOROOT)|import cycle not allowed"),
    (Kind.RUNNER_CONFIG, r"^testing: "),
)
_SAME = {
    "flag": "selector", "needs": "selector", "pattern": "selector", "manifest": "file", "work": "file",
    "package": "missing", "folder": "missing", "block": "missing",
}  # fmt: skip
COMPLAINTS = tuple((kind, re.compile(pattern, re.MULTILINE)) for kind, pattern in _COMPLAINTS)


def judge_module(text: str) -> tuple[Kind, dict[str, str]]:
    """Return the kind of a complaint of the go command, with its slots."""
    for kind, pattern in COMPLAINTS:
        if match := pattern.search(text):
            groups = {_SAME.get(name, name): value.strip() for name, value in match.groupdict().items() if value}
            return kind, groups
    return Kind.RUNNER_CONFIG, {}
