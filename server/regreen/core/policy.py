"""What a person allows: one frozen value, passed along, never looked up, never widened at run time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Sandbox(StrEnum):
    """Where attempts run."""

    COPY = "copy"


PROTECTED = (
    "**/test_*.py", "**/*_test.py", "**/tests/**", "**/testing/**", "**/conftest.py",
    "**/pytest.ini", "**/.pytest.ini", "**/pytest.toml", "**/.pytest.toml", "**/tox.ini", "**/setup.cfg",
    "**/setup.py", "**/pyproject.toml", "**/requirements*.txt", "**/sitecustomize.py", "**/usercustomize.py",
    "**/*.pth", "**/*.lock", "**/noxfile.py", "**/Makefile",
    "**/.git*", "**/.git/**", "**/.github/**", "**/.gitlab-ci.yml", "**/.vscode/**", "**/.idea/**",
    "**/.devcontainer/**", "**/.husky/**", "**/.pre-commit*", "**/.env*", "**/regreen.toml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """The envelope of one repair."""

    max_attempts: int = 3
    max_files: int = 3
    max_lines: int = 40  # added and removed, together
    max_candidates: int = 1500  # what the search engine may try for one attempt
    max_runs: int = 90  # the same, where each candidate costs a whole run because there is no warm worker
    allowed: tuple[str, ...] = ("**",)  # globs of paths that may be edited
    protected: tuple[str, ...] = PROTECTED  # globs that may not, whatever `allowed` says
    allow_tests: bool = False  # lifts the protection of test files only, for one run, by the person
    dry_run: bool = False
    test_timeout: float = 600.0  # seconds of wall time for one run of tests
    candidate_timeout: float = 20.0  # seconds of wall time for one candidate
    trusted: bool = True  # an untrusted workspace is indexed, and nothing of it is executed

    def narrowed(self, **limits: int) -> Policy:
        """Return this policy with numeric limits lowered; a higher value changes nothing."""
        return replace(self, **{name: min(value, getattr(self, name)) for name, value in limits.items()})
